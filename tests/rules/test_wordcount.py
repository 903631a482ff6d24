import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from xtbang.rules.wordcount import count, pattern

CASES = json.loads(Path(__file__).with_name("wordcount_cases.json").read_text(encoding="utf-8"))
NODE = shutil.which("node")
SCRIPT = """
const {pattern, texts} = JSON.parse(require('fs').readFileSync(0, 'utf8'));
const counts = texts.map(text => (text.match(new RegExp(pattern, 'gu')) || []).length);
console.log(JSON.stringify(counts));
"""


@pytest.mark.parametrize(("text", "words"), CASES)
def test_counts_as_word_does(text: str, words: int) -> None:
    assert count(text) == words


def test_the_pattern_is_plain_ascii_so_that_it_can_stand_in_an_attribute() -> None:
    assert re.fullmatch(r"[\[\]\\u{}0-9a-f|^*-]+", pattern())


@given(st.text(), st.text())
def test_a_space_between_two_texts_adds_nothing_up(one: str, other: str) -> None:
    assert count(f"{one} {other}") == count(one) + count(other)


@given(st.text(alphabet=st.characters(min_codepoint=0x4E00, max_codepoint=0x9FFF)))
def test_every_ideograph_is_one(text: str) -> None:
    assert count(text) == len(text)


@pytest.mark.skipif(NODE is None, reason="no node")
def test_the_browser_counts_the_same() -> None:
    """Every assigned kind of character, between letters, ideographs and spaces, counted by node."""
    blocks = [chr(code) for code in range(0x20, 0x40000, 37) if not 0xD800 <= code < 0xE000]
    blocks += [chr(code) for code in [*range(0x20, 0x400), *range(0x2000, 0x2100), *range(0x3000, 0x3100)]]
    blocks += [chr(code) for code in [*range(0xFE00, 0x10000), 0xE0100, 0xE01EF, 0x2A6DF, 0x323AF]]
    texts = [text for text, _ in CASES] + [f"a{one}b 中{one}文{one}" for one in blocks]
    asked = json.dumps({"pattern": pattern(), "texts": texts})
    answer = subprocess.run([NODE or "", "-e", SCRIPT], input=asked, capture_output=True, text=True, check=True)
    assert json.loads(answer.stdout) == [count(text) for text in texts]
