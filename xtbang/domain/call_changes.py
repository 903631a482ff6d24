"""A published call (批次) is prolonged or cancelled by the lead office: with its reason, and a public notice that says so."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import select

from xtbang.actions import audit
from xtbang.actions.context import Context
from xtbang.actions.notify import notify, to_bureaus, to_issuer
from xtbang.actions.registry import effect, guard, options
from xtbang.domain.bids import in_shanghai, last_moment
from xtbang.domain.calls import locked_call, only_science
from xtbang.domain.experts import cancel_panels
from xtbang.domain.notices import number_taken, publish_alone
from xtbang.errors import Blocked
from xtbang.models import Call, Notice, Project
from xtbang.models.writing import writing
from xtbang.queries.caller import Caller
from xtbang.rules.needs import reads
from xtbang.rules.quotation import quoted
from xtbang.rules.reasons import Reason

COLLECTED = (
    "draft",
    "solicitation",
    "appraisal",
)  # where an entry depends on its call; afterwards it goes on by itself


BLANK = "（　）"  # to be filled in, in the wording that the page proposes


def prolong_call(caller: Caller, call_id: int, seen: int, values: Mapping[str, Any]) -> Notice:
    """Let a published call run until a later moment, which every page and reminder shows from now on; bid windows stay.

    Raises Forbidden, NotFound, Stale, Blocked. One transaction with its event and notice.
    """
    only_science(caller)
    with writing(caller.session):
        call = locked_call(caller.session, call_id, seen)
        until = last_moment(values["closes_at"])
        against = list(_changeable(caller, call, values))
        if until <= max(call.closes_at, caller.now):
            text = f"新的征集截止时间须晚于{in_shanghai(max(call.closes_at, caller.now))}。"
            against.append(Reason("N1.shorter", text, caller.cite("entries"), field="closes_at"))
        if against:
            raise Blocked(against)
        call.closes_at = until
        notice = _announced(caller, call, values, "prolong_call")
        for project in _never_submitted(caller, call):
            notify(
                caller,
                "prolong_call",
                to_issuer(),
                project=project,
                call=call.title,
                until=in_shanghai(until),
                reason=values["reason"],
            )
    return notice


def cancel_call(caller: Caller, call_id: int, seen: int, values: Mapping[str, Any]) -> Notice:
    """Cancel a published call: nothing is submitted to it any more; its entries are ended or moved one by one afterwards.

    Raises Forbidden, NotFound, Stale, Blocked. One transaction with its event and notice.
    """
    only_science(caller)
    with writing(caller.session):
        call = locked_call(caller.session, call_id, seen)
        if against := list(_changeable(caller, call, values)):
            raise Blocked(against)
        call.cancelled_at = caller.now
        if call.opens_at < caller.now < call.closes_at:
            call.closes_at = caller.now
        notice = _announced(caller, call, values, "cancel_call")
        for project in _never_submitted(caller, call):
            notify(caller, "cancel_call", to_issuer(), project=project, call=call.title, reason=values["reason"])
    return notice


def _changeable(caller: Caller, call: Call, values: Mapping[str, Any]) -> Iterator[Reason]:
    if call.published_at is None:
        yield Reason("N1.published", "本批次尚未发布，可以直接修改。", caller.cite("entries"))
    if call.cancelled_at is not None:
        yield Reason("N1.cancelled", "本批次已取消。", caller.cite("entries"))
    if BLANK in values["body"]:
        yield Reason("N1.blank", f"公告正文里的{BLANK}还没有填写。", caller.cite("entries"), field="body")
    yield from number_taken(caller.session, values.get("number", ""), "number")


def _announced(caller: Caller, call: Call, values: Mapping[str, Any], trigger: str) -> Notice:
    """Publish the notice of the change and record the event; the notice of the call remains."""
    call.version += 1
    known = {"title": values["title"], "body": values["body"], "number": values.get("number", "")}
    notice = Notice(kind="call", call_id=call.id, created_at=caller.now, **known)
    publish_alone(caller, notice)
    said = {"trigger": trigger, "role": "science", "reason": values["reason"], "data": dict(values)}
    audit.append(caller, f"call:{call.id}", **said)
    return notice


def _never_submitted(caller: Caller, call: Call) -> Sequence[Project]:
    """Return the entries of a call that have no number yet and still depend on it."""
    query = select(Project).where(Project.call_id == call.id, Project.state.in_(COLLECTED), Project.number.is_(None))
    return caller.session.scalars(query.order_by(Project.id)).all()


# ---------------------------------------------------------------- the entries of a cancelled call


@options
def cancelled_call(context: Context) -> dict[str, str]:
    """Return the call of the entry if it is cancelled."""
    call = context.project.call
    return {str(call.id): call.title} if call.cancelled_at else {}


@options
def calls_to_move_to(context: Context) -> dict[str, str]:
    """Return the open calls of the same edition that collect such entries; none while the entry's own call stands."""
    own = context.project.call
    if own.cancelled_at is None:
        return {}
    return {str(call.id): call.title for call in others_open(context, own) if context.project.kind in call.kinds}


def others_open(caller: Caller, own: Call) -> Sequence[Call]:
    """Return the other calls of the same edition that are open now, the one that closes first in front."""
    query = select(Call).where(Call.published_at.is_not(None), Call.cancelled_at.is_(None), Call.id != own.id)
    query = query.where(Call.edition == own.edition, Call.opens_at <= caller.now, Call.closes_at >= caller.now)
    return caller.session.scalars(query.order_by(Call.closes_at, Call.id)).all()


@guard
def call_stands(context: Context) -> Iterator[Reason]:
    """Yield a reason when the call of the entry was cancelled: it is moved to another call, or ended."""
    call = context.project.call
    if call.cancelled_at is not None:
        text = f"{quoted(call.title)}已取消，申报须转入其他批次或者终结。"
        yield Reason("N1.cancelled", text, context.cite("entries"))


@effect
@reads("call:choice")
def move_entry(context: Context) -> None:
    """Move the entry of a cancelled call to another one; number, form and what was decided stay."""
    before = context.project.call.title
    call = context.session.get_one(Call, int(context.data["call"]))
    context.project.call_id, context.project.call = call.id, call
    told = to_issuer(), to_bureaus()
    notify(context, "move_entry", *told, before=before, call=call.title, until=in_shanghai(call.closes_at))


@effect
@reads("reason:long")
def end_with_call(context: Context) -> None:
    """End the entry with its cancelled call."""
    context.project.closed_at = context.now
    cancel_panels(context)
    reason = context.data["reason"]
    notify(context, "end_with_call", to_issuer(), call=context.project.call.title, reason=reason)
