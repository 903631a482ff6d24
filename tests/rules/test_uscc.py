import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum.cn import uscc as standard

from xtbang.rules.uscc import ALPHABET, compact, make, sentence

CODE = "91110000600037341L"
COLLECTIVE = "N2430302MF1234567U"  # of a rural collective


def test_right_codes() -> None:
    assert not sentence(CODE)
    assert not sentence(" 91110000-600037341l ")
    assert compact(" 9111 0000 600037341l") == CODE
    assert not sentence(COLLECTIVE)
    assert not sentence("n2430302-mf123-4567u")


@pytest.mark.parametrize(
    ("code", "part"),
    [
        ("9111000060003734", "须为 18 位，现为 16 位"), ("", "现为 0 位"), ("91110000600037341M", "校验码不符"),
        ("9111000060003734IL", "不使用字母"), ("91110000600037341I", "不使用字母"),
        ("9111000A600037341L", "第 3 至 8 位为数字"), ("N2N30302MF1234567U", "第 3 至 8 位为数字"),
        ("A1110000600037341L", "校验码不符"), ("N2430302MF1234567X", "校验码不符"), ("N2430320MF1234567U", "校验码不符"),
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


@pytest.mark.parametrize("authority", ALPHABET)
def test_every_authority_and_kind_is_a_digit_or_letter_of_the_alphabet(authority: str) -> None:
    """The check digit by hand, as the standard weighs it: powers of 3, modulo 31."""
    for kind in ALPHABET:
        body = f"{authority}{kind}430302MF1234567"
        total = sum(ALPHABET.index(sign) * pow(3, place, 31) for place, sign in enumerate(body))
        digit = ALPHABET[-total % 31]
        assert make(body) == body + digit
        assert [sign for sign in ALPHABET if not sentence(body + sign)] == [digit]


@pytest.mark.parametrize("letter", "IOSVZ")
@pytest.mark.parametrize("place", [0, 1, 8, 16, 17])
def test_letters_that_look_like_digits_are_never_used(letter: str, place: int) -> None:
    assert "不使用字母" in sentence(COLLECTIVE[:place] + letter + COLLECTIVE[place + 1 :])


def test_makes_the_check_digit_of_a_whole_body() -> None:
    assert make(CODE[:-1]) == CODE
    assert make(COLLECTIVE[:-1]) == COLLECTIVE
    assert make("60003734")[8:17] == CODE[8:17]  # the organisation code keeps its own check digit


@pytest.mark.parametrize("body", ["", "I", "123456789", "A" * 17, "9" * 18, "１"])
def test_refuses_other_bodies(body: str) -> None:
    with pytest.raises(ValueError, match="主体"):
        make(body)


@given(st.text())
def test_any_text_is_judged(text: str) -> None:
    assert sentence(text)


@given(st.from_regex(r"[0-9]{8}[0-9A-Z]{10}", fullmatch=True))
def test_codes_that_begin_with_digits_are_judged_as_stdnum_does(code: str) -> None:
    digit = standard.calc_check_digit(code) if not set(code) - set(ALPHABET) else "0"
    for text in (code, code[:-1] + digit):
        assert (sentence(text) == "") == standard.is_valid(text)
