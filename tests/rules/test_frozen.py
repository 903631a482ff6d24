"""An edition survives as JSON: by meaning, with defaults for what it did not know yet, and through steps of format."""

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from xtbang.rules import frozen
from xtbang.rules.frozen import FORMAT, NewerFormatError, content_of, digest_of, edition_of
from xtbang.rules.plain_data import ShapeError
from xtbang.workflow.definition import load_policy, read_folder
from xtbang.workflow.words import rekeyed

WORKFLOWS = Path(__file__).parents[2] / "workflows"
EDITIONS = load_policy(WORKFLOWS).editions


@pytest.mark.parametrize("key", EDITIONS)
def test_an_edition_comes_back_as_it_was(key: str) -> None:
    stored = json.loads(json.dumps(content_of(EDITIONS[key])))
    assert edition_of(stored, FORMAT) == EDITIONS[key]
    assert digest_of(dict(reversed(stored.items()))) == digest_of(stored)
    assert digest_of(stored | {"starts_on": "2020-01-01"}) != digest_of(stored)


def test_what_an_older_release_did_not_know_has_its_default() -> None:
    stored = content_of(EDITIONS["2024"])
    assert stored.pop("amended_on") is None
    assert stored["forms"]["tech_demand"]["sections"][0].pop("note") == ""
    assert edition_of(stored, FORMAT) == EDITIONS["2024"]


def without_keys() -> dict[str, Any]:
    """The content of an edition in the second format: choices were only words."""
    stored: dict[str, Any] = json.loads(json.dumps(content_of(EDITIONS["2024"])))
    forms = [*stored["forms"].values(), *stored["documents"].values()]
    fields = [field for form in forms for section in form["sections"] for field in section["fields"]]
    for item in [*fields, *(column for field in fields for column in field["columns"])]:
        item["choices"] = [label for _key, label in item["choices"]]
        del item["former"]
    return stored


def test_choices_without_keys_are_brought_along() -> None:
    """Their words are their own keys, and get those of the files at the start."""
    found = edition_of(without_keys(), 2)
    assert found.documents["acceptance"].field("self_grade").keys[2] == "未达到考核要求"
    assert rekeyed(found, read_folder(WORKFLOWS).words) == EDITIONS["2024"]


def test_a_name_that_nobody_knows_is_not_passed_over() -> None:
    with pytest.raises(ShapeError, match="colour"):
        edition_of(content_of(EDITIONS["2024"]) | {"colour": "red"}, FORMAT)


def test_an_older_format_is_brought_along_step_by_step(monkeypatch: pytest.MonkeyPatch) -> None:
    old = content_of(EDITIONS["2024"])
    old["begins"] = old.pop("starts_on")
    older = {"heading" if key == "title" else key: value for key, value in old.items()}
    monkeypatch.setattr(frozen, "FORMAT", FORMAT + 2)
    monkeypatch.setattr(frozen, "STEPS", frozen.STEPS | {
        FORMAT: lambda found: {"title": found.pop("heading")} | found,
        FORMAT + 1: lambda found: {"starts_on": found.pop("begins")} | found,
    })  # fmt: skip
    found = edition_of(older, FORMAT)
    assert (found.title, found.starts_on) == (EDITIONS["2024"].title, date(2024, 8, 26))
    assert edition_of(old, FORMAT + 1) == found
    with pytest.raises(NewerFormatError):
        edition_of(old, FORMAT + 3)


def test_two_instalments_that_were_a_share_become_a_list() -> None:
    old = without_keys()
    del old["instalments"]
    ratio = {"value": "0.5", "force": "must", "article": EDITIONS["2024"].instalments[0].article}
    assert edition_of(old | {"first_instalment_ratio": ratio}, 1).instalments == EDITIONS["2024"].instalments
