"""What is due soon or late (到期事项): on the desk, in the calendar, by mail. One query for each kind."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from sqlalchemy import ColumnElement, exists, false, literal, null, or_, select, true
from sqlalchemy.orm import Session

from xtbang.models import (
    Acceptance,
    Bid,
    Call,
    LedgerEntry,
    Notice,
    Panel,
    Project,
    Report,
    Roadshow,
    RoadshowItem,
    Seat,
    Termination,
)
from xtbang.queries.desk.groups import Reader, Statement, last_rectification
from xtbang.queries.desk.money import county_owes
from xtbang.rules.dates import SHANGHAI

COUNTY_STEP = timedelta(days=30)  # a county is reminded again and again until its instalment is recorded
IN_WORK = ("execution", "extension")


@dataclass(frozen=True)
class Kind:
    """What is due, who is told, and how many days before a mail says so."""

    name: str  # on the desk and in the calendar
    todo: str  # the subject of the mail
    audience: tuple[str, ...]
    ahead: int
    stays: bool = True  # still to be done when the day is over


KINDS = {
    "window": Kind("征集截止", "请在征集截止前提交申报", ("issuer",), 3, stays=False),
    "bids": Kind("揭榜截止", "请在揭榜截止前提交揭榜申请", ("bidder",), 3, stays=False),
    "correct": Kind("修改期限届满", "请在期限内修改并重新提交", ("issuer",), 3),
    "roadshow": Kind("路演", "请准时参加路演", ("issuer", "bidder", "expert", "science"), 3, stays=False),
    "notice": Kind("公示期满", "公示期将满，请办理后续手续", ("science",), 0, stays=False),
    "report": Kind("执行情况报告到期", "请提交执行情况报告", ("bidder",), 14),
    "term": Kind("实施期满", "实施期将满，请申请验收", ("issuer", "bidder"), 60),
    "rectify": Kind("整改期限届满", "请在期限内完成整改并申请验收", ("issuer", "bidder"), 7),
    "recovery": Kind("资金退回期限届满", "请按期退回财政资金", ("issuer", "bidder", "finance"), 7),
    "county": Kind("县市区（园区）配套待拨付", "请拨付并登记县市区（园区）配套资金", ("county",), 0),
}


@dataclass(frozen=True)
class Due:
    """One thing that is due on a day."""

    kind: str
    on: date
    at: datetime | None  # the moment, where there is one
    project_id: int | None
    notice_id: int | None
    number: str
    title: str
    issuer_id: int | None
    bidder_id: int | None
    region: str

    @property
    def about(self) -> Kind:
        """Its kind."""
        return KINDS[self.kind]


def dues(session: Session, first: date, last: date, reader: Reader | None = None, most: int = 300) -> list[Due]:
    """Everything due from ``first`` to ``last``, both included, by day; only the reader's own when there is one."""
    found: list[Due] = []
    for kind, (query, when, lead) in _queries(first, last).items():
        bounded = query.where(_concerns(reader, kind, lead)) if reader else query
        rows = session.execute(bounded.order_by(when).limit(most)).all()
        found += _county(rows, first, last) if kind == "county" else (_due(kind, row) for row in rows)
    return sorted(found, key=lambda due: (due.on, due.kind, due.project_id or 0))


