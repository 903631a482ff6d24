"""Acts on restrictions outside a prior notice: asked for by one person of the lead office, confirmed by another one of the bureaus.

A decision of another authority is recorded, a restriction is lifted early, holds again that was lifted by mistake, has its days
corrected. Each command is one transaction with its event, in the stream of the organisation.
"""

from collections.abc import Callable, Iterator, Mapping
from datetime import date
from typing import Any

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from xtbang.actions import audit
from xtbang.actions.issue import cancel_for_organisation
from xtbang.actions.notify import notify, to_bureaus, to_organisation, to_people
from xtbang.errors import Blocked, NotFound
from xtbang.models import Event, Organisation, Paper, Restriction, RestrictionAct
from xtbang.models.writing import writing
from xtbang.people.restriction_notices import term_reasons
from xtbang.people.restrictions import add_restriction, tell_restricted
from xtbang.queries.caller import Caller, bureau_role
from xtbang.queries.organisations import organisation_with, told_until
from xtbang.rules.reasons import Reason
from xtbang.rules.term import in_chinese

LINK = "/admin/restrictions/acts"
RECORD, LIFT, RESTORE, CORRECT = "restrict", "lift_restriction", "restore_restriction", "correct_restriction"
NAMES = {RECORD: "登记其他机关的限制决定", LIFT: "解除限制", RESTORE: "恢复限制", CORRECT: "更正限制期"}


def ask_act(
    caller: Caller, kind: str, values: Mapping[str, Any], restriction_id: int | None = None, request_key: str = ""
) -> RestrictionAct | None:
    """Ask for an act on a restriction, to be confirmed by another person; a repeated request does nothing.

    ``values``: reason; of `CORRECT` starts_on, ends_on (ISO dates); of `RECORD` those, uscc and document. Raise NotFound,
    and Blocked with all of `reasons_against`.
    """
    session = caller.session
    with writing(session):
        row = session.get(Restriction, restriction_id, with_for_update=True) if restriction_id else None
        if row is None and kind != RECORD:
            raise NotFound(f"restriction {restriction_id}")
        organisation = row.organisation if row else organisation_with(session, values["uscc"])
        if request_key and session.scalar(select(Event.id).where(Event.request_key == request_key)):
            return None
        against = reasons_against(caller, kind, row, values)
        if against or organisation is None:
            raise Blocked(against)
        act = RestrictionAct(
            organisation_id=organisation.id,
            restriction_id=restriction_id,
            kind=kind,
            reason=values["reason"],
            document=values.get("document") or "",
            asked_at=caller.now,
            asked_by_id=caller.actor.person_id,
        )
        if kind in (RECORD, CORRECT):
            act.starts_on, act.ends_on = (date.fromisoformat(values[key]) for key in ("starts_on", "ends_on"))
        session.add(act)
        session.flush()
        _record(caller, act, "ask_restriction", act.reason, request_key=request_key or None)
        notify(caller, "ask_restriction", to_bureaus(), link=LINK, name=organisation.name, what=NAMES[kind])
    return act


def confirm_act(caller: Caller, act_id: int) -> RestrictionAct:
    """Confirm what another person has asked for: it takes effect, and the organisation gets a mail. Raise NotFound, Blocked."""
    with writing(caller.session):
        act = _waiting(caller, act_id)
        if act.asked_by_id == caller.actor.person_id:
            raise Blocked(
                [Reason("A13.other", f"{NAMES[act.kind]}由您提出，须由另一人确认。", caller.cite("integrity"))]
            )
        act.status, act.decided_at, act.decided_by_id = "confirmed", caller.now, caller.actor.person_id
        row = caller.session.get(Restriction, act.restriction_id, with_for_update=True) if act.restriction_id else None
        if against := reasons_against(caller, act.kind, row, _values(act)):
            raise Blocked(against)
        before = DO[act.kind](caller, act)
        _record(caller, act, act.kind, act.reason, asked_by=act.asked_by.name, **before)
        return act


