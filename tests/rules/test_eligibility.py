import pytest

from tests.rules.conftest import ALL_KINDS, REGIONS
from xtbang.rules.edition import Edition
from xtbang.rules.eligibility import bid_hints, check_bidding, check_posting, is_local
from xtbang.rules.reasons import Force


def ids(reasons: list) -> list[str]:  # type: ignore[type-arg]
    assert all(reason.text.endswith("。") for reason in reasons)
    return [reason.rule for reason in reasons]


def test_demands_come_from_the_city(old: Edition, new: Edition) -> None:
    assert check_posting(old, "tech_demand", "事业单位", "雨湖区") == []
    assert ids(check_posting(old, "tech_demand", "企业", "市外")) == ["A4.local"]
    assert ids(check_posting(new, "tech_demand", "高校", "市外")) == ["A4.issuer", "A4.local"]
    (reason,) = check_posting(new, "tech_demand", "事业单位", "韶山市")
    assert str(reason) == "2024年度的“技术需求”由企业提出，贵单位类别为“事业单位”（《办法》第四条（一））。"


def test_supply_comes_from_anywhere(old: Edition, new: Edition) -> None:
    assert check_posting(old, "tech_supply", "高校", "市外") == []
    assert ids(check_posting(new, "tech_supply", "高校", "市外")) == ["A4.kind"]
    assert ids(check_posting(old, "tech_supply", "高校", "长沙市")) == ["A4.region"]


@pytest.mark.parametrize("region", REGIONS)
def test_local(region: str) -> None:
    assert is_local(region) == (region != "市外")


def test_the_issuer_is_never_its_own_bidder(old: Edition) -> None:
    assert check_bidding(old, "高校", 1, [2, 3], "市外") == []
    for bidders in ([1], [1, 2], [2, 1], [2, 3, 1]):
        (reason,) = check_bidding(old, "高校", 1, bidders, "市外")
        assert str(reason) == "同一项目的发榜方不能作为揭榜方、联合体成员或项目合作单位揭榜（《办法》第六条）。"
        assert reason.force is Force.MUST


def test_who_may_bid(old: Edition, new: Edition) -> None:
    assert [kind for kind in ALL_KINDS if not check_bidding(old, kind, 1, [2], "市外")] == list(ALL_KINDS)
    assert {kind for kind in ALL_KINDS if not check_bidding(new, kind, 1, [2], "市外")} == set(new.bidder_kinds)
    assert ids(check_bidding(new, "企业", 1, [1, 1], "?")) == ["A4.region", "A6.bidder", "A6.issuer", "A6.twice"]


def test_hints_never_block(old: Edition) -> None:
    assert bid_hints(old, [2], "市外") == []
    hints = bid_hints(old, [2, 3], "湘乡市")
    assert ids(hints) == ["A6.local", "A6.joint"]
    assert {hint.force for hint in hints} == {Force.ADVICE}
