"""What stands beside a plan while it is typed: sums, shares and limits; what is missing breaks nothing."""

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.factories.values import APPLICATION
from tests.support.odd import ODD
from xtbang.rules.edition import Edition
from xtbang.rules.forms import clean, readable
from xtbang.rules.plan import milestones_outside, plan_lines, planned_payment
from xtbang.workflow.definition import load_policy


@pytest.fixture(scope="module")
def edition() -> Edition:
    return load_policy(Path(__file__).parents[2] / "workflows").editions["2024"]


ROW = {"content": "中试", "indicator": "样件", "money": "80"}


def lines(edition: Edition, **typed: Any) -> dict[str, Any]:
    definition = edition.documents["application"]
    values = readable(definition, clean(definition, typed))
    found = plan_lines(edition, {field.key for field in definition.fields}, values)
    return {line.name: line for group in found.values() for line in group}


def broken(edition: Edition, **typed: Any) -> set[str]:
    return {name for name, line in lines(edition, **APPLICATION | typed).items() if line.kept is False}


def test_an_empty_plan_breaks_nothing(edition: Edition) -> None:
    assert {line.kept for line in lines(edition).values()} == {None}
    assert {line.found for line in lines(edition).values()} == {"—"}


def test_a_plan_that_holds_is_said_to_hold(edition: Edition) -> None:
    assert {line.kept for line in lines(edition, **APPLICATION).values()} == {True}


@pytest.mark.parametrize(
    ("typed", "names"),
    [
        ({"src_city": "35.01", "src_county": "0", "total_investment": "140"}, {"市级补助占比", "来源合计", "支出合计"}),
        ({"src_paid_to_bidder": "79.99", "src_issuer_own": "40.01"}, {"发榜方支付揭榜方"}),
        ({"src_city": "50.01"}, {"市级补助占比", "市级补助上限", "自筹配套", "来源合计"}),
        ({"src_issuer_own": "29.99"}, {"自筹配套", "来源合计"}),
        ({"src_county": "40.01"}, {"县市区（园区）补助", "来源合计"}),
        ({"use_other": "0.01"}, {"支出合计"}),
        ({"term_end": "2026-11-20"}, {"实施周期"}),
        ({"milestones": [ROW | {"date": "2024-11-19"}]}, {"进度安排"}),
        ({"milestones": [ROW | {"date": "2026-11-20"}]}, {"进度安排"}),
        ({"new_tax": "99.99"}, {"执行期新增税收"}),
        ({"total_investment": "99.99"}, {"科研投入总额", "市级补助占比", "来源合计", "支出合计"}),
    ],
)
def test_each_line_follows_what_is_typed(edition: Edition, typed: dict[str, Any], names: set[str]) -> None:
    assert broken(edition, **typed) == names


def test_a_line_says_the_limit_and_how_it_is_reckoned(edition: Edition) -> None:
    found = lines(edition, total_investment="140", src_city="35.01", src_paid_to_bidder="55")
    share, paid = found["市级补助占比"], found["发榜方支付揭榜方"]
    assert (share.asked, share.sum, share.found, share.kept) == (
        "不超过总额的 25%，即 35.00 万元", "140.00 万元 × 25%", "35.01 万元", False,
    )  # fmt: skip
    assert (paid.asked, paid.found, paid.kept) == ("首拨前付到总额的 40%，即 56.00 万元", "55.00 万元", False)
    assert found["自筹配套"].kept is None  # 发榜方自用自筹 is missing


def test_a_payment_that_must_fail_later_is_said_at_once(edition: Edition) -> None:
    assert list(planned_payment(edition, {"total_investment": "140", "src_paid_to_bidder": "56"})) == []
    (reason,) = planned_payment(edition, {"total_investment": "140", "src_paid_to_bidder": "55"})
    assert (reason.field, reason.force) == ("src_paid_to_bidder", "advice")
    assert "55.00 万元，低于科研投入总额 140.00 万元的 40%（56.00 万元）" in reason.text


def test_a_milestone_outside_of_the_term_is_named_at_its_cell() -> None:
    rows = [{"date": "2025-01-01"}, {"date": "2024-12-31"}, {"date": ""}, {"date": "2026-01-01"}]
    values = {"term_start": "2025-01-01", "term_end": "2025-12-31", "milestones": rows}
    first, second = milestones_outside(values, "《办法》第七条")
    assert (first.field, second.field) == ("milestones.1.date", "milestones.3.date")
    assert first.text == "进度安排第 2 行的完成日期2024年12月31日早于起始日期2025年1月1日。"


@given(st.dictionaries(st.sampled_from(list(APPLICATION)), st.sampled_from(ODD) | st.just([{"date": "x"}])))
def test_anything_can_be_typed(edition: Edition, typed: dict[str, Any]) -> None:
    assert lines(edition, **APPLICATION | typed)
