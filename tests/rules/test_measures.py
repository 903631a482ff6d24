"""Whether a value falls short of its target, both in free text."""

import pytest

from xtbang.rules.measures import falls_short


@pytest.mark.parametrize(
    ("target", "reached", "short"),
    [
        ("3000", "0", True), ("3000", "实测3100h", False), ("≥95%", "94.9%", True), ("≤0.05", "0.06", True),
        ("不超过 12", "11", False), ("不低于 1,000", "999", True), ("3—5", "0", None), ("国内领先", "0", None),
        ("3000", "样机测试中", None),
    ],
)  # fmt: skip
def test_only_two_plain_numbers_are_compared(target: str, reached: str, short: bool | None) -> None:
    assert falls_short(target, reached) is short
