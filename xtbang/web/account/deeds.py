"""What is written from the pages of an account: each deed is one transaction with its event in the audit trail."""

import secrets
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from xtbang.actions.audit import append
from xtbang.enums import RoleName
from xtbang.errors import Blocked, Forbidden, NotFound, Stale
from xtbang.models import Mail, Organisation, Person, Role
from xtbang.rules.actor import Actor
from xtbang.rules.reasons import Reason
from xtbang.rules.uscc import compact
from xtbang.web.account.forms import IDENTITY, keep_organisation
from xtbang.web.account.passwords import first_password, hashed
from xtbang.web.admin.deeds import mail_to, writing
from xtbang.web.frame.shell import engine

TAKEN_USCC = "这个统一社会信用代码已经注册。请联系本单位的系统管理员为您添加账号；如从未注册，请联系市科技局。"
TAKEN_EMAIL = "这个电子邮箱不能使用，请换一个。"


def register(
    session: Session, organisation: dict[str, Any], first: dict[str, Any], password: str, address: str
) -> None:
    """A new organisation with its first person, who manages it. Blocked when the code is registered already.

    When the e-mail belongs to an account nothing is made and its owner is told: whoever registers learns nothing.
    """
    kept = hashed(password)
    with writing(session):
        uscc = compact(organisation["uscc"])
        if session.scalars(select(Organisation.id).where(Organisation.uscc == uscc)).first():
            raise Blocked([Reason("register.uscc", TAKEN_USCC, field="uscc")])
        if owner := _owner(session, first["email"]):
            session.add(_already_yours(owner, organisation["name"]))
            return
        row = Organisation(status="pending", created_at=engine().clock())
        keep_organisation(row, organisation | {"uscc": uscc})
        session.add(row)
        session.flush()
        person = add_person(session, first, row.id, kept, manager=True)
        who = Actor(person.id, person.name, frozenset(), row.id, row.name, None, address)
        _to_be_confirmed(session, row, who)


def _owner(session: Session, email: str) -> Person | None:
    return session.scalars(select(Person).where(Person.email == email.lower())).first()


def _already_yours(owner: Person, name: str) -> Mail:
    body = (
        f"有人用这个电子邮箱为“{name}”申请注册。您已有账号，因此没有建立新的账号和单位。\n"
        "如果是您本人办理，请直接登录；要为另一单位注册，请换一个电子邮箱。如果不是您本人，不必理会。"
    )
    return mail_to(owner, "您的电子邮箱已有账号", body, f"{engine().site.url}/login", engine().clock())


def _to_be_confirmed(session: Session, row: Organisation, who: Actor) -> None:
    """The event, and a mail to every officer who may confirm."""
    now = engine().clock()
    append(session, f"organisation:{row.id}", who, trigger="register", now=now, role="applicant")
    link = f"{engine().site.url}/admin/organisations/{row.id}"
    body = f"{row.name}（{row.uscc}）申请注册，请核对后确认。"
    officers = select(Person).join(Person.roles).where(Role.name == "science", Person.active.is_(True))
    session.add_all(
        mail_to(officer, f"请确认单位：{row.name}", body, link, now) for officer in session.scalars(officers)
    )


def add_person(session: Session, values: dict[str, Any], organisation_id: int, kept: str, *, manager: bool) -> Person:
    """Someone of an organisation, who may sign in at once; only the first, its manager, has chosen the password."""
    role = session.scalars(select(Role).where(Role.name == RoleName.APPLICANT.value)).first()
    now = engine().clock()
    person = Person(
        email=values["email"].lower(),
        name=values["person_name"],
        title=values["title"],
        mobile=values["mobile"],
        password=kept,
        password_given=not manager,
        active=True,
        created_at=now,
        confirmed_at=now,
        fs_uniquifier=secrets.token_hex(16),
        organisation_id=organisation_id,
        manager=manager,
        roles=[role or Role(name=RoleName.APPLICANT.value)],
    )
    session.add(person)
    session.flush()
    return person


def keep_profile(session: Session, who: Actor, values: dict[str, Any], password: str) -> Person:
    """One's own name, title and mobile; a new password ends every session that was begun with the old one."""
    kept = hashed(password) if password else ""
    with writing(session):
        person = session.get_one(Person, who.person_id)
        person.name, person.title, person.mobile = values["person_name"], values["title"], values["mobile"]
        if kept:
            _replace_password(person, kept, given=False)
        _edited(session, who, person, {"password": True} if kept else {})
    return person


def keep_password(session: Session, who: Actor, password: str) -> Person:
    """One's own password in place of the one that was handed out."""
    kept = hashed(password)
    with writing(session):
        person = session.get_one(Person, who.person_id)
        _replace_password(person, kept, given=False)
        _edited(session, who, person, {"password": True})
    return person


def _replace_password(person: Person, kept: str, *, given: bool) -> None:
    person.password, person.password_given, person.fs_uniquifier = kept, given, secrets.token_hex(16)


def _edited(session: Session, who: Actor, person: Person, data: dict[str, Any]) -> None:
    append(session, f"person:{person.id}", who, trigger="edit_person", now=engine().clock(), data=data)


