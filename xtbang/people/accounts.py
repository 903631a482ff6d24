"""Accounts of an organisation's people and one's own: opened, edited, switched off and on, given a new password.

Each command is one transaction with its event. Passwords are passed as hashes.
"""

import logging
import secrets
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from typing import Any

from email_validator import EmailNotValidError, validate_email
from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from xtbang.actions import audit
from xtbang.actions.notify import notify, to_people
from xtbang.enums import RoleName
from xtbang.errors import Blocked, Forbidden, NotFound
from xtbang.models import Organisation, Person, Role
from xtbang.models.writing import writing
from xtbang.queries.caller import Caller, actor_of
from xtbang.rules.reasons import Reason
from xtbang.rules.spellings.codes import address
from xtbang.rules.texts import normalise_text

LOG = logging.getLogger("xtbang.accounts")
TAKEN_EMAIL = "这个电子邮箱不能使用，请换一个。"


def normal_email(email: str) -> str:
    """Return the one spelling of an address by which its account is stored, found and counted: in lower case, in ASCII.

    Text that is not an address is returned in lower case.
    """
    text = address(normalise_text(email))
    with suppress(EmailNotValidError):
        text = validate_email(text, check_deliverability=False).ascii_email or text
    return text.lower()


def account_with(session: Session, email: str) -> Person | None:
    """Return the person who signs in with that e-mail, or None."""
    return session.scalars(select(Person).where(Person.email == normal_email(email))).first()


def new_applicant(
    caller: Caller, values: Mapping[str, Any], organisation_id: int, password_hash: str, *, manager: bool
) -> Person:
    """Add an applicant of an organisation, who may sign in at once, inside a writing transaction.

    Only the first one, its manager (本单位管理员), has chosen the password.
    """
    session = caller.session
    role = session.scalars(select(Role).where(Role.name == RoleName.APPLICANT.value)).first()
    person = Person(
        email=normal_email(values["email"]),
        name=values["person_name"],
        title=values["title"],
        mobile=values["mobile"],
        password=password_hash,
        password_given=not manager,
        active=True,
        created_at=caller.now,
        confirmed_at=caller.now,
        fs_uniquifier=secrets.token_hex(16),
        organisation_id=organisation_id,
        manager=manager,
        roles=[role or Role(name=RoleName.APPLICANT.value)],
    )
    session.add(person)
    session.flush()
    return person


def edit_profile(caller: Caller, values: Mapping[str, Any], password_hash: str = "") -> Person:
    """Save one's own name, title and mobile. A new password ends all sessions."""
    with writing(caller.session):
        person = locked_person(caller.session, caller.actor.person_id)
        person.name, person.title, person.mobile = values["person_name"], values["title"], values["mobile"]
        if password_hash:
            replace_password(person, password_hash, given=False)
        _edited(caller, person, {"password": True} if password_hash else {})
    return person


def set_own_password(caller: Caller, password_hash: str) -> Person:
    """Replace the initial password by one's own."""
    with writing(caller.session):
        person = locked_person(caller.session, caller.actor.person_id)
        replace_password(person, password_hash, given=False)
        _edited(caller, person, {"password": True})
    return person


def add_colleague(caller: Caller, values: Mapping[str, Any], password_hash: str) -> Person:
    """Open an account for a colleague and notify them. Raise Forbidden, and Blocked when the e-mail is taken.

    Notify the owner of an account elsewhere that this organisation has asked for the address.
    """
    session = caller.session
    with writing(session):
        manager, row = own_as_manager(caller)
        owner = account_with(session, values["email"])
        if owner is not None and owner.organisation_id != row.id:
            key = f"colleague_known:{row.id}:{caller.today}"
            notify(caller, "colleague_known", to_people([owner]), link="/email", key=key, name=row.name)
    if owner is not None:
        raise Blocked([Reason("colleague.email", _taken_by(caller, owner, row), field="email")])
    with writing(session):
        manager, row = own_as_manager(caller)
        person = new_applicant(caller, values, row.id, password_hash, manager=False)
        audit.append(caller, f"person:{person.id}", trigger="add_person", role="applicant")
        notify(
            caller,
            "add_colleague",
            to_people([person]),
            link="/login",
            manager=manager.name,
            organisation=caller.actor.organisation_name,
            email=person.email,
        )
    return person


def _taken_by(caller: Caller, owner: Person, asking: Organisation) -> str:
    """Return why that address cannot be used, and what to do, without naming the owner of an account elsewhere."""
    if owner.organisation_id == asking.id and owner.acts_for_organisation:
        state = "" if owner.active else "，账号已停用，可以在下方重新启用"
        return f"这个电子邮箱是本单位人员 {owner.name} 的登录账号{state}。"
    lead, phone = caller.policy.city.lead.short, f"（{caller.site.phone}）" if caller.site.phone else ""
    return (
        "这个电子邮箱已是另一个账号的登录邮箱，一个账号只代表一个单位，因此不能使用。请改用此人的另一个邮箱；"
        f"此人已调入贵单位、原账号不再使用的，可由本人登录原账号更换登录邮箱，或请{lead}{phone}把原账号转入贵单位。已发邮件告知该邮箱。"
    )


