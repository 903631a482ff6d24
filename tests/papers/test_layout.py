"""Where a page may end: no row torn, no heading alone, no page of signatures alone, whoever signs sees what they sign."""

import re
from collections.abc import Iterator
from functools import cache
from itertools import pairwise

import pytest

from tests.papers import every, issued, worst
from tests.papers.conftest import EMPTY, FORMS, META, definition, filled
from tests.papers.layout import Line, Page, laid_out, pages
from xtbang.papers.pdf.form_layout import form_pdf
from xtbang.papers.pdf.issued import pdf_from

PART = 0.25  # of the height of a page: a row up to that stays whole
SIGNED = {  # what has to stand on the page of its signatures
    "payment_order": "拨付金额（大写）",
    "recovery_notice": "应缴回金额",
    "extension": "三、审核决定",
    "acceptance_opinion": "通过验收。",
    "funding": "财政补助总计",
    "certificate": "特发此证",
    "termination": "救济途径",
    "prior_notice": "本告知书不是决定",
    "restriction_notice": "本告知书不是决定",
    "restriction": "救济途径",
    "revocation": "救济途径",
    "application": "申报单位承诺",
    "supplement": "其他条款不变",
    "bid": "真实性负责",
}
STOPS, BRACKETS = "，。、；：！？”’》〉）］】〕」』…—％", "“‘《〈（［【〔「『"
CODE = re.compile(r"[0-9A-Z]{18}(?![0-9A-Z])|XTJB-\d{4}-\d\d-\d{4}")
TITLES = {"h1", "subtitle", "cover-name", "attached"}  # tags and classes
MANY = "supplement worst"  # fourteen parties: their signatures fill pages
PARTIES = {"contract": 2, "bid": 2, MANY: 2}  # how many at least on a page of signatures alone, where many sign


@cache
def printed() -> dict[str, list[Page]]:
    """Name of each paper, at its shortest and its longest → its pages."""
    found: dict[str, list[Page]] = {}
    for way, place in issued.every():
        found[f"{issued.label(issued.rows(way)[place])} first"] = issued.printed(way, place).pages
    for name in worst.papers():
        found[f"{name} worst"] = every.worst(name).pages
    with laid_out() as documents:
        for key in FORMS:
            form_pdf(definition(key), {}, meta=EMPTY)
            found[f"{key} blank"] = pages(documents.pop())
            form_pdf(definition(key), filled(key), meta=META)
            found[f"{key} full"] = pages(documents.pop())
    return found


def torn(paper: list[Page]) -> list[int]:
    """The pages at whose foot a row is torn that would have had its place on one page."""
    found = []
    for number, (page, following) in enumerate(pairwise(paper), 1):
        both = page.rows.keys() & following.rows.keys()
        found += [number for row in both if page.rows[row] + following.rows[row] < PART * page.height]
    return found


def test_no_short_row_is_torn() -> None:
    assert {name: found for name, paper in printed().items() if (found := torn(paper))} == {}


def test_no_heading_stands_last_on_a_page() -> None:
    last = {(name, number): page.lines[-1] for name, paper in printed().items() for number, page in enumerate(paper, 1)}
    assert {place: line.text for place, line in last.items() if line.heads and not line.signing} == {}


def test_no_label_of_a_long_row_stands_last_on_a_page() -> None:
    last = {(name, number): page.lines[-1] for name, paper in printed().items() for number, page in enumerate(paper, 1)}
    assert {place: line.text for place, line in last.items() if {"open", "label"} <= line.within} == {}


def test_no_last_page_has_only_signatures() -> None:
    """At least two lines of what is signed, or where many sign at least two parties."""
    short = {}
    for name, paper in printed().items():
        matter = [line.text for line in paper[-1].lines if not line.signing]
        parties = PARTIES.get(name, PARTIES.get(name.split()[0], 99))
        if len(paper) > 1 and len(matter) < 2 and paper[-1].text.count("（公章）") < parties:
            short[name] = paper[-1].text
    assert short == {}


