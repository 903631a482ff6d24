"""Dates that people have to keep (期限), as ``[[due]]`` of ``workflows/lifecycle.toml`` names them; reminders by mail."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from sqlalchemy import ColumnElement, CompoundSelect, Date, and_, bindparam, exists, or_, select, true
from sqlalchemy.orm import aliased

from xtbang.models import (
    Acceptance,
    Addressee,
    Bid,
    Call,
    Change,
    LedgerEntry,
    Meeting,
    MeetingItem,
    Midterm,
    Notice,
    NoticeItem,
    Panel,
    PriorNotice,
    Project,
    Report,
    Seat,
    Termination,
    Voucher,
)
from xtbang.models.base import Moment
from xtbang.queries.caller import Caller
from xtbang.queries.desk.groups import (
    OPEN,
    STATE,
    Statement,
    is_day,
    last_rectification,
    member_is,
    own_projects,
    to_be_mended,
    together,
    unindexed,
)
from xtbang.queries.desk.money import county_owes
from xtbang.queries.desk.payments import last_to_lower, outstanding
from xtbang.queries.prepared import ME, MINE, MOST, REGION, bound, prepared
from xtbang.rules.actor import Actor
from xtbang.rules.dates import SHANGHAI, day_of
from xtbang.rules.money import yuan
from xtbang.rules.policy import Policy
from xtbang.rules.tasks import DueDate

ANSWER_WITHIN = timedelta(days=3)  # an invitation
REVIEW_WITHIN = timedelta(days=3)  # scores, after the meeting
VOUCHER_WITHIN = timedelta(days=14)  # from the state on in which a payment waits for it
FROM_DAY, TO_DAY = (bindparam(name, type_=Date()) for name in ("from_day", "to_day"))  # both included
FROM_MOMENT, TO_MOMENT = (bindparam(name, type_=Moment()) for name in ("from_moment", "to_moment"))  # of Shanghai
AGREED = select(Bid.lead_id).where(Bid.id == Project.agreed_bid_id).correlate(Project).scalar_subquery()


@dataclass(frozen=True)
class Source:
    """Say where the days of a ``[[due]]`` come from. ``rows`` starts from ``Project`` without a condition on its state."""

    rows: Statement
    when: Any  # a column of days or of moments
    bidder: Any = AGREED  # the organisation that is reminded as bidder
    part: str = ""  # of a project's page: the day is shown there only to those who see that part
    notice: bool = False  # one day for all projects of a notice
    meeting: bool = False  # a meeting begins at that moment
    every: timedelta | None = None  # due that long after ``when``, and repeatedly
    seats: str = "accepted"  # which experts keep the date: those whose seats on the open panel are in this state
    begins: str = OPEN  # by the days in question, or by the ``STATE`` of the project


def _rows(*joins: tuple[Any, Any]) -> Statement:
    query: Statement = select(Project.id).select_from(Project)
    for model, condition in joins:
        query = query.join(model, condition)
    return query


def _of(model: Any) -> tuple[Any, Any]:
    return model, model.project_id == Project.id


DUE_DATES = {  # key of the [[due]] → its source
    "call_closes": Source(
        _rows((Call, Call.id == Project.call_id)).where(Project.number.is_(None)), Call.closes_at, begins=STATE
    ),
    "correction": Source(_rows().where(Project.number.is_not(None)), Project.correct_by),
    "bids_close": Source(
        _rows().outerjoin(Bid, and_(Bid.project_id == Project.id, Bid.status == "draft")),
        Project.bids_until,
        bidder=Bid.lead_id,
    ),
    "roadshow": Source(
        _rows(_of(MeetingItem), (Meeting, Meeting.id == MeetingItem.meeting_id)).where(
            Meeting.kind == "roadshow", Meeting.status != "cancelled", MeetingItem.left_at.is_(None)
        ),
        Meeting.starts_at,
        meeting=True,
    ),
    "notice_ends": Source(
        _rows(_of(NoticeItem), (Notice, Notice.id == NoticeItem.notice_id)).where(
            Notice.kind == "publicity", Notice.status == "published"
        ),
        Notice.last_day,
        part="notices",
        notice=True,
    ),
    "rectification": Source(
        _rows(_of(Acceptance)).where(last_rectification()), Acceptance.rectify_by, part="acceptance"
    ),
    "midterm_mending": Source(_rows(_of(Midterm)).where(to_be_mended()), Midterm.due_on, part="reports"),
    "midterm": Source(
        _rows(_of(Midterm)).where(Midterm.status == "planned", ~to_be_mended()), Midterm.due_on, part="reports"
    ),
    "report": Source(_rows(_of(Report)).where(Report.submitted_at.is_(None)), Report.due_on, part="reports"),
    "term_ends": Source(_rows(), Project.ends_on),
    "statement": Source(
        _rows(_of(PriorNotice), (Addressee, Addressee.prior_notice_id == PriorNotice.id)).where(
            PriorNotice.status == "open"
        ),
        Addressee.answer_until,
        bidder=Addressee.organisation_id,  # each addressee has its own day
        part="prior_notices",
    ),
    "overpaid": Source(
        _rows((Change, last_to_lower())).where(outstanding("city", "county") > yuan(0)), Change.recover_by
    ),
    "recovery": Source(
        _rows(_of(Termination)).where(Termination.revoked_at.is_(None)), Termination.recover_by, part="termination"
    ),
    "invitation": Source(
        _rows(_of(Panel), (Seat, Seat.panel_id == Panel.id)).where(
            Panel.status == "open", Seat.status == "invited", Seat.answered_at.is_(None)
        ),
        Seat.invited_at,
        part="seats",
        every=ANSWER_WITHIN,
        seats="invited",
    ),
    "voucher": Source(
        _rows().where(~exists().where(Voucher.project_id == Project.id, Voucher.status.in_(("open", "accepted")))),
        Project.state_since,
        part="vouchers",
        every=VOUCHER_WITHIN,
        begins=STATE,
    ),
    "review": Source(
        _rows(_of(Panel), (Seat, Seat.panel_id == Panel.id), (Meeting, Meeting.id == Panel.meeting_id)).where(
            Panel.status == "open", Seat.status == "accepted", Meeting.starts_at.is_not(None)
        ),
        Meeting.starts_at,
        part="seats",
        every=REVIEW_WITHIN,
    ),
    "county_instalment": Source(
        county_owes().order_by(None), LedgerEntry.recorded_at, every=timedelta(days=30), begins=STATE
    ),
}


OVER_ALL = frozenset({"science", "finance", "county", "expert"})  # roles with dates in projects of others
Span = tuple[date, date]  # the first and the last day


@dataclass(frozen=True)
class Due:
    """A due date (期限) of a project or notice."""

    about: DueDate
    on: date
    at: datetime | None  # the moment, where there is one


@dataclass(frozen=True)
class Reminder(Due):
    """A due date with the facts that a line of the calendar or a mail shows."""

    project_id: int | None
    notice_id: int | None
    number: str
    title: str
    issuer_id: int | None
    bidder_id: int | None
    region: str
    place: str  # of a meeting
    nth: int = 0  # how often it has come round, where it does

    @property
    def seats(self) -> str:
        """Return the state of the seats whose experts keep the date."""
        return DUE_DATES[self.about.key].seats

    def todo_for(self, actor: Actor) -> str:
        """Return the words for this reader: a party of the project, or the first of the roles that are reminded."""
        parties = {"issuer": self.issuer_id, "bidder": self.bidder_id}
        mine = [role for role, party in parties.items() if party and party == actor.organisation_id]
        roles = mine or [role for role in self.about.tell if role in actor.roles] or ["member"]
        return self.about.todo_of(roles[0])

    @property
    def every(self) -> timedelta | None:
        """Return the time after which it comes round again; None where it does not."""
        return DUE_DATES[self.about.key].every

    @property
    def since(self) -> date:
        """Return the day from which on it waits: the first one of what comes round again."""
        return self.on - self.nth * self.every if self.every else self.on

    @property
    def meeting(self) -> bool:
        """Return whether a meeting begins at that moment."""
        return DUE_DATES[self.about.key].meeting


def dues(
    caller: Caller, first: date, last: date, most: int = 300, everybody: bool = False, only: Collection[str] = ()
) -> list[Reminder]:
    """Return what is due from ``first`` to ``last``, both included, by day: the caller's own, with ``everybody`` all.

    At most ``most`` of each kind, of the kinds ``only`` where these are given; one statement.
    """
    return dues_of(caller, ((first, last),), most, everybody, only)[0]


def dues_of(
    caller: Caller, spans: Sequence[Span], most: int = 300, everybody: bool = False, only: Collection[str] = ()
) -> list[list[Reminder]]:
    """Return what is due in each of the spans, as `dues`, by one statement."""
    first, last = min(span[0] for span in spans), max(span[1] for span in spans)
    policy, roles = caller.policy, frozenset({"everybody"}) if everybody else caller.actor.roles
    query = prepared(policy, ("dues", roles, tuple(only)), lambda: _dues(policy, roles, only))
    moments = {
        "from_moment": datetime.combine(first, time.min, SHANGHAI),
        "to_moment": datetime.combine(last, time.max, SHANGHAI),
    }
    values = bound(caller, most=most, from_day=first, to_day=last, **moments)
    rows = caller.session.execute(query, values).all() if query is not None else []
    order = {due.key: position for position, due in enumerate(caller.policy.due_dates)}
    found = []
    for span in spans:
        here = [due for row in rows for due in _reminders(caller.policy.due_dates[row.position], row, *span)]
        found.append(sorted(here, key=lambda due: (due.on, order[due.about.key], due.project_id or 0)))
    return found


def _dues(policy: Policy, roles: Collection[str], only: Collection[str] = ()) -> CompoundSelect[Any] | None:
    """Return the statement for every due date that concerns a reader with these roles, or ``everybody``; None without any."""
    parts = []
    for position, due in enumerate(policy.due_dates):
        if only and due.key not in only:
            continue
        source = DUE_DATES[due.key]
        state = Project.state if source.begins == STATE else unindexed(Project.state)
        query = _described(source).where(state.in_(due.states))
        if source.every is None:
            low, high = (FROM_DAY, TO_DAY) if is_day(source.when) else (FROM_MOMENT, TO_MOMENT)
            query = query.where(source.when >= low, source.when <= high)
        if "everybody" not in roles:
            if not (ways := _concerns(roles, due, source)):
                continue
            query = query.where(or_(*ways))
            if "applicant" in roles and OVER_ALL.isdisjoint(roles):
                query = query.where(own_projects())
        parts.append((position, query.order_by(source.when).limit(MOST)))
    return together(parts) if parts else None


def _described(source: Source) -> Statement:
    when = day_or_moment(source.when)
    if source.notice:
        return source.rows.with_only_columns(when, Notice.id.label("notice_id"), Notice.title).distinct()
    described = Project.id, Project.number, Project.title, Project.issuer_id, Project.region
    place = [Meeting.place] if source.meeting else []
    return source.rows.with_only_columns(when, *described, source.bidder.label("bidder_id"), *place)


def day_or_moment(when: Any) -> Any:
    """Return the column under the name ``day`` or ``at``."""
    return when.label("day" if is_day(when) else "at")


def _concerns(roles: Collection[str], due: DueDate, source: Source) -> list[ColumnElement[bool]]:
    """Return the conditions of which one holds where the date concerns the reader; none when it concerns no such reader."""
    circles = due.tell
    ways: list[ColumnElement[bool]] = [true() for role in ("science", "finance") if role in circles and role in roles]
    if "county" in circles and "county" in roles:
        ways.append(Project.region == REGION)
    if "expert" in circles and "expert" in roles:
        ways.append(_seated(source.seats))
    if "applicant" in roles:
        ways += [Project.issuer_id == MINE] if "issuer" in circles else []
        ways += [source.bidder == MINE] if "bidder" in circles else []
        ways += [member_is(MINE)] if "member" in circles else []
    return ways


def _seated(status: str) -> ColumnElement[bool]:
    panel, seat = aliased(Panel), aliased(Seat)
    sits = select(panel.project_id).join(seat, seat.panel_id == panel.id).where(panel.status == "open")
    return Project.id.in_(sits.where(seat.expert_id == ME, seat.status == status))


def _reminders(about: DueDate, row: Any, first: date, last: date) -> Iterator[Reminder]:
    known = row._mapping  # a statement has the columns that one of its parts has
    at = known.get("at")
    on = known.get("day") or day_of(at)
    nth = 0
    if every := DUE_DATES[about.key].every:
        nth = max(1, -((on - first) // every))
        on, at = on + nth * every, None
    if first <= on <= last:
        parties = known.get("issuer_id"), known.get("bidder_id"), known.get("region") or "", known.get("place") or ""
        of_it = known.get("id"), known.get("notice_id"), known.get("number") or "", row.title
        yield Reminder(about, on, at, *of_it, *parties, nth)
