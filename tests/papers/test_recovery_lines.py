"""The lines of a decision on money that comes back (收回): one for each treasury that pays under the edition."""

from dataclasses import replace
from decimal import Decimal

from xtbang.config import ROOT
from xtbang.papers.facts.decision import recovery
from xtbang.rules.edition import Edition
from xtbang.rules.recovery import Cause
from xtbang.workflow.definition import load_policy

EDITION = load_policy(ROOT / "workflows").editions["2024"]


def treasuries(edition: Edition) -> list[str]:
    money = {"city": Decimal(120000), "county": Decimal(0)}
    return [line["name"] for line in recovery(edition, Cause.SUBJECTIVE, money, money, money)]


def test_a_county_that_has_not_paid_yet_is_named() -> None:
    assert treasuries(EDITION) == ["市级财政", "县市区（园区）财政"]


def test_a_county_that_pays_nothing_is_not_named() -> None:
    without = replace(EDITION, county_ratio=replace(EDITION.county_ratio, value=Decimal(0)))
    assert treasuries(without) == ["市级财政"]
