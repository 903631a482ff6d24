import re
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from xtbang.rules import money

DIGITS = "零壹贰叁肆伍陆柒捌玖"
UNITS = {"分": 1, "角": 10, "元": 100}
PLACES = {"拾": 10, "佰": 100, "仟": 1000}
AMOUNTS = st.integers(-(10**14) + 1, 10**14 - 1)


def spelled(fen: int) -> str:
    """An independent way to write the words: every digit with its place, then the zeros cleaned away."""
    whole, cents = divmod(fen, 100)
    text = ""
    for index, digit in enumerate(f"{whole:012d}"):
        place = ["仟", "佰", "拾", ""][index % 4]
        text += DIGITS[int(digit)] + (place if digit != "0" else "")
        if index in (3, 7) and int(f"{whole:012d}"[index - 3 : index + 1]):
            text = re.sub("零+$", "", text) + "亿万"[index == 7]
    text = re.sub("零+", "零", text).strip("零") + "元" if whole else ""
    jiao, rest = divmod(cents, 10)
    if jiao:
        text += DIGITS[jiao] + "角"
    elif rest and whole:
        text += "零"
    return (text or "零元") + "整" if not cents else text + (DIGITS[rest] + "分" if rest else "整")


def read_back(words: str) -> int:
    """分 of an amount in words, character by character."""
    sign = -1 if words.startswith("负") else 1
    total, yi, section, digit = 0, 0, 0, 0
    for character in words.removeprefix("负").removesuffix("整"):
        if character in DIGITS:
            digit = DIGITS.index(character)
            continue
        if character in PLACES:
            section += digit * PLACES[character]
        elif character in "万亿":
            yi += (section + digit) * (10**4 if character == "万" else 10**8)
            section = 0
        else:
            total += (yi + section + digit) * UNITS[character]
            yi = section = 0
        digit = 0
    return sign * total


@pytest.mark.parametrize(
    ("text", "yuan"),
    [
        ("0", "0"), ("12.5", "125000"), ("99.9999", "999999"), ("0.000001", "0.01"), ("-3.25", "-32500"),
        ("-0", "0"), ("007", "70000"), ("99999999.999999", "999999999999.99"),
    ],
)  # fmt: skip
def test_reads_wan(text: str, yuan: str) -> None:
    assert money.yuan_from_wan(text) == Decimal(yuan)
    assert not money.yuan_from_wan("-0").is_signed()


@pytest.mark.parametrize(
    "text",
    [
        "", " ", "１００", "12，5", "nan", "Infinity", "1e3", "+1", ".5", "12.", "1.0000001", "1,000", " 1", "1\n",
        "1 2", "٣", "0x10", "--1", "100000000", "999999999999", "1" * 5000, None, 12, 12.5,
    ],
)  # fmt: skip
def test_refuses_what_is_not_an_amount(text: object) -> None:
    with pytest.raises(ValueError, match=r"万元|范围"):
        money.yuan_from_wan(text)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("yuan", "text"),
    [
        ("0", "0.00 万元"), ("125000", "12.50 万元"), ("999999", "99.9999 万元"), ("0.01", "0.000001 万元"),
        ("100", "0.01 万元"), ("1234567890", "123456.789 万元"), ("-300000.00", "-30.00 万元"),
        ("1E+6", "100.00 万元"), ("500025.00", "50.0025 万元"), ("-0", "0.00 万元"),
    ],
)  # fmt: skip
def test_formats_wan(yuan: str, text: str) -> None:
    assert money.format_wan(Decimal(yuan)) == text


def test_formats_yuan_and_percent() -> None:
    assert money.format_yuan(Decimal("1234567.8")) == "1,234,567.80 元"
    assert money.format_yuan(Decimal("-0.05")) == "-0.05 元"
    assert money.wan(Decimal(125000)) == "12.5"
    assert money.wan(Decimal(1_000_000)) == "100"
    assert [money.format_percent(Decimal(ratio)) for ratio in ("0.25", "0.4", "1", "0.333")] == [
        "25%", "40%", "100%", "33.3%",
    ]  # fmt: skip


