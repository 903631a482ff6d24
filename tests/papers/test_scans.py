"""Check codes read from scans of our own papers, and nothing from what is no scan."""

from collections.abc import Callable
from io import BytesIO

import pikepdf
import pytest
import segno
from PIL import Image, ImageFilter, ImageOps

from tests.papers.conftest import CODE, full_pdf, page_pictures
from tests.papers.scan_images import code_box
from tests.support.scans import SITES, read_codes
from xtbang.papers.scan.examine import examine


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


def without_ground(page: Image.Image) -> Image.Image:
    """Black ink, the more of it the darker the page, on nothing."""
    ink = Image.new("RGBA", page.size, (0, 0, 0, 0))
    ink.putalpha(ImageOps.invert(page.convert("L")))
    return ink


def in_16_bits(page: Image.Image) -> Image.Image:
    grey = page.convert("L").point(lambda value: 60 + value * 0.7)  # no scanner sees the ink as all black
    return Image.frombytes("I;16", page.size, b"".join(bytes((0, value)) for value in grey.tobytes()))


PNG = {
    "transparent": without_ground,
    "transparent grey": lambda page: without_ground(page).convert("LA"),
    "transparent palette": lambda page: without_ground(page).quantize(16),
    "16 bits of grey": in_16_bits,
}


@pytest.mark.parametrize("kind", PNG)
def test_a_png_of_any_kind_is_read(page: Image.Image, kind: str) -> None:
    assert read_codes(encoded(PNG[kind](page), "PNG"), "image/png") == {CODE}


def test_a_page_without_code_has_none(page: Image.Image) -> None:
    assert read_codes(encoded(page.crop((0, 0, page.width, page.height // 2))), "image/jpeg") == set()


@pytest.mark.parametrize("mime", ["application/pdf", "image/jpeg", "image/png", "text/html", ""])
@pytest.mark.parametrize("content", [b"", b"junk", b"%PDF-1.7\n%%EOF", b"\x89PNG\r\n\x1a\n" + b"\0" * 40])
def test_junk_has_no_code(content: bytes, mime: str) -> None:
    assert read_codes(content, mime) == set()


def test_the_content_must_be_what_it_claims(page: Image.Image) -> None:
    assert read_codes(encoded(page, "PNG"), "image/jpeg") == set()


# ---------------------------------------------------------------- what is no scan of the whole paper


def test_our_own_file_is_no_scan_however_it_was_saved_again(page: Image.Image) -> None:
    printed = full_pdf("tech_demand_2024")
    for left in (("/Info",), ("/Names", "/AF"), ()):
        out = BytesIO()
        with pikepdf.open(BytesIO(printed)) as document:
            for key in left:
                holder = document.trailer if key == "/Info" else document.Root
                del holder[key]
            document.save(out)
        assert examine(out.getvalue(), "application/pdf", SITES).ours
    assert not examine(encoded(page, "PDF"), "application/pdf", SITES).ours


def test_what_was_printed_into_a_file_is_taken_for_no_scan_either() -> None:
    out = BytesIO()
    with pikepdf.open(BytesIO(full_pdf("tech_demand_2024"))) as document:
        del document.trailer.Info, document.Root.Names, document.Root.AF
        document.save(out)
    scan = examine(out.getvalue(), "application/pdf", SITES)
    assert not scan.ours
    assert (scan.codes, scan.doubt()) == ({CODE}, "有的页不是扫描或拍摄的图像")


@pytest.mark.parametrize("kind", ["PNG", "PDF"])
def test_a_picture_of_the_code_alone_is_no_scan_of_a_page(page: Image.Image, kind: str) -> None:
    left, top, right, bottom = code_box(page)
    mime = {"PNG": "image/png", "PDF": "application/pdf"}[kind]
    for margin, doubt in ((20, "有的图中几乎只有二维码"), (300, "")):
        around = (left - margin, top - margin, right + margin, bottom + margin)
        scan = examine(encoded(page.crop(tuple(map(round, around))), kind), mime, SITES)
        assert (scan.codes, scan.doubt()) == ({CODE}, doubt)


def test_a_scan_with_fewer_pages_than_the_paper_is_in_doubt(page: Image.Image) -> None:
    content = BytesIO()
    page.save(content, "PDF", save_all=True, append_images=[page], resolution=150)
    scan = examine(content.getvalue(), "application/pdf", SITES)
    assert [scan.doubt(pages) for pages in (0, 1, 2, 3)] == ["", "", "", "扫描件只有 2 页，原件共 3 页"]


# ---------------------------------------------------------------- whose address it is


def qr(text: str) -> Image.Image:
    content = BytesIO()
    segno.make(text, error="m", micro=False).save(content, kind="png", scale=6, border=4)
    return Image.open(content).convert("RGB")


OURS, OTHERS = "https://bang.example.cn", f"https://evil.example/verify/{CODE}"
ADDRESSES = {
    f"{OURS}/verify/{CODE}": True,
    f"http://old.example.cn:8000/xtbang/verify/{CODE}": True,
    OTHERS: False,
    f"https://bang.example.cn.evil.example/verify/{CODE}": False,
    f"https://evil.example/{OURS}/verify/{CODE}": False,
    f"javascript:alert(1)//verify/{CODE}": False,
    f"{OURS}/x?next=/verify/{CODE}": False,
    f"{OURS}/verify/{CODE}?next=1": False,
}


@pytest.mark.parametrize("address", ADDRESSES)
def test_only_our_own_addresses_lead_to_our_papers(address: str) -> None:
    scan = examine(encoded(qr(address), "PNG"), "image/png", (OURS, "http://old.example.cn:8000/xtbang"))
    assert (scan.codes, scan.elsewhere) == (({CODE}, "") if ADDRESSES[address] else (set(), address))


def test_a_code_that_leads_elsewhere_is_seen_beside_ours(page: Image.Image) -> None:
    both = page.copy()
    both.paste(qr(OTHERS), (60, 60))
    scan = examine(encoded(both), "image/jpeg", [OURS])
    assert (scan.codes, scan.elsewhere) == ({CODE}, OTHERS)


def test_codes_that_are_none_of_ours_do_not_matter(page: Image.Image) -> None:
    both = page.copy()
    both.paste(qr("https://weixin.qq.com/r/abcdef"), (60, 60))
    scan = examine(encoded(both), "image/jpeg", [OURS])
    assert (scan.codes, scan.elsewhere) == ({CODE}, "")