def drop_act(caller: Caller, act_id: int, reason: str) -> RestrictionAct:
    """Withdraw what one has asked for, or refuse what another person has. Raise NotFound, Blocked."""
    with writing(caller.session):
        act = _waiting(caller, act_id)
        mine = act.asked_by_id == caller.actor.person_id
        act.status, act.decision = "withdrawn" if mine else "refused", reason
        act.decided_at, act.decided_by_id = caller.now, caller.actor.person_id
        _record(caller, act, "withdraw_restriction_act" if mine else "refuse_restriction_act", reason)
        if not mine:
            asker, name = to_people([act.asked_by]), act.organisation.name
            notify(caller, "refuse_restriction", asker, link=LINK, name=name, what=NAMES[act.kind], reason=reason)
        return act


def reasons_against(caller: Caller, kind: str, row: Restriction | None, values: Mapping[str, Any]) -> list[Reason]:
    """Return every reason against an act on a restriction, None for one that is to be recorded."""
    if row is None:
        return list(_against_recording(caller, values))
    found = []
    waits = RestrictionAct.restriction_id == row.id, RestrictionAct.status == "waiting"
    if other := caller.session.scalars(select(RestrictionAct).where(*waits)).first():
        text = f"这项限制的{NAMES[other.kind]}正在等待另一人确认，请先办理。"
        found.append(Reason("A13.waiting", text, caller.cite("integrity")))
    if kind == CORRECT:
        starts, ends = (date.fromisoformat(values[key]) for key in ("starts_on", "ends_on"))
        return [*found, *_against_days(caller, row, starts, ends)]
    return [*found, *(_against_lifting if kind == LIFT else _against_restoring)(caller, row)]


def _against_recording(caller: Caller, values: Mapping[str, Any]) -> Iterator[Reason]:
    organisation = organisation_with(caller.session, values["uscc"])
    if organisation is None:
        yield Reason("A13.organisation", "这个统一社会信用代码没有在本系统注册。", field="uscc")
        return
    yield from term_reasons(caller, *(date.fromisoformat(values[key]) for key in ("starts_on", "ends_on")))
    waits = select(RestrictionAct.id).where(RestrictionAct.organisation_id == organisation.id)
    waits = waits.where(RestrictionAct.kind == RECORD, RestrictionAct.status == "waiting")
    if caller.session.scalar(waits.where(RestrictionAct.document == values["document"])):
        text = f"{values['document']}已经登记，正在等待另一人确认。"
        yield Reason("A13.waiting", text, caller.cite("integrity"), field="document")


def _against_lifting(caller: Caller, row: Restriction) -> Iterator[Reason]:
    if row.lifted_at or row.ends_on < caller.today:
        text = "这项限制已经解除。" if row.lifted_at else "这项限制已经到期，不需要解除。"
        yield Reason("A13.over", text, caller.cite("integrity"))


def _against_restoring(caller: Caller, row: Restriction) -> Iterator[Reason]:
    if row.lifted_at is None or row.ends_on < caller.today or not _was_lifted(caller.session, row):
        yield Reason("A13.over", "这项限制没有另行解除，或者已经到期，不能恢复。", caller.cite("integrity"))


def _was_lifted(session: Session, row: Restriction) -> bool:
    """Return whether the office has lifted it; otherwise it ended with a decision that was revoked."""
    lifted = Event.stream == f"organisation:{row.organisation_id}", Event.trigger == LIFT
    return any(event.data.get("restriction") == row.id for event in session.scalars(select(Event).where(*lifted)))


def _against_days(caller: Caller, row: Restriction, starts: date, ends: date) -> Iterator[Reason]:
    cited = caller.cite("integrity")
    if row.lifted_at:
        yield Reason("A13.over", "这项限制已经解除。", cited)
    if (starts, ends) == (row.starts_on, row.ends_on):
        yield Reason("A13.same", "与原来的限制期相同。", cited, field="ends_on")
    if ends < starts:
        yield Reason("A13.order", "截止日期不能早于开始日期。", cited, field="ends_on")
    elif ends < caller.today:
        yield Reason("A13.until", "截止日期不能早于今天；不再限制的，办理解除。", cited, field="ends_on")
    told = told_until(caller.session, row)
    if told is not None and (ends > told or starts < row.starts_on):
        text = f"这个单位被告知限制至{in_chinese(told)}；要延长限制期的，须先出具告知书，听取陈述、申辩。"
        yield Reason("A13.told", text, cited, field="ends_on" if ends > told else "starts_on")


