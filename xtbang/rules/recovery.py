"""What comes back when a project is terminated (第十一条, 第十二条), per source of money."""

from collections.abc import Mapping
from decimal import Decimal
from enum import StrEnum

from xtbang.rules.edition import Edition, Parameter
from xtbang.rules.money import fen, format_wan, round_down, times
from xtbang.rules.reasons import Reason

SOURCES = {"city": "市级财政", "county": "县市区（园区）财政"}


class Cause(StrEnum):
    """Why a project is terminated."""

    OBJECTIVE = "objective"  # 客观原因或不可抗力, 第十一条
    SUBJECTIVE = "subjective"  # 发榜方或揭榜方主观原因, 第十二条


def recovery_rule(edition: Edition, cause: Cause) -> Parameter:
    """The part of the disbursed money that is recovered, as a fraction with its article."""
    return edition.recovery_objective if cause is Cause.OBJECTIVE else edition.recovery_subjective


def recovery_due(edition: Edition, cause: Cause, paid: Mapping[str, Decimal]) -> dict[str, Decimal]:
    """What each source gets back of what it has paid, in yuan, rounded down to the 分.

    Half for an objective cause (第十一条), all for a subjective one (第十二条); never more than was paid.
    ValueError for negative amounts or fractions of a 分.
    """
    ratio = recovery_rule(edition, cause).value
    due = {}
    for source, amount in paid.items():
        if fen(amount) < 0:
            raise ValueError(f"已拨付金额不得为负数：{amount} 元")
        due[source] = min(round_down(times(amount, ratio)), amount)
    return due


def check_recovered(
    edition: Edition,
    cause: Cause,
    due: Mapping[str, Decimal],
    recovered: Mapping[str, Decimal],
    *,
    complete: bool = True,
) -> list[Reason]:
    """Reasons why the recovery is not settled: too little of a source, or more than is due; amounts in yuan.

    With ``complete=False`` (money that comes back part by part) only what is too much counts.
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
