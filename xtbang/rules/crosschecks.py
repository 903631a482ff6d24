"""Rules about several fields of a form: computed fields, and checks of sums and orders."""

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from xtbang.rules.fields import FormDefinition
from xtbang.rules.money import format_sum, plain, yuan_from_wan
from xtbang.rules.quotation import quoted
from xtbang.rules.reasons import Reason
from xtbang.rules.term import in_chinese

Values = Mapping[str, Any]
Computation = Callable[[Values], str]
Check = Callable[[FormDefinition, Values], list[Reason]]

SOURCES = ("src_issuer_own", "src_paid_to_bidder", "src_city", "src_county")
PARTS = ("self_raised", "subsidy_asked")  # of the planned investment
USES = (
    "use_equipment", "use_material", "use_testing", "use_fuel", "use_travel",
    "use_publication", "use_labour", "use_expert", "use_other",
)  # fmt: skip
SPENT = ("spent_own", "spent_city", "spent_county")
OF_COUNTY = ("src_county", "spent_county")  # forms lack them where the county pays nothing
_PERCENT = re.compile(r"[0-9]{1,3}(?:\.[0-9]{1,2})?")
_HUNDRED = Decimal(100)


def totals(values: Values) -> dict[str, Decimal]:
    """Return the sums to print under the tables: sources, uses and milestones in yuan, shares in percent.

    A blank or unreadable cell counts as 0.
    """
    return {
        "sources": sum((_yuan(values.get(key)) or Decimal(0) for key in SOURCES), Decimal(0)),
        "uses": sum((_yuan(values.get(key)) or Decimal(0) for key in USES), Decimal(0)),
        "milestones": sum((_yuan(item) or Decimal(0) for item in _column(values, "milestones", "money")), Decimal(0)),
        "shares": sum((_percent(item) or Decimal(0) for item in _shares(values)), Decimal(0)),
    }


def rd_ratio(values: Values) -> str:
    """Return the ratio of R&D spending to revenue (研发经费占年销售收入比重) in percent, two decimals.

    Return "" when the revenue is 0 or either figure is missing.
    """
    spend, revenue = _yuan(values.get("rd_spend")), _yuan(values.get("revenue"))
    if spend is None or revenue is None or revenue <= 0:
        return ""
    return str((spend * _HUNDRED / revenue).quantize(Decimal("0.01"), ROUND_HALF_UP))


def rd_staff_within_staff(definition: FormDefinition, values: Values) -> list[Reason]:
    """Return a reason when the R&D staff (研究开发人员数) exceeds the staff (职工总数)."""
    staff, rd_staff = values.get("staff"), values.get("rd_staff")
    if not isinstance(staff, int) or not isinstance(rd_staff, int) or rd_staff <= staff:
        return []
    text = f"{_name(definition, 'rd_staff')}为 {rd_staff} 人，不得多于{_name(definition, 'staff')}的 {staff} 人。"
    return [Reason("F.rd_staff_within_staff", text, field="rd_staff")]


def investment_adds_up(definition: FormDefinition, values: Values) -> list[Reason]:
    """Return a reason unless planned R&D investment (计划研发投入) = self-raised (自筹) + requested subsidy (申请专项)."""
    planned, parts = (
        _yuan(values.get("planned_investment")),
        sum_so_far(values, PARTS, values.get("planned_investment")),
    )
    if planned is None or parts is None or planned == parts:
        return []
    names = f"{_name(definition, 'self_raised')}与{_name(definition, 'subsidy_asked')}"
    text = f"{names}合计 {format_sum(parts)}，须等于{_name(definition, 'planned_investment')}的 {format_sum(planned)}。"
    return [Reason("F.investment_adds_up", text, field="planned_investment")]


def budget_totals(definition: FormDefinition, values: Values) -> list[Reason]:
    """Return a reason for each budget table whose sum differs from the total R&D investment (科研投入总额).

    The tables are the sources (经费来源) and the uses (支出预算).
    """
    total = _yuan(values.get("total_investment"))
    reasons = []
    for title, keys in (("经费来源", SOURCES), ("支出预算", USES)):
        parts = sum_so_far(values, _asked(definition, keys), values.get("total_investment"))
        if total is None or parts is None or total == parts:
            continue
        gap = f"{'少' if parts < total else '多'} {format_sum(abs(total - parts))}"
        text = f"{title}合计 {format_sum(parts)}，比{_name(definition, 'total_investment')} {format_sum(total)}{gap}。"
        reasons.append(Reason("F.budget_totals", text, field=keys[0]))
    return reasons


