"""What an uploaded file is, by its content, and what it is called afterwards."""

import pytest

from tests.support.files import pdf
from xtbang.papers.scan.examine import examine
from xtbang.web.frame.inputs import clean_name, content_kind


@pytest.mark.parametrize("before", [b"", b"\r\n", b"\xef\xbb\xbf", b"Content-Type: application/pdf\r\n" + b" " * 980])
def test_a_pdf_that_readers_open_is_taken(before: bytes) -> None:
    content = before + pdf()
    assert content_kind(content) == "application/pdf"
    scan = examine(content, "application/pdf")
    assert (scan.trouble, scan.pages) == ("", 1)


def test_a_pdf_that_begins_later_is_none() -> None:
    assert content_kind(b" " * 1024 + pdf()) == ""


@pytest.mark.parametrize(
    ("sent", "mime", "kept"),
    [
        ("合同v1.2（终稿）.pdf", "application/pdf", "合同v1.2（终稿）.pdf"), ("合同v1.2", "application/pdf", "合同v1.2.pdf"),
        ("2026.11.23 付款凭证", "image/png", "2026.11.23 付款凭证.png"), ("照片.JPEG", "image/jpeg", "照片.jpg"),
        ("扫描件.png", "application/pdf", "扫描件.pdf"), ("申报书.docx", "application/pdf", "申报书.docx.pdf"),
        (r"C:\资料\⼯⼚.pdf", "application/pdf", "工厂.pdf"), ('a<b>:"c".pdf', "application/pdf", "a_b___c_.pdf"),
        (".pdf", "application/pdf", "文件.pdf"), ("..", "application/pdf", "文件.pdf"), ("长" * 200 + ".pdf", "application/pdf", "长" * 96 + ".pdf"),
    ],
)  # fmt: skip
def test_a_name_keeps_its_dots_and_gets_the_ending_of_its_content(sent: str, mime: str, kept: str) -> None:
    assert clean_name(sent, mime) == kept
