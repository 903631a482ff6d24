"""Contradictions between numbers of an edition that are valid on their own."""

from collections.abc import Iterator, Mapping
from decimal import Decimal

from xtbang.rules.edition import Sheet
from xtbang.rules.money import plain

TRIMMED_LEAST = 3  # the fewest scores that leave one without the highest and the lowest
MONTHS = 12


def contradictions(values: Mapping[str, Decimal]) -> Iterator[tuple[str, str]]:
    """Yield the name of the number that is most likely wrong, with a sentence; absent numbers are not compared."""
    for names, check in (
        (("subsidy_maximum", "subsidy_ratio", "investment_minimum"), _maximum),
        (("county_ratio", "subsidy_ratio"), _public),
        (("self_managed_subsidy", "subsidy_maximum"), _self_managed),
        (("recovery_objective", "recovery_subjective"), _recovery),
        (("report_months_tracked", "term_years"), _months),
        (("report_months_self", "self_managed_years"), _months),
    ):
        if all(name in values for name in names) and (sentence := check(*(values[name] for name in names))):
            yield names[0], sentence


def _maximum(most: Decimal, ratio: Decimal, least: Decimal) -> str:
    share = f"投入下限 {plain(least)} 万元乘补助比例 {plain(ratio)} 就有 {plain(ratio * least)} 万元"
    return f"写的是 {plain(most)} 万元，但是{share}：最小的项目也拿不到这个比例。" if ratio * least > most else ""


def _public(county: Decimal, ratio: Decimal) -> str:
    whole = ratio * (1 + county)
    shares = f"市级补助占投入的 {plain(ratio)}，加上县市区（园区）的共占 {plain(whole)}"
    return f"写的是 {plain(county)}：{shares}，财政资金超过了全部投入。" if whole > 1 else ""


def _self_managed(limit: Decimal, most: Decimal) -> str:
    if limit <= most:
        return ""
    return f"写的是 {plain(limit)} 万元，超过补助上限 {plain(most)} 万元：所有项目都成了自行管理。"


def _recovery(objective: Decimal, subjective: Decimal) -> str:
    if objective <= subjective:
        return ""
    return f"写的是 {plain(objective)}，大于主观原因的 {plain(subjective)}：客观原因不能比主观原因追回得多。"


def _months(months: Decimal, years: Decimal) -> str:
    if months <= years * MONTHS:
        return ""
    return f"写的是 {plain(months)} 个月，比 {plain(years)} 年的实施期还长：一次报告也不用交。"


def strange_sheet(sheet: Sheet, full: int) -> Iterator[tuple[str, str]]:
    """Yield the mistakes of a score sheet (评分表): the name of the value in its table, and the sentence."""
    total = sum(criterion.maximum for criterion in sheet.criteria)
    if total != full:
        said = "（另有满分的写 full）" if full == 100 else ""
        yield "criterion", f"各项满分合计 {total} 分，应为 {full} 分{said}。"
    if not Decimal(0) < sheet.pass_mark <= total:
        yield "pass_mark", f"写的是 {plain(sheet.pass_mark)} 分，应大于 0，不超过各项满分合计的 {total} 分。"
    if sheet.experts_minimum < len(sheet.kinds_required):
        kinds = "、".join(sheet.kinds_required)
        yield "experts_minimum", f"写的是 {sheet.experts_minimum} 名，但是要有{kinds}各一名。"
    if sheet.aggregate == "trimmed" and sheet.experts_minimum < TRIMMED_LEAST:
        least = f"专家至少 {TRIMMED_LEAST} 名，现在是 {sheet.experts_minimum} 名"
        yield "experts_minimum", f"去掉最高分和最低分（trimmed）时，{least}：否则没有分数可以平均。"