def switch_colleague(caller: Caller, person_id: int) -> Person:
    """Switch a colleague's account on, or off and end their sessions.

    Raise NotFound for anyone but a colleague, Forbidden for oneself: there is always a manager.
    """
    with writing(caller.session):
        person = _colleague_to_switch(caller, person_id)
        person.active, person.fs_uniquifier = not person.active, new_sessions()
        _edited(caller, person, {"active": person.active, "manager": person.manager})
    return person


def switch_manager(caller: Caller, person_id: int) -> Person:
    """Grant a colleague the rights of a manager, or withdraw them. Raise as `switch_colleague`."""
    with writing(caller.session):
        person = _colleague_to_switch(caller, person_id)
        person.manager = not person.manager
        _edited(caller, person, {"active": person.active, "manager": person.manager})
    return person


def reset_colleague_password(caller: Caller, person_id: int, password_hash: str) -> Person:
    """Set a new initial password for a colleague who has forgotten it, end their sessions and notify them.

    Raise as `switch_colleague`.
    """
    with writing(caller.session):
        manager, _row = own_as_manager(caller)
        person = _colleague(caller, person_id, "自己的密码在“个人资料”中修改。")
        replace_password(person, password_hash, given=True)
        notify(caller, "reset_colleague_password", to_people([person]), link="/login", manager=manager.name)
        _edited(caller, person, {"password": True})
    return person


def colleagues_of(organisation_id: int) -> Select[Person]:
    """Return the query for the people that an organisation's manager administers: those who are only applicants.

    Experts and officers also name an organisation, as their employer; the administrator manages their accounts.
    """
    query = select(Person).where(Person.organisation_id == organisation_id, Person.roles.any())
    return query.where(~Person.roles.any(Role.name != RoleName.APPLICANT.value))


def own_as_manager(caller: Caller) -> tuple[Person, Organisation]:
    """Return the acting manager and the organisation, which is locked. Raise Forbidden for everyone else."""
    session, who = caller.session, caller.actor
    row = session.get(Organisation, who.organisation_id, with_for_update=True) if who.organisation_id else None
    person = session.get_one(Person, who.person_id, populate_existing=True)
    if row is None or not person.manager or not person.active or RoleName.APPLICANT.value not in person.role_names:
        raise Forbidden("这件事由本单位的管理员办理。")
    return person, row


def replace_password(person: Person, password_hash: str, *, given: bool) -> None:
    """Replace the password and end the person's sessions; ``given``: another person has set it."""
    person.password, person.password_given, person.fs_uniquifier = password_hash, given, new_sessions()


def record(caller: Caller, person: Person, trigger: str, **data: Any) -> None:
    """Record an event of the person and a line in the log: the actor and the address, never the values typed."""
    audit.append(caller, f"person:{person.id}", trigger=trigger, data={"name": person.name} | data)
    LOG.info("%s: person %s, from %s", trigger, person.id, caller.actor.address)


def as_person(caller: Caller, person: Person) -> Caller:
    """Return a caller for that person at the same address: they have proved their identity without being signed in."""
    return replace(caller, actor=actor_of(person, caller.actor.address))


def locked_person(session: Session, person_id: int | None) -> Person:
    """Return the person, locked and freshly loaded. Raise NotFound."""
    # the organisation is loaded by an outer join, which cannot be locked
    person = session.get(Person, person_id, with_for_update={"of": Person}, populate_existing=True)
    if person is None:
        raise NotFound(f"person {person_id}")
    return person


def new_sessions() -> str:
    """Return a new session key: cookies with the previous one are no longer valid."""
    return secrets.token_hex(16)


def _colleague_to_switch(caller: Caller, person_id: int) -> Person:
    own_as_manager(caller)
    return _colleague(caller, person_id, "不能停用自己，也不能取消自己的管理员身份；请由另一名管理员办理。")


def _colleague(caller: Caller, person_id: int, refusal: str) -> Person:
    own = colleagues_of(caller.actor.organisation_id or 0).where(Person.id == person_id)
    if caller.session.scalars(own).first() is None:
        raise NotFound(f"person {person_id}")
    if person_id == caller.actor.person_id:
        raise Forbidden(refusal)
    return locked_person(caller.session, person_id)


def _edited(caller: Caller, person: Person, data: dict[str, Any]) -> None:
    audit.append(caller, f"person:{person.id}", trigger="edit_person", data=data)
    LOG.info("edit_person: person %s by %s, from %s", person.id, caller.actor.person_id, caller.actor.address)
