"""Accounts managed by the administrator: opened with roles, edited, switched off and on, given a new password.

Each command is one transaction with its event. Passwords are passed as hashes.
"""

import hashlib
from collections.abc import Iterable, Mapping
from typing import Any

import rfc8785
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from xtbang.actions import audit
from xtbang.actions.notify import notify, to_people
from xtbang.enums import ROLE_LABELS, RoleName
from xtbang.errors import Blocked, Stale
from xtbang.models import Person, Role
from xtbang.models.writing import writing
from xtbang.people.accounts import LOG, account_with, locked_person, new_sessions, normal_email, replace_password
from xtbang.people.person_form import fill, reasons, written
from xtbang.people.second_factor import clear
from xtbang.queries.caller import Caller
from xtbang.rules.reasons import Reason

OWN = "本人的密码、登录验证码在“个人资料”里更换；不能更换的，请另一名系统管理员重设。"
LAST_ADMIN = "这是最后一个启用的系统管理员，须先指定另一个系统管理员。"


def seal(person: Person) -> str:
    """Return a fingerprint of a person's row as shown on a page, to detect changes made since."""
    return hashlib.sha256(rfc8785.dumps([written(person), person.active])).hexdigest()[:24]


def add_person(caller: Caller, values: Mapping[str, Any], password_hash: str) -> Person:
    """Open an account with its roles and notify the person. Raise Blocked."""
    session = caller.session
    with writing(session):
        roles = _roles(session, values["roles"])
        if against := reasons(session, values, None):
            raise Blocked(against)
        person = _account(caller, password_hash)
        fill(session, person, values)
        person.roles = roles
        session.add(person)
        session.flush()
        notify(caller, "add_person", to_people([person]), link="/desk")
        _record(caller, person, "add_person", recorded(person))
    return person


def edit_person(caller: Caller, person_id: int, seen: str, values: Mapping[str, Any]) -> None:
    """Change the details and roles of an account. Raise NotFound, Stale, Blocked."""
    session = caller.session
    with writing(session):
        roles = _roles(session, values["roles"])
        person = _locked(session, person_id, seen)
        against = reasons(session, values, person_id)
        if "admin" not in values["roles"] and person.active and _is_last_admin(session, person):
            against.append(Reason("person.last_admin", LAST_ADMIN, field="roles"))
        if against:
            raise Blocked(against)
        before = recorded(person)
        fill(session, person, values)
        person.roles = roles
        session.flush()
        after = recorded(person)
        changed = {key: value for key, value in after.items() if key == "name" or before[key] != value}
        _record(caller, person, "edit_person", changed)


def switch_person(caller: Caller, person_id: int, seen: str, active: bool) -> None:
    """Switch an account on or off; switching off ends its sessions at once. Raise NotFound, Stale, Blocked."""
    session = caller.session
    with writing(session):
        _roles(session, ["admin"])
        person = _locked(session, person_id, seen)
        if not active and person.active and _is_last_admin(session, person):
            raise Blocked([Reason("person.last_admin", LAST_ADMIN)])
        person.active = active
        person.fs_uniquifier = new_sessions()
        _record(caller, person, "edit_person", {"name": person.name, "active": active})


def _of_another(caller: Caller, person_id: int, seen: str) -> Person:
    """Return the locked account of another person: one's own is changed with one's password, which an open session lacks."""
    if person_id == caller.actor.person_id:
        raise Blocked([Reason("person.own", OWN)])
    return _locked(caller.session, person_id, seen)


def reset_password(caller: Caller, person_id: int, seen: str, password_hash: str) -> None:
    """Set a new initial password, end the sessions and notify the person. Raise NotFound, Stale, Blocked."""
    session = caller.session
    with writing(session):
        person = _of_another(caller, person_id, seen)
        replace_password(person, password_hash, given=True)
        notify(caller, "reset_password", to_people([person]), link="/desk", administrator=caller.actor.name)
        _record(caller, person, "edit_person", {"name": person.name, "password": "重设"})


def reset_second_factor(caller: Caller, person_id: int, seen: str) -> None:
    """Remove the lost device of a second factor, end the sessions and notify the person. Raise NotFound, Stale, Blocked."""
    session = caller.session
    with writing(session):
        person = _of_another(caller, person_id, seen)
        clear(person)
        person.fs_uniquifier = new_sessions()
        who = caller.actor.name if caller.actor.person_id else ""
        notify(caller, "reset_second_factor", to_people([person]), link="/second-factor", administrator=who)
        _record(caller, person, "reset_second_factor", {"name": person.name})


def create_roles(session: Session) -> None:
    """Add every role that is missing. One transaction, without an event: it is part of the installation."""
    with writing(session):
        known = set(session.scalars(select(Role.name)))
        missing = [name.value for name in RoleName if name.value not in known]
        session.add_all(Role(name=name, description=ROLE_LABELS.get(name, name)) for name in missing)


def create_administrator(caller: Caller, email: str, name: str, password_hash: str) -> Person:
    """Open an administrator's account from the command line, without an event. Raise Blocked when the e-mail is taken."""
    session = caller.session
    with writing(session):
        if account_with(session, email):
            raise Blocked([Reason("person.email", "这个电子邮箱已有账号。", field="email")])
        person = _account(caller, password_hash)
        person.email, person.name, person.roles = normal_email(email), name, _roles(session, ["admin"])
        session.add(person)
    return person


def recorded(person: Person) -> dict[str, Any]:
    """Return the values of an account that the audit trail records: no telephone number."""
    return {key: value for key, value in written(person).items() if key != "mobile"}


def _account(caller: Caller, password_hash: str) -> Person:
    """Return an active account with an initial password, still without name and roles."""
    return Person(
        created_at=caller.now,
        confirmed_at=caller.now,
        active=True,
        password=password_hash,
        password_given=True,
        fs_uniquifier=new_sessions(),
    )


def _record(caller: Caller, person: Person, trigger: str, data: Mapping[str, Any]) -> None:
    audit.append(caller, f"person:{person.id}", trigger=trigger, role="admin", data=dict(data))
    LOG.info("%s: person %s by %s, from %s", trigger, person.id, caller.actor.person_id, caller.actor.address)


def _roles(session: Session, names: Iterable[str]) -> list[Role]:
    """Return the rows of these roles; that of admin is locked, so that two admins cannot remove each other at once."""
    wanted = select(Role).where(Role.name.in_({*names, "admin"})).order_by(Role.id).with_for_update()
    known = {role.name: role for role in session.scalars(wanted)}
    return [known.get(name) or Role(name=name) for name in names]


def _locked(session: Session, person_id: int, seen: str) -> Person:
    person = locked_person(session, person_id)
    if seal(person) != seen:
        raise Stale([], 0)
    return person


def _is_last_admin(session: Session, person: Person) -> bool:
    if "admin" not in person.role_names:
        return False
    others = select(func.count(Person.id)).join(Person.roles)
    others = others.where(Role.name == "admin", Person.active.is_(True), Person.id != person.id)
    return not session.scalar(others)
