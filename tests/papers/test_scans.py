"""Check codes read from scans of our own papers, and nothing from what is no scan."""

import struct
import time
import zlib
from collections.abc import Callable
from io import BytesIO

import pytest
from PIL import Image, ImageFilter, ImageOps

from tests.papers.conftest import CODE, full_pdf, page_pictures
from xtbang.papers import scans
from xtbang.papers.scans import read_codes


@pytest.fixture(scope="module")
def page() -> Image.Image:
    return page_pictures(full_pdf("tech_demand_2024"), 150)[0]


def encoded(picture: Image.Image, kind: str = "JPEG") -> bytes:
    content = BytesIO()
    picture.save(content, kind, **({"quality": 60} if kind == "JPEG" else {}))
    return content.getvalue()


def turned(angle: float) -> Callable[[Image.Image], Image.Image]:
    return lambda page: page.rotate(angle, Image.Resampling.BILINEAR, expand=True, fillcolor="white")


def noisy(page: Image.Image) -> Image.Image:
    return Image.blend(page, Image.effect_noise(page.size, 80).convert("RGB"), 0.3)


def photographed(page: Image.Image) -> Image.Image:
    wide, high = page.size
    corners = (-60, -40, 30, high + 75, wide + 100, high + 10, wide - 50, -20)
    return page.transform(page.size, Image.Transform.QUAD, corners, fillcolor=(120, 110, 100))


def stamped(page: Image.Image) -> Image.Image:
    seal = Image.new("RGB", page.size, "white")
    ring = Image.radial_gradient("L").resize((300, 300)).point(lambda value: 255 if 110 < value < 125 else 0)
    seal.paste((220, 30, 30), (page.width - 420, page.height - 360), ring)
    return Image.blend(page, seal, 0.4)


WAYS = {
    "plain": lambda page: page,
    "grey": ImageOps.grayscale,
    "3°": turned(3),
    "17°": turned(17),
    "45°": turned(45),
    "90°": turned(90),
    "180°": turned(180),
    "blurred": lambda page: page.filter(ImageFilter.GaussianBlur(1.0)),
    "dark": lambda page: page.point(lambda value: value * 0.4),
    "faint": lambda page: page.point(lambda value: 150 + value * 0.4),
    "100 dpi": lambda page: page.resize((page.width * 2 // 3, page.height * 2 // 3), Image.Resampling.BILINEAR),
    "negative": ImageOps.invert,
    "noisy": noisy,
    "photographed": photographed,
    "stamped": stamped,
}


@pytest.mark.parametrize("way", WAYS)
def test_a_scan_is_read(page: Image.Image, way: str) -> None:
    assert read_codes(encoded(WAYS[way](page)), "image/jpeg") == {CODE}


def test_png_and_pdf_are_read(page: Image.Image) -> None:
    assert read_codes(encoded(page, "PNG"), "image/png") == {CODE}
    assert read_codes(encoded(turned(2)(page), "PDF"), "application/pdf") == {CODE}
    assert read_codes(full_pdf("tech_demand_2024"), "application/pdf") == {CODE}


def test_a_page_without_code_has_none(page: Image.Image) -> None:
    assert read_codes(encoded(page.crop((0, 0, page.width, page.height // 2))), "image/jpeg") == set()


@pytest.mark.parametrize("mime", ["application/pdf", "image/jpeg", "image/png", "text/html", ""])
@pytest.mark.parametrize("content", [b"", b"junk", b"%PDF-1.7\n%%EOF", b"\x89PNG\r\n\x1a\n" + b"\0" * 40])
def test_junk_has_no_code(content: bytes, mime: str) -> None:
    assert read_codes(content, mime) == set()


def test_the_content_must_be_what_it_claims(page: Image.Image) -> None:
    assert read_codes(encoded(page, "PNG"), "image/jpeg") == set()


def test_a_decompression_bomb_is_not_opened() -> None:
    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", 60000, 60000, 1, 0, 0, 0, 0)
    bomb = (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"IDAT", zlib.compress(bytes(10**6)))
        + chunk(b"IEND", b"")
    )
    started = time.monotonic()
    assert read_codes(bomb, "image/png") == set()
    assert time.monotonic() - started < 1


def test_a_huge_page_and_many_pages_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    seen = []
    monkeypatch.setattr(scans, "_codes", lambda page, end: seen.append(page.size) or set())
    pages = [Image.new("1", (10, 14))] * 50
    content = BytesIO()
    pages[0].save(content, "PDF", save_all=True, append_images=pages[1:], resolution=0.01)
    assert read_codes(content.getvalue(), "application/pdf") == set()
    assert len(seen) == scans.PAGES
    assert max(max(size) for size in seen) <= scans.SIDE + 1


def test_time_is_bounded(page: Image.Image, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scans, "SECONDS", 0.0)
    blank = Image.new("L", page.size, 255)
    started = time.monotonic()
    assert read_codes(encoded(blank), "image/jpeg") == set()
    assert time.monotonic() - started < 1