def _queries(first: date, last: date) -> dict[str, tuple[Statement, Any, Any]]:
    """Kind → (query, what it is due by, the bidder)."""
    agreed = select(Bid.lead_id).where(Bid.id == Project.agreed_bid_id).correlate(Project).scalar_subquery()

    def project(when: Any, lead: Any = agreed) -> Statement:
        columns = Project.id, Project.number, Project.title, Project.issuer_id, Project.region
        named: Statement = select(*columns, lead.label("bidder_id"), null().label("notice_id"), when.label("due"))
        low, high = _bounds(when, first, last)
        return named.where(when >= low, when <= high)

    in_state = Project.state
    window = project(Call.closes_at).join(Call, Call.id == Project.call_id)
    bids = project(Project.bids_until, Bid.lead_id).join(Bid, Bid.project_id == Project.id)
    shows = project(Roadshow.starts_at).join(RoadshowItem, RoadshowItem.project_id == Project.id)
    reports = project(Report.due_on).join(Report, Report.project_id == Project.id)
    rectify = project(Acceptance.rectify_by).join(Acceptance, Acceptance.project_id == Project.id)
    recovery = project(Termination.recover_by).join(Termination, Termination.project_id == Project.id)
    draft = in_state == "draft"
    return {
        "window": (window.where(draft, Project.number.is_(None)), Call.closes_at, agreed),
        "bids": (bids.where(in_state == "listing", Bid.status == "draft"), Project.bids_until, Bid.lead_id),
        "correct": (project(Project.correct_by).where(draft), Project.correct_by, agreed),
        "roadshow": (
            shows.join(Roadshow, Roadshow.id == RoadshowItem.roadshow_id).where(in_state == "roadshow"),
            Roadshow.starts_at,
            agreed,
        ),
        "notice": (_notices(first, last), Notice.last_day, None),
        "report": (reports.where(in_state.in_(IN_WORK), Report.submitted_at.is_(None)), Report.due_on, agreed),
        "term": (project(Project.ends_on).where(in_state == "execution"), Project.ends_on, agreed),
        "rectify": (
            rectify.where(in_state.in_(IN_WORK), last_rectification()),
            Acceptance.rectify_by,
            agreed,
        ),
        "recovery": (recovery.where(in_state == "termination"), Termination.recover_by, agreed),
        "county": (county_owes().order_by(None), LedgerEntry.dated, agreed),
    }


def _notices(first: date, last: date) -> Statement:
    nothing = [null().label(name) for name in ("id", "number", "issuer_id", "bidder_id")]
    columns = (*nothing, Notice.title, literal("").label("region"), Notice.id.label("notice_id"))
    query: Statement = select(*columns, Notice.last_day.label("due"))
    running = (Notice.kind == "publicity", Notice.status == "published")
    return query.where(*running, Notice.last_day >= first, Notice.last_day <= last)


def _bounds(when: Any, first: date, last: date) -> tuple[Any, Any]:
    """The days as the column has them: whole days of Shanghai where it holds moments."""
    if when.type.python_type is date:
        return first, last
    return datetime.combine(first, time.min, SHANGHAI), datetime.combine(last, time.max, SHANGHAI)


def _concerns(reader: Reader, kind: str, lead: Any) -> ColumnElement[bool]:
    audience, mine = KINDS[kind].audience, reader.organisation_id
    ways: list[ColumnElement[bool]] = [
        true() for role in ("science", "finance") if role in audience and role in reader.roles
    ]
    if "county" in audience and "county" in reader.roles:
        ways.append(Project.region == reader.region)
    if "expert" in audience and "expert" in reader.roles:
        ways.append(_seated(reader.person_id))
    if "applicant" in reader.roles and mine is not None:
        ways += [Project.issuer_id == mine] if "issuer" in audience else []
        ways += [lead == mine] if "bidder" in audience else []
    return or_(*ways) if ways else false()


def _seated(person_id: int | None) -> ColumnElement[bool]:
    seat = exists().where(Panel.project_id == Project.id, Panel.kind == "roadshow", Panel.status == "open")
    return seat.where(Seat.panel_id == Panel.id, Seat.expert_id == person_id, Seat.status == "accepted").correlate(
        Project
    )


def _due(kind: str, row: Any) -> Due:
    at = row.due if isinstance(row.due, datetime) else None
    on = at.astimezone(SHANGHAI).date() if at else row.due
    return Due(
        kind, on, at, row.id, row.notice_id, row.number or "", row.title, row.issuer_id, row.bidder_id, row.region
    )


def _county(rows: Iterable[Any], first: date, last: date) -> Iterator[Due]:
    """A month after the city has paid, and every month from then on: the first such day from ``first``."""
    for row in rows:
        paid = row.since.astimezone(SHANGHAI).date()
        steps = max(1, -((paid - first) // COUNTY_STEP))
        on = paid + steps * COUNTY_STEP
        if first <= on <= last:
            yield Due("county", on, None, row.id, None, row.number, row.title, None, None, row.region)
