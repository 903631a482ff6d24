"""Parts that the facts of many papers share.

They have the same shape everywhere: an amount is ``money()``, a date an ISO string, an organisation ``organisation()``,
a project ``project()``, the signatures of both bureaus ``signers()``, waivers of 原则上 rules ``waivers()``.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from xtbang.enums import KIND_LABELS, NOTICE_LABELS
from xtbang.models import Countersignature, Notice, Organisation, Panel, Project, Waiver
from xtbang.models.organisation import name_at
from xtbang.papers.facts.text import Facts, closed_up
from xtbang.rules.city import City, Signed
from xtbang.rules.dates import SHANGHAI
from xtbang.rules.edition import Edition
from xtbang.rules.law import joined
from xtbang.rules.money import format_wan, format_yuan, in_words, wan

NOTHING = Decimal(0)
PARTIES = {"issuer": "发榜方", "bidder": "揭榜方", "both": "发榜方和揭榜方"}


def money(amount: Decimal) -> Facts:
    """Return an amount in yuan in every printed form; ``wan`` is the 万元 figure without its unit."""
    return {
        "wan": wan(amount),
        "text": closed_up(format_wan(amount)),
        "yuan": format_yuan(amount),
        "words": in_words(amount),
    }


def moment(at: datetime) -> str:
    """Return a point in time in Shanghai, to the minute, as an ISO string."""
    return at.astimezone(SHANGHAI).isoformat(timespec="minutes")


def organisation(row: Organisation) -> Facts:
    """Return the present profile of an organisation."""
    names = "name uscc kind region address postcode legal_name legal_phone bank_name bank_account"
    return {name: getattr(row, name) for name in names.split()}


def called(row: Organisation, of: Project) -> str:
    """Return the name of a party of that project, with the one that it had in the contract: 新名称（原旧名称）."""
    versions = of.contract.versions if row.renamed_at and of.contract else ()
    if not versions:
        return row.name
    before = name_at(row, versions[-1].frozen_at, of.id)
    return row.name if before == row.name else f"{row.name}（原{before}）"


def party(row: Organisation, of: Project) -> Facts:
    """Return the present profile of a party of that project, as `called`."""
    return organisation(row) | {"name": called(row, of)}


def project(row: Project, edition: Edition) -> Facts:
    """Return the facts that every paper of a funded project has."""
    bid = row.agreed_bid
    return {
        "number": row.number or "",
        "title": row.title,
        "kind": KIND_LABELS[row.kind],
        "domain": row.domain,
        "region": row.region,
        "call": row.call.title,
        "edition": edition.title,
        "issuer": party(row.issuer, row),
        "bidder": party(bid.lead, row) if bid else None,
        "members": [party(member.organisation, row) for member in bid.members] if bid else [],
        "start": iso(row.starts_on),
        "end": iso(row.ends_on),
        "total": money(row.total_investment or Decimal(0)),
        "city": money(row.subsidy_city or Decimal(0)),
        "county": money(row.subsidy_county or Decimal(0)),
        "self_managed": bool(row.self_managed),
    }


def figures(row: Project) -> Facts:
    """Return the facts of a project in a public notice (公示), amounts in 万元: no people, no telephone numbers."""
    bid = row.agreed_bid
    return {
        "number": row.number or "",
        "title": row.title,
        "issuer": called(row.issuer, row),
        "bidder": called(bid.lead, row) if bid else "",
        "members": [called(member.organisation, row) for member in bid.members] if bid else [],
        "region": row.region,
        "total": wan(row.total_investment or Decimal(0)),
        "subsidy_city": wan(row.subsidy_city or Decimal(0)),
        "subsidy_county": wan(row.subsidy_county or Decimal(0)),
        "starts_on": iso(row.starts_on),
        "ends_on": iso(row.ends_on),
    }


def offices_of(city: City, kind: str) -> list[str]:
    """Return the publishers of a notice: the offices that countersign, the lead alone for a 公示 (2024 方案四)."""
    return [city.lead.name] if kind == "publicity" else [office.name for office in city.offices]


def notice(
    row: Notice, items: Sequence[Mapping[str, Any]], *, city: City, contact: str = "", published_on: date
) -> Facts:
    """Return the facts of a notice: title, paragraphs, projects, and for a 公示 its days and how to object."""
    remark = ""
    if row.provisional:
        remark = "公示期所在年份的放假安排尚未公布，工作日暂按周一至周五、扣除法定节假日计算。"
    return {
        "kind": row.kind,
        "label": NOTICE_LABELS[row.kind],
        "number": row.number,
        "title": row.title,
        "paragraphs": [line.strip() for line in row.body.splitlines() if line.strip()],
        "items": [dict(item) for item in items],
        "first_day": iso(row.first_day),
        "last_day": iso(row.last_day),
        "provisional": row.provisional,
        "remark": remark,
        "contact": contact,
        "offices": offices_of(city, row.kind),
        "published_on": published_on.isoformat(),
    }


def signers(
    session: Session,
    city: City,
    project_id: int,
    trigger: str,
    role: str,
    name: str,
    at: datetime,
    who: Collection[str] = (),
) -> list[Facts]:
    """Return every signature of a countersigned decision (会签): the stored ones, and the present one.

    ``who`` are the roles that sign it, where others than the offices that countersign are among them.
    """
    query = select(Countersignature).where(
        Countersignature.project_id == project_id,
        Countersignature.trigger == trigger,
        Countersignature.status == "used",
    )
    others = session.scalars(query.order_by(Countersignature.id.desc()).limit(city.signs(who) - 1)).all()
    signed = [*((other.role, other.person.name, other.at) for other in others), (role, name, at)]
    order, offices = list(city.by_role), city.by_role
    signed.sort(key=lambda item: (order.index(item[0]), item[2]))
    return [{"office": offices[office].name, "name": who, "at": moment(when)} for office, who, when in signed]


def issuing_offices(facts: Mapping[str, Any], city: City) -> list[str]:
    """Return the offices that issue a paper.

    They are the offices named in it, else those whose officers countersigned it, else the lead, which accepts entries.
    """
    signed = list(dict.fromkeys(signer["office"] for signer in facts.get("signers", ())))
    return list(facts.get("offices", ())) or signed or [city.lead.name]


def waivers(session: Session, city: City, project_id: int) -> list[Facts]:
    """Return every exception that all offices that countersign have granted, sentence by sentence, oldest first.

    One person's waiver alone is no exception.
    """
    query = select(Waiver).where(Waiver.project_id == project_id, Waiver.voided_at.is_(None)).order_by(Waiver.id)
    rows = list(session.scalars(query))
    cases: dict[tuple[str, str], set[Signed]] = {}
    for row in rows:
        cases.setdefault((row.rule, row.sentence), set()).add((row.role, row.person_id))
    return [
        {
            "rule": row.rule,
            "sentence": closed_up(row.sentence),
            "office": city.by_role[row.role].name,
            "name": row.person.name,
            "reason": row.reason,
            "at": moment(row.at),
        }
        for row in rows
        if city.all_signed(cases[row.rule, row.sentence])
    ]


def panel(row: Panel) -> Facts:
    """Return the conclusion of a panel, with the experts whose scores counted."""
    seats = [seat for seat in row.seats if seat.status == "locked"]
    return {
        "experts": [{"name": seat.expert.name, "kind": seat.kind, "title": seat.expert.title} for seat in seats],
        "result": None if row.result is None else str(row.result),
        "opinion": row.opinion,
        "responsible": PARTIES.get(row.responsible, ""),
        "organiser": row.organiser,
        "concluded_at": moment(row.concluded_at) if row.concluded_at else "",
    }


def funding_table(number: str, dated: date, rows: Sequence[Project], city: City) -> Facts:
    """Return the table attached to the funding document (立项及资金文件): projects, amounts of city and county."""
    municipal = sum((row.subsidy_city or Decimal(0) for row in rows), Decimal(0))
    county = sum((row.subsidy_county or Decimal(0) for row in rows), Decimal(0))
    return {
        "number": number,
        "dated": dated.isoformat(),
        "items": [figures(row) for row in rows],
        "city": money(municipal),
        "county": money(county),
        "sum": money(municipal + county),
        "offices": [city.lead.name, city.finance.name],
    }


def joint_document(number: str, dated: date, rows: Sequence[Project], edition: Edition, city: City) -> Facts:
    """Return the joint document (立项及资金文件) of these projects: its table, the totals, to whom it goes and what it cites."""
    table = funding_table(number, dated, rows, city)
    regions = dict.fromkeys(row.region for row in rows if row.subsidy_county)
    return table | {
        "items": [item | {"project": row.id} for item, row in zip(table["items"], rows, strict=True)],
        "total": money(sum((row.total_investment or NOTHING for row in rows), NOTHING)),
        "treasuries": [city.treasury_of(region) for region in regions],
        "scheme": city.scheme,
        "measures": edition.measures.full,
        "money": edition.cite("money"),
        "recovery": joined([edition.cite("objective"), edition.cite("subjective")]),
    }


def iso(day: date | None) -> str:
    """Return the date as an ISO string; "" for None."""
    return day.isoformat() if day else ""