def _do_record(caller: Caller, act: RestrictionAct) -> dict[str, Any]:
    if act.starts_on is None or act.ends_on is None:
        raise LookupError("a restriction without days")
    row = add_restriction(caller, act.organisation_id, act.starts_on, act.ends_on, act.reason)
    act.restriction_id = row.id
    tell_restricted(caller, row)
    return {}


def _do_lift(caller: Caller, act: RestrictionAct) -> dict[str, Any]:
    row, told = caller.session.get_one(Restriction, act.restriction_id), to_organisation(act.organisation_id)
    row.lifted_at = caller.now
    cancel_for_organisation(caller, row.organisation_id, "restriction", f":{row.id}")
    notify(caller, "lift_restriction", told, link="/desk", name=act.organisation.name, reason=act.reason)
    return {}


def _do_restore(caller: Caller, act: RestrictionAct) -> dict[str, Any]:
    """Let the restriction hold again until its day; its decision paper is in force again."""
    row, told = caller.session.get_one(Restriction, act.restriction_id), to_organisation(act.organisation_id)
    row.lifted_at = None
    last = select(func.max(Paper.id)).where(Paper.subject == f"organisation:{row.organisation_id}:{row.id}")
    caller.session.execute(update(Paper).where(Paper.id == last.scalar_subquery()).values(state="current"))
    link, name = "/organisation", act.organisation.name
    notify(caller, "restore_restriction", told, link=link, name=name, ends_on=row.ends_on, reason=act.reason)
    return {}


def _do_correct(caller: Caller, act: RestrictionAct) -> dict[str, Any]:
    if act.starts_on is None or act.ends_on is None:
        raise LookupError("a correction without days")
    row, told = caller.session.get_one(Restriction, act.restriction_id), to_organisation(act.organisation_id)
    before = {"starts_before": row.starts_on.isoformat(), "ends_before": row.ends_on.isoformat()}
    row.starts_on, row.ends_on = starts, ends = act.starts_on, act.ends_on
    name, reason = act.organisation.name, act.reason
    notify(caller, "correct_restriction", told, link="/desk", name=name, starts_on=starts, ends_on=ends, reason=reason)
    return before


Do = Callable[[Caller, RestrictionAct], dict[str, Any]]  # returns what else the event says
DO: dict[str, Do] = {RECORD: _do_record, LIFT: _do_lift, RESTORE: _do_restore, CORRECT: _do_correct}


def _waiting(caller: Caller, act_id: int) -> RestrictionAct:
    act = caller.session.get(RestrictionAct, act_id, with_for_update=True, populate_existing=True)
    if act is None:
        raise NotFound(f"act on a restriction {act_id}")
    if act.status != "waiting":
        raise Blocked([Reason("A13.decided", "这一项已经办理，请查看最新的记录。", caller.cite("integrity"))])
    caller.session.get_one(Organisation, act.organisation_id, with_for_update=True)
    return act


def _values(act: RestrictionAct) -> dict[str, Any]:
    days = {"starts_on": act.starts_on, "ends_on": act.ends_on}
    said = {key: day.isoformat() for key, day in days.items() if day}
    return said | {"reason": act.reason, "document": act.document, "uscc": act.organisation.uscc}


def _record(
    caller: Caller, act: RestrictionAct, trigger: str, reason: str, request_key: str | None = None, **more: Any
) -> None:
    data = {"name": act.organisation.name, "restriction": act.restriction_id, "act": act.kind} | _values(act) | more
    stream, role = f"organisation:{act.organisation_id}", bureau_role(caller)
    audit.append(caller, stream, trigger=trigger, role=role, reason=reason, data=data, request_key=request_key)
