"""Frozen values that pages show of the contract, the money and the execution of a project, taken from rows by `shown`."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from xtbang.models import BudgetLine
from xtbang.queries.shown import shown


@dataclass(frozen=True)
class FundingShown:
    """The funding document (立项及资金文件)."""

    number: str
    dated: date
    file_id: int


@dataclass(frozen=True)
class LineShown:
    """A line of the ledger (资金台账); ``net`` is negative where money came back."""

    id: int
    kind: str
    source: str
    instalment: int | None
    net: Decimal
    dated: date
    note: str
    file_id: int | None
    reverses_id: int | None
    reversal: str


@dataclass(frozen=True)
class BudgetLineShown:
    """A change of the budget of a call (预算变动)."""

    id: int
    kind: str
    year: int
    amount: Decimal
    net: Decimal  # below 0 for one that reverses another
    source: str
    number: str
    dated: date
    reason: str
    reverses_id: int | None
    reversible: bool
    status: str
    asked_by_id: int
    asked_by: str
    asked_at: datetime
    decided_by: str  # "" while it waits
    decided_at: datetime | None
    decision: str


def budget_line_shown(row: BudgetLine) -> BudgetLineShown:
    """Return a change of a budget."""
    return shown(
        BudgetLineShown,
        row,
        reversible=row.status == "confirmed" and not row.reverses_id and bool(row.key),
        asked_by=row.asked_by.name,
        decided_by=row.decided_by.name if row.decided_by else "",
    )


@dataclass(frozen=True)
class AccountShown:
    """A receiving account (收款账户) of a treasury."""

    id: int
    name: str
    bank_name: str
    bank_account: str
    since: date


@dataclass(frozen=True)
class MatchShown:
    """The confirmation of the county's part of an instalment (同期配套)."""

    instalment: int
    amount: Decimal
    number: str
    dated: date
    file_id: int | None
    voided_at: datetime | None


@dataclass(frozen=True)
class VoucherShown:
    """A voucher (付款凭证) of the issuer."""

    number: str
    amount: Decimal
    paid_on: date
    status: str
    note: str
    file_id: int


@dataclass(frozen=True)
class ReportShown:
    """A report (执行情况报告) and the day by which it is due."""

    id: int
    document_id: int
    due_on: date
    submitted_at: datetime | None


@dataclass(frozen=True)
class AcceptanceShown:
    """A request for acceptance (验收申请)."""

    document_id: int
    status: str
    requested_at: datetime | None
    findings: str
    rectify_by: date | None
    decided_at: datetime | None


@dataclass(frozen=True)
class ExtensionShown:
    """A request for an extension (延期)."""

    status: str
    requested_at: datetime
    old_end: date
    new_end: date
    cause: str
    audit_file_id: int
    decision: str


@dataclass(frozen=True)
class MidtermShown:
    """A midterm check (中期检查), planned or asked for."""

    status: str
    due_on: date
    requested_at: datetime | None
    text: str
    file_id: int | None
    findings: str


@dataclass(frozen=True)
class TerminationShown:
    """The termination (终止) of a project."""

    cause: str
    responsible: str
    reason: str
    decided_at: datetime
    from_state: str
    recover_by: date
    restrict_until: date | None
    audit_file_id: int | None


@dataclass(frozen=True)
class WriteOffShown:
    """A proposal to write off (核销) what cannot come back."""

    source: str
    amount: Decimal
    document: str
    dated: date
    reason: str
    proposed_at: datetime
    file_id: int


@dataclass(frozen=True)
class PlanShown:
    """A repayment plan (还款计划) of a termination."""

    status: str
    parts: list[dict[str, str]]  # source, due_on, amount (万元)
    reason: str
    proposed_at: datetime
    file_id: int | None
