"""Objections (异议) to a public notice: by anyone while it runs, and every one is decided."""

from collections import Counter
from collections.abc import Iterator
from datetime import date, datetime, time
from secrets import token_bytes

from sqlalchemy import select
from sqlalchemy.orm import Session

from xtbang.actions.context import Context
from xtbang.actions.notify import notify, to_bureaus, to_role
from xtbang.actions.registry import answered, effect, form_guard, guard, options
from xtbang.domain.notices import notice_of, period_of
from xtbang.domain.payments import too_long
from xtbang.models import Event, Objection
from xtbang.papers.codes import make_code
from xtbang.rules.dates import SHANGHAI, day_of, last_moment_of
from xtbang.rules.needs import reads
from xtbang.rules.reasons import Reason
from xtbang.rules.term import in_chinese


@guard
@reads("name:text contact:text")
def notice_running(context: Context) -> Iterator[Reason]:
    """Yield a reason unless the notice is published and not over."""
    notice = notice_of(context)
    last_day = period_of(context, notice)[0] if notice else None
    if notice is None or notice.status != "published" or last_day is None:
        yield Reason("A9.notice", "公示尚未发布。", context.cite("examination"))
    elif not context.in_time(close := last_moment_of(last_day)):
        text = f"公示已于{in_chinese(last_day)}24时结束，不再受理异议。{context.late_words(close)}"
        yield Reason("A9.notice", text, context.cite("examination"))
    yield from too_long(context.data, name=60, contact=120)


@effect
@reads("name:text contact:text facts:long evidence:file")
def file_objection(context: Context) -> None:
    """Store the objection (异议), return a receipt code, notify the officers."""
    context.result["code"] = _add_objection(context, context.received_at)
    notify(context, "file_objection", to_role("science"), name=context.data["name"])


def _add_objection(context: Context, received_at: datetime) -> str:
    """Store an objection received at that moment; return its receipt code."""
    notice = notice_of(context)
    if notice is None:
        raise LookupError("an objection without a notice")
    code = make_code(token_bytes(32), "objection")
    context.session.add(
        Objection(
            code=code,
            notice_id=notice.id,
            project_id=context.project.id,
            name=context.data["name"],
            contact=context.data["contact"],
            facts=context.data["facts"],
            file_id=context.file_id("evidence"),
            received_at=received_at,
            entered_by_id=context.actor.person_id if context.trigger == "enter_objection" else None,
        )
    )
    return code


@form_guard
@reads("received_on:date name:text contact:text")
def objection_received_in_time(context: Context) -> Iterator[Reason]:
    """Yield reasons unless the objection in writing was received while the notice ran, today at the latest."""
    notice = notice_of(context)
    last_day = period_of(context, notice)[0] if notice else None
    received = date.fromisoformat(context.data["received_on"])
    if notice is None or notice.published_at is None or last_day is None:
        yield Reason("A9.notice", "公示尚未发布。", context.cite("examination"))
    elif received > context.today:
        yield Reason("date.future", "收到日期不能晚于今天。", field="received_on")
    elif received < day_of(notice.published_at):
        text = f"收到日期{in_chinese(received)}早于公示发布的日期{in_chinese(day_of(notice.published_at))}。"
        yield Reason("date.early", text, context.cite("examination"), field="received_on")
    elif received > last_day:
        text = f"收到日期{in_chinese(received)}在公示期满以后，公示至{in_chinese(last_day)}24时止，不再受理异议。"
        yield Reason("A9.notice", text, context.cite("examination"), field="received_on")
    yield from too_long(context.data, name=60, contact=120)


@effect
@reads("channel:choice(letter by_hand email) received_on:date name:text contact:text facts:long evidence:file")
def enter_objection(context: Context) -> None:
    """Store an objection received in writing as of the day of its receipt; its event says how it came, who entered it."""
    received = date.fromisoformat(context.data["received_on"])
    context.result["code"] = _add_objection(context, datetime.combine(received, time(), SHANGHAI))
    how = context.label("channel")
    notify(context, "enter_objection", to_bureaus(), name=context.data["name"], channel=how, received_on=received)


@answered("file_objection", "enter_objection")
def receipt_code(session: Session, event: Event) -> dict[str, str]:
    """Return the receipt code of the objection that an event reports."""
    by_then = select(Objection.code).where(Objection.received_at <= event.at)
    query = by_then.filter_by(project_id=event.project_id, facts=event.data["facts"])
    query = query.order_by(Objection.received_at.desc(), Objection.id.desc()).limit(1)
    return {"code": session.scalars(query).one()}


@options
def open_objections(context: Context) -> dict[str, str]:
    """Return the objections without a decision: id → summary."""
    return {
        str(item.id): f"{item.received_at.astimezone(SHANGHAI):%Y-%m-%d %H:%M} {item.name}：{item.facts[:40]}"
        for item in context.rows.of(Objection)
        if item.status == "open"
    }


@guard
def objection_open(context: Context) -> Iterator[Reason]:
    """Yield a reason unless there is an objection to decide."""
    if not _objections(context).get("open"):
        yield Reason("A9.objection", "没有待处理的异议。", context.cite("examination"), nothing=True)


@guard
def objection_upheld(context: Context) -> Iterator[Reason]:
    """Yield a reason unless an objection was upheld (异议成立)."""
    if not _objections(context).get("upheld"):
        yield Reason("A9.objection", "没有经核查成立的异议。", context.cite("examination"), nothing=True)


@guard
def no_objection_standing(context: Context) -> Iterator[Reason]:
    """Yield a reason for each kind of objection, open or upheld, that blocks the contract."""
    count = _objections(context)
    if count.get("open"):
        yield Reason(
            "A9.objection_open", f"有 {count['open']} 件异议尚未处理，处理完毕前不能签约。", context.cite("examination")
        )
    if count.get("upheld"):
        yield Reason(
            "A9.objection_upheld", f"有 {count['upheld']} 件异议经核查成立，不予立项。", context.cite("examination")
        )


@effect
@reads("objection:choice outcome:choice(upheld dismissed) finding:long")
def decide_objection(context: Context) -> None:
    """Record the decision on an objection."""
    item = context.session.get_one(Objection, int(context.data["objection"]))
    item.status = context.data["outcome"]
    item.finding = context.data["finding"]
    item.decided_at = context.now
    item.decided_by_id = context.actor.person_id
    if item.status == "upheld":
        notify(context, "decide_objection_upheld", to_bureaus(), finding=item.finding)
    else:
        notify(context, "decide_objection", to_role("science"), finding=item.finding)


def _objections(context: Context) -> dict[str, int]:
    return Counter(objection.status for objection in context.rows.of(Objection))
