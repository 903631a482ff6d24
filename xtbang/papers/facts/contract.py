"""The facts of the contract (合同书): every number of a clause, from the edition, the project and its bid."""

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from xtbang.models import Organisation, Project
from xtbang.papers.facts.answers import for_contract
from xtbang.papers.facts.common import money, organisation, project
from xtbang.papers.facts.text import Facts
from xtbang.rules.changes import GRANTED
from xtbang.rules.city import City, Office
from xtbang.rules.crosschecks import SOURCES, USES
from xtbang.rules.edition import Edition
from xtbang.rules.fields import FormDefinition
from xtbang.rules.money import format_percent, plain, sum_wan, yuan_from_wan
from xtbang.rules.needs import ENTRIES, keys_of, reads
from xtbang.rules.subsidy import amount, county_share, instalments, issuer_payment_due, match_needed

ZERO = Decimal(0)
Values = Mapping[str, Any]

# what the clauses are made of; a form may have more, and say of it in which part the contract prints it
OFFICERS = (
    "number:text issuer_contact:text issuer_phone:phone bidder_contact:text bidder_phone:phone payee_name:text "
    "payee_bank:text payee_account:text bidder_bank:text bidder_account:text confidential_years:whole "
    "dispute:choice copies:whole supplement:long"
)
APPLICATION = (
    "goals:long indicators:rows(name unit today target proof) route:long "
    "team:rows(name title organisation role) milestones:rows(date content indicator money) ip_ownership:long "
    "ip_sharing:long contract_number:text contract_registration:text contract_signed_on:date"
)
BID = "lead_task:text lead_share:percent members:rows(uscc task share) results:long"
AMOUNTS = " ".join(f"{key}:money" for key in ("total_investment", *SOURCES, *USES))
SUBJECT = ("level", "tech_types", "requirement")  # of a form, where it has them
PRINTED = {
    "contract": keys_of(OFFICERS),
    "application": keys_of(APPLICATION) | keys_of(AMOUNTS),
    "bid": keys_of(BID),
    **dict.fromkeys(ENTRIES, frozenset(SUBJECT)),
}  # kind of form → the fields that the contract prints already; no other forms are printed in it


@reads(OFFICERS, "contract")
@reads(APPLICATION, "application")
@reads(BID, "bid")
def contract(
    row: Project,
    edition: Edition,
    city: City,
    *,
    draft: Values,
    application: Values,
    bid: Values,
    form: Values,
    reports: Sequence[date],
    exceptions: list[Facts],
) -> Facts:
    """Return cover, fourteen chapters and signature page; ``draft`` holds the fields that the officers filled in.

    Time and version are left out: equal facts mean that nothing has changed since the last version.
    """
    documents = edition.documents
    definition = documents["application"]
    filled = [(edition.forms[row.kind], form), (documents["bid"], bid), (definition, application)]
    return {
        "number": draft.get("number", ""),
        "project": project(row, edition),
        "parties": _parties(row, city, draft, bid),
        "subject": {key: form.get(key, "") for key in (*SUBJECT, "outcome")},
        "goals": application.get("goals", ""),
        "indicators": list(application.get("indicators", [])),
        "route": application.get("route", ""),
        "results": bid.get("results", ""),
        "team": list(application.get("team", [])),
        "milestones": list(application.get("milestones", [])),
        "milestones_sum": sum_wan(item.get("money") or "0" for item in application.get("milestones", [])),
        "budget": _budget(row, definition, application),
        "payments": _payments(row, edition, draft),
        "property": _property(row, edition, application),
        "tracking": _tracking(row, edition, reports),
        "ending": _ending(edition),
        "confidential_years": draft.get("confidential_years", ""),
        "dispute": draft.get("dispute", ""),
        "copies": draft.get("copies", ""),
        "supplement": draft.get("supplement", ""),
        "sources": [source.defined for source in edition.sources],
        "waivers": exceptions,
        "more": for_contract([*filled, (documents["contract"], draft)]),
    }


def _parties(row: Project, city: City, draft: Values, bid: Values) -> list[Facts]:
    agreed = row.agreed_bid
    parties = [
        _party("issuer", "甲方（发榜方）", row.issuer)
        | {"contact": draft.get("issuer_contact", ""), "phone": draft.get("issuer_phone", "")}
        | {"bank_name": draft.get("payee_bank", ""), "bank_account": draft.get("payee_account", "")}
    ]
    if agreed:
        lead = {"contact": draft.get("bidder_contact", ""), "phone": draft.get("bidder_phone", "")}
        lead |= {"bank_name": draft.get("bidder_bank", ""), "bank_account": draft.get("bidder_account", "")}
        lead |= {"task": bid.get("lead_task", ""), "share": bid.get("lead_share", "")}
        parties.append(_party("bidder", "乙方（揭榜方）", agreed.lead) | lead)
        tasks = {item.get("uscc"): item for item in bid.get("members", [])}
        for member in agreed.members:
            task = tasks.get(member.organisation.uscc, {})
            own = {"task": task.get("task", ""), "share": task.get("share", "")}
            key = f"member:{member.organisation_id}"
            parties.append(_party(key, "乙方（联合体成员）", member.organisation) | own)
    return [*parties, *map(_office, city.offices)]


