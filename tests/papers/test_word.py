"""Contracts and notices as Word files: the words of the paper, its tables, and that it is not the issued one."""

import re
from collections.abc import Iterator
from functools import cache
from io import BytesIO

import docx
import pytest
from docx.document import Document
from lxml import html  # type: ignore[import-untyped]

from tests.papers.every import meta
from tests.papers.worst import papers
from tests.papers.worst_rows import policy
from xtbang.papers.facts.older import in_present_shape
from xtbang.papers.pdf.render import render_html
from xtbang.papers.pdf.word import MARK, word_of
from xtbang.web.project.files import EDITED


@cache
def page(name: str) -> str:
    facts = in_present_shape(name, papers()[name])
    return render_html(f"{name}.html", {"facts": facts, "city": policy().city}, meta=meta(name))


def squeezed(text: str) -> str:
    return re.sub(r"\s+", "", text)


def words(document: Document) -> str:
    """All its text, in order."""
    return squeezed("".join(text.text or "" for text in document.element.body.xpath(".//w:t")))


def said(name: str) -> Iterator[str]:
    """What the page says, piece by piece, without its foot."""
    body = html.document_fromstring(page(name)).body
    for foot in body.xpath(".//footer"):
        foot.getparent().remove(foot)
    for style in body.xpath(".//style"):
        style.getparent().remove(style)
    yield from (squeezed(text) for text in body.itertext() if text.strip())


@pytest.mark.parametrize("name", EDITED)
def test_a_word_file_says_what_the_paper_says(name: str) -> None:
    document = docx.Document(BytesIO(word_of(page(name))))
    paper = "".join(said(name))
    assert len(paper) > 500
    assert words(document) == paper
    assert MARK in document.sections[0].header.paragraphs[0].text


@pytest.mark.parametrize("name", EDITED)
def test_its_tables_have_the_rows_of_the_paper(name: str) -> None:
    document = docx.Document(BytesIO(word_of(page(name))))
    tables = html.document_fromstring(page(name)).xpath("//table[not(ancestor::table)]")
    assert [len(table.rows) for table in document.tables] == [
        len(table.xpath("./thead/tr | ./tbody/tr | ./tr")) for table in tables
    ]
