"""docs/security.md: every item is met, not applicable or open, with what says so; a test that it names is there."""

import re
from collections import Counter
from pathlib import Path

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
