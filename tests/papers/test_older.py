"""Facts of earlier releases are brought to the shape of today, and nothing is added that they did not say."""

import json
from collections import defaultdict
from collections.abc import Iterator
from copy import deepcopy
from typing import Any

import pytest

from tests.papers import worst
from tests.support.papers import keys
from tests.support.releases import RELEASES, read
from xtbang.papers.facts.older import STEPS, in_present_shape
from xtbang.queries.desk.payments import CONDITIONS

PAID_FIRST = "8893cc0a"  # the last release that issued orders of payment after it
Papers = list[tuple[str, dict[str, Any]]]


def papers(release: str) -> Papers:
    """Name and stored facts of every paper."""
    held = read(release)["rows"]["paper"]
    name, data = held["columns"].index("name"), held["columns"].index("data")
    return [(row[name], json.loads(row[data])) for row in held["rows"]]


def shapes(found: Papers) -> dict[str, set[str]]:
    """Name → every key that one of its papers has."""
    known: dict[str, set[str]] = defaultdict(set)
    for name, facts in found:
        known[name] |= set(keys(facts))
    return known


@pytest.fixture(scope="module")
def youngest() -> dict[str, set[str]]:
    """The keys of today's facts: of the papers that today's builders make, and of the last release as it is read today.

    An order of payment that was issued after the payment says what was paid; since then it is issued before.
    """
    brought = [(name, in_present_shape(name, facts)) for name, facts in papers(RELEASES[-1])]
    paid = [(name, in_present_shape(name, facts)) for name, facts in papers(PAID_FIRST) if name == "payment_order"]
    return shapes([*worst.papers().items(), *brought, *paid])


@pytest.mark.parametrize("release", RELEASES)
def test_older_facts_have_the_keys_of_today(youngest: dict[str, set[str]], release: str) -> None:
    brought = shapes([(name, in_present_shape(name, facts)) for name, facts in papers(release)])
    today = worst.papers()
    for name, found in brought.items():
        assert found <= youngest[name], name
        top = {key for key in (keys(today[name]) if name in today else youngest[name]) if key.count(".") == 1}
        assert top <= found, name


def test_what_was_stored_stays_and_facts_of_today_pass_unchanged() -> None:
    for name, facts in papers(RELEASES[0]):
        before = deepcopy(facts)
        once = in_present_shape(name, facts)
        assert facts == before
        assert in_present_shape(name, once) == once
    for name, facts in worst.papers().items():
        assert in_present_shape(name, facts) == facts


def test_the_first_release_is_cited_as_it_was_then() -> None:
    first = next(
        facts for name, facts in papers(RELEASES[0]) if name == "contract" and "《" in facts["project"]["edition"]
    )
    assert in_present_shape("contract", first)["sources"] == [
        "《湘潭市科技创新“揭榜挂帅”项目管理办法》（潭政办发〔2021〕14号，以下简称《办法》）"
    ]


def texts(value: Any) -> Iterator[str]:
    if isinstance(value, dict | list):
        for item in value.values() if isinstance(value, dict) else value:
            yield from texts(item)
    elif isinstance(value, str):
        yield value


@pytest.mark.parametrize("name", sorted(STEPS))
def test_no_name_time_or_text_is_made_up(name: str) -> None:
    """What was added is a blank, a sum of what stood there, or words and citations that the template used to print."""
    printed = (
        {"首期", "尾款", "contract", "acceptance", *CONDITIONS} if name in ("contract", "payment_order") else set()
    )
    for paper, facts in papers(RELEASES[0]):
        if paper == name:
            said = {text.replace(" ", "") for text in texts(facts)}
            new = {text for text in texts(in_present_shape(name, facts)) if text.replace(" ", "") not in said} - {""}
            made = {text for text in new if "《" not in text and not text.replace(".", "").isdigit()}
            assert made <= printed
