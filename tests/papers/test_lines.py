"""Lines that are set without Pango are the lines that Pango sets; with other versions WeasyPrint stays as it is."""

import logging
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import Phase, example, given, settings
from hypothesis import strategies as st
from pypdfium2 import PdfDocument

from tests.papers.conftest import page_texts, paper
from xtbang.papers.pdf import weasyprint70
from xtbang.papers.pdf.weasyprint70 import lines

PIECES = (
    "针对高温合金热障涂层", "，", "。", "、", "（", "）", "《", "》", "——", "……", "：", "；", "％", "℃", "≥45MPa", "3000", "-35.25",
    "IGBT", "zhang.san@example.com.cn", "https://bang.example.cn/verify/7K3M", " ", "  ", "　", "H₂O", "10⁶", "⌀", "½", "①", "Ⅳ", "α", "я",
    "か", "ア", "䶮", "㛃", "𬭎", "𫟅", "𠮷", "昇堃喆镕赟", "é", "1/2", "50%", "(a)", "[1]", "A、B", "□", "☑", "～", "·", "/", "－", "″", "＋",
)  # fmt: skip
KINDS = st.sampled_from(["form", "document", "notice"])
TEXTS = st.lists(st.sampled_from(PIECES), min_size=1, max_size=25).map("".join)


class Compared:
    """Every line that is asked for while a paper is made, set both ways."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.fast = self.slow = 0
        self.others: list[Any] = []
        for module in (lines.inline, lines.preferred):
            monkeypatch.setattr(module, "split_first_line", self.both)

    def both(self, words: str, style: Any, *others: Any, **more: Any) -> Any:
        ours = lines.split_first_line(words, style, *others, **more)
        if not isinstance(ours[0], lines._Line):
            self.slow += 1
            return ours
        self.fast += 1
        pango = lines._pango_split(words, style, *others, **more)
        if ours[2] and not lines._may_cut(words, len(pango[0].text)):
            return ours  # Pango cuts a word that is too long before a stop
        if ours[0].text != pango[0].text or ours[1:3] != pango[1:3] or ours[3:] != pytest.approx(pango[3:], abs=0.01):
            self.others.append((words, others, ours[0].text, ours[1:], pango[0].text, pango[1:]))
        return ours


@pytest.fixture
def compared(monkeypatch: pytest.MonkeyPatch) -> Iterator[Compared]:
    yield Compared(monkeypatch)


@pytest.mark.patched
@settings(max_examples=20, deadline=None, phases=[Phase.explicit, Phase.reuse, Phase.generate])
@example(paragraphs=[("𫟅㛃α1/2\u3000昇堃喆镕赟[1]。。＋", 2)], kind="notice")  # a wide space where no line may break
@given(paragraphs=st.lists(st.tuples(TEXTS, st.integers(1, 60)), min_size=1, max_size=12), kind=KINDS)
def test_lines_are_those_of_pango(paragraphs: list[tuple[str, int]], kind: str) -> None:
    with pytest.MonkeyPatch.context() as patch:
        compared = Compared(patch)
        paper("".join(f'<p style="width: {width * 3}mm">{words}</p>' for words, width in paragraphs), kind=kind)
        assert compared.others == []


@pytest.mark.patched
def test_the_words_of_papers_are_plain(compared: Compared) -> None:
    """Rare characters, signs, numbers and foreign words among Chinese need no Pango."""
    paper("<p>" + "采用 IGBT 模块".join(piece for piece in PIECES if not piece.isspace()) * 3 + "</p>")
    assert compared.fast > 20
    assert compared.slow == 0
    assert compared.others == []


@pytest.mark.patched
def test_a_line_may_end_before_an_opening_and_after_a_closing_quotation_mark() -> None:
    """Never before a stop or after a bracket: those belong to what they stand beside."""
    found = words_of("<p>一二三四五六七八，“十一”二三四五六七（“二”，三四五六七八九十</p>")
    assert found == ["一二三四五六七八，", "“十一”二三四五六七", "（“二”，三四五六七", "八九十"]


@pytest.mark.patched
def test_a_word_that_is_too_long_is_not_cut_before_a_stop() -> None:
    """In columns of every width, from three characters to seven."""
    columns = "".join(
        f'<div style="width: {width / 10}em">寿命≥45MPa、温度（11009℃）下。</div>' for width in range(30, 70)
    )
    found = [line for page in page_texts(paper(columns)) for line in page.splitlines()]
    assert {"≥45MP", "（1100"} <= set(found)
    assert [line for line in found if line[0] in "、。）℃"] == []


@pytest.mark.patched
def test_a_wide_space_leaves_the_others_as_they_are() -> None:
    """The Latin font has one glyph for both."""
    gaps = []
    for before in ("1\u30002", "12"):
        text = PdfDocument(paper(f"<p>{before}</p><p>甲1 2乙</p>"))[0].get_textpage()
        words = text.get_text_range()
        first, last = (text.get_charbox(words.index(character))[0] for character in "甲乙")
        gaps.append(last - first)
    assert gaps[0] == pytest.approx(gaps[1], abs=0.1)


def words_of(body: str) -> list[str]:
    """The lines of a paragraph ten characters wide."""
    pdf = paper(f'<div style="width: 10.2em">{body}</div>')
    return page_texts(pdf)[0].splitlines()[:4]


@pytest.mark.parametrize("package", ["weasyprint", "pydyf"])
def test_other_versions_are_left_alone_and_the_log_says_so(
    package: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(getattr(weasyprint70, package), "VERSION", "99.1")
    monkeypatch.setattr(lines, "apply", lambda: pytest.fail("patched all the same"))
    with caplog.at_level(logging.WARNING):
        assert not weasyprint70.apply()
    [record] = caplog.records
    assert "99.1" in record.getMessage() and "70.0" in record.getMessage() and "0.13.0" in record.getMessage()
