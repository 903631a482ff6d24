"""docs/security.md: every item is met, not applicable or open, with what says so; a test that it names is there."""

import re
from collections import Counter
from inspect import isfunction, unwrap
from pathlib import Path
from types import CodeType
from typing import Any

import pytest
from flask import Flask

from xtbang.application import UPLOAD_ENDPOINTS
from xtbang.web.frame.throttle import RULES

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "docs" / "security.md").read_text(encoding="utf-8")
ROWS = re.findall(r"^\| (V[\d.]+|8\.1\.4[\d. a-z–]*) \| (.+?) \| (.+?) \| (.+?) \|$", TEXT, re.MULTILINE)


def test_every_item_has_one_state_and_says_why() -> None:
    assert len(ROWS) > 200
    assert {state for _item, _what, state, _why in ROWS} == {"met", "n/a", "open"}
    assert [item for item, count in Counter(item for item, *_rest in ROWS).items() if count > 1] == []


def test_every_test_that_is_named_is_there() -> None:
    named = set(re.findall(r"`(test_\w+)`", TEXT))
    defined = {
        name
        for path in (ROOT / "tests").rglob("test_*.py")
        for name in re.findall(r"^def (test_\w+)", path.read_text(encoding="utf-8"), re.MULTILINE)
    }
    assert len(named) > 60
    assert named - defined == set()


def test_what_is_counted_is_so() -> None:
    states = Counter(state for item, _what, state, _why in ROWS if item.startswith("V"))
    said = re.search(r"Of (\d+) items of ASVS (\d+) are met, (\d+) not applicable, (\d+) open", TEXT)
    assert said
    assert [int(number) for number in said.groups()] == [
        states.total(), states["met"], states["n/a"], states["open"]
    ]  # fmt: skip


def reads_files(function: Any, seen: set[Any]) -> bool:
    """Whether the function reads the files of the request, itself or by what it calls in xtbang.web."""
    function = unwrap(function)
    seen.add(function)
    used, codes = set(), [function.__code__]
    for code in codes:
        used |= set(code.co_names)
        codes += [inner for inner in code.co_consts if isinstance(inner, CodeType)]
    called = [unwrap(made) for made in map(function.__globals__.get, used) if isfunction(made)]
    own = (made for made in called if made.__module__.startswith("xtbang.web") and made not in seen)
    return {"request", "files"} <= used or any(reads_files(made, seen) for made in own)


@pytest.mark.parametrize("app", ["sqlite"], indirect=True)
def test_every_page_that_takes_files_has_room_for_them_and_a_bound(app: Flask) -> None:
    sent = {rule.endpoint for rule in app.url_map.iter_rules() if "POST" in (rule.methods or ())}
    taking = {endpoint for endpoint in sent if reads_files(app.view_functions[endpoint], set())}
    assert len(taking) > 8
    assert taking - UPLOAD_ENDPOINTS == taking - {page for rule in RULES for page in rule.pages} == set()


WHOLE = {  # where all fields of a form are read, whatever their names, and why
    "application.py",  # freed of U+0000
    "web/frame/bounds.py",  # how long each is
    "web/frame/once.py",  # whether the same form was sent before
    "web/frame/refused.py",  # kept for its sender
    "web/project/action_page.py",  # shown again to its sender
}


def test_a_form_is_read_by_the_names_of_its_own_fields() -> None:
    """Whoever adds a field that the page does not have, a role or an amount, adds nothing."""
    code = {
        str(path.relative_to(ROOT / "xtbang")): path.read_text(encoding="utf-8")
        for path in (ROOT / "xtbang").rglob("*.py")
    }
    every = re.compile(
        r"\*\*\s*(request|sent)\.(form|values|args|json)|\.(form|values)\.(items|lists|to_dict|keys|listvalues)\("
    )
    assert {path for path, text in code.items() if every.search(text)} == WHOLE
