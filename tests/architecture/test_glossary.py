"""The glossary has every word of the policy and of the closed vocabularies, each once, and none that the code does not use."""

import re
from collections import Counter

import pytest

from xtbang import enums
from xtbang.config import ROOT
from xtbang.workflow.definition import load_policy
from xtbang.workflow.lifecycle import WRITTEN

ROW = re.compile(r"^\| (?P<terms>[^|]+) \| `(?P<word>[^`|]+)` \| (?P<meaning>[^|]+) \|$", re.MULTILINE)
GLOSSARY = (ROOT / "docs/glossary.md").read_text(encoding="utf-8")
WORDS = [row["word"] for row in ROW.finditer(GLOSSARY)]
TERMS = {row["word"]: row["terms"].split("、") for row in ROW.finditer(GLOSSARY)}
POLICY = load_policy(ROOT / "workflows")

VOCABULARIES: dict[str, dict[str, str]] = {
    "state": {state.id: state.name for state in POLICY.states.values()},
    "trigger": {action.trigger: action.name for action in POLICY.actions.values()},
    "role": enums.ROLE_LABELS,
    "kind of entry": enums.KIND_LABELS,
    "track": enums.TRACK_LABELS,
    "status of a bid": enums.BID_LABELS,
    "kind of panel": enums.PANEL_LABELS,
    "kind of notice": enums.NOTICE_LABELS,
}
OTHERS = {
    "status of a seat": enums.SEAT_LABELS,
    "line of the ledger": enums.LEDGER_LABELS,
    "source of money": enums.SOURCE_LABELS,
    "kind of document": WRITTEN,
    "paper": [path.stem for path in (ROOT / "templates/papers").glob("*.html") if not path.stem.startswith("_")],
}
NO_PAPERS = {"base", "parts"}  # templates that others are made of


@pytest.mark.parametrize("vocabulary", VOCABULARIES)
def test_a_vocabulary_is_there_with_the_terms_that_people_read(vocabulary: str) -> None:
    asked = VOCABULARIES[vocabulary]
    assert {word: term for word, term in asked.items() if term not in said_of(word)} == {}


def said_of(word: str) -> list[str]:
    """The Chinese terms of a word: its cell whole (a term may have a 、 in it) and in parts."""
    parts = TERMS.get(word, [])
    return ["、".join(parts), *parts]


@pytest.mark.parametrize("vocabulary", OTHERS)
def test_a_vocabulary_is_there(vocabulary: str) -> None:
    assert set(OTHERS[vocabulary]) - NO_PAPERS - set(WORDS) == set()


def test_a_word_has_one_row() -> None:
    assert [word for word, times in Counter(WORDS).items() if times > 1] == []
    assert len(WORDS) == GLOSSARY.count("\n| ") - GLOSSARY.count("\n| term | word | what it is |")


def test_every_word_is_one_of_the_code() -> None:
    files = [*(ROOT / "xtbang").rglob("*.py"), *(ROOT / "workflows").rglob("*.toml")]
    code = "\n".join(path.read_text(encoding="utf-8") for path in files).lower()
    unused = [word for word in WORDS if not re.search(rf"(?<![a-z]){word.replace(' ', '[ _]')}s?(?![a-z])", code)]
    assert unused == []
