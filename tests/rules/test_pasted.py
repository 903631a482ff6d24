"""What is pasted from Word, WPS, a spreadsheet or a PDF is kept as it looks, in characters that can be searched and printed."""

import re
from unicodedata import name

import pytest
from hypothesis import given
from hypothesis import strategies as st

from xtbang.rules import pasted
from xtbang.rules.characters import unprintable
from xtbang.rules.texts import normalise_text


def lines(text: str) -> str:
    return normalise_text(text, lines=True)


@given(st.text(st.characters(categories=("Cc", "L", "Z"), max_codepoint=0x9FFF), max_size=60))
def test_no_control_character_stays_and_no_letter_goes(text: str) -> None:
    kept = lines(text)
    assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f]", kept)
    if "\x13" not in text and not re.search("[\u2e80-\u2fd5]", text):
        assert set(normalise_text("".join(re.findall(r"\w", text)))) <= set(kept)


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ('见\x13 HYPERLINK "http://example.com" \x14附件\x15。', "见附件。"), ("第\x13 PAGE \x15页", "第页"),
        ("\x13 REF a \x14\x13 SEQ \x14三\x15、\x15四", "三、四"), ("甲\x13乙", "甲乙"), ("图\x01和\ufffc表\x00", "图和表"),
        ("GB\x1eT\x1f 228", "GB-T 228"), ("一\x0b二\x0c三\r四", "一\n二\n三\n四"), ("指标\x07数值\x07", "指标｜数值"),
    ],
)  # fmt: skip
def test_of_a_field_of_word_what_it_shows_stays(typed: str, kept: str) -> None:
    assert lines(typed) == kept


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("\uf0b7\t第一\n\uf0b7\t第二", "• 第一\n• 第二"), ("\uf06c高精度\n\uf06e高效率\n\uf0d8低成本\n\uf075安全", "●高精度\n■高效率\n➢低成本\n◆安全"),
        ("温度\uf0a350\uf0b0C，误差\uf0b10.5，\uf06c=3\uf06dm，\uf044T\uf0b3 2，5\uf0b43", "温度≤50°C，误差±0.5，λ=3μm，ΔT≥ 2，5×3"),
        ("\uf0a3是　\uf052否　\uf0fe有　\uf0a8无 \uf0fc", "□是　☑否　☑有　□无 ✓"), ("\uf081甲\uf082乙\uf0e0丙", "①甲②乙→丙"),
        ("缩进\ue5e5\ue831", "缩进\u3000𡗗"),
    ],
)  # fmt: skip
def test_signs_of_private_fonts_become_what_they_look_like(typed: str, kept: str) -> None:
    assert lines(typed) == kept


def test_every_sign_that_is_folded_can_be_printed() -> None:
    for signs in (pasted._FOLDED, pasted._AT_START):
        assert [(sign, shown) for sign, shown in signs.items() if unprintable(shown)] == []


def test_radicals_become_their_characters() -> None:
    assert (
        normalise_text("⼯⼚⽣产线⻋辆⻢达⻓寿命，⼀种⾼精度⽔⼒机械，ﬁnal")
        == "工厂生产线车辆马达长寿命，一种高精度水力机械，final"
    )
    radicals = [
        chr(code) for code in (*range(0x2E80, 0x2EF4), *range(0x2F00, 0x2FD6)) if "RADICAL" in name(chr(code), "")
    ]
    left = [sign for sign in radicals if normalise_text(sign) == sign]
    assert left == ["⺀", "⺕"]  # REPEAT has no character, SNOUT TWO one that no font has


TABLE = "指标名称\t目标值\t检测方法\n抗拉强度\t≥1200 MPa\tGB/T 228.1\n延伸率\t≥12%\tGB/T 228.1\n"


def test_a_table_keeps_its_columns() -> None:
    assert lines(f"前言\n{TABLE}后记").split("\n") == [
        "前言",
        "指标名称｜目标值　　｜检测方法",
        "抗拉强度｜≥1200 MPa｜GB/T 228.1",
        "延伸率　｜≥12%　　｜GB/T 228.1",
        "后记",
    ]
    wide = "\n".join(f"第{number}项指标的名称{'很长' * 5}\t\t说明{'很长' * 10}" for number in (1, 2))
    assert [line.count("｜") for line in lines(wide).split("\n")] == [2, 2] and "\u3000" not in lines(wide)
    assert normalise_text(TABLE).startswith("指标名称 目标值 检测方法 抗拉强度")  # in one line there are no columns


@pytest.mark.parametrize(
    ("typed", "kept"),
    [("1.\t第一\n2.\t第二", "1. 第一\n2. 第二"), ("（一）\t甲", "（一） 甲"), ("①\t甲\n•\t乙", "① 甲\n• 乙"), ("首\n\t段落", "首\n　　段落"),
     ("段落\t\n下", "段落\n下"), ("甲\t乙", "甲｜乙")],
)  # fmt: skip
def test_lists_and_indentations_are_no_tables(typed: str, kept: str) -> None:
    assert lines(typed) == kept


@given(
    st.lists(st.lists(st.text("甲乙A1.%≥ ", max_size=12), min_size=1, max_size=5).map("\t".join), max_size=5).map(
        "\n".join
    )
)
def test_a_table_is_put_in_columns_once(text: str) -> None:
    assert lines(lines(text)) == lines(text)
    assert re.sub(r"[\s｜]", "", lines(text)) == re.sub(r"\s", "", text)
