"""Deputies (代办) of officers who are away, and the hand-over (交接) of what a person had who has left.

Each command is one transaction with its event. Who approves and who pays stay different people.
"""

from collections.abc import Iterator, Mapping
from datetime import date
from itertools import count
from typing import Any

from sqlalchemy import select

from xtbang.actions import audit
from xtbang.actions.notify import notify, to_people
from xtbang.enums import BUREAU_ROLES, PAYING_ROLES, RoleName
from xtbang.errors import Blocked, Forbidden, NotFound
from xtbang.models import Assignment, Deputy, Person, Role, SavedView
from xtbang.models.writing import writing
from xtbang.people.accounts import LOG, account_with, locked_person, new_sessions
from xtbang.people.list_settings import VIEW_NAME
from xtbang.queries.caller import Caller
from xtbang.rules.fields import Field, FieldKind, FormDefinition, choices, one_section
from xtbang.rules.policy import Policy
from xtbang.rules.reasons import Reason
from xtbang.rules.term import in_chinese

APPROVING_ROLES = frozenset({*BUREAU_ROLES, "leader"})
OFFICE_ROLES = APPROVING_ROLES | PAYING_ROLES
OWNER = 12  # characters of a person's name in the name of a view


def deputy_form(policy: Policy, person: Person) -> FormDefinition:
    """Return the form by which a deputy is appointed for a person who is away."""
    own = {role: policy.city.role_labels[role] for role in sorted(person.role_names & OFFICE_ROLES)}
    fields = (
        Field("email", "代办人的电子邮箱", FieldKind.EMAIL, hint="已开通账号的经办人"),
        Field(
            "roles",
            "代办事项",
            FieldKind.CHOICES,
            choices=choices(own),
            hint="代办人以这些角色办理，记录中写明代办人本人",
        ),
        Field("starts_on", "起始日期", FieldKind.DATE),
        Field("ends_on", "截止日期", FieldKind.DATE, hint="含当日；提前返岗的可以提前结束"),
        Field("reason", "原因", FieldKind.TEXT, limit=60, hint="例如：出差、休假"),
    )
    return one_section("deputy", "指定代办", fields)


def hand_over_form() -> FormDefinition:
    """Return the form by which everything of a person who has left is handed over."""
    fields = (
        Field("email", "接手人的电子邮箱", FieldKind.EMAIL, hint="已开通账号的人员"),
        Field("reason", "原因", FieldKind.TEXT, limit=60, hint="例如：调离、退休"),
    )
    return one_section("hand_over", "离岗交接", fields)


def appoint_deputy(caller: Caller, person_id: int, values: Mapping[str, Any]) -> Deputy:
    """Add a deputy for oneself, or as administrator for any other person. Raise Forbidden, NotFound, Blocked."""
    session = caller.session
    with writing(session):
        person = _of(caller, person_id)
        deputy, against = _other(caller, person, values["email"], set(values["roles"]))
        starts, ends = date.fromisoformat(values["starts_on"]), date.fromisoformat(values["ends_on"])
        if ends < starts or ends < caller.today:
            against.append(Reason("deputy.days", "截止日期不能早于起始日期，也不能早于今天。", field="ends_on"))
        against += _appointed_already(caller, person, deputy, set(values["roles"]), starts, ends)
        if not set(values["roles"]) <= person.role_names:
            against.append(Reason("deputy.roles", "只能交由他人代办本人的角色。", field="roles"))
        if against or deputy is None:
            raise Blocked(against)
        row = Deputy(
            person_id=person.id,
            deputy_id=deputy.id,
            roles=list(values["roles"]),
            starts_on=starts,
            ends_on=ends,
            reason=values["reason"],
            created_at=caller.now,
            created_by_id=caller.actor.person_id,
        )
        session.add(row)
        session.flush()
        labels = [caller.policy.city.role_labels[role] for role in row.roles]
        notify(
            caller,
            "appoint_deputy",
            to_people([deputy, person]),
            link="/desk",
            name=person.name,
            deputy=deputy.name,
            roles=labels,
            starts_on=starts,
            ends_on=ends,
        )
        _record(caller, person, "appoint_deputy", values["reason"], {"deputy": deputy.name, **_days(row)})
    return row


