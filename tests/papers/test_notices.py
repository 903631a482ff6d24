"""Notices measured against GB/T 9704-2012: where things stand on the page, and how large they are."""

from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from typing import Any

import pypdfium2
import pytest

from tests.papers.conftest import MADE, META
from tests.papers.worst_rows import policy, project
from tests.support.words import text
from xtbang.enums import NOTICE_LABELS
from xtbang.models import Notice
from xtbang.papers.facts import common as facts
from xtbang.papers.pdf.issued import pdf_from
from xtbang.papers.pdf.render import render_html

MM = 72 / 25.4
WIDTH, HEIGHT = 210 * MM, 297 * MM
TOP, INNER, OUTER, AREA = 37 * MM, 28 * MM, 26 * MM, (156 * MM, 225 * MM)
LINES, CHARACTERS, LINE = 22, 28, 28.95
SCIENCE, INDUSTRY = (office.name for office in policy().city.offices)
TITLE = "关于“高精密伺服电机关键技术研究与产业化”项目拟立项的公示"
BODY = f"{text(90)}\n一、公示内容\n（一）范围：{text(40)}\n二、受理。{text(40)}"


@dataclass(frozen=True)
class Sign:
    """A character: its place in points from the left and the top."""

    text: str
    left: float
    right: float
    top: float
    bottom: float

    @property
    def size(self) -> float:
        """The size of the type, or a little more where ink reaches over it."""
        return self.bottom - self.top


def notice(kind: str = "publicity", title: str = TITLE, body: str = BODY) -> dict[str, Any]:
    """The facts of a notice about two projects."""
    row = Notice(kind=kind, number="", title=title, body=body)
    items = [facts.figures(project())] * 2
    if kind == "board":
        window = {"domain": "先进材料", "bids_from": "2026-11-24T08:00", "bids_until": "2026-12-24T17:30"}
        items = [item | window for item in items]
    if kind == "publicity":
        row.first_day, row.last_day, row.provisional = date(2026, 11, 24), date(2026, 11, 30), False
    return facts.notice(row, items, city=policy().city, published_on=date(2026, 11, 23))


def pages(data: dict[str, Any]) -> list[list[Sign]]:
    """The characters of each page, without blanks."""
    document = pypdfium2.PdfDocument(pdf_from("notice", data, meta=META, policy=policy()))
    found = [list(_signs(page)) for page in document]
    document.close()
    return found


def _signs(page: Any) -> Any:
    textpage = page.get_textpage()
    height = page.get_height()
    for place in range(textpage.count_chars()):
        sign = textpage.get_text_range(place, 1)
        if sign.strip():
            left, bottom, right, top = textpage.get_charbox(place, loose=True)
            yield Sign(sign, left, right, height - top, height - bottom)


def lines(signs: list[Sign], size: float) -> list[list[Sign]]:
    """The lines of that size, from the top."""
    found: dict[int, list[Sign]] = {}
    for sign in signs:
        if size - 0.5 < sign.size < size + 1.5:
            found.setdefault(round(sign.top / 6), []).append(sign)
    return [sorted(found[key], key=lambda sign: sign.left) for key in sorted(found)]


@pytest.fixture(scope="module")
def page() -> list[Sign]:
    return pages(notice())[0]


def words(line: list[Sign]) -> str:
    return "".join(sign.text for sign in line)


def test_the_title_is_22_points_and_centred(page: list[Sign]) -> None:
    title = lines(page, 22)
    assert "".join(map(words, title)) == TITLE
    assert len(title) == 3
    for line in title:
        middle = (line[0].left + line[-1].right) / 2
        assert abs(middle - (INNER + AREA[0] / 2)) < 12  # half a character: quotation marks at the ends are narrow


def test_a_document_number_stands_centred_above_the_title() -> None:
    data = notice() | {"number": "潭科发〔2026〕12号"}
    page = pages(data)[0]
    [number] = [line for line in lines(page, 16) if words(line).endswith("号")]
    assert words(number) == "潭科发〔2026〕12号"
    assert abs((number[0].left + number[-1].right) / 2 - (INNER + AREA[0] / 2)) < 12
    assert abs(number[0].top - TOP) < LINE / 2
    title = lines(page, 22)[0]
    assert 2 * LINE < title[0].top - number[0].bottom < 3 * LINE  # two lines between them


