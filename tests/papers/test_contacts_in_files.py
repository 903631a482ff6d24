"""The pages of a PDF with a telephone are found by the process that reads uploads: in our own papers, and in a file of another maker."""

from io import BytesIO

import pikepdf
import pytest

from tests.papers.every import worst_pdf
from tests.support.files import pdf
from xtbang.papers.scan.examine import examine


def written(*pages: str) -> bytes:
    """A PDF with these lines of ASCII, one on each page."""
    document, content = pikepdf.new(), BytesIO()
    font = document.make_indirect(
        pikepdf.Dictionary(Type=pikepdf.Name.Font, Subtype=pikepdf.Name.Type1, BaseFont=pikepdf.Name.Helvetica)
    )
    for line in pages:
        page = document.add_blank_page(page_size=(595, 842))
        page.Resources = pikepdf.Dictionary(Font=pikepdf.Dictionary(F=font))
        page.Contents = document.make_stream(f"BT /F 12 Tf 72 700 Td ({line}) Tj ET".encode())
    document.save(content)
    return content.getvalue()


@pytest.mark.parametrize(
    ("content", "pages"),
    [
        (written("Contract HT-2024-0731-58570302", "call 138-1234-5678", "to li@example.com", "1,380,000.00"), (2, 3)),
        (written("6222 0213 8123 4567 890", "GB/T 9704-2012, ZL202110123456.7"), ()),
        (pdf(), ()),
        (b"%PDF-1.7 broken", ()),
    ],
)
def test_the_pages_with_contacts_are_named(content: bytes, pages: tuple[int, ...]) -> None:
    assert examine(content, "application/pdf").contacts == pages


def test_of_our_papers_the_one_that_says_how_the_office_is_reached_has_a_telephone() -> None:
    """Accounts, amounts, codes, the number and the check code of a paper are none."""
    assert examine(worst_pdf("prior_notice"), "application/pdf").contacts
    assert examine(worst_pdf("recovery_notice"), "application/pdf").contacts == ()
