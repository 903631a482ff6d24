"""凭证号: how numbers are compared, and what tells apart those who count them."""

import pytest

from xtbang.rules.payment_number import normalised, number_key


@pytest.mark.parametrize(
    "written", ["TK2026-001", "tk2026001", "ＴＫ２０２６－００１", " TK 2026—001 ", "TK2026/001。"]
)
def test_the_same_number_however_it_is_written(written: str) -> None:
    assert normalised(written) == "TK2026001"


def test_other_numbers_stay_others() -> None:
    assert len({normalised(number) for number in ("TK1", "TK01", "TK10", "回单1", "1")}) == 5


def test_each_treasury_and_direction_counts_for_itself() -> None:
    lines = [
        ("instalment", "city", ""), ("recovered", "city", ""), ("instalment", "county", "雨湖区"),
        ("instalment", "county", "韶山市"), ("recovered", "county", "雨湖区"), ("issuer_payment", "issuer", "1"),
        ("issuer_payment", "issuer", "2"),
    ]  # fmt: skip
    assert len({number_key(*line, "A-1") for line in lines}) == len(lines)
    assert number_key("instalment", "city", "", "A-1") == number_key("instalment", "city", "", "ａ1")


@pytest.mark.parametrize(
    ("kind", "number"), [("recovery_due", "终止决定"), ("recovered", "—— / 。"), ("recovered", "")]
)
def test_what_bears_no_number(kind: str, number: str) -> None:
    assert number_key(kind, "city", "", number) is None
