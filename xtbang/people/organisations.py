"""Organisations: registered, confirmed or refused, edited; each command in one transaction with its event."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from xtbang.actions import audit
from xtbang.actions.notify import notify, to_organisation, to_people, to_role
from xtbang.errors import Blocked, Collision, NotFound, Stale
from xtbang.models import Event, Organisation
from xtbang.models.writing import writing
from xtbang.people.account_forms import identity, keep_organisation
from xtbang.people.accounts import account_with, new_applicant, own_as_manager
from xtbang.queries.caller import Caller
from xtbang.queries.organisations import running_projects
from xtbang.rules.actor import Actor
from xtbang.rules.reasons import Reason
from xtbang.rules.uscc import compact

TAKEN_USCC = "这个统一社会信用代码已经注册。请联系本单位的系统管理员为您添加账号；如从未注册，请联系{}。"


def register_organisation(
    caller: Caller,
    organisation: Mapping[str, Any],
    first: Mapping[str, Any],
    password_hash: str,
    request_key: str = "",
) -> None:
    """Register an organisation with its first person, who manages it; an officer confirms it later.

    Raise Blocked when the credit code (统一社会信用代码) is already registered. When the e-mail already has an account, add
    nothing and notify its owner: the answer does not show which e-mails have accounts. What was registered under the
    same ``request_key`` is not registered again: a button that is pressed twice sends the form twice.
    """

    def attempt() -> None:
        with writing(caller.session):
            _register(caller, organisation, first, password_hash, request_key)

    try:
        attempt()
    except Collision:  # the first press, or another registration, was saved meanwhile
        attempt()


def _register(
    caller: Caller, organisation: Mapping[str, Any], first: Mapping[str, Any], password_hash: str, request_key: str
) -> None:
    session, uscc = caller.session, compact(organisation["uscc"])
    key = f"register:{request_key}:{uscc}" if request_key else None
    if key and session.scalar(select(Event.id).where(Event.request_key == key)):
        return
    if not give_up_code(session, uscc):
        taken = TAKEN_USCC.format(caller.policy.city.lead.short)
        raise Blocked([Reason("register.uscc", taken, field="uscc")])
    if owner := account_with(session, first["email"]):
        notify(caller, "register_known", to_people([owner]), link="/login", name=organisation["name"])
        return
    row = Organisation(status="pending", created_at=caller.now)
    keep_organisation(row, {**organisation, "uscc": uscc})
    session.add(row)
    session.flush()
    person = new_applicant(caller, first, row.id, password_hash, manager=True)
    who = Actor(person.id, person.name, frozenset(), row.id, row.name, None, caller.actor.address)
    _ask_to_confirm(replace(caller, actor=who), row, key)


def give_up_code(session: Session, uscc: str) -> bool:
    """Let a refused registration give up that code; return whether the code is free for another organisation now."""
    holder = session.scalars(select(Organisation).where(Organisation.uscc == uscc).with_for_update()).first()
    if holder is not None and holder.status == "refused":
        holder.uscc = holder.given_up
        session.flush()
        return True
    return holder is None


def _ask_to_confirm(caller: Caller, row: Organisation, request_key: str | None = None) -> None:
    """Record the event and notify every officer who may confirm."""
    audit.append(caller, f"organisation:{row.id}", trigger="register", role="applicant", request_key=request_key)
    page = f"/admin/organisations/{row.id}"
    notify(caller, "register", to_role("science"), link=page, name=row.name, uscc=row.uscc)


def confirm_organisation(caller: Caller, organisation_id: int, seen: int) -> None:
    """Confirm an organisation seen as version ``seen`` and notify its people. Raise NotFound, Stale, Blocked."""
    with writing(caller.session):
        row = _locked(caller, organisation_id, seen)
        _blocked_by(against_confirming(row))
        _claim_code(row, caller)
        row.status, row.refusal = "confirmed", ""
        row.confirmed_at, row.confirmed_by_id = caller.now, caller.actor.person_id
        notify(caller, "confirm_organisation", to_organisation(row.id), link="/desk", name=row.name)
        _decided(caller, row, "confirm_organisation")


def refuse_organisation(caller: Caller, organisation_id: int, seen: int, reason: str) -> None:
    """Refuse an organisation and notify its people with the reason. Raise as `confirm_organisation`."""
    with writing(caller.session):
        row = _locked(caller, organisation_id, seen)
        _blocked_by(against_refusing(row))
        row.status, row.refusal = "refused", reason
        told = to_organisation(row.id)
        notify(caller, "refuse_organisation", told, link="/organisation", name=row.name, reason=reason)
        _decided(caller, row, "refuse_organisation")


def withdraw_confirmation(caller: Caller, organisation_id: int, seen: int, reason: str) -> None:
    """Take back a confirmation that was a mistake: its people cannot act any more, its code is free for another.

    Raise as `confirm_organisation`; Blocked also while it is a party of a project that is not over.
    """
    with writing(caller.session):
        row = _locked(caller, organisation_id, seen)
        if row.status != "confirmed":
            raise Blocked([Reason("organisation.decided", f"{row.name}没有确认，不需要撤回。")])
        if running := len(running_projects(caller.session, row.id)):
            text = f"{row.name}是 {running} 个未办结项目的一方，不能撤回确认；登记有误的办理更正，不再存续的登记注销。"
            raise Blocked([Reason("organisation.running", text)])
        row.status, row.refusal, row.confirmed_at, row.confirmed_by_id = "refused", reason, None, None
        told = to_organisation(row.id)
        notify(caller, "withdraw_confirmation", told, link="/organisation", name=row.name, reason=reason)
        _decided(caller, row, "withdraw_confirmation")


def against_confirming(row: Organisation) -> Iterator[Reason]:
    """Yield a reason when the organisation is confirmed already."""
    return _decided_before(row, "confirmed")


def against_refusing(row: Organisation) -> Iterator[Reason]:
    """Yield a reason when the organisation is confirmed or refused already."""
    return _decided_before(row, "confirmed", "refused")


def _decided_before(row: Organisation, *decisions: str) -> Iterator[Reason]:
    if row.status in decisions:
        done = "已确认" if row.status == "confirmed" else "已作出不予确认的决定"
        yield Reason("organisation.decided", f"{row.name}{done}。")


def _blocked_by(against: Iterable[Reason]) -> None:
    if reasons := list(against):
        raise Blocked(reasons)


def _decided(caller: Caller, row: Organisation, trigger: str) -> None:
    row.version += 1
    role = next((role for role in ("science", "admin") if role in caller.actor.roles), "")
    data = {"name": row.name, "uscc": row.uscc}
    audit.append(caller, f"organisation:{row.id}", trigger=trigger, role=role, reason=row.refusal, data=data)


def edit_organisation(caller: Caller, seen: int, values: Mapping[str, Any]) -> str:
    """Change the profile, as its manager; a refused organisation waits for confirmation again.

    Return the new status. Name, kind and region of a confirmed organisation cannot be changed. Raise Forbidden, Stale.
    """
    with writing(caller.session):
        _manager, row = own_as_manager(caller)
        if row.version != seen:
            raise Stale([], row.version)
        fixed = {field.key for field in identity(caller.policy.city)} if row.status == "confirmed" else set()
        data = {key: value for key, value in values.items() if key not in fixed}
        keep_organisation(row, data)
        row.version += 1
        audit.append(caller, f"organisation:{row.id}", trigger="edit_organisation", data=data)
        if row.status == "refused":
            _claim_code(row, caller)
            row.status, row.refusal = "pending", ""
            _ask_to_confirm(caller, row)
        return row.status


def _claim_code(row: Organisation, caller: Caller) -> None:
    """Take back the code that a refused registration has given up. Raise Blocked while another organisation uses it."""
    if row.uscc == row.code:
        return
    if not give_up_code(caller.session, row.code):
        text = f"统一社会信用代码 {row.code} 已由另一个单位注册使用，这份注册不能再提交或确认。"
        raise Blocked([Reason("organisation.uscc", text)])
    row.uscc = row.code


def _locked(caller: Caller, organisation_id: int, seen: int) -> Organisation:
    row = caller.session.get(Organisation, organisation_id, with_for_update=True)
    if row is None:
        raise NotFound(f"organisation {organisation_id}")
    if row.version != seen:
        raise Stale([], row.version)
    return row