def _party(key: str, label: str, row: Organisation) -> Facts:
    blank = {"contact": "", "phone": row.legal_phone, "bank_name": "", "bank_account": "", "task": "", "share": ""}
    return {"key": key, "label": label} | organisation(row) | blank


def _office(office: Office) -> Facts:
    blank = dict.fromkeys(
        "uscc address postcode legal_name contact phone bank_name bank_account task share".split(), ""
    )
    return {"key": office.role, "label": office.party, "name": office.name} | blank


@reads(AMOUNTS, "application")
def budget_of(row: Project, application: Values) -> dict[str, Decimal]:
    """Return the amounts of both budget tables of the contract in yuan, by the key of the application's field.

    Where less was granted than requested, the issuer pays the difference, so that the total stays the same.
    """
    total = _yuan(application, "total_investment")
    sources = {key: _yuan(application, key) for key in SOURCES}
    sources["src_city"] = row.subsidy_city or ZERO
    if sources["src_county"]:
        sources["src_county"] = row.subsidy_county or ZERO
    sources["src_issuer_own"] = total - sum(sources.values()) + sources["src_issuer_own"]
    return sources | {key: _yuan(application, key) for key in USES}


def _budget(row: Project, definition: FormDefinition, application: Values) -> Facts:
    """Return both budget tables."""
    total, amounts = _yuan(application, "total_investment"), budget_of(row, application)
    sources, uses = {key: amounts[key] for key in SOURCES}, {key: amounts[key] for key in USES}
    asked = {field.key for field in definition.fields}
    left_out = {"src_county"} if row.subsidy_county == 0 or "src_county" not in asked else set()
    paid = {key: sources[key] for key in sources if key not in left_out}
    return {
        "sources": [
            {"label": GRANTED.get(key) or definition.field(key).label, "amount": money(value)}
            for key, value in paid.items()
        ],
        "sources_sum": money(sum(sources.values(), ZERO)),
        "uses": [{"label": definition.field(key).label, "amount": money(value)} for key, value in uses.items()],
        "uses_sum": money(sum(uses.values(), ZERO)),
        "total": money(total),
    }


def _payments(row: Project, edition: Edition, draft: Values) -> Facts:
    city = row.subsidy_city or ZERO
    county = row.subsidy_county if row.subsidy_county is not None else county_share(edition, city)
    total = row.total_investment or ZERO
    before = edition.issuer_pays_before
    planned = zip(edition.instalments, instalments(edition, city), instalments(edition, county), strict=True)
    return {
        "city": money(city),
        "county": money(county),
        "county_name": row.region,
        "county_ratio": plain(edition.county_ratio.value),
        "instalments": [
            {
                "number": item.number,
                "name": item.name,
                "share": format_percent(item.share),
                "city": money(own),
                "county": money(theirs),
                "after": item.after,
                "needs": list(item.needs),
            }
            for item, own, theirs in planned
        ],
        "issuer_before": before.name if before else "",
        "issuer_ratio": format_percent(edition.issuer_payment_ratio.value),
        "issuer_minimum": money(issuer_payment_due(edition, total)),
        "issuer_force": edition.issuer_payment_ratio.force.value,
        "issuer_article": edition.issuer_payment_ratio.article,
        "match_ratio": plain(edition.match_ratio.value),
        "match_minimum": money(match_needed(edition, city)),
        "subsidy_ratio": format_percent(edition.subsidy_ratio.value),
        "payee": {
            "name": draft.get("payee_name", ""),
            "bank_name": draft.get("payee_bank", ""),
            "bank_account": draft.get("payee_account", ""),
        },
        "article": edition.instalments[0].article,
    }


def _property(row: Project, edition: Edition, application: Values) -> Facts:
    return {
        "ownership": application.get("ip_ownership", ""),
        "sharing": application.get("ip_sharing", ""),
        "contract_number": application.get("contract_number", ""),
        "contract_registration": application.get("contract_registration", ""),
        "contract_signed_on": application.get("contract_signed_on", ""),
        "contract_amount": money(row.contract_amount or ZERO),
        "article": edition.cite("property"),
    }


def _tracking(row: Project, edition: Edition, reports: Sequence[date]) -> Facts:
    own = bool(row.self_managed)
    return {
        "self_managed": own,
        "years": plain(edition.self_managed_years.value),
        "subsidy": money(amount(edition.self_managed_subsidy))["text"],
        "report_months": edition.report_months_self if own else edition.report_months_tracked,
        "reports": [day.isoformat() for day in reports],
        "article": edition.self_managed_subsidy.article,
    }


def _ending(edition: Edition) -> Facts:
    return {
        "extension": "extension" not in edition.without,
        "objective_rate": format_percent(edition.recovery_objective.value),
        "objective_article": edition.recovery_objective.article,
        "subjective_rate": format_percent(edition.recovery_subjective.value),
        "subjective_article": edition.recovery_subjective.article,
        "integrity_article": edition.cite("integrity"),
    }


def _yuan(values: Values, key: str) -> Decimal:
    text = values.get(key)
    return yuan_from_wan(text) if text else ZERO
