"""Accounts: opened, changed, switched off and on, given a new password; each in one transaction with its event."""

import hashlib
import secrets
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

import rfc8785
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from xtbang.actions import audit
from xtbang.errors import Blocked, NotFound, Stale
from xtbang.models import Person, Role
from xtbang.rules.actor import Actor
from xtbang.rules.reasons import Reason
from xtbang.web.account.passwords import first_password, hashed
from xtbang.web.admin.deeds import mail_to, writing
from xtbang.web.admin.person_form import fill, reasons, written

LAST_ADMIN = "这是最后一个启用的系统管理员，须先指定另一个系统管理员。"


def seal(person: Person) -> str:
    """What a page saw of a person, to be compared before it is changed."""
    return hashlib.sha256(rfc8785.dumps([written(person), person.active])).hexdigest()[:24]


def add_person(
    session: Session, who: Actor, values: Mapping[str, Any], now: datetime, site_url: str
) -> tuple[Person, str]:
    """A new account and its first password, which is kept nowhere. Raises Blocked."""
    password = first_password()
    kept = hashed(password)
    with writing(session):
        roles = _roles(session, values["roles"])
        if against := reasons(session, values, None):
            raise Blocked(against)
        person = Person(created_at=now, confirmed_at=now, active=True, password=kept, password_given=True)
        person.fs_uniquifier = _new_sessions()
        fill(session, person, values)
        person.roles = roles
        session.add(person)
        session.flush()
        body = "系统管理员为您开通了账号，初始密码由其另行告知。首次登录时请换成自己的密码。"
        session.add(mail_to(person, "账号已开通，请登录并设置自己的密码", body, f"{site_url}/desk", now))
        _record(session, who, person, "add_person", now, recorded(person))
    return person, password


def edit_person(
    session: Session, who: Actor, person_id: int, seen: str, values: Mapping[str, Any], now: datetime
) -> None:
    """Change what an account says and may do. Raises NotFound, Stale, Blocked."""
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
        _record(session, who, person, "edit_person", now, changed)


def switch_person(session: Session, who: Actor, person_id: int, seen: str, active: bool, now: datetime) -> None:
    """Let someone in, or keep them out: their sessions end at once. Raises NotFound, Stale, Blocked."""
    with writing(session):
        _roles(session, ["admin"])
        person = _locked(session, person_id, seen)
        if not active and person.active and _is_last_admin(session, person):
            raise Blocked([Reason("person.last_admin", LAST_ADMIN)])
        person.active = active
        person.fs_uniquifier = _new_sessions()
        _record(session, who, person, "edit_person", now, {"name": person.name, "active": active})


def reset_password(session: Session, who: Actor, person_id: int, seen: str, now: datetime, site_url: str) -> str:
    """A new first password; sessions end, the person is told. Raises NotFound and Stale."""
    password = first_password()
    kept = hashed(password)
    with writing(session):
        person = _locked(session, person_id, seen)
        person.password, person.password_given, person.fs_uniquifier = kept, True, _new_sessions()
        body = f"系统管理员{who.name}重设了您的密码，新密码由其另行告知，登录时请换成自己的密码。如非您本人要求，请立即联系市科技局。"
        session.add(mail_to(person, "密码已重设，请登录并设置自己的密码", body, f"{site_url}/desk", now))
        _record(session, who, person, "edit_person", now, {"name": person.name, "password": "重设"})
    return password


def recorded(person: Person) -> dict[str, Any]:
    """What the audit trail keeps of an account: no telephone number."""
    return {key: value for key, value in written(person).items() if key != "mobile"}


def _new_sessions() -> str:
    return secrets.token_hex(16)


def _record(session: Session, who: Actor, person: Person, trigger: str, now: datetime, data: Mapping[str, Any]) -> None:
    audit.append(session, f"person:{person.id}", who, trigger=trigger, now=now, role="admin", data=dict(data))


def _roles(session: Session, names: Iterable[str]) -> list[Role]:
    """The rows of these roles; that of admin is locked, so that two admins cannot remove each other at once."""
    wanted = select(Role).where(Role.name.in_({*names, "admin"})).order_by(Role.id).with_for_update()
    known = {role.name: role for role in session.scalars(wanted)}
    return [known.get(name) or Role(name=name) for name in names]


def _locked(session: Session, person_id: int, seen: str) -> Person:
    # the organisation comes by an outer join, which cannot be locked
    person = session.get(Person, person_id, with_for_update={"of": Person})
    if person is None:
        raise NotFound(f"person {person_id}")
    if seal(person) != seen:
        raise Stale([], 0)
    return person


def _is_last_admin(session: Session, person: Person) -> bool:
    if "admin" not in person.role_names:
        return False
    others = select(func.count(Person.id)).join(Person.roles)
    others = others.where(Role.name == "admin", Person.active.is_(True), Person.id != person.id)
    return not session.scalar(others)
