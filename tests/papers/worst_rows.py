"""Rows that never see a database, every text at its limit: a consortium of ten members, rare characters in names."""

from collections.abc import Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

from tests.support.words import text
from xtbang.models import (
    Addressee,
    Bid,
    BidMember,
    Call,
    Document,
    DocumentVersion,
    Organisation,
    Panel,
    PartyStatement,
    Person,
    PriorNotice,
    Project,
    Restriction,
    Seat,
    Termination,
)  # fmt: skip
from xtbang.rules.crosschecks import SOURCES, USES
from xtbang.rules.edition import Edition, Sheet
from xtbang.rules.fields import Field, FieldKind, FormDefinition
from xtbang.rules.policy import Policy
from xtbang.rules.uscc import make
from xtbang.workflow.definition import load_policy

ROOT = Path(__file__).parents[2]
MADE = datetime(2026, 11, 23, 2, 5, tzinfo=UTC)
MEMBERS = 10
RARE = "䶮㛃𬭎𫟅𠮷"
BUREAUS = ("湘潭市科学技术局", "湘潭市工业和信息化局")
TOTAL, CITY = Decimal("99_999_900"), Decimal(500_000)
LONGEST = "99999999.99"  # 万元


@cache
def policy() -> Policy:
    return load_policy(ROOT / "workflows")


def editions() -> Mapping[str, Edition]:
    return policy().editions


def edition() -> Edition:
    return editions()["2024"]


# ---------------------------------------------------------------- rows


@cache
def organisation(number: int) -> Organisation:
    """An organisation whose name and address are as long as they may be."""
    return Organisation(
        id=number,
        uscc=make(str(number)),
        name=text(55, start=number) + RARE,
        kind="科技服务机构",
        region="湘潭高新区",
        address=text(120),
        postcode="411100",
        legal_name=RARE * 2,
        legal_phone="0731-58570302-8888",
        bank_name=text(60),
        bank_account="6222 0000 1111 2222 3333 4444 5555",
        created_at=MADE,
    )


def expert(number: int, kind: str) -> Person:
    person = Person(name=f"{RARE}{number}", title="教授级高级工程师", organisation=organisation(40 + number))
    person.expert_kind = kind
    return person


@cache
def project() -> Project:
    """In 验收, everything known."""
    row = Project(
        id=1,
        number="XTJB-2024-01-0001",
        edition="2024",
        kind="tech_demand",
        title=text(55) + RARE,
        domain="高端医疗器械、生物医药、生物制造",
        region="湘潭高新区",
        call=Call(code="2024-01", title="湘潭市2024年度科技创新“揭榜挂帅”项目技术需求征集"),
        issuer=organisation(1),
        total_investment=TOTAL,
        subsidy_city=CITY,
        subsidy_county=CITY,
        contract_amount=Decimal("40_000_000"),
        starts_on=date(2024, 11, 20),
        ends_on=date(2026, 11, 19),
        self_managed=False,
    )
    document = Document(kind="bid", definition="bid", draft={})
    row.agreed_bid = Bid(id=7, project=row, lead=organisation(2), document=document, status="agreed")
    row.agreed_bid.members = [
        BidMember(organisation=organisation(10 + number), organisation_id=10 + number) for number in range(MEMBERS)
    ]
    return row


# ---------------------------------------------------------------- what people filled in


def filled(form: FormDefinition) -> dict[str, Any]:
    """Every field at its limit, every table with all its rows."""
    return {field.key: _value(field) for field in form.fields}


def _value(field: Field, row: int = 0) -> Any:
    if field.kind is FieldKind.ROWS:
        return [{item.key: _value(item, row) for item in field.columns} for row in range(field.max_rows)]
    if field.kind in (FieldKind.TEXT, FieldKind.LONG):
        return text(field.limit or 60, start=row)
    if field.choices:
        labels = [choice.label for choice in field.choices]
        return labels if field.kind is FieldKind.CHOICES else max(labels, key=len)
    return {
        FieldKind.MONEY: LONGEST, FieldKind.PERCENT: "99.99", FieldKind.WHOLE: 30, FieldKind.DATE: "2026-12-31",
        FieldKind.USCC: make("1"), FieldKind.PHONE: "0731-58570302-8888", FieldKind.MOBILE: "13800000009",
        FieldKind.YES: True, FieldKind.FILE: "f" * 64,
    }.get(field.kind, "")  # fmt: skip


