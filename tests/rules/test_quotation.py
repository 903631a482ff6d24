"""Marks inside of marks (GB/T 15834): one function sets them, in sentences, pages, mails and papers alike."""

import re

import pytest

from xtbang.config import ROOT
from xtbang.rules.quotation import quoted

BY_HAND = re.compile("“\\{[^”]*\\}”")  # a value between marks that are written out


@pytest.mark.parametrize(
    ("title", "said"),
    [
        ("高温合金涂层", "“高温合金涂层”"),
        ("面向“揭榜挂帅”的平台", "“面向‘揭榜挂帅’的平台”"),
        ("关于“面向‘揭榜挂帅’的平台”的公告", "“关于‘面向“揭榜挂帅”的平台’的公告”"),
        ("“揭榜挂帅”与“赛马”", "“‘揭榜挂帅’与‘赛马’”"),
        ("À l’été 工艺", "“À l’été 工艺”"),
        ("只有一半“的引号", "“只有一半‘的引号”"),
    ],
)
def test_marks_alternate_by_their_depth(title: str, said: str) -> None:
    assert quoted(title) == said


def test_nowhere_is_a_value_set_between_marks_by_hand() -> None:
    """Not in a template, a mail, a sentence of the program or of its data."""
    files = [path for folder in ("xtbang", "templates", "workflows") for path in (ROOT / folder).rglob("*.*")]
    sources = [path for path in files if path.suffix in (".py", ".html", ".txt", ".toml")]
    sources.remove(ROOT / "xtbang/rules/quotation.py")
    assert len(sources) > 700
    assert [path.name for path in sources if BY_HAND.search(path.read_text(encoding="utf-8"))] == []