@pytest.mark.parametrize("yuan", ["0.001", "1000000000000", "-1000000000000", "nan", "Infinity", "1E+30"])
def test_refuses_amounts_out_of_bounds(yuan: str) -> None:
    for function in (money.fen, money.format_wan, money.format_yuan, money.in_words, money.wan):
        with pytest.raises(ValueError, match=r"整分|范围"):
            function(Decimal(yuan))
    with pytest.raises(ValueError, match="范围"):
        money.yuan(10**14)


def test_rounds_only_to_the_fen() -> None:
    assert money.round_down(Decimal("0.019")) == Decimal("0.01")
    assert money.round_up(Decimal("0.011")) == Decimal("0.02")
    assert money.round_up(Decimal("0.01")) == Decimal("0.01")
    assert money.times(Decimal("999999999999.99"), Decimal("0.3333333333")) == Decimal("333333333299.996666666667")


@pytest.mark.parametrize(
    ("yuan", "words"),
    [
        ("0", "零元整"), ("500000", "伍拾万元整"), ("125000", "壹拾贰万伍仟元整"), ("10", "壹拾元整"),
        ("0.05", "伍分"), ("0.5", "伍角整"), ("0.55", "伍角伍分"), ("1.05", "壹元零伍分"),
        ("1409.5", "壹仟肆佰零玖元伍角整"),
        ("6007.14", "陆仟零柒元壹角肆分"), ("1680.32", "壹仟陆佰捌拾元叁角贰分"),
        ("16409.02", "壹万陆仟肆佰零玖元零贰分"),
        ("325.04", "叁佰贰拾伍元零肆分"), ("100000000", "壹亿元整"), ("100005000", "壹亿零伍仟元整"),
        ("100010000", "壹亿零壹万元整"), ("1005000", "壹佰万伍仟元整"), ("1000500", "壹佰万零伍佰元整"),
        ("10000000001", "壹佰亿零壹元整"), ("-0.1", "负壹角整"), ("1001001001.01", "壹拾亿零壹佰万壹仟零壹元零壹分"),
        ("999999999999.99", "玖仟玖佰玖拾玖亿玖仟玖佰玖拾玖万玖仟玖佰玖拾玖元玖角玖分"),
    ],
)  # fmt: skip
def test_words(yuan: str, words: str) -> None:
    assert money.in_words(Decimal(yuan)) == words


def test_words_of_every_small_amount_and_every_pattern_of_zeros() -> None:
    amounts = [*range(0, 12_000), *range(0, 2_000_000, 997)]
    patterns = [int("".join("07"[bits >> place & 1] for place in range(14))) for bits in range(2**14)]
    for fen in [*amounts, *patterns]:
        words = money.in_words(money.yuan(fen))
        assert read_back(words) == fen
        assert words == spelled(fen)


@given(AMOUNTS)
def test_words_read_back(fen: int) -> None:
    words = money.in_words(money.yuan(fen))
    assert read_back(words) == fen
    assert words.removeprefix("负") == spelled(abs(fen))
    assert "零零" not in words


@given(AMOUNTS)
def test_fen_yuan_wan_are_the_same_amount(fen: int) -> None:
    amount = money.yuan(fen)
    assert money.fen(amount) == fen
    assert money.yuan_from_wan(money.wan(amount)) == amount
    assert money.yuan_from_wan(money.format_wan(amount).removesuffix(" 万元")) == amount


def test_a_sum_may_be_larger_than_an_amount() -> None:
    most = Decimal("999999999999.99")
    assert money.format_sum(3 * most) == "299999999.999997 万元"
    assert money.round_up(3 * most) == money.round_down(3 * most) == 3 * most
    assert money.format_sum(Decimal(125000)) == money.format_wan(Decimal(125000))
    with pytest.raises(ValueError, match="整分"):
        money.format_sum(Decimal("0.001"))