def edit_organisation(session: Session, who: Actor, seen: int, values: dict[str, Any]) -> str:
    """The profile; one that was refused waits for confirmation again. Raises Stale; answers the new status."""
    with writing(session):
        _manager, row = _managed(session, who)
        if row.version != seen:
            raise Stale([], row.version)
        if row.status == "confirmed":
            values = {key: value for key, value in values.items() if key not in {field.key for field in IDENTITY}}
        keep_organisation(row, values)
        row.version += 1
        now = engine().clock()
        append(session, f"organisation:{row.id}", who, trigger="edit_organisation", now=now, data=values)
        if row.status == "refused":
            row.status, row.refusal = "pending", ""
            _to_be_confirmed(session, row, who)
        return row.status


def correct_identity(session: Session, who: Actor, organisation_id: int, seen: int, values: dict[str, Any]) -> None:
    """An officer corrects what the rules depend on: name, kind, region. Raises NotFound, Stale."""
    with writing(session):
        row = session.get(Organisation, organisation_id, with_for_update=True)
        if row is None:
            raise NotFound(f"organisation {organisation_id}")
        if row.version != seen:
            raise Stale([], row.version)
        keep_organisation(row, values)
        row.version += 1
        stream = f"organisation:{row.id}"
        now = engine().clock()
        append(session, stream, who, trigger="edit_organisation", now=now, role="science", data=values)


def add_colleague(session: Session, who: Actor, values: dict[str, Any]) -> str:
    """An account for a colleague; answers its initial password. Blocked when the e-mail is taken."""
    password = first_password()
    kept = hashed(password)
    with writing(session):
        manager, _row = _managed(session, who)
        if _owner(session, values["email"]):
            raise Blocked([Reason("colleague.email", TAKEN_EMAIL, field="email")])
        person = add_person(session, values, int(who.organisation_id or 0), kept, manager=False)
        now, url = engine().clock(), engine().site.url
        append(session, f"person:{person.id}", who, trigger="add_person", now=now, role="applicant")
        body = (
            f"{manager.name}为您在{who.organisation_name}名下建立了账号，登录名是 {person.email}。"
            "初始密码由其当面或电话告知，首次登录时请换成自己的密码。"
        )
        session.add(mail_to(person, "您的账号已建立，请登录并设置自己的密码", body, f"{url}/login", now))
    return password


def switch_colleague(session: Session, who: Actor, person_id: int, deed: str) -> Person:
    """``active``: let a colleague in or keep them out, ending their sessions; ``manager``: share or take back the office.

    NotFound for anyone but a colleague, Forbidden for oneself: there is always a manager.
    """
    with writing(session):
        _managed(session, who)
        person = _colleague(session, who, person_id, "不能停用自己，也不能取消自己的管理员身份；请由另一名管理员办理。")
        if deed == "active":
            person.active, person.fs_uniquifier = not person.active, secrets.token_hex(16)
        else:
            person.manager = not person.manager
        _edited(session, who, person, {"active": person.active, "manager": person.manager})
    return person


def reset_password(session: Session, who: Actor, person_id: int) -> tuple[Person, str]:
    """A new initial password for a colleague who has forgotten it; sessions end, the colleague is told. As above."""
    password = first_password()
    kept = hashed(password)
    with writing(session):
        manager, _row = _managed(session, who)
        person = _colleague(session, who, person_id, "自己的密码在“个人资料”中修改。")
        _replace_password(person, kept, given=True)
        body = f"{manager.name}重设了您的密码，新密码由其当面或电话告知，登录时请换成自己的密码。如非您本人要求，请联系市科技局。"
        now, url = engine().clock(), engine().site.url
        session.add(mail_to(person, "密码已重设，请登录并设置自己的密码", body, f"{url}/login", now))
        _edited(session, who, person, {"password": True})
    return person, password


def colleagues_of(organisation_id: int) -> Select[Person]:
    """Whom an organisation's manager looks after: its applicants who are nothing else.

    Experts and officers name an organisation too, as their employer; their accounts are the administrator's.
    """
    query = select(Person).where(Person.organisation_id == organisation_id, Person.roles.any())
    return query.where(~Person.roles.any(Role.name != RoleName.APPLICANT.value))


def _colleague(session: Session, who: Actor, person_id: int, refusal: str) -> Person:
    own = colleagues_of(who.organisation_id or 0).where(Person.id == person_id)
    person = session.scalars(own).first()
    if person is None:
        raise NotFound(f"person {person_id}")
    if person.id == who.person_id:
        raise Forbidden(refusal)
    return person


def _managed(session: Session, who: Actor) -> tuple[Person, Organisation]:
    """The acting manager and the organisation, locked: one deed after the other. Forbidden for everyone else."""
    row = session.get(Organisation, who.organisation_id, with_for_update=True) if who.organisation_id else None
    person = session.get_one(Person, who.person_id, populate_existing=True)
    if row is None or not person.manager or not person.active or RoleName.APPLICANT.value not in person.role_names:
        raise Forbidden("这件事由本单位的管理员办理。")
    return person, row