def test_signatures_stand_with_what_they_sign() -> None:
    apart = []
    for name, paper in printed().items():
        matter = SIGNED.get(name.split()[0])
        signing = [page for page in paper if any(line.signing for line in page.lines)]
        if matter and name != MANY and (not signing or any(matter not in page.text for page in signing[:1])):
            apart.append(name)
    assert apart == []


def test_no_name_of_a_unit_is_printed_twice_in_a_row() -> None:
    """Officers' accounts are often named after their office (财政局经办)."""
    doubled = re.compile(r"([\u4e00-\u9fff]{0,6}(?:局|公司|大学|学院|研究院|中心|委员会|万元))\1")
    blocks = [(name, text) for name, paper in printed().items() for page in paper for text in page.blocks]
    assert [(name, found[0]) for name, text in blocks if (found := doubled.search(text))] == []


def blocks() -> Iterator[tuple[str, list[Line]]]:
    """Name of the paper and the lines of every paragraph and cell, page by page."""
    for name, paper in printed().items():
        for page in paper:
            yield from ((name, lines) for lines in page.by_block.values())


@pytest.mark.patched
def test_no_line_begins_with_a_stop_or_ends_with_an_opening_bracket() -> None:
    """Not even where a word is wider than its cell."""
    wrong = [
        (name, before.text, after.text)
        for name, lines in blocks()
        for before, after in pairwise(lines)
        if after.text[0] in STOPS or before.text[-1] in BRACKETS
    ]
    assert wrong == []


def test_no_figure_and_no_code_is_broken() -> None:
    """Where the lines of a cell are put together a code may appear that stands on none of them."""
    cells = [(name, lines) for name, lines in blocks() if "td" in lines[0].within]
    assert sum("number" in lines[0].within for _, lines in cells) > 100
    broken = [(name, lines[0].text) for name, lines in cells if "number" in lines[0].within and len(lines) > 1]
    for name, lines in cells:
        whole = "".join(line.text for line in lines)
        broken += [(name, code) for code in CODE.findall(whole) if not any(code in line.text for line in lines)]
    assert broken == []


def test_every_amount_has_two_decimals_and_no_space_before_its_unit() -> None:
    texts = [(name, "".join(line.text for line in lines), lines[0].within) for name, lines in blocks()]
    bare = re.compile(r"[\d,]+(\.\d)?")
    assert [(name, text) for name, text, within in texts if "number" in within and bare.fullmatch(text)] == []
    spaced = re.compile(r"\d (?:万元|元|个|分|项|份|年|月)")
    official = {*FORMS, "form"}  # there a unit stands apart, in its column
    assert [(name, text) for name, text, _ in texts if spaced.search(text) and name.split()[0] not in official] == []


def test_no_title_ends_in_a_line_of_a_few_characters() -> None:
    titles = [(name, [line.text for line in lines]) for name, lines in blocks() if lines[0].within & TITLES]
    assert any(len(lines) > 1 for _, lines in titles)
    assert [(name, lines) for name, lines in titles if len(lines) > 1 and len(lines[-1]) < 4] == []


def test_every_numbered_heading_looks_like_one() -> None:
    """一、 is set in 黑体: a heading, a row of a form over its whole width, or the first words of a paragraph."""
    numbered = re.compile(r"[一二三四五六七八九十]+、")
    found = [(name, lines[0]) for name, lines in blocks() if numbered.match(lines[0].text)]
    assert len(found) > 100
    plain = [(name, line.text) for name, line in found if not line.within & {"h2", "section", "text"}]
    assert plain == []


def test_no_column_of_serial_numbers_is_as_wide_as_one_of_words() -> None:
    widths = {(name, part) for name, paper in printed().items() for page in paper for part in page.ordinals}
    assert widths
    assert {(name, part) for name, part in widths if part > 0.12} == set()


@pytest.mark.patched
def test_the_frame_of_a_table_ends_with_its_last_row() -> None:
    """Also where rows were taken away again, because what follows had to stay with them."""
    found = {
        (name, number, part)
        for name, paper in printed().items()
        for number, page in enumerate(paper, 1)
        for part in page.overhangs
    }
    assert {place for place in found if place[2] > 1} == set()


