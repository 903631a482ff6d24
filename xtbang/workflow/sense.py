"""Contradictions between numbers of an edition that are valid on their own."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from decimal import Decimal

from xtbang.rules.edition import Edition, Sheet
from xtbang.rules.money import plain

MONTHS = 12
LEAST_MARK = Decimal("0.4")  # of all points: a lower mark is a slip
FORCED = frozenset(  # parameters whose rule may be waived or be only advice; any other one always binds
    "investment_minimum term_years new_tax_minimum subsidy_ratio subsidy_maximum match_ratio county_ratio "
    "issuer_payment_ratio".split()
)


def overlapping(editions: Iterable[Edition]) -> Iterator[str]:
    """Yield a sentence for each edition that ends after the next one has come into force, which may be meant."""
    dated = [(edition, edition.starts_on) for edition in editions if edition.starts_on]
    for edition in editions:
        later = [(other.key, starts) for other, starts in dated if other is not edition and _before(edition, starts)]
        if edition.ends_on and later and later[0][1] <= edition.ends_on:
            yield (
                f"版本 {edition.key} 到 {edition.ends_on} 才停止施行，版本 {later[0][0]} 从 {later[0][1]} 起施行："
                f"这段时间两个版本同时施行，批次按它写明的版本办理。"
            )


def _before(edition: Edition, day: date) -> bool:
    return edition.starts_on is None or edition.starts_on <= day


def contradictions(values: Mapping[str, Decimal]) -> Iterator[tuple[str, str]]:
    """Yield the name of the number that is most likely wrong, with a sentence; absent numbers are not compared."""
    for names, check in (
        (("subsidy_maximum", "subsidy_ratio", "investment_minimum"), _maximum),
        (("county_ratio", "subsidy_ratio"), _public),
        (("match_ratio", "subsidy_ratio"), _match),
        (("issuer_payment_ratio", "subsidy_ratio"), _issuer),
        (("self_managed_subsidy", "subsidy_maximum"), _self_managed),
        (("recovery_objective", "recovery_subjective"), _recovery),
        (("report_months_tracked", "term_years"), _months),
        (("report_months_self", "self_managed_years"), _months),
        (("report_months_tracked", "report_months_self"), _reports),
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


def _match(match: Decimal, ratio: Decimal) -> str:
    most = 1 / (1 + match)
    if ratio <= most:
        return ""
    found = f"配套是补助的 {plain(match)} 倍时，补助最多占投入的 {plain(most.quantize(Decimal('0.0001')))}"
    return f"写的是 {plain(match)}：{found}，够不到补助比例 {plain(ratio)}。"


def _issuer(paid: Decimal, ratio: Decimal) -> str:
    own = 1 - ratio
    if paid <= own:
        return ""
    return f"写的是 {plain(paid)}：补助占投入的 {plain(ratio)} 时，发榜方自己的钱只有 {plain(own)}，付不出这么多。"


def _reports(tracked: Decimal, own: Decimal) -> str:
    if tracked <= own:
        return ""
    return f"写的是 {plain(tracked)} 个月，比自我管理项目的 {plain(own)} 个月还长：跟踪管理的不能报告得更少。"


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
    if total == full and Decimal(0) < sheet.pass_mark < total * LEAST_MARK:
        least = plain(total * LEAST_MARK)
        yield "pass_mark", f"写的是 {plain(sheet.pass_mark)} 分，不到合计 {total} 分的四成（{least} 分），请核对。"
    if not Decimal(0) < sheet.pass_mark <= total:
        yield "pass_mark", f"写的是 {plain(sheet.pass_mark)} 分，应大于 0，不超过各项满分合计的 {total} 分。"
    if not sheet.kinds_required:
        yield "kinds_required", "是空的：评审的专家至少要有一类。"
    if sheet.experts_minimum < len(sheet.kinds_required):
        kinds = "、".join(sheet.kinds_required)
        yield "experts_minimum", f"写的是 {sheet.experts_minimum} 名，但是要有{kinds}各一名。"
