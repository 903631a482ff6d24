"""The printed forms say what the official ones say, cell by cell, in the same order."""

import re
from html import unescape

import pytest

from tests.papers.conftest import (
    EMPTY,
    FORMS,
    META,
    ROOT,
    blank_pdf,
    definition,
    filled,
    full_pdf,
    page_texts,
    squeezed,
)
from xtbang.papers.pdf.form_layout import form_html

CELL = re.compile(r"<(th|td)[^>]*>(.*?)</\1>", re.DOTALL)


def wording(key: str) -> str:
    return squeezed((ROOT / "tests/papers/wording" / f"{key}.txt").read_text())


def without_foot(pages: list[str]) -> str:
    return "".join(squeezed(page).split("湘潭市科技创新“揭榜挂帅”项目表空白表")[0] for page in pages)


def words(html: str) -> str:
    return squeezed(unescape(re.sub(r"<[^>]+>", "", html)))


@pytest.mark.parametrize("key", FORMS)
def test_the_blank_form_has_the_official_wording(key: str) -> None:
    html = form_html(definition(key), {}, meta=EMPTY, watermark=False)
    head = words(html.split("</footer>")[1].split("<table")[0])
    assert head + "".join(words(cell) for _, cell in CELL.findall(html)) == wording(key)


@pytest.mark.parametrize("key", FORMS)
def test_the_printed_blank_form_reads_the_same(key: str) -> None:
    assert without_foot(page_texts(blank_pdf(key))) == wording(key)


@pytest.mark.parametrize("key", FORMS)
def test_every_value_stands_behind_its_label(key: str) -> None:
    form, values = definition(key), filled(key)
    cells = [words(cell) for _, cell in CELL.findall(form_html(form, values, meta=META, watermark=False))]
    shown = [cell for row in form.layout for cell in row]
    assert len(cells) == len(shown)
    for printed, cell in zip(cells, shown, strict=True):
        if not cell.field:
            continue
        field, value = form.field(cell.field), values[cell.field]
        if field.choices:
            chosen = [field.label_of(item) for item in (value if isinstance(value, list) else [value])]
            assert re.findall(r"☑([^☑□]+)", printed) == chosen
        else:
            assert printed.replace("\u200b", "").endswith(squeezed(str(value)) + field.unit)


def test_sums_stand_inside_their_sentence() -> None:
    html = form_html(definition("tech_demand_2024"), filled("tech_demand_2024"), meta=META, watermark=False)
    assert "计划研发投入1200万元，其中自筹1200万元，申请专项1200万元。" in words(html)


@pytest.mark.parametrize("key", FORMS)
def test_limits_and_notes_agree(key: str) -> None:
    noted = {
        field.key: int(found[1]) for field in definition(key).fields if (found := re.search(r"限(\d+)字", field.note))
    }
    assert noted
    assert noted == {field.key: field.limit for field in definition(key).fields if field.limit}


@pytest.mark.parametrize("key", FORMS)
def test_what_is_asked_only_on_the_web_is_not_printed(key: str) -> None:
    text = squeezed("".join(page_texts(full_pdf(key))))
    hidden = [field for field in definition(key).fields if not field.printed]
    assert {"region", "credit_declaration"} <= {field.key for field in hidden}
    assert not [field.key for field in hidden if field.label in text]