def end_deputy(caller: Caller, deputy_id: int) -> Deputy:
    """End a deputising before its last day. Raise Forbidden and NotFound."""
    with writing(caller.session):
        row = caller.session.get(Deputy, deputy_id, with_for_update={"of": Deputy})
        if row is None:
            raise NotFound(f"deputy {deputy_id}")
        person = _of(caller, row.person_id)
        if row.ended_at is None:
            row.ended_at = caller.now
            _record(caller, person, "end_deputy", "", {"deputy": row.deputy.name})
    return row


def hand_over(caller: Caller, person_id: int, values: Mapping[str, Any]) -> Person:
    """Grant another person the roles and rights of one who has left, and switch that account off.

    Raise Forbidden, NotFound, Blocked.
    """
    session = caller.session
    with writing(session):
        if "admin" not in caller.actor.roles:
            raise Forbidden("离岗交接由系统管理员办理。")
        session.scalars(select(Role).where(Role.name == RoleName.ADMIN.value).with_for_update()).first()
        person = locked_person(session, person_id)
        given = set(person.role_names)
        other, against = _other(caller, person, values["email"], given)
        against += _not_handed_over(person, other)
        if against or other is None:
            raise Blocked(against)
        missing = given - other.role_names
        other.roles = [*other.roles, *(role for role in person.roles if role.name in missing)]
        if "county" in missing:
            other.region = person.region
        other.manager = other.manager or (person.manager and other.organisation_id == person.organisation_id)
        _hand_over_deputising(caller, person, other)
        assigned = session.scalars(select(Assignment).where(Assignment.person_id == person.id)).all()
        for assignment in assigned:
            assignment.person_id, assignment.at = other.id, caller.now
        _hand_over_views(caller, person, other)
        person.active, person.manager, person.fs_uniquifier = False, False, new_sessions()
        session.flush()
        data = {"name": person.name, "successor": other.name, "roles": sorted(given), "active": False}
        data |= {"projects": sorted(assignment.project_id for assignment in assigned)}
        _record(caller, person, "hand_over", values["reason"], data)
        _record(caller, other, "take_over", values["reason"], {"roles": sorted(other.role_names)})
        labels = [caller.policy.city.role_labels[role] for role in sorted(given)]
        notify(
            caller,
            "take_over",
            to_people([other]),
            link="/desk",
            name=person.name,
            roles=labels,
            assigned=len(assigned),
        )
    return other


def _hand_over_deputising(caller: Caller, person: Person, other: Person) -> None:
    """Let the other one deputise for whom the person deputised; end what was done for the person, and for the other one."""
    both = (Deputy.deputy_id == person.id) | (Deputy.person_id == person.id)
    for row in caller.session.scalars(select(Deputy).where(both, Deputy.ended_at.is_(None))):
        if row.person_id in (person.id, other.id):
            row.ended_at = caller.now
        else:
            row.deputy_id = other.id


def _hand_over_views(caller: Caller, person: Person, other: Person) -> None:
    """Let the other one have the saved views of lists that the person had; one whose name is taken there gets another."""
    session = caller.session
    names = {
        (view.page, view.name) for view in session.scalars(select(SavedView).where(SavedView.person_id == other.id))
    }
    for view in session.scalars(select(SavedView).where(SavedView.person_id == person.id).order_by(SavedView.id)).all():
        free = (name for name in _names(view.name, person.name) if (view.page, name) not in names)
        view.name, view.person_id = next(free), other.id
        names.add((view.page, view.name))


def _names(name: str, owner: str) -> Iterator[str]:
    """Yield the name of a view, then others of at most `VIEW_NAME` characters: with its owner, and with a number."""
    yield name
    for number in count(1):
        ending = f"（{owner[:OWNER]}{number if number > 1 else ''}）"
        yield name[: VIEW_NAME - len(ending)] + ending


