"""The demo's words: every composed form obeys the official one, sums are exact, nobody in it is real."""

import random
from dataclasses import fields
from datetime import date
from decimal import Decimal
from functools import cache
from itertools import combinations
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from stdnum.cn import uscc

from xtbang.demo import texts
from xtbang.rules.crosschecks import CHECKS, COMPUTATIONS, SOURCES, USES
from xtbang.rules.fields import FormDefinition
from xtbang.rules.forms import check, clean, unknown_keys
from xtbang.rules.wordcount import count
from xtbang.workflow.form_reader import load_form

FORMS = Path(__file__).parents[2] / "workflows" / "forms"
START, END, SIGNED = date(2025, 1, 1), date(2026, 12, 31), date(2024, 11, 12)
EDITIONS = tuple(texts.LIMITS)  # (kind, edition)
RARE = "䶮㛃𬭎𫟅昇堃喆镕赟"


@cache
def form(name: str) -> FormDefinition:
    return load_form(FORMS / f"{name}.toml", CHECKS, COMPUTATIONS)


def labels(name: str, key: str) -> list[str]:
    return [choice.label for choice in form(name).field(key).choices]


def faults(name: str, values: dict[str, Any], *ours_to_add: str) -> list[str]:
    """What the real form says against the values, but for files that the caller attaches."""
    definition = form(name)
    assert not unknown_keys(definition, values)
    reasons = check(definition, clean(definition, values), complete=True)
    return [f"{reason.field}: {reason.text}" for reason in reasons if reason.field not in ours_to_add]


def make(kind: str, edition: str, index: int, seed: int) -> dict[str, Any]:
    rng = random.Random(f"{kind} {index} {seed}")
    org = texts.issuer_of(texts.topic_of(kind, index))
    return texts.entry(kind, edition, index, rng, org, texts.person(rng, org), START, END)


@pytest.mark.parametrize(("kind", "edition"), EDITIONS)
@pytest.mark.parametrize("lap", [0, 1])
def test_every_entry_fills_its_form(kind: str, edition: str, lap: int) -> None:
    limits, topics = texts.LIMITS[kind, edition], texts.topics(kind)
    for index in range(len(topics) * lap, len(topics) * (lap + 1)):
        for seed in range(5):
            values = make(kind, edition, index, seed)
            assert faults(f"{kind}_{edition}", values) == []
            for field, limit in limits.items():
                used = count(values[field])
                assert limit * 0.75 <= used <= limit, (texts.topic_of(kind, index).id, field, used)
                assert not set("{}~|") & set(values[field]), values[field]


@pytest.mark.parametrize("seed", range(5))
def test_money_of_a_demand_of_2024(seed: int) -> None:
    for index in range(len(texts.topics("tech_demand"))):
        values = make("tech_demand", "2024", index, seed)
        planned, own, asked, tax = (
            Decimal(values[key]) for key in ("planned_investment", "self_raised", "subsidy_asked", "new_tax")
        )
        assert planned == own + asked >= 100 <= tax
        assert asked * 4 <= planned and asked <= 50 and own >= 3 * asked


def test_given_money_is_used() -> None:
    org = texts.issuer_of(texts.topic_of("scene_demand", 0))
    rng = random.Random(1)
    values = texts.entry(
        "scene_demand", "2021", 0, rng, org, texts.person(rng, org), START, END, total=Decimal("512.5")
    )
    assert values["planned_total"] == "512.5" and "512.5万元" in values["scene_basis"]


def test_the_row_in_the_database_will_do() -> None:
    org, rng = texts.issuer_of(texts.topic_of("tech_demand", 0)), random.Random(1)
    row = SimpleNamespace(**{field.name: getattr(org, field.name) for field in fields(org)}, uscc=org.uscc)
    row.revenue, row.profit_tax, row.rd_spend = Decimal(582305000), Decimal("-31860.45"), None
    values = texts.entry("tech_demand", "2024", 0, rng, row, texts.person(rng, org), str(START), str(END))
    assert [values[key] for key in ("revenue", "profit_tax", "rd_spend")] == ["58230.5", "-3.186", "0"]


def test_topics_cover_the_official_lists() -> None:
    numbers = {kind: len(texts.topics(kind)) for kind in texts.ENTRY_KINDS}
    assert numbers["tech_demand"] >= 24 and min(numbers.values()) >= 12 and sum(numbers.values()) >= 60
    demands = texts.topics("tech_demand")
    assert sum(bool(topic.data.get("hand")) for topic in demands) >= 12
    assert {topic.domain_2021 for topic in demands} == set(labels("tech_demand_2021", "domain"))
    assert {topic.domain_2024 for topic in demands} == set(labels("tech_demand_2024", "domain"))
    assert texts.domains() == labels("tech_demand_2021", "domain")
    for topic in texts.topics():
        assert 3 <= len(topic.indicators) <= 6 and len(topic.tasks) >= 3
        assert texts.issuer_of(topic) and texts.topic_by_id(topic.id) == topic


def test_entries_differ() -> None:
    for kind, edition in EDITIONS:
        topics = texts.topics(kind)
        entries = [make(kind, edition, index, 0) for index in range(len(topics))]
        assert len({values["title"] for values in entries}) == len(topics)
        field = "background" if kind.endswith("demand") else "standing"
        said = [{line for line in values[field].split("。") if line} for values in entries]
        for one, other in combinations(said, 2):
            assert len(one & other) <= 0.4 * min(len(one), len(other))
    again = {make("tech_demand", "2021", index, 0)["title"] for index in range(2000)}
    assert len(again) > 1000


