"""The form for a person with an account: identity, roles, and the fields that these roles need."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from xtbang.enums import BUREAU_ROLES, EXPERT_KINDS, RoleName
from xtbang.models import Organisation, Person
from xtbang.models.person import ACTING, NO_CODE
from xtbang.people.accounts import normal_email
from xtbang.rules.fields import Field, FieldKind, FormDefinition, Section, choices, named
from xtbang.rules.policy import Policy
from xtbang.rules.reasons import Reason
from xtbang.rules.uscc import compact, sentence

ALONE = frozenset({"admin", "auditor"})  # roles that decide nothing and combine with no other
OF_ORGANISATION = set(ACTING)


def domains(policy: Policy) -> tuple[str, ...]:
    """Return every domain (所属领域) in the forms of all editions."""
    forms = [form for edition in policy.editions.values() for form in edition.forms.values()]
    fields = [field for form in forms for field in form.fields if field.key == "domain"]
    return tuple(dict.fromkeys(choice.label for field in fields for choice in field.choices))


def person_form(policy: Policy) -> FormDefinition:
    """Return the form of a person."""
    who = (
        Field("name", "姓名", FieldKind.TEXT, limit=30),
        Field("title", "职务", FieldKind.TEXT, required=False, limit=30),
        Field("email", "电子邮箱", FieldKind.EMAIL, hint="登录账号，也用于接收通知"),
        Field("mobile", "手机号码", FieldKind.MOBILE, required=False),
    )
    roles = choices({role: policy.city.role_labels[role] for role in known_roles(policy)})
    hint = "可以兼任；系统管理员和纪检审计不办理项目，不能兼任其他角色。"
    what = (Field("roles", "角色", FieldKind.CHOICES, choices=roles, hint=hint),)
    code = "统一社会信用代码。申报单位、第三方专业机构人员填所代表的单位；只是评审专家的，填已在本系统注册的工作单位，据此回避"
    employed = "评审专家的工作单位没有注册，或者不是上面所代表的单位时，写单位全称；印入评分汇总表，并据此回避"
    regions = named(policy.city.region_names)
    beside = (
        Field("uscc", "所在单位", FieldKind.USCC, required=False, hint=code),
        Field("manager", "单位管理员", FieldKind.FLAG, required=False, hint="可以为本单位添加、停用同事"),
        Field("region", "所属县市区（园区）", FieldKind.CHOICE, required=False, choices=regions, hint="县市区（园区）人员必选，其他角色不用选"),
        Field("employer", "工作单位", FieldKind.TEXT, required=False, limit=60, hint=employed),
        Field("employer_uscc", "工作单位税号", FieldKind.TEXT, required=False, limit=18, hint="评审专家写了工作单位的必填：统一社会信用代码；没有的写“无”"),
        Field("expert_kind", "专家类别", FieldKind.CHOICE, required=False, choices=named(EXPERT_KINDS), hint="评审专家必选"),
        Field("expert_domains", "专业领域", FieldKind.CHOICES, required=False, choices=named(domains(policy)), hint="技术专家至少选一项，抽取专家时优先同领域"),
    )  # fmt: skip
    sections = (Section("人员", who), Section("角色", what), Section("随角色填写", beside))
    return FormDefinition("person", "人员", sections=sections)


def known_roles(policy: Policy) -> tuple[str, ...]:
    """Return the roles that people of this city can have."""
    return tuple(role.value for role in RoleName if role in policy.city.roles or role not in BUREAU_ROLES)


def written(person: Person) -> dict[str, Any]:
    """Return the row as values of the form."""
    roles, known = person.role_names, [role.value for role in RoleName]
    return {
        "name": person.name,
        "title": person.title,
        "email": person.email,
        "mobile": person.mobile,
        "roles": [role for role in known if role in roles],
        "uscc": person.organisation.uscc if person.organisation else "",
        "manager": person.manager,
        "region": person.region or "",
        "employer": person.employer,
        "employer_uscc": person.employer_uscc,
        "expert_kind": person.expert_kind or "",
        "expert_domains": list(person.expert_domains),
    }


def reasons(session: Session, values: Mapping[str, Any], person_id: int | None) -> list[Reason]:
    """Return every reason against these values, beyond the checks of single fields."""
    roles, found = set(values["roles"]), []
    if roles & ALONE and len(roles) > 1:
        text = "系统管理员和纪检审计不办理项目，不能与其他角色兼任。"
        found.append(Reason("person.alone", text, field="roles"))
    if "county" in roles and not values["region"]:
        found.append(Reason("person.region", "县市区（园区）人员须选择所属县市区（园区）。", field="region"))
    if "expert" in roles and not values["expert_kind"]:
        found.append(Reason("person.kind", "评审专家须选择专家类别。", field="expert_kind"))
    if "expert" in roles and not values["employer"] and not values["uscc"]:
        text = "评审专家须填写工作单位：评分汇总表要写明，抽取专家时也据此回避。"
        found.append(Reason("person.employer", text, field="employer"))
    if "expert" in roles and values["employer"]:
        found += _about_the_code(values["employer_uscc"])
    if "expert" in roles and values["expert_kind"] == "技术" and not values["expert_domains"]:
        found.append(Reason("person.domains", "技术专家须至少选择一个专业领域。", field="expert_domains"))
    email = normal_email(values["email"])
    taken = select(Person.id).where(func.lower(Person.email) == email, Person.id != (person_id or 0))
    if session.scalars(taken).first():
        found.append(Reason("person.email", "这个电子邮箱已有账号，请换一个，或查找并修改原有账号。", field="email"))
    return found + _about_organisation(session, values, roles)


def _about_the_code(written: str) -> list[Reason]:
    if not written:
        text = "请填写工作单位税号（统一社会信用代码），没有的写“无”；抽取专家时据此回避。"
        return [Reason("person.employer_uscc", text, field="employer_uscc")]
    if written != NO_CODE and (wrong := sentence(written, "“工作单位税号”")):
        return [Reason("person.employer_uscc", f"{wrong}没有税号的写“无”。", field="employer_uscc")]
    return []


def _about_organisation(session: Session, values: Mapping[str, Any], roles: set[str]) -> list[Reason]:
    row = organisation_of(session, values["uscc"])
    if not values["uscc"]:
        missing = bool(roles & OF_ORGANISATION)
        text = "申报单位和第三方专业机构的人员须填写所在单位的统一社会信用代码。"
        return [Reason("person.organisation", text, field="uscc")] if missing else []
    if row is None:
        text = "这个统一社会信用代码还没有注册，请先由该单位注册并经确认。"
        return [Reason("person.organisation", text, field="uscc")]
    if row.status != "confirmed" and roles - {"applicant"}:
        text = f"{row.name}还没有确认；所在单位确认之前，账号不能办理事项。"
        return [Reason("person.organisation", text, field="uscc")]
    return []


def organisation_of(session: Session, uscc: str) -> Organisation | None:
    """Return the organisation with that code, or None."""
    return session.scalars(select(Organisation).where(Organisation.uscc == uscc)).first() if uscc else None


def fill(session: Session, person: Person, values: Mapping[str, Any]) -> None:
    """Write the values into the row; drop those that do not belong to its roles."""
    roles = values["roles"]
    organisation = organisation_of(session, values["uscc"])
    expert = "expert" in roles
    person.name, person.title, person.mobile = values["name"], values["title"], values["mobile"]
    person.email = normal_email(values["email"])
    person.organisation = organisation
    person.organisation_id = organisation.id if organisation else None
    person.manager = bool(values["manager"]) and organisation is not None and "applicant" in roles
    person.region = values["region"] if "county" in roles else None
    acts = organisation is not None and not set(roles).isdisjoint(ACTING)
    employed_elsewhere = expert and (organisation is None or acts)
    person.employer = values["employer"] if employed_elsewhere else ""
    person.employer_uscc = compact(values["employer_uscc"]) if employed_elsewhere else ""
    person.expert_kind = values["expert_kind"] if expert else None
    person.expert_domains = list(values["expert_domains"]) if expert and values["expert_kind"] == "技术" else []
