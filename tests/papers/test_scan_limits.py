"""What cannot be opened as a scan, how much of one is looked at, and what is said when that is not all of it."""

import struct
import zlib
from collections.abc import Callable
from io import BytesIO
from itertools import count
from typing import Any
from zipfile import ZipFile

import pikepdf
import pytest
from PIL import Image

from tests.papers.conftest import CODE, full_pdf
from tests.papers.test_scans import encoded, noisy, page
from tests.support.scans import SITES
from xtbang.papers.scan import codes as scan_codes
from xtbang.papers.scan import examine as scans
from xtbang.papers.scan import pages as scan_pages
from xtbang.papers.scan.examine import examine

__all__ = ["page"]


def bomb() -> bytes:
    """A PNG of 60000 × 60000 points in a kilobyte."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", 60000, 60000, 1, 0, 0, 0, 0)
    parts = chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(bytes(10**6))) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + parts


def bomb_in_a_pdf() -> bytes:
    """A page with a picture of 30000 × 30000 points, 2.7 GB when unpacked."""
    document = pikepdf.new()
    page = document.add_blank_page(page_size=(595, 842))
    content = zlib.compress(zlib.compress(bytes(27 * 10**6)) * 2)
    image = pikepdf.Stream(document, content)
    image.update(
        pikepdf.Dictionary(
            Type=pikepdf.Name.XObject, Subtype=pikepdf.Name.Image, Width=30000, Height=30000,
            ColorSpace=pikepdf.Name.DeviceRGB, BitsPerComponent=8,
            Filter=[pikepdf.Name.FlateDecode, pikepdf.Name.FlateDecode],
        )
    )  # fmt: skip
    page.Resources = pikepdf.Dictionary(XObject=pikepdf.Dictionary(Im=image))
    page.Contents = pikepdf.Stream(document, b"595 0 0 842 0 0 cm /Im Do")
    out = BytesIO()
    document.save(out)
    return out.getvalue()


def locked() -> bytes:
    """A PDF that asks for a password."""
    out = BytesIO()
    with pikepdf.open(BytesIO(full_pdf("tech_demand_2024"))) as document:
        document.save(out, encryption=pikepdf.Encryption(owner="b", user="a"))
    return out.getvalue()


def with_part(change: Callable[[pikepdf.Pdf], None]) -> bytes:
    """A paper that does something when it is opened."""
    out = BytesIO()
    with pikepdf.open(BytesIO(full_pdf("tech_demand_2024"))) as document:
        change(document)
        document.save(out, object_stream_mode=pikepdf.ObjectStreamMode.generate)
    return out.getvalue()


def action(**entries: Any) -> Callable[[pikepdf.Pdf], None]:
    def add(document: pikepdf.Pdf) -> None:
        document.pages[0].AA = pikepdf.Dictionary(O=pikepdf.Dictionary(**entries))

    return add


def archive_behind(content: bytes) -> bytes:
    with ZipFile(out := BytesIO(), "w") as archive:
        archive.writestr("run.js", "alert(1)")
    return content + out.getvalue()


JAVASCRIPT = action(S=pikepdf.Name.JavaScript, JS="app.alert(1)")
BAD = {
    "a script": (lambda: with_part(JAVASCRIPT), "application/pdf", "PDF 里含有脚本"),
    "a script by another spelling": (
        lambda: with_part(JAVASCRIPT).replace(b"/JavaScript", b"/J#61vaScript"),
        "application/pdf",
        "PDF 里含有脚本",
    ),
    "a program": (
        lambda: with_part(action(S=pikepdf.Name.Launch, F="cmd.exe")),
        "application/pdf",
        "PDF 里含有脚本、程序",
    ),
    "a form that changes": (
        lambda: with_part(lambda made: setattr(made.Root, "AcroForm", pikepdf.Dictionary(XFA=pikepdf.Array([])))),
        "application/pdf",
        "PDF 里含有脚本、程序或动态表单",
    ),
    "an archive behind a PDF": (
        lambda: archive_behind(full_pdf("tech_demand_2024")),
        "application/pdf",
        "文件里还夹带",
    ),
    "an archive behind a photo": (
        lambda: archive_behind(encoded(Image.new("RGB", (900, 900)))),
        "image/jpeg",
        "文件里还夹带",
    ),
    "a page in front of a PDF": (
        lambda: b"<html><script>alert(1)</script>" + full_pdf("tech_demand_2024"),
        "application/pdf",
        "文件里还夹带",
    ),
    "nothing": (lambda: b"", "image/jpeg", "文件是空的"),
    "a broken photo": (lambda: encoded(Image.new("RGB", (900, 900)))[:100], "image/jpeg", "图片已损坏"),
    "a huge picture": (bomb, "image/png", "图片太大（超过 5000 万像素）"),
    "a huge picture in a PDF": (bomb_in_a_pdf, "application/pdf", "图片太大（超过 5000 万像素）"),
    "a PDF with a password": (locked, "application/pdf", "PDF 设有打开密码"),
    "half a PDF": (lambda: b"%PDF-1.7\n1 0 obj", "application/pdf", "PDF 已损坏"),
}


@pytest.mark.parametrize("what", BAD)
def test_what_cannot_be_opened_is_said(what: str) -> None:
    make, mime, sentence = BAD[what]
    content = make()
    for sites in (SITES, ()):
        scan = examine(content, mime, sites)
        assert scan.codes == set()
        assert scan.trouble.startswith(sentence)


def test_what_can_be_opened_is_no_trouble(page: Image.Image) -> None:
    from_a_printer = b"\x1b%-12345X@PJL ENTER LANGUAGE=PDF\r\n" + full_pdf("tech_demand_2024")
    assert examine(from_a_printer, "application/pdf").trouble == ""
    assert examine(encoded(page), "image/jpeg").trouble == ""
    opened = examine(full_pdf("tech_demand_2024"), "application/pdf")
    assert opened.trouble == "" and opened.codes == set()


def test_a_book_of_200_pages_is_read(page: Image.Image) -> None:
    small = page.resize((page.width * 2 // 3, page.height * 2 // 3))
    content = BytesIO()
    small.save(content, "PDF", save_all=True, append_images=[small] * 199, resolution=100)
    scan = examine(content.getvalue(), "application/pdf", SITES)
    assert scan.codes == {CODE}
    assert scan.doubt() == f"扫描件共 200 页，系统只核对了其中 {scans.PAGES} 页"


def test_every_page_of_a_long_contract_is_looked_at(page: Image.Image) -> None:
    content = BytesIO()
    page.save(content, "PDF", save_all=True, append_images=[page] * 34, resolution=150)
    scan = examine(content.getvalue(), "application/pdf", SITES)
    assert (scan.codes, scan.pages, scan.doubt()) == ({CODE}, 35, "")


def test_a_page_too_large_to_be_looked_at_leaves_a_doubt(page: Image.Image) -> None:
    content = BytesIO()
    page.save(content, "PDF", resolution=150)
    with pikepdf.open(content) as document:
        document.add_blank_page(page_size=(14_400, 14_400))
        both = BytesIO()
        document.save(both)
    scan = examine(both.getvalue(), "application/pdf", SITES)
    assert (scan.codes, scan.doubt()) == ({CODE}, "扫描件共 2 页，系统只核对了其中 1 页")


def test_where_no_code_is_read_somebody_has_to_look(page: Image.Image) -> None:
    half = encoded(page.crop((0, 0, page.width, page.height // 2)))
    assert examine(half, "image/jpeg", SITES).doubt() == "二维码未能识别"


# ---------------------------------------------------------------- how much is looked at


def looked(content: bytes, mime: str, quick: float = 1e6, thorough: float = 1e6) -> list[dict[str, Any]]:
    """What the reading process would answer."""
    return list(
        scan_codes.find_codes(
            content, mime, sites=SITES, quick=quick, thorough=thorough, most=scans.PAGES, allow=lambda _seconds: None
        )
    )


def test_a_huge_page_and_many_pages_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[tuple[int, int]] = []
    monkeypatch.setattr(scan_codes, "_codes", lambda page, *_: seen.append(page.size) or scan_codes._Found())
    pages = [Image.new("1", (10, 14))] * (scans.PAGES + 30)
    for dots_per_inch, times in ((0.2, 2 * scans.PAGES), (0.1, 0)):  # quickly, then thoroughly; larger: not at all
        content = BytesIO()
        pages[0].save(content, "PDF", save_all=True, append_images=pages[1:], resolution=dots_per_inch)
        seen.clear()
        answers = looked(content.getvalue(), "application/pdf")
        assert answers[0] == {"pages": len(pages), "ours": False}
        assert max(answer["looked"] for answer in answers[1:]) == times // 2
        assert len(seen) == times
        assert max((max(size) for size in seen), default=0) <= scan_pages.SIDE + 1


def test_time_is_bounded(page: Image.Image, monkeypatch: pytest.MonkeyPatch) -> None:
    """A clock that moves on by a second whenever somebody looks at it: looking ends when the seconds are over."""
    half = encoded(noisy(page.crop((0, 0, page.width, page.height // 2))))
    looks: list[Image.Image] = []
    monkeypatch.setattr(scan_codes.zxingcpp, "read_barcodes", lambda picture, formats: looks.append(picture) or [])
    monkeypatch.setattr(scan_codes, "process_time", count().__next__)
    for seconds, most in ((0, 2), (8, 12)):
        looks.clear()
        assert not any(answer.get("codes") for answer in looked(half, "image/jpeg", seconds, seconds))
        assert 2 <= len(looks) <= most


def test_noise_has_no_code() -> None:
    scan = examine(encoded(Image.effect_noise((4200, 4200), 120), "PNG"), "image/png", SITES)
    assert scan.trouble == "" and scan.codes == set()


def empty_picture(side: int) -> bytes:
    """A PNG of so many black points, in a few kilobytes."""
    return encoded(Image.new("1", (side, side)), "PNG")


def empty_pages(number: int) -> bytes:
    """A PDF of so many blank pages of five metres."""
    objects = [b"<</Type/Catalog/Pages 2 0 R>>"]
    kids = b" ".join(b"%d 0 R" % (3 + number) for number in range(number))
    objects.append(b"<</Type/Pages/Count %d/Kids[%s]>>" % (number, kids))
    objects += [b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 14400 14400]>>"] * number
    out, offsets = b"%PDF-1.4\n", []
    for place, body in enumerate(objects, 1):
        offsets.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (place, body)
    table = b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    size = len(objects) + 1
    end = b"xref\n0 %d\n0000000000 65535 f \n%strailer<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF"
    return out + end % (size, table, size, len(out))


CHEAP = {
    "a black picture of 49 million points": (lambda: empty_picture(7000), "image/png", ""),
    "a black picture of 79 million points": (lambda: empty_picture(8900), "image/png", "图片太大"),
    "20,000 huge blank pages": (lambda: empty_pages(20_000), "application/pdf", ""),
}


@pytest.mark.parametrize("what", CHEAP)
def test_a_small_file_that_says_it_is_large_takes_no_longer_than_a_scan(what: str) -> None:
    make, mime, sentence = CHEAP[what]
    scan = examine(make(), mime, SITES)
    assert scan.codes == set()
    assert scan.trouble.startswith(sentence) and bool(scan.trouble) == bool(sentence)


def test_what_was_not_looked_at_in_time_leaves_a_doubt(page: Image.Image, monkeypatch: pytest.MonkeyPatch) -> None:
    content = BytesIO()
    page.save(content, "PDF", save_all=True, append_images=[page] * 3, resolution=150)
    monkeypatch.setattr(scans, "QUICK", 0.0)
    scan = examine(content.getvalue(), "application/pdf", SITES)
    assert (scan.codes, scan.doubt()) == ({CODE}, "扫描件共 4 页，系统只核对了其中 1 页")