def spending_adds_up(definition: FormDefinition, values: Values) -> list[Reason]:
    """Return a reason unless what was spent by source equals what was spent by line of the budget, once all is typed."""
    asked = _asked(definition, SPENT), _asked(definition, USES)
    amounts = {key: amount for keys in asked for key in keys if (amount := _yuan(values.get(key))) is not None}
    if len(amounts) < sum(map(len, asked)):
        return []
    sources, uses = (sum((amounts[key] for key in keys), Decimal(0)) for keys in asked)
    if sources == uses:
        return []
    text = f"按来源的支出合计 {format_sum(sources)}，按科目的支出合计 {format_sum(uses)}，两者须相等。"
    return [Reason("F.spending_adds_up", text, field=USES[0])]


def milestone_money(definition: FormDefinition, values: Values) -> list[Reason]:
    """Return a reason when the money of all milestones exceeds the total R&D investment (科研投入总额)."""
    total, planned = _yuan(values.get("total_investment")), totals(values)["milestones"]
    if total is None or planned <= total:
        return []
    name = _name(definition, "milestones")
    text = f"{name}的经费合计 {format_sum(planned)}，超过{_name(definition, 'total_investment')} {format_sum(total)}。"
    return [Reason("F.milestone_money", text, field="milestones")]


def end_after_start(definition: FormDefinition, values: Values) -> list[Reason]:
    """Return a reason unless the term ends after the day on which it starts."""
    start, end = _date(values.get("term_start")), _date(values.get("term_end"))
    if start is None or end is None or start < end:
        return []
    text = f"{_name(definition, 'term_end')}（{in_chinese(end)}）须晚于{_name(definition, 'term_start')}（{in_chinese(start)}）。"
    return [Reason("F.end_after_start", text, field="term_end")]


def shares_add_up(definition: FormDefinition, values: Values) -> list[Reason]:
    """Return a reason unless the shares of the lead and of all members add up to 100 %."""
    typed = [item for item in _shares(values) if item not in (None, "")]
    shares = [share for item in typed if (share := _percent(item)) is not None]
    if not shares or len(shares) < len(typed) or sum(shares) == _HUNDRED:
        return []
    names = f"{_name(definition, 'lead_share')}与{_name(definition, 'members')}"
    text = f"{names}的比例合计 {plain(sum(shares, Decimal(0)))}%，须为 100%。"
    return [Reason("F.shares_add_up", text, field="lead_share")]


COMPUTATIONS: dict[str, Computation] = {"rd_ratio": rd_ratio}
CHECKS: dict[str, Check] = {
    check.__name__: check
    for check in (
        rd_staff_within_staff, investment_adds_up, budget_totals, milestone_money, end_after_start,
        shares_add_up, spending_adds_up,
    )
}  # fmt: skip
# fields that a check or a computation needs: without one of them it finds nothing wrong, ever
FIELDS_OF_CHECKS: dict[str, tuple[str, ...]] = {
    "rd_staff_within_staff": ("staff", "rd_staff"),
    "investment_adds_up": ("planned_investment", "self_raised", "subsidy_asked"),
    "budget_totals": ("total_investment", *SOURCES, *USES),
    "milestone_money": ("total_investment", "milestones"),
    "end_after_start": ("term_start", "term_end"),
    "shares_add_up": ("lead_share", "members"),
    "spending_adds_up": (*SPENT, *USES),
    "rd_ratio": ("rd_spend", "revenue"),
}


def _asked(definition: FormDefinition, keys: Sequence[str]) -> list[str]:
    """Return the keys without those of the county that the form does not have."""
    fields = {field.key for field in definition.fields}
    return [key for key in keys if key in fields or key not in OF_COUNTY]


def _name(definition: FormDefinition, key: str) -> str:
    return next((f"{quoted(field.label)}" for field in definition.fields if field.key == key), f"{quoted(key)}")


def _yuan(value: Any) -> Decimal | None:
    try:
        return yuan_from_wan(value)
    except ValueError:
        return None


def _percent(value: Any) -> Decimal | None:
    return Decimal(value) if isinstance(value, str) and _PERCENT.fullmatch(value) else None


def _date(value: Any) -> date | None:
    try:
        return date.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        return None


def sum_so_far(values: Values, keys: Sequence[str], whole: Any) -> Decimal | None:
    """Return the sum of the keys in yuan, blanks as 0.

    None when all are blank, one cannot be read, or what is blank may still make up for what is missing to ``whole``.
    """
    typed = [value for key in keys if (value := values.get(key)) not in (None, "")]
    parts = [amount for value in typed if (amount := _yuan(value)) is not None]
    if not typed or len(parts) < len(typed):
        return None
    total, most = sum(parts, Decimal(0)), _yuan(whole)
    return None if len(typed) < len(keys) and most is not None and total < most else total


def _column(values: Values, rows: str, key: str) -> list[Any]:
    table = values.get(rows)
    return [row.get(key) for row in table if isinstance(row, Mapping)] if isinstance(table, list) else []


def _shares(values: Values) -> list[Any]:
    return [values.get("lead_share"), *_column(values, "members", "share")]
