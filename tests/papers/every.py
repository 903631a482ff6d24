"""Every paper twice: the first that was issued, and its worst case; the official forms blank and full."""

from collections.abc import Iterator
from functools import cache

from tests.papers import issued, layout
from tests.papers.conftest import FORMS, blank_pdf, full_pdf
from tests.papers.worst import papers
from tests.papers.worst_rows import MADE, policy
from xtbang.papers.codes import make_code, verify_url
from xtbang.papers.pdf.issued import pdf_from
from xtbang.papers.pdf.meta import PaperMeta

CODE = make_code(b"secret of the tests", "worst")
TITLES = {
    "contract": "项目合同书",
    "payment_order": "首期拨款审批单",
    "agenda": "路演议程",
    "case_contents": "卷内目录",
    "case_note": "卷内备考表",
    "receipt": "受理回执",
}


def meta(name: str) -> PaperMeta:
    """At the foot of a worst case."""
    title = TITLES.get(name, name)
    return PaperMeta(title, "XTJB-2024-01-0001", 7, MADE, CODE, verify_url("https://bang.example.cn", CODE))


@cache
def worst(name: str) -> layout.Printed:
    """Rendering raises for a missing glyph and for anything else that WeasyPrint complains about."""
    return layout.printed(lambda: pdf_from(name, papers()[name], meta=meta(name), policy=policy()))


def worst_pdf(name: str) -> bytes:
    return worst(name).pdf


def every() -> Iterator[tuple[str, bytes]]:
    """``payment_order-first`` → its PDF."""
    for way, place in issued.every():
        yield f"{issued.label(issued.rows(way)[place])}-first", issued.pdf(way, place)
    for name in sorted(papers()):
        yield f"{name}-worst", worst_pdf(name)
    for key in FORMS:
        yield f"form_{key}-blank", blank_pdf(key)
        yield f"form_{key}-full", full_pdf(key)
