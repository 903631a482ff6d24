import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum.cn import uscc as standard

from xtbang.rules.uscc import ALPHABET, compact, make, sentence

CODE = "91110000600037341L"


def test_right_codes() -> None:
    assert not sentence(CODE)
    assert not sentence(" 91110000-600037341l ")
    assert compact(" 9111 0000 600037341l") == CODE


@pytest.mark.parametrize(
    ("code", "part"),
    [
        ("9111000060003734", "须为 18 位，现为 16 位"), ("", "现为 0 位"), ("91110000600037341M", "校验码不符"),
        ("9111000060003734IL", "不使用字母"), ("A1110000600037341L", "前 8 位为数字"),
        ("９1110000600037341L", "半角"), ("湘" * 18, "半角"),
    ],
)  # fmt: skip
def test_says_what_is_wrong(code: str, part: str) -> None:
    assert part in sentence(code)
    assert sentence(code, "“联合体成员”第 1 行“代码”").startswith("“联合体成员”第 1 行“代码”")


@given(st.text(ALPHABET, min_size=1, max_size=8))
def test_makes_right_codes(body: str) -> None:
    code = make(body)
    assert not sentence(code)
    assert code.startswith("91430300")
    assert standard.validate(code) == code


def test_makes_the_check_digit_of_a_whole_body() -> None:
    assert make(CODE[:-1]) == CODE
    assert make("60003734")[8:17] == CODE[8:17]  # the organisation code keeps its own check digit


@pytest.mark.parametrize("body", ["", "I", "123456789", "A" * 17, "9" * 18, "１"])
def test_refuses_other_bodies(body: str) -> None:
    with pytest.raises(ValueError, match="主体"):
        make(body)


@given(st.text())
def test_any_text_is_judged(text: str) -> None:
    assert (sentence(text) == "") == (compact(text).isascii() and standard.is_valid(compact(text)))
