"""Check codes: secret, typed by people, and caught when mistyped."""

import re
from io import BytesIO

import pypdfium2
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.papers.conftest import paper
from tests.support.scans import read_codes
from xtbang.papers.codes import ALPHABET, code_in, former_code, make_code, normalise

payloads = st.text(max_size=30)


@given(payloads)
def test_a_code_has_128_bits_and_more_in_groups_and_is_its_own_spelling(payload: str) -> None:
    code = make_code(b"key", payload)
    assert re.fullmatch(rf"([{ALPHABET}]{{4}}-){{6}}[{ALPHABET}]{{4}}", code) and 27 * 5 >= 128
    assert normalise(code) == code == make_code(b"key", payload)


def test_a_code_of_an_earlier_release_stays_one() -> None:
    former = "F063-VD6E-7QJV-KSAR"  # what 26b40240 made of this key and payload
    assert former_code(make_code(b"key", "a")) == former
    assert normalise(former) == code_in(f"校验码：{former.lower()}") == former
    assert normalise("F063-VD6E-7QJV-KSAS") is None and normalise(make_code(b"key", "a")[:-5]) is None


def test_secret_and_payload_decide() -> None:
    codes = {make_code(secret, payload) for secret in (b"a", b"b") for payload in ("", "1", "2", "甲")}
    assert len(codes) == 8


@given(payloads, st.integers(0, 27), st.sampled_from(ALPHABET))
def test_one_wrong_character_is_caught(payload: str, place: int, other: str) -> None:
    plain = make_code(b"key", payload).replace("-", "")
    changed = plain[:place] + other + plain[place + 1 :]
    assert (normalise(changed) is None) == (changed != plain)


@given(payloads, st.integers(0, 27), st.integers(0, 27))
def test_two_swapped_characters_are_caught(payload: str, one: int, two: int) -> None:
    plain = list(make_code(b"key", payload).replace("-", ""))
    changed = plain.copy()
    changed[one], changed[two] = plain[two], plain[one]
    assert (normalise("".join(changed)) is None) == (changed != plain)


@pytest.mark.parametrize(
    "spelling",
    [
        str.lower, lambda code: code.replace("-", ""), lambda code: f"  {code} ", lambda code: code.replace("-", " — "),
        lambda code: code.replace("0", "O").replace("1", "l"), lambda code: code.replace("1", "I").replace("0", "o"),
        lambda code: "".join(chr(ord(sign) + 0xFEE0) for sign in code),
    ],
)  # fmt: skip
def test_people_spell_it_their_way(spelling) -> None:
    for number in range(50):
        code = make_code(b"key", str(number))
        assert normalise(spelling(code)) == code


@pytest.mark.parametrize("junk", ["", "-", "1234", "中文中文中文中文", "U" * 16, "0" * 17, "<script>", "\0" * 16])
def test_junk_is_no_code(junk: str) -> None:
    assert normalise(junk) is None


def test_the_qr_code_says_the_address() -> None:
    pdf = paper("<p>正文</p>")
    picture = pypdfium2.PdfDocument(pdf)[0].render(scale=2).to_pil()
    content = BytesIO()
    picture.save(content, "PNG")
    assert read_codes(content.getvalue(), "image/png") == read_codes(pdf, "application/pdf") != set()


@pytest.mark.parametrize(
    "pasted",
    [
        "{}", "https://bang.example.cn/verify/{}", "https://bang.example.cn/verify?code={}&from=mail", "核验：http://x/verify/{}",
        "校验码：{}", "生成时间：2024年9月12日 16:30 校验码：{} 第", "https%3A%2F%2Fbang.example.cn%2Fverify%2F{}", "\u200b{}\ufeff",
    ],
)  # fmt: skip
def test_a_code_is_found_in_what_was_pasted(pasted: str) -> None:
    for number in range(20):
        code = make_code(b"key", str(number))
        for spelled in (code, code.lower(), code.replace("-", ""), "".join(chr(ord(sign) + 0xFEE0) for sign in code)):
            assert code_in(pasted.format(spelled)) == code


@pytest.mark.parametrize(
    "junk", ["", "https://bang.example.cn/verify/", "7K3M-Q2XW", "校验码：", "%", "%ff%00", "-" * 5000]
)
def test_nothing_is_found_where_there_is_no_code(junk: str) -> None:
    assert code_in(junk) is None
