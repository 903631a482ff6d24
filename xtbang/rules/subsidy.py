"""The rules about money and self-management: amounts are exact ``Decimal`` yuan, all reasons are returned at once."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal

from xtbang.rules import term
from xtbang.rules.edition import Edition, Parameter
from xtbang.rules.money import WAN, fen, fen_of_sum, format_percent, format_sum, plain, round_down, round_up, times
from xtbang.rules.reasons import Reason


def subsidy_limit(edition: Edition, total: Decimal) -> Decimal:
    """Return the maximum subsidy of the city for a total investment, in yuan, rounded down to the 分."""
    return min(ratio_limit(edition, total), amount(edition.subsidy_maximum))


def ratio_limit(edition: Edition, total: Decimal) -> Decimal:
    """Return 25 % of the total investment, in yuan, rounded down to the 分."""
    return round_down(times(total, edition.subsidy_ratio.value))


def county_share(edition: Edition, subsidy: Decimal) -> Decimal:
    """Return the subsidy of the county or park for a municipal subsidy, in yuan: 1 : 1."""
    return round_down(times(subsidy, edition.county_ratio.value))


def county_proportion(edition: Edition) -> str:
    """Return the proportion of city to county for a sentence: ``1:1``."""
    return f"1:{plain(edition.county_ratio.value)}"


def match_needed(edition: Edition, subsidy: Decimal) -> Decimal:
    """Return the minimum self-raised money (自筹配套) for a subsidy, in yuan: three times as much."""
    return round_up(times(subsidy, edition.match_ratio.value))


def instalments(edition: Edition, subsidy: Decimal) -> tuple[Decimal, ...]:
    """Return every instalment in yuan: each rounded down to the 分, the last one the exact rest.

    Raise ValueError for a negative subsidy or parts of a 分.
    """
    _check_amounts(subsidy)
    *others, _last = edition.instalments
    amounts = [round_down(times(subsidy, item.share)) for item in others]
    return *amounts, subsidy - sum(amounts, Decimal(0))


def instalments_after(edition: Edition, subsidy: Decimal, paid: Mapping[int, Decimal]) -> tuple[Decimal, ...]:
    """Return every instalment in yuan; ``paid`` are the paid ones by number, with their amounts.

    An unpaid one is reduced by what the others exceed their plan, at most to 0: after a reduction of the subsidy.
    """
    found: list[Decimal] = []
    planned = before = Decimal(0)
    left = max(subsidy - sum(paid.values(), Decimal(0)), Decimal(0))
    for item, amount in zip(edition.instalments, instalments(edition, subsidy), strict=True):
        planned += amount
        if item.number in paid:
            found.append(paid[item.number])
        else:
            found.append(min(max(planned - before, Decimal(0)), left))
            left -= found[-1]
        before += found[-1]
    return tuple(found)


def issuer_payment_due(edition: Edition, total: Decimal) -> Decimal:
    """Return the minimum that the issuer pays the bidder before the instalment that asks for it, in yuan.

    A minimum is rounded up: paying exactly this much passes, one 分 less does not.
    """
    return round_up(times(total, edition.issuer_payment_ratio.value))


def is_self_managed(edition: Edition, term_start: date, term_end: date, subsidy: Decimal) -> bool:
    """Return whether the bidder manages the project itself (自我管理).

    Term and subsidy (yuan) must not exceed the limits of the edition.
    """
    within = term.within_years(term_start, term_end, edition.self_managed_years.value)
    return within and subsidy <= amount(edition.self_managed_subsidy)


def check_funding(
    edition: Edition,
    *,
    total: Decimal,
    self_raised: Decimal,
    subsidy: Decimal,
    county: Decimal | None,
    term_start: date | None,
    term_end: date | None,
    new_tax: Decimal | None,
) -> list[Reason]:
    """Return every reason against funding a project (the law and the notice of the year); amounts in yuan.

    A county subsidy or a term that is not planned yet (None) is not checked. An expected new tax that is missing is a
    reason where the edition requires one. Raise ValueError for negative amounts or parts of a 分.
    """
    _check_amounts(total, subsidy, *(item for item in (county, new_tax) if item is not None))
    if fen_of_sum(self_raised) < 0:  # the issuer's own money plus its payment to the bidder
        raise ValueError(f"金额不得为负数：{self_raised} 元")
    reasons = [
        *_check_investment(edition, total),
        *_check_subsidy(edition, total, subsidy),
        *_check_match(edition, self_raised, subsidy),
    ]
    if county is not None:
        reasons += _check_county(edition, subsidy, county)
    if term_start is not None and term_end is not None:
        reasons += check_term(edition, term_start, term_end)
    return reasons + _check_new_tax(edition, new_tax)


def check_term(edition: Edition, term_start: date, term_end: date) -> list[Reason]:
    """Return a reason when the term, both days included, exceeds the years of the edition (一般不超过).

    A term that ends before it begins is left to the check of the form (`crosschecks.end_after_start`).
    """
    years = edition.term_years.value
    if term_end < term_start or term.within_years(term_start, term_end, years):
        return []
    latest = term.in_chinese(term.last_day(term_start, years))
    span = f"{term.in_chinese(term_start)}至{term.in_chinese(term_end)}"
    return [_reason("A7.term", edition.term_years, f"实施周期{span}，超过 {plain(years)} 年，最迟应于{latest}结束。")]


def check_issuer_payment(edition: Edition, total: Decimal, paid: Decimal) -> list[Reason]:
    """Return a reason when the issuer has not paid the bidder enough; both amounts in yuan (原则上).

    Raise ValueError for negative amounts or parts of a 分.
    """
    _check_amounts(total, paid)
    rule, instalment = edition.issuer_payment_ratio, edition.issuer_pays_before
    if instalment is None or paid >= times(total, rule.value):
        return []
    due = format_sum(issuer_payment_due(edition, total))
    share = f"科研投入总额 {format_sum(total)}的 {format_percent(rule.value)}（{due}）"
    text, stable_text = (
        f"发榜方已支付 {format_sum(paid)}，须达到{share}后方可{instalment.paying}。",
        f"发榜方{instalment.paying}前的付款须达到{share}。",
    )
    return [Reason("A7.issuer_payment", text, rule.article, rule.force, stable_text=stable_text)]


def amount(parameter: Parameter) -> Decimal:
    """Return a parameter in 万元 as yuan."""
    return times(parameter.value, WAN)


def _check_investment(edition: Edition, total: Decimal) -> list[Reason]:
    rule = edition.investment_minimum
    if total >= amount(rule):
        return []
    text = f"科研投入总额 {format_sum(total)}，不得低于 {format_sum(amount(rule))}。"
    return [_reason("A7.investment", rule, text)]


def _check_subsidy(edition: Edition, total: Decimal, subsidy: Decimal) -> list[Reason]:
    reasons = []
    ratio, maximum = edition.subsidy_ratio, edition.subsidy_maximum
    if subsidy > times(total, ratio.value):
        limit = format_sum(ratio_limit(edition, total))
        share = f"科研投入总额 {format_sum(total)}的 {format_percent(ratio.value)}（{limit}）"
        reasons.append(_reason("A7.ratio", ratio, f"市级补助资金 {format_sum(subsidy)}，不得超过{share}。"))
    if subsidy > amount(maximum):
        text = f"市级补助资金 {format_sum(subsidy)}，单个项目最高不得超过 {format_sum(amount(maximum))}。"
        reasons.append(_reason("A7.maximum", maximum, text))
    return reasons


def _check_match(edition: Edition, self_raised: Decimal, subsidy: Decimal) -> list[Reason]:
    rule = edition.match_ratio
    if self_raised >= times(subsidy, rule.value):
        return []
    least = format_sum(match_needed(edition, subsidy))
    needed = f"市级补助资金 {format_sum(subsidy)}的 {plain(rule.value)} 倍（{least}）"
    return [_reason("A7.match", rule, f"自筹配套资金 {format_sum(self_raised)}，不得低于{needed}。")]


def _check_county(edition: Edition, subsidy: Decimal, county: Decimal) -> list[Reason]:
    rule = edition.county_ratio
    share = county_share(edition, subsidy)
    if county == share:
        return []
    ratio = f"市级补助资金 {format_sum(subsidy)}按 {county_proportion(edition)} 的比例（{format_sum(share)}）"
    return [_reason("A7.county", rule, f"县市区（园区）补助资金 {format_sum(county)}，应与{ratio}安排。")]


def _check_new_tax(edition: Edition, new_tax: Decimal | None) -> list[Reason]:
    rule = edition.new_tax_minimum
    if rule is None or (new_tax is not None and new_tax >= amount(rule)):
        return []
    stated = "尚未填写" if new_tax is None else f" {format_sum(new_tax)}"
    text = f"项目执行期预计新增税收{stated}，原则上不低于 {format_sum(amount(rule))}。"
    return [_reason("N.new_tax", rule, text)]


def _reason(rule: str, parameter: Parameter, text: str) -> Reason:
    return Reason(rule, text, parameter.article, parameter.force)


def _check_amounts(*amounts: Decimal) -> None:
    for item in amounts:
        if fen(item) < 0:
            raise ValueError(f"金额不得为负数：{item} 元")
