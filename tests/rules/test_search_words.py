"""Index terms of texts and words of searches."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from xtbang.rules.search_words import excerpt, fold, marked, terms_asked, terms_of, words_in

TEXTS = st.text(alphabet="电机关键Ａaß ㎡１1（(\n", max_size=30)


def has(text: str, word: str) -> bool:
    """Whether the terms of the text have all that are asked for, as a database compares them."""
    terms = terms_of(fold(text), "form")
    return all(
        any(term.startswith(asked) for term in terms) if begins else asked in terms
        for asked, begins in terms_asked(words_in(word), "form")
    )


@given(TEXTS, st.data())
def test_the_terms_of_a_text_have_those_of_each_of_its_parts(text: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(text)))
    part = text[start : data.draw(st.integers(start, len(text)))]
    assert has(text, part)


@given(TEXTS)
def test_a_place_in_the_folded_text_is_the_same_place_in_the_text(text: str) -> None:
    assert len(fold(text)) == len(text)
    assert "".join(piece for piece, _hit in marked(text, ["电机", "a"])) == text


@pytest.mark.parametrize(
    ("text", "word"),
    [("高精密伺服电机", "伺机"), ("高精密伺服电机", "器"), ("电机", "kind"), ("甲 乙", "甲乙")],
)
def test_what_is_no_part_of_a_text_is_not_among_its_terms(text: str, word: str) -> None:
    assert not has(text, word)


def test_width_and_case_are_folded_and_every_word_counts_once() -> None:
    assert words_in("ＸＴＪＢ　电机 xtjb（１）") == ["xtjb", "电机", "xtjb(1)"]


def test_hits_are_marked_where_they_stand() -> None:
    assert marked("湘潭电机ＡＢ", ["电机", "b"]) == [("湘潭", False), ("电机", True), ("Ａ", False), ("Ｂ", True)]
    assert excerpt("前" * 90 + "电机" + "后" * 90, ["电机"], 40) == "…" + "前" * 10 + "电机" + "后" * 28 + "…"


@pytest.mark.parametrize(
    "typed",
    ["潭科发[2026]11号", "潭科发（2026）11号", "潭科发【2026】11号", "潭科发 〔2026〕 11号", "潭科发［2026］11号"],
)
def test_the_number_of_a_document_is_found_with_any_brackets(typed: str) -> None:
    assert words_in(typed) == ["潭科发〔2026〕11号"]
    assert words_in("办法(2026年)第3条") == ["办法(2026年)第3条"]