def application() -> dict[str, Any]:
    """As filled, its two budgets adding up to the total."""
    amounts = dict.fromkeys((*SOURCES, *USES), "0") | {"src_issuer_own": "5899.99", "src_paid_to_bidder": "4000"}
    amounts |= {"src_city": "50", "src_county": "50", "use_equipment": "9999.99", "total_investment": "9999.99"}
    return filled(edition().documents["application"]) | amounts


def bid() -> dict[str, Any]:
    """As filled, the members those of the project."""
    values = filled(edition().documents["bid"])
    members = [dict(row) for row in values["members"]]
    for row, member in zip(members, project().agreed_bid.members, strict=True):
        row |= {"uscc": member.organisation.uscc, "name": member.organisation.name}
    return values | {"members": members}


def version(values: dict[str, Any]) -> DocumentVersion:
    return DocumentVersion(number=99, data=values, sha256="f" * 64, frozen_at=MADE)


# ---------------------------------------------------------------- decisions


def signed() -> list[dict[str, Any]]:
    return [{"office": office, "name": RARE, "at": "2026-11-23T10:05+08:00"} for office in BUREAUS]


def waivers(*rules: str) -> list[dict[str, Any]]:
    return [
        {"rule": rule, "office": office, "name": RARE, "reason": text(300), "at": "2026-11-23T10:05+08:00"}
        | {"sentence": f"{text(80)}。"}
        for rule in rules
        for office in BUREAUS
    ]


def panel(kind: str, experts: int = 9) -> Panel:
    """A panel whose experts all scored, but for one who declined."""
    sheet = sheet_of(kind)
    row = Panel(kind=kind, concluded_at=MADE, opinion=text(800), favourable=True, result=Decimal("99.99"))
    row.responsible = "both" if kind == "liability" else ""
    for number in range(experts):
        seat = Seat(expert=expert(number, "技术"), kind=("技术", "财务", "法律")[number % 3], status="locked")
        seat.scores, seat.comment, seat.locked_at = {item.key: item.maximum for item in sheet.criteria}, text(500), MADE
        row.seats.append(seat)
    row.seats.append(Seat(expert=expert(experts, "技术"), kind="技术", status="recused"))
    return row


def sheet_of(kind: str) -> Sheet:
    return edition().sheets[kind]


def termination() -> Termination:
    return Termination(
        cause="subjective", reason=text(800), responsible="both", decided_at=MADE, recover_by=date(2027, 1, 22),
        restrict_until=date(2029, 11, 22),
    )  # fmt: skip


def restricted() -> Restriction:
    """A restriction with the longest reason that fits."""
    days = {"starts_on": date(2026, 11, 23), "ends_on": date(2029, 11, 22)}
    return Restriction(id=1, organisation=organisation(1), organisation_id=1, reason=text(800), **days)


def prior_notice() -> PriorNotice:
    """A notice to both parties and every member, each restricted, with the longest statement that fits."""
    organisations = [organisation(number) for number in range(1, 7)]
    day, until = date(2026, 11, 23), date(2026, 11, 30)
    return PriorNotice(
        id=1,
        reason=text(1500),
        evidence=text(800),
        restrict_until=date(2029, 11, 22),
        issued_at=MADE,
        addressees=[
            Addressee(
                organisation=one, organisation_id=one.id, restricted=True, manner="in_person", served_on=day,
                answer_until=until,
            )
            for one in organisations
        ],
    )  # fmt: skip


def statements(notice: PriorNotice) -> list[PartyStatement]:
    """The longest statement of every addressee."""
    return [
        PartyStatement(
            organisation_id=one.organisation_id, kind="stated", text=text(3000), received_on=date(2026, 11, 27)
        )
        for one in notice.addressees[:1]
    ]
