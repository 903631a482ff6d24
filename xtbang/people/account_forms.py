"""Forms for accounts: the organisation and the person."""

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Any

from xtbang.enums import ORG_KINDS
from xtbang.models import Organisation, Person
from xtbang.rules.city import City
from xtbang.rules.fields import Field, FieldKind, FormDefinition, Section, named, one_section
from xtbang.rules.money import wan, yuan_from_wan

MONEY = ("revenue", "profit_tax", "rd_spend")
WHOLE = ("staff", "rd_staff")
MOST_PEOPLE = Decimal(9_999_999)

_IDENTITY = (
    Field("name", "单位名称", FieldKind.TEXT, limit=60),
    Field("uscc", "统一社会信用代码", FieldKind.USCC, hint="18 位，与营业执照或登记证书一致"),
    Field("kind", "单位类别", FieldKind.CHOICE, choices=named(ORG_KINDS)),
    Field("region", "登记所在县市区（园区）", FieldKind.CHOICE),
)
DETAILS = (
    Field("address", "单位地址", FieldKind.TEXT, limit=80),
    Field("postcode", "邮编", FieldKind.POSTCODE),
    Field("legal_name", "法定代表人姓名", FieldKind.TEXT, limit=30),
    Field("legal_phone", "法定代表人电话", FieldKind.PHONE),
)
BANK = (
    Field("bank_name", "开户行", FieldKind.TEXT, required=False, limit=60),
    Field("bank_account", "账号", FieldKind.TEXT, required=False, limit=40),
)
FIGURES = (
    Field("staff", "职工总数", FieldKind.WHOLE, required=False, unit="人", maximum=MOST_PEOPLE),
    Field("rd_staff", "研究开发人员数", FieldKind.WHOLE, required=False, unit="人", maximum=MOST_PEOPLE),
    Field("revenue", "销售收入总额", FieldKind.MONEY, required=False, unit="万元", hint="上一年度"),
    Field("profit_tax", "利税总额", FieldKind.MONEY, required=False, unit="万元", minimum=Decimal(-99999999)),
    Field("rd_spend", "年研发经费", FieldKind.MONEY, required=False, unit="万元"),
    *BANK,
)
PERSON = (
    Field("person_name", "姓名", FieldKind.TEXT, limit=30),
    Field("title", "职务", FieldKind.TEXT, required=False, limit=30),
    Field("mobile", "手机号码", FieldKind.MOBILE),
    Field("email", "电子邮箱（登录账号）", FieldKind.EMAIL),
)

PLACE, FIGURES_PART = Section("地址与法定代表人", DETAILS), Section("经营与账户", FIGURES)
CONFIRMED = FormDefinition("organisation", "单位资料", sections=(PLACE, FIGURES_PART))
COLLEAGUE = one_section("colleague", "添加同事", PERSON)
RECEIVING = (
    Field("name", "户名", FieldKind.TEXT, limit=60),
    *(replace(field, required=True) for field in BANK),
    Field("since", "启用日期", FieldKind.DATE, hint="自这一天起出具的追缴通知书印这个账户，此前出具的不变"),
)
RECEIVING_FORM = one_section("receiving", "收款账户", RECEIVING)
EMAIL = one_section("email", "登录邮箱", (Field("email", "电子邮箱", FieldKind.EMAIL),))
PROFILE = one_section("profile", "个人资料", PERSON[:3])


def register_form(city: City) -> FormDefinition:
    """Return the form by which an organisation and its first person register."""
    unit, person = Section("单位", identity(city) + DETAILS), Section("首位人员（单位管理员）", PERSON)
    return FormDefinition("register", "注册单位", sections=(unit, person))


def unconfirmed_form(city: City) -> FormDefinition:
    """Return the profile of an organisation that waits for its confirmation."""
    registered = Section("登记事项", _correctable(city))
    return FormDefinition("organisation", "单位资料", sections=(registered, PLACE, FIGURES_PART))


def identity(city: City) -> tuple[Field, ...]:
    """Return what identifies an organisation, with the places of the city to choose from."""
    *others, region = _IDENTITY
    return *others, replace(region, choices=named(city.places))


def _correctable(city: City) -> tuple[Field, ...]:
    return tuple(field for field in identity(city) if field.key != "uscc")


def organisation_values(row: Organisation) -> dict[str, Any]:
    """Return the values of an organisation as its form shows them: money in 万元."""
    values = {field.key: getattr(row, field.key) for field in (*_IDENTITY, *DETAILS, *FIGURES)}
    return values | {key: wan(values[key]) if values[key] is not None else "" for key in MONEY}


def keep_organisation(row: Organisation, values: Mapping[str, Any]) -> None:
    """Write checked values into the row."""
    for key, value in values.items():
        if key in MONEY:
            value = yuan_from_wan(value) if value else None
        elif key in WHOLE:
            value = None if value == "" else int(value)
        setattr(row, key, value)


def person_values(row: Person) -> dict[str, Any]:
    """Return the values of a person as the form shows them."""
    return {"person_name": row.name, "title": row.title, "mobile": row.mobile, "email": row.email}
