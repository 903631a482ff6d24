"""The facts of the papers of payment, extension, acceptance and termination; shapes as in `xtbang.papers.facts`."""

from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from xtbang.models import Acceptance, Extension, Project, ReceivingAccount, Termination
from xtbang.papers.facts import (
    FINANCE,
    INDUSTRY,
    PARTIES,
    SCIENCE,
    SHANGHAI,
    Facts,
    iso,
    moment,
    money,
    project,
)
from xtbang.rules.edition import Edition
from xtbang.rules.money import format_percent
from xtbang.rules.payment import NAMES
from xtbang.rules.recovery import SOURCES, Cause, recovery_rule
from xtbang.rules.subsidy import instalments

CAUSES = {"objective": "客观原因或不可抗力", "subjective": "发榜方或揭榜方主观原因"}


def payment_order(
    row: Project,
    edition: Edition,
    *,
    number: int,
    amount: Decimal,
    paid_on: date,
    receipt: str,
    payee: Facts,
    funding: Facts | None,
    match: Facts | None,
    issuer_paid: Decimal,
    exceptions: list[Facts],
    handled_by: str,
) -> Facts:
    """拨款审批单 of one instalment of the city's money (第七条)."""
    subsidy = row.subsidy_city or Decimal(0)
    first, rest = instalments(edition, subsidy)
    ratio = edition.first_instalment_ratio.value
    return {
        "project": project(row, edition),
        "instalment": number,
        "instalment_name": NAMES[number],
        "amount": money(amount),
        "share": format_percent(ratio if number == 1 else 1 - ratio),
        "subsidy": money(subsidy),
        "first": money(first),
        "second": money(rest),
        "paid_on": paid_on.isoformat(),
        "receipt": receipt,
        "payee": payee,
        "funding": funding,
        "county_match": match,
        "issuer_paid": money(issuer_paid),
        "waivers": exceptions,
        "office": FINANCE,
        "handled_by": handled_by,
        "article": edition.first_instalment_ratio.article,
    }


def extension(
    row: Project,
    edition: Edition,
    request: Extension,
    *,
    granted: bool,
    audit_file: str,
    exceptions: list[Facts],
    signed: list[Facts],
) -> Facts:
    """延期审批表 with the audit report, the waiver if there was one, and the decision (第十一条)."""
    return {
        "project": project(row, edition),
        "cause": request.cause,
        "audit_file": audit_file,
        "requested_at": moment(request.requested_at),
        "old_end": request.old_end.isoformat(),
        "new_end": request.new_end.isoformat(),
        "granted": granted,
        "decision": request.decision,
        "waivers": [item for item in exceptions if item["rule"] == "A11.in_time"],
        "signers": signed,
        "article": "《办法》第十一条",
    }


def acceptance(
    row: Project,
    edition: Edition,
    request: Acceptance,
    values: Mapping[str, Any],
    *,
    opinion: str,
    panel: Facts | None,
    signed: list[Facts],
) -> Facts:
    """验收意见书 (第八条): the achievement of each indicator, the fund statement, the self-evaluation, the panel."""
    return {
        "project": project(row, edition),
        "requested_at": moment(request.requested_at) if request.requested_at else "",
        "values": dict(values),
        "by_panel": panel is not None,
        "panel": panel,
        "opinion": opinion,
        "signers": signed,
        "article": "《办法》第八条",
    }


def certificate(row: Project, edition: Edition, *, passed_on: date, grade: str, opinion: str, paid: Decimal) -> Facts:
    """验收证书 when the last payment closes the project."""
    return {
        "project": project(row, edition),
        "passed_on": passed_on.isoformat(),
        "grade": grade,
        "opinion": opinion,
        "paid": money(paid),
        "offices": [SCIENCE, INDUSTRY],
    }


def recovery(edition: Edition, cause: Cause, paid: Mapping[str, Decimal], due: Mapping[str, Decimal]) -> list[Facts]:
    """Per source of money: what was paid, which part comes back, how much that is."""
    rule = recovery_rule(edition, cause)
    return [
        {
            "source": source,
            "name": SOURCES[source],
            "paid": money(paid[source]),
            "rate": format_percent(rule.value),
            "due": money(due[source]),
            "article": rule.article,
        }
        for source in due
    ]


def termination(
    row: Project,
    edition: Edition,
    decision: Termination,
    *,
    recoveries: list[Facts],
    audit_file: str,
    liability: Facts | None,
    signed: list[Facts],
) -> Facts:
    """终止决定书 (第十一条, 第十二条)."""
    return {
        "project": project(row, edition),
        "cause": CAUSES[decision.cause],
        "reason": decision.reason,
        "audit_file": audit_file,
        "panel": liability,
        "responsible": PARTIES.get(decision.responsible, ""),
        "recoveries": recoveries,
        "recover_by": decision.recover_by.isoformat(),
        "restrict_until": iso(decision.restrict_until),
        "decided_on": decision.decided_at.astimezone(SHANGHAI).date().isoformat(),
        "signers": signed,
        "article": recovery_rule(edition, Cause(decision.cause)).article,
    }


def recovery_notice(
    row: Project,
    edition: Edition,
    decision: Termination,
    line: Facts,
    payments: Iterable[Facts],
    payee: Facts,
    account: ReceivingAccount | None,
) -> Facts:
    """财政资金追缴通知书 for one source. Without an account on record its lines are written in by hand."""
    creditor = {
        "name": FINANCE if line["source"] == "city" else f"{row.region}财政部门",
        "account_name": account.name if account else "",
        "bank_name": account.bank_name if account else "",
        "bank_account": account.bank_account if account else "",
    }
    return {
        "project": project(row, edition),
        "debtor": payee,
        "creditor": creditor,
        "line": line,
        "payments": list(payments),
        "cause": CAUSES[decision.cause],
        "recover_by": decision.recover_by.isoformat(),
        "decided_on": decision.decided_at.astimezone(SHANGHAI).date().isoformat(),
        "offices": [SCIENCE, INDUSTRY, FINANCE],
    }