def test_every_row_reaches_over_the_whole_table() -> None:
    rows = [(name, text) for name, paper in printed().items() for page in paper for text in page.ragged]
    assert rows == []


@pytest.mark.parametrize("offices", [1, 2, 3])
def test_a_paper_has_room_for_every_office_that_signs(offices: int) -> None:
    """A city has one to three of them."""
    names = [f"示范市第{number}局" for number in range(offices)]
    for name in ("extension", "acceptance_opinion", "midterm_opinion", "write_off", "correction", "certificate"):
        facts = worst.papers()[name]
        signers = [worst.signed()[0] | {"office": office, "as": "复核"} for office in names]
        with laid_out() as documents:
            pdf_from(name, facts | {"signers": signers, "offices": names}, meta=every.meta(name), policy=worst.policy())
        paper = pages(documents.pop())
        assert all(office in "".join(page.text for page in paper) for office in names), name
        assert [text for page in paper for text in page.ragged] == [], name


def test_no_page_is_nearly_empty() -> None:
    """The last one may be emptier than the others."""
    short = {
        (name, number): page.filled
        for name, paper in printed().items()
        for number, page in enumerate(paper, 1)
        if len(paper) > 1 and page.filled < (0.4 if number < len(paper) else 0.25)
    }
    assert short == {}


@pytest.mark.parametrize("name", sorted(SIGNED.keys() - {"certificate", "bid", "application", "funding"}))
def test_wherever_the_page_ends_signatures_stand_with_what_they_sign(name: str) -> None:
    """The title of the project grows line by line, so that each part of the paper comes to the foot of the page once;
    where there is no project, what was found about the organisation does.
    """
    way, place = next(found for found in issued.every() if issued.rows(found[0])[found[1]].name == name)
    facts = issued.rows(way)[place].data
    with laid_out() as documents:
        for length in range(30, 460, 70):
            grown = "工" * length
            longer = {"project": facts["project"] | {"title": grown}} if "project" in facts else {"reason": grown}
            pdf_from(name, facts | longer, meta=every.meta(name), policy=worst.policy())
    for paper in map(pages, documents):
        signing = [page for page in paper if any(line.signing for line in page.lines)]
        assert torn(paper) == []
        assert SIGNED[name] in signing[-1].text
        assert not any(page.lines[-1].heads and not page.lines[-1].signing for page in paper)


@pytest.mark.parametrize("length", range(20, 121, 20))
def test_a_row_of_choices_stays_with_its_label(length: int) -> None:
    """A title of that length pushes the choices of the official form down to the foot of the page."""
    form = definition("tech_demand_2021")
    values = filled("tech_demand_2021") | {
        "org_name": "示范" * 16,
        "address": "大道" * 18,
        "title": "研究" * (length // 2),
    }
    with laid_out() as documents:
        form_pdf(form, values | {"level": "", "tech_types": []}, meta=META)
    assert torn(pages(documents.pop())) == []


def test_an_ordinary_order_of_payment_is_one_page() -> None:
    """With a title and an account that take two lines, and three offices whose officers have long names."""
    (order,) = (
        issued.rows(way)[place]
        for way, place in issued.every()
        if issued.label(issued.rows(way)[place]) == "payment_order"
    )
    signers = [signer | {"name": "欧阳司徒上官（科）"} for signer in order.data["signers"]]
    payee = order.data["payee"] | {"bank_name": "中国工商银行湘潭城中支行", "bank_account": "4305016256360000012345678"}
    changed = {
        "signers": signers,
        "payee": payee,
        "project": order.data["project"] | {"title": "插电式混合动力专用双电机控制器" * 3},
    }
    with laid_out() as documents:
        pdf_from("payment_order", order.data | changed, meta=every.meta("payment_order"), policy=issued.policy())
    assert len(signers) > 2
    assert len(pages(documents.pop())) == 1
