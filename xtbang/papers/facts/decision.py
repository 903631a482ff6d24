"""The facts of the papers of payment, extension, acceptance and termination; see `xtbang.papers.facts.common`."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from xtbang.models import Acceptance, Change, Extension, Organisation, Project, ReceivingAccount, Termination
from xtbang.papers.facts.common import PARTIES, iso, moment, money, project
from xtbang.papers.facts.text import Facts
from xtbang.rules.city import City
from xtbang.rules.dates import day_of
from xtbang.rules.edition import Edition, Instalment
from xtbang.rules.law import Cite
from xtbang.rules.money import format_percent
from xtbang.rules.needs import reads
from xtbang.rules.recovery import SOURCES, Cause, overpaid, recovery_rule
from xtbang.rules.repayment import Part
from xtbang.rules.subsidy import instalments_after

FRAUD: tuple[Cite, ...] = ("subjective", "integrity")  # what a claim after 办结 rests on


def cause_of(decision: Termination) -> str:
    """Return the cause of a termination in words; for a subjective cause with the responsible party."""
    return f"{PARTIES[decision.responsible]}主观原因" if decision.cause == Cause.SUBJECTIVE else "客观原因或不可抗力"


def _closed_on(row: Project) -> str | None:
    """Return the day of 办结 of a project whose money is claimed back since; None of another one."""
    return iso(day_of(row.completed_at) if row.completed_at else None)


def responsible(row: Project, party: str) -> list[Organisation]:
    """Return the organisations that the panel found responsible (issuer, bidder, both); with a bidder its whole consortium."""
    found = [row.issuer] if party in ("issuer", "both") else []
    bid = row.agreed_bid
    if bid and party in ("bidder", "both"):
        found += [bid.lead, *(member.organisation for member in bid.members)]
    return found


def restricted(row: Project, decision: Termination) -> list[str]:
    """Return the names of the organisations that the decision restricts."""
    return [one.name for one in responsible(row, decision.responsible)] if decision.restrict_until else []


def _cited(edition: Edition, article: str, exceptions: list[Facts]) -> tuple[str, list[Facts]]:
    """Return the article and the exceptions, each short name (《办法》) spelled out at its first citation."""
    article, *sentences = edition.cite_in_full(article, *(item["sentence"] for item in exceptions))
    return article, [item | {"sentence": sentence} for item, sentence in zip(exceptions, sentences, strict=True)]


def payment_order(
    row: Project,
    edition: Edition,
    *,
    instalment: Instalment,
    amount: Decimal,
    payee: Facts,
    funding: Facts | None,
    match: Facts | None,
    issuer_paid: Decimal,
    exceptions: list[Facts],
    signed: list[Facts],
    paid: Mapping[int, Decimal] | None = None,
) -> Facts:
    """Return the facts of the payment order (拨款审批单) for one instalment of the city's money.

    It is issued when every office and the treasury have signed, before the payment. ``paid`` is what was paid of each
    instalment, in yuan.
    """
    article, exceptions = _cited(edition, instalment.article, exceptions)
    subsidy = row.subsidy_city or Decimal(0)
    planned = zip(edition.instalments, instalments_after(edition, subsidy, paid or {}), strict=True)
    return {
        "project": project(row, edition),
        "instalment": instalment.number,
        "instalment_name": instalment.name,
        "amount": money(amount),
        "share": format_percent(instalment.share),
        "subsidy": money(subsidy),
        "plan": [{"name": item.name, "amount": money(due)} for item, due in planned],
        "payee": payee,
        "funding": funding,
        "county_match": match,
        "issuer_paid": money(issuer_paid),
        "waivers": exceptions,
        "signers": signed,
        "paid": None,
        "article": article,
    }


def extension(
    row: Project,
    edition: Edition,
    request: Extension,
    *,
    granted: bool,
    exceptions: list[Facts],
    signed: list[Facts],
) -> Facts:
    """Return the facts of the extension decision (延期审批表), with the waiver if any.

    The term is the one before the extension.
    """
    asked = [item for item in exceptions if item["rule"] == "A11.in_time"]
    article, asked = _cited(edition, edition.cite("extension"), asked)
    return {
        "project": project(row, edition) | {"end": request.old_end.isoformat()},
        "cause": request.cause,
        "requested_at": moment(request.requested_at),
        "old_end": request.old_end.isoformat(),
        "new_end": request.new_end.isoformat(),
        "granted": granted,
        "decision": request.decision,
        "waivers": asked,
        "signers": signed,
        "article": article,
    }


@reads(
    "indicators:rows(name target reached proof) results:long new_tax:money spent_own:money spent_city:money "
    "spent_county:money self_grade:choice self_text:long",
    "acceptance",
)
def acceptance(
    row: Project,
    edition: Edition,
    request: Acceptance,
    values: Mapping[str, Any],
    *,
    opinion: str,
    beside: Facts,
    read: Facts,
    panel: Facts | None,
    signed: list[Facts],
) -> Facts:
    """Return the facts of the acceptance opinion (验收意见书).

    They are the achieved indicators, the fund statement, the self-evaluation, the issuer's opinion and the panel.
    """
    return {
        "project": project(row, edition),
        "requested_at": moment(request.requested_at) if request.requested_at else "",
        "values": dict(values),
        "beside": beside,
        "read": read,
        "by_panel": panel is not None,
        "panel": panel,
        "opinion": opinion,
        "signers": signed,
        "article": edition.cite_in_full(edition.cite("acceptance"))[0],
    }


def certificate(
    row: Project, edition: Edition, city: City, *, passed_on: date, grade: str, opinion: str, paid: Decimal
) -> Facts:
    """Return the facts of the acceptance certificate (验收证书), issued when the last payment closes the project."""
    return {
        "project": project(row, edition),
        "passed_on": passed_on.isoformat(),
        "grade": grade,
        "opinion": opinion,
        "paid": money(paid),
        "offices": [office.name for office in city.offices],
    }


def recovery(
    edition: Edition,
    cause: Cause | None,
    paid: Mapping[str, Decimal],
    due: Mapping[str, Decimal],
    granted: Mapping[str, Decimal],
) -> list[Facts]:
    """Return for each source of money of the edition what was paid, which part is recovered, and the amount.

    What was paid beyond ``granted`` (yuan), after a change, comes back whole; of the rest nothing without a termination.
    """
    rule, beyond = recovery_rule(edition, cause) if cause else None, overpaid(paid, granted)
    return [
        {
            "source": source,
            "name": SOURCES[source],
            "paid": money(paid[source]),
            "rate": format_percent(rule.value) if rule else "",
            "due": money(due[source]),
            "article": rule.article if rule else edition.cite("money"),
            "kept": money(paid[source] - beyond[source]),
            "beyond": money(beyond[source]) if beyond[source] else None,
        }
        for source in due
        if source != "county" or edition.county_ratio.value
    ]


def ground_of(decision: Termination | Change) -> Facts:
    """Return on which ground money comes back: a termination with its cause, or a supplement with its number."""
    if isinstance(decision, Termination):
        said = {"cause": cause_of(decision), "supplement": "", "decided_on": iso(day_of(decision.decided_at))}
    else:
        said = {"cause": "", "supplement": f"第{decision.number}份", "decided_on": iso(decision.in_force_on)}
    return {
        **said,
        "recover_by": iso(decision.recover_by),
    }


def termination(
    row: Project,
    edition: Edition,
    decision: Termination,
    *,
    recoveries: list[Facts],
    liability: Facts | None,
    heard: Facts | None,
    signed: list[Facts],
) -> Facts:
    """Return the facts of the decision 终止, or 追回 after 办结; ``heard`` are the facts of its prior notice."""
    return {
        "project": project(row, edition),
        "closed_on": _closed_on(row),
        "cause": cause_of(decision),
        "reason": decision.reason,
        "audited": decision.audit_file_id is not None,
        "panel": liability,
        "heard": heard,
        "responsible": PARTIES.get(decision.responsible, ""),
        "named": [one.name for one in responsible(row, decision.responsible)],
        "restricted": restricted(row, decision),
        "measures": edition.measures.defined,
        "document_number": "",
        "recoveries": recoveries,
        "recover_by": decision.recover_by.isoformat(),
        "restrict_from": iso(day_of(decision.decided_at) if decision.restrict_until else None),
        "restrict_until": iso(decision.restrict_until),
        "decided_on": day_of(decision.decided_at).isoformat(),
        "signers": signed,
        "article": edition.cite_all(FRAUD)
        if row.completed_at
        else recovery_rule(edition, Cause(decision.cause)).article,
    }


def recovery_notice(
    row: Project,
    edition: Edition,
    city: City,
    ground: Facts,
    line: Facts,
    payments: Iterable[Facts],
    payee: Facts,
    account: ReceivingAccount | None,
    *,
    ordered_on: date,
    done_with: Decimal = Decimal(0),
    plan: Sequence[Part] = (),
) -> Facts:
    """Return the facts of the recovery notice (财政资金追缴通知书) for one source of money, on that ground.

    ``done_with`` (yuan) has come back or was written off; ``plan`` says by when the rest is to be back, where that was
    decided after the termination.

    Without an account on record, blank lines are printed to be filled in by hand.
    """
    creditor = {
        "name": city.finance.name if line["source"] == "city" else city.treasury_of(row.region),
        "account_name": account.name if account else "",
        "bank_name": account.bank_name if account else "",
        "bank_account": account.bank_account if account else "",
    }
    return {
        "project": project(row, edition),
        "closed_on": _closed_on(row) if ground["cause"] else None,
        "debtor": payee,
        "creditor": creditor,
        "line": line,
        "payments": list(payments),
        **ground,
        "measures": edition.measures.defined,
        "document_number": "",
        "done_with": money(done_with) if plan or done_with else None,
        **({"recover_by": plan[-1].due_on.isoformat()} if plan else {}),
        "plan": [{"due_on": part.due_on.isoformat(), "amount": money(part.amount)} for part in plan],
        "ordered_on": ordered_on.isoformat(),
        "offices": [office.name for office in city.by_role.values()],
    }
