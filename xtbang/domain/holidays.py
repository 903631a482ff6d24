"""Holidays of a year (放假安排): entered by one person of an office, confirmed by another; open periods are counted anew."""

from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import select

from xtbang.actions import audit
from xtbang.actions.notify import notify, to_bureaus, to_organisation, to_people
from xtbang.errors import Blocked, NotFound
from xtbang.models import Addressee, HolidayYear, PriorNotice, Project
from xtbang.models.writing import writing
from xtbang.queries.caller import Caller, bureau_role
from xtbang.queries.holidays import holidays_of
from xtbang.rules.festivals import is_festival
from xtbang.rules.fields import Field, FieldKind, one_section
from xtbang.rules.reasons import Reason
from xtbang.rules.service import last_day_to_answer
from xtbang.rules.term import in_chinese
from xtbang.rules.workdays import SATURDAY

LINK = "/admin/holidays"
LONGEST = 16  # days of one holiday, so that a slip in a date is noticed
DAY = Field("day", "日期", FieldKind.DATE)
FORM = one_section(
    "holidays",
    "登记放假安排",
    (
        Field("year", "年份", FieldKind.WHOLE, minimum=Decimal(2020), maximum=Decimal(2060)),
        Field("number", "通知的文号", FieldKind.TEXT, limit=60, hint="例如 国办发明电〔2026〕9号"),
        Field("dated", "发文日期", FieldKind.DATE),
        Field(
            "off", "放假（含其中的周六、周日）", FieldKind.ROWS, min_rows=1, max_rows=15,
            columns=(Field("first", "第一天", FieldKind.DATE), Field("last", "最后一天", FieldKind.DATE)),
        ),
        Field("worked", "调休上班的周六、周日", FieldKind.ROWS, required=False, max_rows=20, columns=(DAY,)),
    ),
)  # fmt: skip
DROP = one_section("drop_holidays", "不予确认", (Field("reason", "不予确认或者撤回的理由", FieldKind.TEXT, limit=300),))


def enter_holidays(caller: Caller, values: Mapping[str, Any]) -> HolidayYear:
    """Enter the arrangement of a year, ``values`` as in `FORM`, checked; it counts once another person has confirmed it.

    Raise Forbidden, Blocked. One transaction with its event; the other officers get a mail.
    """
    with writing(caller.session):
        role = bureau_role(caller)
        if against := list(reasons_against(caller, values)):
            raise Blocked(against)
        row = HolidayYear(
            year=int(values["year"]),
            off=[day.isoformat() for day in sorted(_off(values))],
            worked=sorted({line["day"] for line in values["worked"]}),
            number=values["number"],
            dated=date.fromisoformat(values["dated"]),
            asked_at=caller.now,
            asked_by_id=caller.actor.person_id,
        )
        caller.session.add(row)
        caller.session.flush()
        _record(caller, row, "enter_holidays", role)
        notify(caller, "enter_holidays", to_bureaus(), link=LINK, year=row.year, document=row.number)
        return row


def confirm_holidays(caller: Caller, row_id: int) -> HolidayYear:
    """Confirm what another person has entered: it takes the place of what was known. Raise Forbidden, NotFound, Blocked.

    Open periods in which a party may state its case are counted anew, and end no earlier than before.
    """
    with writing(caller.session):
        role, row = bureau_role(caller), _waiting(caller, row_id)
        if row.asked_by_id == caller.actor.person_id:
            raise Blocked([Reason("N.two_people", "放假安排须由另一人复核，不能复核自己登记的。")])
        query = select(HolidayYear).where(HolidayYear.year == row.year, HolidayYear.status == "confirmed")
        if before := caller.session.scalars(query.with_for_update()).first():
            before.status = "superseded"
            caller.session.flush()
        row.status, row.decided_at, row.decided_by_id = "confirmed", caller.now, caller.actor.person_id
        caller.session.flush()
        _record(caller, row, "confirm_holidays", role)
        notify(caller, "confirm_holidays", to_bureaus(), link=LINK, year=row.year, document=row.number)
        _count_anew(caller, row.year)
        return row


def drop_holidays(caller: Caller, row_id: int, reason: str) -> HolidayYear:
    """Withdraw what one has entered, or refuse what another person has. Raise Forbidden, NotFound, Blocked."""
    with writing(caller.session):
        role, row = bureau_role(caller), _waiting(caller, row_id)
        mine = row.asked_by_id == caller.actor.person_id
        row.status, row.decision = "withdrawn" if mine else "refused", reason
        row.decided_at, row.decided_by_id = caller.now, caller.actor.person_id
        _record(caller, row, "withdraw_holidays" if mine else "refuse_holidays", role, reason)
        if not mine:
            notify(caller, "refuse_holidays", to_people([row.asked_by]), link=LINK, year=row.year, reason=reason)
        return row


