"""Dates of events (事项日期) that an officer records with an action: contract in force on, accepted on."""

from collections.abc import Iterable, Iterator
from datetime import date, datetime

from xtbang.actions.context import Context
from xtbang.actions.findings import add_finding
from xtbang.models import Finding, Project
from xtbang.queries.holidays import holidays_of
from xtbang.rules.dates import day_of
from xtbang.rules.reasons import Force, Reason
from xtbang.rules.term import in_chinese, last_day
from xtbang.rules.workdays import add_workdays, is_workday

Before = Iterable[tuple[str, date, str]]  # what must precede: its name, its day, the citation


def day_or_today(context: Context, typed: str | None) -> date:
    """Return the day that was typed; today when nothing was."""
    return date.fromisoformat(typed) if typed else context.today


def accepted_on(project: Project) -> date | None:
    """Return the day on which the entry was accepted (受理); None before that."""
    return day_of(project.listed_at) if project.listed_at else None


def out_of_order(context: Context, day: date, field: str, name: str, rule: str, before: Before) -> Iterator[Reason]:
    """Yield reasons when the day of that field is in the future or earlier than what must precede it."""
    if day > context.today:
        yield Reason("date.future", f"{name}不能晚于今天。", field=field)
    for number, (what, earliest, cited) in enumerate(before):
        if day < earliest:
            text = f"{name}{in_chinese(day)}早于{what}的日期{in_chinese(earliest)}。"
            yield Reason(f"{rule}{number or ''}", text, cited, field=field)


def not_before(context: Context, kind: str, day: date, name: str, what: str, cited: str) -> Iterator[Reason]:
    """Yield a reason when the day of what is recorded (``dated``) is earlier than the last finding of a kind, ``what`` in words."""
    days = [row.dated for row in context.rows.of(Finding) if row.kind == kind and row.voided_at is None]
    before = [(what, days[-1], cited)] if days else []
    yield from out_of_order(context, day, "dated", name, f"date.{kind}", before)


def far_ahead(context: Context, day: date, field: str, name: str) -> Iterator[Reason]:
    """Yield as advice that a deadline is more than a year away."""
    if day > last_day(context.today, 1):
        yield Reason("date.far", f"{name}{in_chinese(day)}在一年以后。", force=Force.ADVICE, field=field)


def day_off(context: Context, day: date, field: str, name: str) -> Iterator[Reason]:
    """Yield as advice that a deadline is no working day, with the one after it: then it ends on that (民法典第二百零三条)."""
    known = holidays_of(context.session, context.policy.city)
    if not is_workday(day, known):
        text = f"{name}{in_chinese(day)}不是工作日，期限顺延的，请填写其后的第一个工作日{in_chinese(add_workdays(day, 1, known))}。"
        yield Reason("date.day_off", text, force=Force.ADVICE, field=field)


def odd_repayment_day(context: Context, day: date, name: str) -> Iterator[Reason]:
    """Yield as advice what is odd about the day by which money is to be back (``recover_by``): far away, or no working day."""
    yield from far_ahead(context, day, "recover_by", name)
    yield from day_off(context, day, "recover_by", name)


def record_day(context: Context, kind: str, day: date) -> None:
    """Record the day as a finding of that kind, and the time at which it is recorded."""
    add_finding(context, kind, dated=day)


def recorded_day(context: Context, kind: str, at: datetime) -> date:
    """Return the day of law of that kind: as it was recorded last, or that of the click at that moment."""
    days = [row.dated for row in context.rows.of(Finding) if row.kind == kind]
    return days[-1] if days else day_of(at)
