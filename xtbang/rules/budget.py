"""The budget of a call (批次预算) by years: what its lines add up to, and what a change must leave."""

from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal

from xtbang.rules.money import format_wan
from xtbang.rules.quotation import quoted
from xtbang.rules.reasons import Reason

ZERO = Decimal(0)
GRANTED, ADDED, REDUCED, RETURNED, CARRIED = "granted", "added", "reduced", "returned", "carried"
KINDS = {GRANTED: "下达", ADDED: "追加", REDUCED: "调减", RETURNED: "收回", CARRIED: "结转下年"}
Change = tuple[str, int, Decimal]  # kind, year, amount in yuan; below 0 where it reverses another one


def by_year(changes: Iterable[Change]) -> dict[int, Decimal]:
    """Return what may be paid of the budget in each year, in yuan; what is carried over counts in the next year."""
    found: dict[int, Decimal] = {}
    for kind, year, amount in changes:
        out = kind in (REDUCED, RETURNED, CARRIED)
        found[year] = found.get(year, ZERO) + (-amount if out else amount)
        if kind == CARRIED:
            found[year + 1] = found.get(year + 1, ZERO) + amount
    return dict(sorted(found.items()))


def left_over(
    before: Mapping[int, Decimal],
    after: Mapping[int, Decimal],
    spent: Mapping[int, Decimal],
    committed: Decimal,
    article: str,
) -> Iterator[Reason]:
    """Yield reasons when a change leaves a year less than was paid or approved in it, or less than is promised in all.

    All in yuan; ``spent`` by year, ``committed`` what is proposed and fixed. A figure that does not fall is never a reason.
    """
    for year, amount in after.items():
        used = spent.get(year, ZERO)
        if amount < before.get(year, ZERO) and amount < used:
            text = f"{year}年度预算将只有 {format_wan(amount)}，少于该年度已拨付和已审批的 {format_wan(used)}。"
            yield Reason("N5.budget_year", text, article, field="amount")
    total = sum(after.values(), ZERO)
    if total < sum(before.values(), ZERO) and total < committed:
        text = f"预算将只有 {format_wan(total)}，少于已拟立项和立项的 {format_wan(committed)}。"
        yield Reason("N5.budget", text, article, field="amount")


def beyond(budget: Decimal, others: Decimal, amount: Decimal, article: str, field: str = "") -> Iterator[Reason]:
    """Yield a reason when an amount is more than the budget of the call leaves; all in yuan."""
    if others + amount > budget:
        text = (
            f"本批次预算 {format_wan(budget)}，其他项目已拟立项和立项 {format_wan(others)}，"
            f"本项目 {format_wan(amount)}，超过可安排的 {format_wan(max(budget - others, ZERO))}。"
        )
        yield Reason("N5.budget", text, article, field=field)


def beyond_together(call: str, left: Decimal, amount: Decimal, article: str) -> Iterator[Reason]:
    """Yield a reason when the amounts of many projects are together more than what the budget of their call leaves (yuan)."""
    if amount > left:
        text = (
            f"{quoted(call)}可安排的预算 {format_wan(max(left, ZERO))}，各项目合计 {format_wan(amount)}，"
            f"超出 {format_wan(amount - max(left, ZERO))}：请调减金额，或者少选项目。"
        )
        yield Reason("N5.budget", text, article)


def beyond_year(year: int, budget: Decimal, others: Decimal, amount: Decimal, article: str) -> Iterator[Reason]:
    """Yield a reason when a payment is more than the year's budget of the call leaves; all in yuan."""
    if others + amount > budget:
        text = (
            f"本批次{year}年度预算（含上年结转）{format_wan(budget)}，该年度已拨付和已审批 {format_wan(others)}，"
            f"本次 {format_wan(amount)}，超过可拨付的 {format_wan(max(budget - others, ZERO))}；"
            "上年结余须先办理结转，不足的追加预算。"
        )
        yield Reason("N5.budget_year", text, article)
