"""Recovery (追缴): what each source of money gets back after a termination, or a change that lowers the subsidy."""

from collections.abc import Mapping
from decimal import Decimal
from enum import StrEnum

from xtbang.rules.edition import Edition, Parameter
from xtbang.rules.money import fen, format_wan, round_down, times
from xtbang.rules.reasons import Reason

SOURCES = {"city": "市级财政", "county": "县市区（园区）财政"}


class Cause(StrEnum):
    """The cause of a termination."""

    OBJECTIVE = "objective"  # 客观原因或不可抗力
    SUBJECTIVE = "subjective"  # 发榜方或揭榜方主观原因


def recovery_rule(edition: Edition, cause: Cause) -> Parameter:
    """Return the part of the paid money that is recovered, as a fraction with its article."""
    return edition.recovery_objective if cause is Cause.OBJECTIVE else edition.recovery_subjective


def overpaid(paid: Mapping[str, Decimal], granted: Mapping[str, Decimal]) -> dict[str, Decimal]:
    """Return what each source has paid beyond what is granted by now (多拨), in yuan; all of it comes back."""
    return {source: max(amount - granted.get(source, amount), Decimal(0)) for source, amount in paid.items()}


def recovery_due(
    edition: Edition,
    cause: Cause | None,
    paid: Mapping[str, Decimal],
    granted: Mapping[str, Decimal] | None = None,
) -> dict[str, Decimal]:
    """Return the amount due to each source, from what it has paid; in yuan, rounded down to the 分.

    What was paid beyond ``granted`` comes back whole. Of the rest nothing without a termination (no ``cause``), half for
    an objective cause, all for a subjective one; never more than was paid. Raise ValueError for negative amounts or
    parts of a 分.
    """
    ratio = recovery_rule(edition, cause).value if cause else Decimal(0)
    beyond, due = overpaid(paid, granted or {}), {}
    for source, amount in paid.items():
        if fen(amount) < 0:
            raise ValueError(f"已拨付金额不得为负数：{amount} 元")
        rest = amount - beyond[source]
        due[source] = beyond[source] + min(round_down(times(rest, ratio)), rest)
    return due


def check_recovered(
    edition: Edition,
    cause: Cause,
    due: Mapping[str, Decimal],
    recovered: Mapping[str, Decimal],
    *,
    complete: bool = True,
) -> list[Reason]:
    """Return every reason why the recovery is not complete: too little for a source, or more than is due; in yuan.

    With ``complete=False`` (money that comes back in parts) only an excess counts.
    """
    reasons = []
    for source in dict.fromkeys([*due, *recovered]):
        owed, back = due.get(source, Decimal(0)), recovered.get(source, Decimal(0))
        if back > owed:
            text = f"超过应追缴的 {format_wan(owed)}，多出 {format_wan(back - owed)}。"
        elif back < owed and complete:
            text = f"应追缴 {format_wan(owed)}，尚差 {format_wan(owed - back)}。"
        else:
            continue
        reasons.append(_reason(edition, cause, f"{SOURCES.get(source, source)}已追回 {format_wan(back)}，{text}"))
    return reasons


def _reason(edition: Edition, cause: Cause, text: str) -> Reason:
    rule = recovery_rule(edition, cause)
    return Reason("A11.recovery" if cause is Cause.OBJECTIVE else "A12.recovery", text, rule.article, rule.force)
