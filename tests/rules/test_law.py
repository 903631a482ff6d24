"""Citations are joined as an officer would write them."""

import pytest

from xtbang.rules.law import joined


@pytest.mark.parametrize(
    ("citations", "text"),
    [
        (["《办法》第七条"], "《办法》第七条"),
        (["《办法》第五条（一）", "《办法》第十条"], "《办法》第五条（一）、第十条"),
        (["《办法》第十一条、第十二条", "《办法》第十二条"], "《办法》第十一条、第十二条"),
        (
            ["《甲、乙办法》第一条", "《通知》第二部分", "《甲、乙办法》第二条"],
            "《甲、乙办法》第一条、《通知》第二部分、《甲、乙办法》第二条",
        ),
        ([], ""),
    ],
)
def test_a_document_is_named_once_in_a_row(citations: list[str], text: str) -> None:
    assert joined(citations) == text
