"""Marks inside of marks (GB/T 15834): one function sets them, in sentences, pages, mails and papers alike."""

import pytest

from xtbang.rules.quotation import quoted


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