def test_same_seed_same_words() -> None:
    assert make("tech_demand", "2024", 3, 7) == make("tech_demand", "2024", 3, 7)
    assert make("tech_demand", "2024", 1, 7)["background"] != make("tech_demand", "2024", 1, 8)["background"]


def test_organisations_are_fictional_and_right() -> None:
    listed = texts.organisations()
    more = texts.more_organisations(random.Random(3), 3000)
    assert len(listed) >= 40 and len(more) == 3000
    for org in (*listed, *more):
        assert "示例" in org.name or "演示" in org.name
        assert org.uscc == org.uscc_body + uscc.calc_check_digit(org.uscc_body)
        assert uscc.is_valid(org.uscc) and org.rd_staff <= org.staff
        assert org.uscc_body[8:12] == "XTDM"  # a series that no office has given out
    assert (
        len({org.uscc for org in (*listed, *more)}) == len({org.name for org in (*listed, *more)}) == len(listed) + 3000
    )
    regions = set(labels("tech_demand_2021", "region"))
    assert {org.region for org in listed} == regions
    assert {org.kind for org in listed} == set("企业 高校 科研院所 新型研发机构 事业单位 科技服务机构 创新平台".split())
    assert any(Decimal(org.profit_tax) < 0 for org in listed)


def test_people_are_fictional() -> None:
    org = texts.organisations()[0]
    staff = texts.people(random.Random(5), org, 40)
    assert len({one.email for one in staff}) == len({str(one) for one in staff}) == 40
    crowd = texts.people(random.Random(5))
    assert set(RARE) <= set("".join(one.name for one in crowd))
    for one in (*staff, *crowd):
        assert one.mobile.startswith("154") and one.email.endswith((".example.com", ".example.org"))
    pool = texts.experts(random.Random(5), texts.organisations(), 50)
    assert {expert.kind for expert in pool} == {"technical", "financial", "legal"}
    assert all(expert.domains for expert in pool if expert.kind == "technical")


@pytest.mark.parametrize("kind", texts.ENTRY_KINDS)
def test_bids_applications_reports(kind: str) -> None:
    for index, topic in enumerate(texts.topics(kind)):
        rng = random.Random(index)
        lead, *others = texts.bidders_for(topic)
        members = others[: index % 4]
        offer = texts.bid(rng, kind, index, lead, members, start=START, end=END)
        assert faults("bid", offer) == []
        assert sum(Decimal(row["money"]) for row in offer["milestones"]) == Decimal(offer["price"])
        assert len(offer["response"]) == len(topic.indicators) and len(offer["members"]) == len(members)
        assert count(offer["route"]) >= 1125 and count(offer["basis"]) >= 600
        assert faults("report", texts.report(rng, kind, index, subsidy=Decimal(30))) == []
        done = texts.acceptance(rng, kind, index, subsidy=Decimal(30), good=bool(index % 3))
        assert faults("acceptance", done) == []


@pytest.mark.parametrize(
    ("total", "subsidy", "county"),
    [("100", "25", "0"), ("200", "50", "0"), ("320", "50", "50"), ("180.5", "15.25", "15.25"), ("100.01", "0", "0")],
)
def test_application_adds_up(total: str, subsidy: str, county: str) -> None:
    whole, grant = Decimal(total), Decimal(subsidy)
    for index, topic in enumerate(texts.topics("tech_demand")):
        values = texts.application(
            random.Random(index), "tech_demand", index, total=whole, subsidy=grant, start=START, end=END,
            signed_on=SIGNED, bidder=texts.bidders_for(topic)[0],
        )  # fmt: skip
        assert faults("application", values, "contract_file") == []
        assert sum(Decimal(values[key]) for key in SOURCES) == sum(Decimal(values[key]) for key in USES) == whole
        assert sum(Decimal(row["money"]) for row in values["milestones"]) == whole
        assert values["src_city"] == subsidy and values["src_county"] == county
        raised = Decimal(values["src_issuer_own"]) + Decimal(values["src_paid_to_bidder"])
        assert raised >= 3 * grant and Decimal(values["src_paid_to_bidder"]) * 10 >= whole * 4
        assert values["milestones"][-1]["date"] == str(END)


def test_application_refuses_too_much() -> None:
    bidder = texts.bidders_for(texts.topic_of("tech_demand", 0))[0]
    with pytest.raises(ValueError, match="25%"):
        texts.application(
            random.Random(1), "tech_demand", 0, total=Decimal(100), subsidy=Decimal("25.01"), start=START, end=END,
            signed_on=SIGNED, bidder=bidder,
        )  # fmt: skip


def test_remarks_name_fields_of_their_form() -> None:
    for kind, edition in EDITIONS:
        keys = {field.key for field in form(f"{kind}_{edition}").fields}
        for seed in range(20):
            remarks = texts.send_back_remarks(random.Random(seed), kind, edition)
            assert remarks.pop("") and 2 <= len(remarks) <= 4
            assert set(remarks) <= keys


def test_pools_and_guides() -> None:
    assert len(texts.pool_names()) >= 25
    for name in texts.pool_names():
        said = texts.pools(name)
        assert len(set(said)) == len(said) >= 1
        assert all(20 <= count(line) <= 300 for line in said), name
    assert "常年征集" in texts.guide("2021") and "2024年度" in texts.guide("2024")
    assert texts.resolution_number(SIGNED, 12) == "潭科党组纪要〔2024〕12号"
    assert texts.funding_number(SIGNED, 3) == "潭财教指〔2024〕3号"
