from decimal import Decimal
from typing import Any

import pytest

from xtbang.rules.crosschecks import CHECKS, SOURCES, USES, rd_ratio, totals
from xtbang.rules.fields import Field, FieldKind, one_section

LABELS = {
    "staff": "职工总数", "rd_staff": "研究开发人员数", "planned_investment": "计划研发投入", "self_raised": "其中自筹",
    "subsidy_asked": "申请专项", "total_investment": "科研投入总额", "term_start": "开始日期", "term_end": "结束日期",
    "milestones": "进度安排", "members": "联合体成员", "lead_share": "牵头单位比例",
}  # fmt: skip
FORM = one_section("form", "表", tuple(Field(key, label, FieldKind.TEXT) for key, label in LABELS.items()))


def sentences(name: str, **values: Any) -> list[str]:
    return [str(reason) for reason in CHECKS[name](FORM, values)]


@pytest.mark.parametrize(
    ("spend", "revenue", "ratio"),
    [
        ("5", "100", "5.00"), ("1", "3", "33.33"), ("2", "3", "66.67"), ("0.00125", "100", "0.00"),
        ("0.005", "100", "0.01"),
        ("5", "0", ""), ("5", "", ""), (None, "100", ""), ("x", "100", ""), ("300", "100", "300.00"),
        ("0", "100", "0.00"),
    ],
)  # fmt: skip
def test_rd_ratio(spend: str | None, revenue: str, ratio: str) -> None:
    assert rd_ratio({"rd_spend": spend, "revenue": revenue}) == ratio


def test_rd_staff_within_staff() -> None:
    assert sentences("rd_staff_within_staff", staff=10, rd_staff=10) == []
    assert sentences("rd_staff_within_staff", staff=10, rd_staff=11) == [
        "“研究开发人员数”为 11 人，不得多于“职工总数”的 10 人。"
    ]
    assert sentences("rd_staff_within_staff", staff="", rd_staff=11) == []


def test_investment_adds_up() -> None:
    name = "investment_adds_up"
    assert sentences(name, planned_investment="100", self_raised="75", subsidy_asked="25") == []
    assert sentences(name, planned_investment="100", self_raised="75", subsidy_asked="24.9999") == [
        "“其中自筹”与“申请专项”合计 99.9999 万元，须等于“计划研发投入”的 100.00 万元。"
    ]
    assert sentences(name, planned_investment="100", self_raised="x", subsidy_asked="25") == []
    assert sentences(name, planned_investment="100") == []


def test_what_is_not_typed_yet_may_make_up_for_what_is_missing() -> None:
    assert sentences("budget_totals", total_investment="200", src_paid_to_bidder="90", src_city="50") == []
    (sentence,) = sentences("budget_totals", total_investment="200", src_paid_to_bidder="190", src_city="50")
    assert sentence.startswith("经费来源合计 240.00 万元")
    assert sentences("investment_adds_up", planned_investment="100", subsidy_asked="25") == []


def test_budget_totals() -> None:
    sources = dict(zip(SOURCES, ("35", "40", "25", "0"), strict=True))
    uses = dict.fromkeys(USES, "10") | {"use_other": "20"}
    assert sentences("budget_totals", total_investment="100", **sources, **uses) == []
    assert sentences("budget_totals", total_investment="101", **sources, **uses | {"use_fuel": "13"}) == [
        "经费来源合计 100.00 万元，比“科研投入总额” 101.00 万元少 1.00 万元。",
        "支出预算合计 103.00 万元，比“科研投入总额” 101.00 万元多 2.00 万元。",
    ]
    assert sentences("budget_totals", total_investment="", **sources) == []


def test_milestone_money() -> None:
    rows = [{"money": "60"}, {"money": ""}, {"money": "40"}]
    assert sentences("milestone_money", total_investment="100", milestones=rows) == []
    assert sentences("milestone_money", total_investment="99.99", milestones=rows) == [
        "“进度安排”的经费合计 100.00 万元，超过“科研投入总额” 99.99 万元。"
    ]


def test_end_after_start() -> None:
    assert sentences("end_after_start", term_start="2026-01-01", term_end="2026-01-02") == []
    assert sentences("end_after_start", term_start="2026-01-01", term_end="2026-01-01") == [
        "“结束日期”（2026年1月1日）须晚于“开始日期”（2026年1月1日）。"
    ]
    assert sentences("end_after_start", term_start="2026-01-01", term_end="x") == []


def test_shares_add_up() -> None:
    rows = [{"share": "33.33"}, {"share": "33.33"}]
    assert sentences("shares_add_up", lead_share="33.34", members=rows) == []
    assert sentences("shares_add_up", lead_share="100", members=[]) == []
    assert sentences("shares_add_up", lead_share="33.33", members=rows) == [
        "“牵头单位比例”与“联合体成员”的比例合计 99.99%，须为 100%。"
    ]
    assert sentences("shares_add_up", lead_share="", members=[]) == []
    assert sentences("shares_add_up", lead_share="x", members=rows) == []


def test_totals_for_printing() -> None:
    values = {"src_city": "25", "src_issuer_own": "x", "use_fuel": "0.5", "milestones": [{"money": "1"}, "?"]}
    assert totals(values | {"lead_share": "60", "members": [{"share": "40"}]}) == {
        "sources": Decimal(250_000), "uses": Decimal(5_000), "milestones": Decimal(10_000), "shares": Decimal(100),
    }  # fmt: skip
    assert totals({}) == dict.fromkeys(("sources", "uses", "milestones", "shares"), 0)
