import pytest
from hypothesis import given
from hypothesis import strategies as st

from xtbang.rules.document_number import compact, sentence
from xtbang.rules.fields import Field, FieldKind
from xtbang.rules.values import clean_value, faults

RIGHT = "潭科发〔2026〕12号"
FIELD = Field("number", "文号", FieldKind.DOCUMENT_NUMBER)


@pytest.mark.parametrize(
    "typed",
    [
        RIGHT, "潭科发[2026]12号", "潭科发(2026)12号", "潭科发【2026】12号", "潭科发（2026）12号", "潭科发［2026］12号",
        "潭科发﹝2026﹞12号", " 潭科发 〔2026〕 12 号 ", "潭科发〔２０２６〕１２号", "潭科发\u3000〔2026〕12号",
    ],
)  # fmt: skip
def test_what_people_type_becomes_one_form(typed: str) -> None:
    assert clean_value(FIELD, typed) == RIGHT
    assert not sentence(typed)


@pytest.mark.parametrize("number", ["潭政办发〔2021〕14号", "潭发〔2026〕1号", "湘潭高新财〔2026〕12345号"])
def test_right_numbers(number: str) -> None:
    assert not sentence(number)
    assert compact(number) == number


@pytest.mark.parametrize(
    ("typed", "part"),
    [
        ("潭科发〔2026〕012号", "“012号”应写作“12号”"), ("潭科发[2026]001号", "“001号”应写作“1号”"),
        ("潭科发〔2026〕第12号", "不加“第”字"), ("潭科发〔2026〕12", "以“号”结尾"), ("潭科发2026年12号", "六角括号"),
        ("潭科发〔26〕12号", "年份四位"), ("潭科发〔0226〕12号", "年份四位"), ("〔2026〕12号", "发文机关代字"),
        ("潭科发〔2026〕0号", "序号"), ("潭科发〔2026〕一二号", "序号"), ("TKF〔2026〕12号", "发文机关代字"),
        ("潭科发《2026》12号", "六角括号"), ("潭科发〔2026〕12号、13号", "号"), ("12", "某科发〔2026〕12号"),
    ],
)  # fmt: skip
def test_says_what_is_wrong_and_keeps_what_was_typed(typed: str, part: str) -> None:
    [(rule, text)] = faults(FIELD, "“文号”", typed)
    assert rule == "F.format"
    assert text.startswith("“文号”")
    assert part in text
    assert "GB/T 9704-2012" in text
    assert clean_value(FIELD, typed) == typed


@given(st.text("潭科发〔〕[]()2026号 0第", max_size=16))
def test_what_is_kept_as_right_stays_as_it_is(text: str) -> None:
    if not sentence(text):
        assert compact(compact(text)) == compact(text)
        assert not sentence(compact(text))
        assert set("[]() ").isdisjoint(compact(text))