def deputies_of(caller: Caller, person_id: int) -> list[Deputy]:
    """Return who deputises for a person, and for whom that person deputises, the newest first."""
    both = (Deputy.person_id == person_id) | (Deputy.deputy_id == person_id)
    return list(caller.session.scalars(select(Deputy).where(both).order_by(Deputy.id.desc()).limit(20)))


def _of(caller: Caller, person_id: int) -> Person:
    """Return the person who is away: oneself, or anybody for the administrator."""
    if person_id != caller.actor.person_id and "admin" not in caller.actor.roles:
        raise Forbidden("代办由本人或者系统管理员指定。")
    return locked_person(caller.session, person_id)


def _other(caller: Caller, person: Person, email: str, roles: set[str]) -> tuple[Person | None, list[Reason]]:
    """Return the person with that address, and every reason against their acting in these roles of another one."""
    other = account_with(caller.session, email)
    if other is None or not other.active:
        return None, [Reason("deputy.account", "这个电子邮箱没有启用的账号。", field="email")]
    return other, list(_against(person, other, roles))


def _appointed_already(
    caller: Caller, person: Person, other: Person | None, roles: set[str], starts: date, ends: date
) -> Iterator[Reason]:
    """Yield a reason when the same person deputises in one of these roles on one of these days already."""
    if other is None:
        return
    query = select(Deputy).where(Deputy.person_id == person.id, Deputy.deputy_id == other.id, Deputy.ended_at.is_(None))
    for row in caller.session.scalars(query.where(Deputy.starts_on <= ends, Deputy.ends_on >= starts)):
        if roles & set(row.roles):
            days = f"{in_chinese(row.starts_on)}至{in_chinese(row.ends_on)}"
            text = f"{other.name}{days}已经代办。日期不同的，请先结束原来的代办，再重新指定。"
            yield Reason("deputy.twice", text, field="starts_on")


def _against(person: Person, other: Person, roles: set[str]) -> Iterator[Reason]:
    if other.id == person.id:
        yield Reason("deputy.self", "不能由本人接手。", field="email")
    alone = {"admin", "auditor"}
    if (roles | other.role_names) & alone and (roles | other.role_names) - alone:
        yield Reason("deputy.alone", "系统管理员和纪检审计不办理项目，不能与其他角色兼任。", field="email")
    together = (roles | other.role_names) & OFFICE_ROLES
    if together & APPROVING_ROLES and together & PAYING_ROLES and not roles <= other.role_names:
        yield Reason("deputy.apart", "审批和拨付须由不同的人办理，不能由同一人兼代。", field="email")
    if roles & OFFICE_ROLES and not other.role_names & (OFFICE_ROLES | alone):
        yield Reason("deputy.office", "部门的角色只能交给部门的经办人。", field="email")
    if "county" in roles and other.region not in (None, person.region):
        yield Reason("deputy.region", f"此人属于{other.region}，不能接手{person.region}的事项。", field="email")


def _not_handed_over(person: Person, other: Person | None) -> Iterator[Reason]:
    """Yield reasons against a hand-over of what belongs to one person or organisation alone."""
    if "expert" in person.role_names:
        yield Reason("hand_over.expert", "评审专家的席位属于本人，不能交接；请停用账号，由经办人补抽专家。")
    acting = person.acts_for_organisation
    if acting and other is not None and other.organisation_id != person.organisation_id:
        yield Reason("hand_over.organisation", "接手人须是同一单位的人员。", field="email")


def _days(row: Deputy) -> dict[str, Any]:
    return {"roles": row.roles, "starts_on": row.starts_on.isoformat(), "ends_on": row.ends_on.isoformat()}


def _record(caller: Caller, person: Person, trigger: str, reason: str, data: Mapping[str, Any]) -> None:
    known = {"name": person.name} | dict(data)
    audit.append(caller, f"person:{person.id}", trigger=trigger, reason=reason, data=known)
    LOG.info("%s: person %s by %s, from %s", trigger, person.id, caller.actor.person_id, caller.actor.address)