def test_the_body_is_16_points_with_28_characters_a_line() -> None:
    """A body without figures: 28 characters of 仿宋 from edge to edge, 22 lines down the page."""
    first, second, *_ = pages(notice(title="公示", body="揭榜挂帅项目" * 220))
    full = [line for line in lines(second, 16) if len(line) == CHARACTERS]
    assert len(full) == LINES
    assert {len(line) for line in lines(second, 16)} == {CHARACTERS}
    for line in full:  # on an even page the fold is at the right
        assert abs(line[0].left - OUTER) < 1.5
        assert abs(line[-1].right - (WIDTH - INNER)) < 1.5
    for above, below in pairwise(full):
        assert abs(below[0].top - above[0].top - LINE) < 0.1
    assert abs(full[0][0].top - TOP) < LINE / 2
    assert TOP + AREA[1] - LINE < full[-1][0].top + 16 < TOP + AREA[1]
    paragraph = lines(first, 16)[0]
    assert abs(paragraph[0].left - INNER - 2 * 16) < 2  # two characters in


def test_the_page_number_stands_outside_below_the_type_area() -> None:
    for number, signs in enumerate(pages(notice(body="揭榜挂帅项目" * 220)), 1):
        [line] = [line for line in lines(signs, 14) if "—" in words(line)]
        assert words(line) == f"—{number}—"
        assert abs(line[0].top - TOP - AREA[1] - 7 * MM) < 7  # the dashes 7 mm below
        if number % 2:
            assert abs(WIDTH - OUTER - 14 - line[-1].right) < 2  # one character from the edge
        else:
            assert abs(line[0].left - OUTER - 14) < 2


def test_the_office_stands_over_the_date_four_characters_from_the_right(page: list[Sign]) -> None:
    body = lines(page, 16)
    [dated] = [line for line in body if words(line) == "2026年11月23日"]
    [office] = [line for line in body if words(line) == SCIENCE]
    assert abs(WIDTH - OUTER - 4 * 16 - dated[-1].right) < 3
    assert abs((dated[0].left + dated[-1].right) / 2 - (office[0].left + office[-1].right) / 2) < 3
    assert abs(dated[0].top - office[0].top - LINE) < 1


def test_two_offices_stand_side_by_side_the_date_under_the_last() -> None:
    body = lines(pages(notice("termination"))[0], 16)
    [offices] = [line for line in body if SCIENCE in words(line)]
    assert words(offices) == SCIENCE + INDUSTRY
    [dated] = [line for line in body if words(line) == "2026年11月23日"]
    last = offices[len(SCIENCE) :]
    assert abs((dated[0].left + dated[-1].right) / 2 - (last[0].left + last[-1].right) / 2) < 3
    assert dated[0].top > last[0].bottom


def test_the_attachment_is_named_below_the_text_and_follows_on_a_page_of_its_own(page: list[Sign]) -> None:
    [named] = [line for line in lines(page, 16) if words(line).startswith("附件：")]
    assert words(named) == "附件：拟立项项目名单"
    assert abs(named[0].left - INNER - 2 * 16) < 2
    attached = pages(notice())[1]
    first = lines(attached, 16)[0]
    assert words(first) == "附件"
    assert abs(first[0].left - OUTER) < 2
    assert [words(line) for line in lines(attached, 22)] == ["拟立项项目名单"]


@pytest.mark.parametrize("kind", NOTICE_LABELS)
def test_a_foot_names_no_project(kind: str) -> None:
    """Below the type area stand the paper's own number and code, whatever projects the notice is about."""
    for signs in pages(notice(kind)):
        foot = "".join(sign.text for sign in signs if sign.top > TOP + AREA[1])
        assert META.number in foot
        assert project().number not in foot
        assert f"生成时间：{MADE.year}年" in foot


def test_whom_a_call_is_sent_to_stands_at_the_edge() -> None:
    to = "各县市区科技和工业信息化局，有关企事业单位："
    first, *_ = [
        line for line in lines(pages(notice("call", body=f"{to}\n现面向全市征集。"))[0], 16) if words(line) == to
    ]
    assert abs(first[0].left - INNER) < 2


@pytest.mark.parametrize("kind", NOTICE_LABELS)
def test_who_publishes_a_notice(kind: str) -> None:
    """Both bureaus, but for the 公示 (第四、五、九条; 2024 方案四)."""
    alone = kind == "publicity"
    assert notice(kind)["offices"] == [SCIENCE, *([] if alone else [INDUSTRY])]


def test_headings_have_their_faces() -> None:
    """一、 in 黑体, （一） in 楷体, what follows on the same line in 仿宋."""
    html = render_html("notice.html", {"facts": notice(), "city": policy().city}, meta=META)
    assert '<span class="level-1">一、公示内容</span></p>' in html
    assert '<span class="level-2">（一）范围：</span>' in html
    assert '<span class="level-1">二、受理。</span>' in html
