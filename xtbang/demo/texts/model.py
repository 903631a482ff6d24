"""Values that the demo texts are made of: organisations, people, topics. Plain and frozen, no database."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Protocol

from xtbang.rules import uscc
from xtbang.rules.money import wan

ENTRY_KINDS = ("tech_demand", "tech_supply", "scene_demand", "scene_supply")
DEMANDS = ("tech_demand", "scene_demand")
RESEARCH = ("高校", "科研院所", "新型研发机构")

_TYPES_2021 = {
    "卡脖子": "“卡脖子”技术",
    "填补空白": "填补国内空白技术",
    "自主可控": "自主可控技术",
    "前沿颠覆": "前沿颠覆性技术",
}
_TYPES_2024 = {
    **_TYPES_2021,
    "卡脖子": "卡脖子技术",
    "行业共性": "行业共性技术",
    "其他类型": "其他",
}
_FORM_KIND = {"事业单位": "科研院所", "科技服务机构": "企业", "创新平台": "新型研发机构"}
_WE = {"企业": "我公司", "高校": "我校", "科研院所": "我院", "新型研发机构": "我院", "创新平台": "本平台"}


class Profile(Protocol):
    """The attributes of an organisation that the texts use: an `Org`, or the row in the database."""

    @property
    def name(self) -> str:
        """Return the full name."""

    @property
    def kind(self) -> str:
        """Return the kind of organisation (单位类别)."""

    @property
    def region(self) -> str:
        """Return the county or park (所属县市区)."""

    @property
    def uscc(self) -> str:
        """Return the credit code (统一社会信用代码)."""


@dataclass(frozen=True)
class Org:
    """A fictional organisation; money in 万元 as strings."""

    slug: str
    name: str
    kind: str  # 企业 高校 科研院所 新型研发机构 事业单位 科技服务机构 创新平台
    region: str
    tags: tuple[str, ...]
    uscc_body: str  # 17 characters
    address: str
    postcode: str
    legal_name: str
    legal_phone: str
    staff: int
    rd_staff: int
    revenue: str
    profit_tax: str
    rd_spend: str
    bank_name: str
    bank_account: str

    @property
    def uscc(self) -> str:
        """Return the credit code (统一社会信用代码) with its check digit."""
        return uscc.make(self.uscc_body)


@dataclass(frozen=True)
class Person:
    """A fictional person of one organisation."""

    name: str
    title: str
    mobile: str  # 154…: a range that no operator uses
    email: str  # under example.com or example.org
    organisation: str

    def __str__(self) -> str:
        return self.name


@dataclass(frozen=True)
class Expert:
    """A fictional expert for the pool; `kind` is technical, financial or legal."""

    person: Person
    kind: str
    domains: tuple[str, ...]  # labels of 2021


@dataclass(frozen=True)
class Indicator:
    """One indicator (考核指标); `today` is "—" when there is no level yet."""

    name: str
    unit: str
    today: str
    target: str
    proof: str

    @property
    def goal(self) -> str:
        """Return the target with its unit."""
        return with_unit(self.target, self.unit)

    @property
    def level(self) -> str:
        """Return the present level with its unit, "" when there is none."""
        return "" if self.today == "—" else with_unit(self.today, self.unit)

    def row(self) -> dict[str, str]:
        """Return a row of the indicator table."""
        return {
            "name": self.name,
            "unit": "" if self.unit == "—" else self.unit,
            "today": self.today,
            "target": self.target,
            "proof": self.proof,
        }


@dataclass(frozen=True)
class Task:
    """One part of the work: the problem and its possible solution."""

    name: str
    need: str
    method: str


@dataclass(frozen=True)
class Topic:
    """The subject of one entry, from which every text about it is written."""

    id: str
    kind: str
    title: str
    object: str
    industry: str
    issuer: str  # slug of the organisation that would post it
    tags: tuple[str, ...]
    domain_2021: str
    domain_2024: str
    sites: tuple[str, ...]
    tasks: tuple[Task, ...]
    indicators: tuple[Indicator, ...]
    data: dict[str, Any]  # lists of sentences by field, level, types, modes, total, hand

    def types(self, edition: str) -> list[str]:
        """Return the technology types (技术类型) as labels of that edition."""
        labels = _TYPES_2021 if edition == "2021" else _TYPES_2024
        found = [labels[key] for key in self.data.get("types", ()) if key in labels]
        return found or ["自主可控技术"]


def form_kind(kind: str) -> str:
    """Return the kind of organisation (单位类别) in the supply forms, which have only four."""
    return _FORM_KIND.get(kind, kind)


def we(kind: str) -> str:
    """Return how an organisation of that kind refers to itself."""
    return _WE.get(kind, "我单位")


def in_wan(value: Decimal | str | None) -> str:
    """Return an amount as a form stores it, in 万元 to whole 元; "0" for nothing.

    `value` is a text in 万元 or a Decimal in yuan.
    """
    return value if isinstance(value, str) else wan((value or Decimal(0)).quantize(Decimal(1)))


def with_unit(value: str, unit: str) -> str:
    """Return a value with its unit; units that mean “none” are left out."""
    known = unit in ("", "—") or value in ("不得检出",) or "dB(A)" in value
    return value if known else f"{value}{unit}"