def reasons_against(caller: Caller, values: Mapping[str, Any]) -> Iterator[Reason]:
    """Yield every reason against the days: outside of the year, in the wrong order, a holiday of the law left out, nothing new."""
    year, off = int(values["year"]), _off(values)
    if date.fromisoformat(values["dated"]) > caller.today:
        yield Reason("date.future", "发文日期不能晚于今天。", field="dated")
    for place, line in enumerate(values["off"]):
        first, last = date.fromisoformat(line["first"]), date.fromisoformat(line["last"])
        if last < first:
            yield Reason("N.holidays", "最后一天早于第一天。", field=f"off.{place}.last")
        elif (last - first).days >= LONGEST:
            yield Reason("N.holidays", f"一次放假超过 {LONGEST} 天，请核对日期。", field=f"off.{place}.last")
        if {first.year, last.year} != {year}:
            text = f"日期应在{year}年以内；跨年的，另一年的部分登记在那一年。"
            yield Reason("N.holidays", text, field=f"off.{place}.first")
    worked = [date.fromisoformat(line["day"]) for line in values["worked"]]
    for place, day in enumerate(worked):
        if day.year != year or day.weekday() < SATURDAY or day in off:
            text = f"{in_chinese(day)}应是{year}年的周六或者周日，且不在放假的日期以内。"
            yield Reason("N.holidays", text, field=f"worked.{place}.day")
    days = (date(year, 1, 1) + timedelta(days=number) for number in range(366))
    missing = [day for day in days if day.year == year and is_festival(day) and day not in off]
    if missing:
        names = "、".join(map(in_chinese, missing))
        yield Reason("N.holidays", f"没有包括法定节日{names}，请核对通知。", field="off")
    yield from _as_recorded(caller, year, off, set(worked))


def _as_recorded(caller: Caller, year: int, off: set[date], worked: set[date]) -> Iterator[Reason]:
    for row in caller.session.scalars(select(HolidayYear).where(HolidayYear.year == year)):
        if row.status == "waiting":
            yield Reason("N.holidays", f"{year}年的放假安排已经登记，等待复核；有误的先撤回。", field="year")
        elif row.status == "confirmed" and (set(row.off), set(row.worked)) == (_iso(off), _iso(worked)):
            yield Reason("N.holidays", f"与{year}年现在的放假安排相同。", field="year")


def _iso(days: set[date]) -> set[str]:
    return {day.isoformat() for day in days}


def _off(values: Mapping[str, Any]) -> set[date]:
    """Return every day off, of spans that are not longer than a holiday."""
    found = set()
    for line in values["off"]:
        first, last = date.fromisoformat(line["first"]), date.fromisoformat(line["last"])
        found |= {first + timedelta(days=number) for number in range(min((last - first).days + 1, LONGEST))}
    return found


def _waiting(caller: Caller, row_id: int) -> HolidayYear:
    row = caller.session.get(HolidayYear, row_id, with_for_update=True, populate_existing=True)
    if row is None:
        raise NotFound(f"holidays {row_id}")
    if row.status != "waiting":
        raise Blocked([Reason("N.decided", "这一项放假安排已经办理，请查看最新的记录。")])
    return row


def _record(caller: Caller, row: HolidayYear, trigger: str, role: str, reason: str = "") -> None:
    said = {
        "year": row.year,
        "off": row.off,
        "worked": row.worked,
        "number": row.number,
        "dated": row.dated.isoformat(),
    }
    audit.append(caller, f"holidays:{row.year}", trigger=trigger, role=role, reason=reason, data=said)


def _count_anew(caller: Caller, year: int) -> None:
    """Compute the open periods of statements that reach into the year; an addressee that may answer longer gets a mail."""
    known, editions = holidays_of(caller.session, caller.policy.city), caller.policy.editions
    most = max(edition.statement_days for edition in editions.values())
    query = select(Addressee, PriorNotice).join(PriorNotice).where(PriorNotice.status == "open")
    query = query.where(Addressee.answer_until >= date(year, 1, 1), Addressee.served_on <= date(year, 12, 31))
    for row, notice in caller.session.execute(query.order_by(Addressee.id)).all():
        project = caller.session.get(Project, notice.project_id) if notice.project_id else None
        days = editions[project.edition].statement_days if project else most
        until = last_day_to_answer(row.served_on, days, known) if row.served_on else None
        if until is None or row.answer_until is None or until <= row.answer_until:
            continue
        row.answer_until = until
        told, served = to_organisation(row.organisation_id, row.relation), row.served_on
        link = "" if project else f"/organisation/notices/{notice.id}"
        notify(caller, "answer_longer", told, project=project, link=link, served_on=served, last_day=until)
