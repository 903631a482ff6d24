"""Work out what a plan of money and time comes to while it is typed: sums, shares and limits.

A line is not decided (``kept`` is None) as long as a figure that it needs is missing, so an empty form breaks nothing.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from xtbang.rules.crosschecks import PARTS, SOURCES, USES, sum_so_far
from xtbang.rules.edition import Edition, Parameter
from xtbang.rules.funding_facts import day, yuan
from xtbang.rules.money import format_percent, format_sum, plain
from xtbang.rules.reasons import Force, Reason
from xtbang.rules.subsidy import amount, county_share, issuer_payment_due, match_needed, ratio_limit
from xtbang.rules.term import in_chinese, last_day, within_years

Values = Mapping[str, Any]


@dataclass(frozen=True)
class Figures:
    """The keys under which a form has the figures of a plan; "" for what it does not ask."""

    total: str
    own: tuple[str, ...]  # what the issuer raises itself
    city: str
    beside: str  # the last of the figures: the lines stand below the part of the form that has it
    fields: Mapping[str, str]  # rule -> the field that is wrong when it is broken


APPLICATION = Figures(
    "total_investment",
    ("src_issuer_own", "src_paid_to_bidder"),
    "src_city",
    "use_other",
    {
        "A7.investment": "total_investment",
        "A7.ratio": "src_city",
        "A7.maximum": "src_city",
        "A7.match": "src_issuer_own",
        "A7.county": "src_county",
        "A7.term": "term_end",
        "N.new_tax": "new_tax",
    },
)
FORM = Figures(
    "planned_investment",
    ("self_raised",),
    "subsidy_asked",
    "subsidy_asked",
    {
        "A7.investment": "planned_investment",
        "A7.ratio": "subsidy_asked",
        "A7.maximum": "subsidy_asked",
        "A7.match": "self_raised",
        "A7.term": "term_end",
        "N.new_tax": "new_tax",
    },
)
TERM = "term_end"  # the lines about time stand below the part of the form that has the end of the term


@dataclass(frozen=True)
class Line:
    """One rule or sum: what it asks, how that is calculated, what is there."""

    name: str
    asked: str
    sum: str
    found: str
    kept: bool | None
    article: str = ""
    force: str = ""


def figures_of(keys: set[str]) -> Figures | None:
    """Return where the form with these fields has its plan; None for a form without one."""
    return next((each for each in (APPLICATION, FORM) if {each.total, each.city} <= keys), None)


def plan_lines(edition: Edition, keys: set[str], values: Values) -> dict[str, list[Line]]:
    """Return the lines for the readable values of a form with these fields, by the field that has them below its section."""
    found: dict[str, list[Line]] = {}
    figures = figures_of(keys)
    if figures is not None:
        found[figures.beside] = list(_money(edition, figures, keys, values))
    if TERM in keys:
        found[TERM] = list(_time(edition, keys, values))
    return found


def milestones_outside(values: Values, article: str) -> Iterator[Reason]:
    """Yield a reason for each milestone that is not within the term, at its cell."""
    start, end = day(values.get("term_start")), day(values.get("term_end"))
    for number, row in enumerate(_rows(values)):
        done = day(row.get("date"))
        if done and start and done < start:
            text = f"进度安排第 {number + 1} 行的完成日期{in_chinese(done)}早于起始日期{in_chinese(start)}。"
        elif done and end and done > end:
            text = f"进度安排第 {number + 1} 行的完成日期{in_chinese(done)}晚于结束日期{in_chinese(end)}。"
        else:
            continue
        yield Reason("A7.milestones", text, article, field=f"milestones.{number}.date")


def planned_payment(edition: Edition, values: Values) -> Iterator[Reason]:
    """Yield advice when the issuer plans to pay the bidder less than the first instalment will ask for."""
    total, paid = yuan(values.get("total_investment")), yuan(values.get("src_paid_to_bidder"))
    rule = edition.issuer_payment_ratio
    if total is None or paid is None or total < 0 or paid >= (due := issuer_payment_due(edition, total)):
        return
    text = (
        f"计划由发榜方支付揭榜方 {format_sum(paid)}，低于科研投入总额 {format_sum(total)}的 {format_percent(rule.value)}"
        f"（{format_sum(due)}）；首期拨付前须付到这个数，照此计划届时不能拨款。"
    )
    yield Reason("A7.issuer_payment", text, rule.article, Force.ADVICE, field="src_paid_to_bidder")


def _money(edition: Edition, figures: Figures, keys: set[str], values: Values) -> Iterator[Line]:
    total, city = yuan(values.get(figures.total)), yuan(values.get(figures.city))
    own = _sum(values, figures.own, complete=True)
    if USES[0] in keys:
        asked = "自筹＋支付揭榜方＋市级" + "＋县市区（园区）" * ("src_county" in keys)
        yield _adds_up("来源合计", asked, values, tuple(key for key in SOURCES if key in keys), figures.total)
        yield _adds_up("支出合计", "各项支出相加", values, USES, figures.total)
    else:
        yield _adds_up("自筹与申请专项合计", "自筹＋申请专项", values, PARTS, figures.total)
    rule, least = edition.investment_minimum, amount(edition.investment_minimum)
    yield _line("科研投入总额", rule, f"不低于 {format_sum(least)}", "", total, _all(lambda a: a >= least, total))
    rule, most = edition.subsidy_ratio, None if total is None else ratio_limit(edition, total)
    share = f"{format_sum(total)} × {format_percent(rule.value)}" if total is not None else ""
    asked = f"不超过总额的 {format_percent(rule.value)}" + (f"，即 {format_sum(most)}" if most is not None else "")
    yield _line("市级补助占比", rule, asked, share, city, _all(lambda a, b: a <= b, city, most))
    rule, top = edition.subsidy_maximum, amount(edition.subsidy_maximum)
    yield _line("市级补助上限", rule, f"不超过 {format_sum(top)}", "", city, _all(lambda a: a <= top, city))
    rule, needed = edition.match_ratio, None if city is None else match_needed(edition, city)
    asked = f"不低于市级补助的 {plain(rule.value)} 倍" + (f"，即 {format_sum(needed)}" if needed is not None else "")
    reckoned = f"{format_sum(city)} × {plain(rule.value)}" if city is not None else ""
    yield _line("自筹配套", rule, asked, reckoned, own, _all(lambda a, b: a >= b, own, needed))
    if edition.county_ratio.value:
        yield _county(edition, city, keys, values)
    if "src_paid_to_bidder" in keys:
        rule, due = edition.issuer_payment_ratio, None if total is None else issuer_payment_due(edition, total)
        asked = f"首拨前付到总额的 {format_percent(rule.value)}" + (
            f"，即 {format_sum(due)}" if due is not None else ""
        )
        paid = yuan(values.get("src_paid_to_bidder"))
        yield _line("发榜方支付揭榜方", rule, asked, "", paid, _all(lambda a, b: a >= b, paid, due))


def _county(edition: Edition, city: Decimal | None, keys: set[str], values: Values) -> Line:
    rule, share = edition.county_ratio, None if city is None else county_share(edition, city)
    reckoned = f"{format_sum(city)} × {plain(rule.value)}" if city is not None else ""
    if "src_county" not in keys:
        return _line("县市区（园区）补助", rule, f"按 1:{plain(rule.value)} 配套", reckoned, share, None)
    planned = yuan(values.get("src_county"))
    asked = "列入总额的部分不超过配套" + (f" {format_sum(share)}" if share is not None else "")
    return _line("县市区（园区）补助", rule, asked, reckoned, planned, _all(lambda a, b: a <= b, planned, share))


def _time(edition: Edition, keys: set[str], values: Values) -> Iterator[Line]:
    start, end = day(values.get("term_start")), day(values.get("term_end"))
    rule = edition.term_years
    asked, found = f"不超过 {plain(rule.value)} 年", f"{_said(start)}至{_said(end)}" if start or end else "—"
    if start:
        asked += f"，即最迟{in_chinese(last_day(start, rule.value))}"
    kept = within_years(start, end, rule.value) if start and end else None
    yield Line("实施周期", asked, "", found, kept, rule.article, rule.force.value)
    if "milestones" in keys:
        dates = [done for row in _rows(values) if (done := day(row.get("date")))]
        outside = list(milestones_outside(values, edition.cite("money")))
        span = "—" if not dates else f"{_said(min(dates))}至{_said(max(dates))}"
        yield Line("进度安排", "完成日期在实施周期内", "", span, not outside if dates and start and end else None)
    tax = edition.new_tax_minimum
    if tax and "new_tax" in keys:
        new, least = yuan(values.get("new_tax")), amount(tax)
        yield _line("执行期新增税收", tax, f"不低于 {format_sum(least)}", "", new, _all(lambda a: a >= least, new))


def _adds_up(name: str, reckoned: str, values: Values, keys: tuple[str, ...], whole: str) -> Line:
    total, decided = yuan(values.get(whole)), sum_so_far(values, keys, values.get(whole))
    asked = "等于总额" + (f" {format_sum(total)}" if total is not None else "")
    kept = _all(lambda a, b: a == b, decided, total)
    return Line(name, asked, reckoned, _money_said(_sum(values, keys)), kept)


def _line(name: str, rule: Parameter, asked: str, reckoned: str, found: Decimal | None, kept: bool | None) -> Line:
    return Line(name, asked, reckoned, _money_said(found), kept, rule.article, rule.force.value)


def _all(met: Callable[..., bool], *figures: Decimal | None) -> bool | None:
    """Return whether the rule is met; None when a figure is missing."""
    return None if any(figure is None for figure in figures) else met(*figures)


def _sum(values: Values, keys: tuple[str, ...], *, complete: bool = False) -> Decimal | None:
    """Return the sum of what is there; None when nothing is, or with ``complete`` when anything is missing."""
    parts = [part for key in keys if (part := yuan(values.get(key))) is not None]
    return sum(parts, Decimal(0)) if parts and (len(parts) == len(keys) or not complete) else None


def _money_said(found: Decimal | None) -> str:
    return "—" if found is None else format_sum(found)


def _said(moment: date | None) -> str:
    return in_chinese(moment) if moment else "（未填）"


def _rows(values: Values) -> list[Mapping[str, Any]]:
    rows = values.get("milestones")
    return [row for row in rows if isinstance(row, Mapping)] if isinstance(rows, list) else []
