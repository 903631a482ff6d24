"""The set of pictures that scans are measured by: every kind of scan of every paper, nothing left to chance."""

from collections.abc import Callable, Iterator
from functools import partial
from itertools import chain
from typing import NamedTuple

from PIL import Image, ImageFilter

from tests.papers import scan_images as drawn

PAPERS = ("form", "contract", "application", "report", "consortium")


class Printed(NamedTuple):
    """A paper of ours: its check code and its PDF."""

    code: str
    pdf: bytes


class Case(NamedTuple):
    """One picture of the set: what kind of scan, of which page of which paper, at how many dpi, and what happens to it."""

    kind: str
    paper: str
    page: int
    dpi: int
    change: Callable[[Image.Image], Image.Image | bytes]


def cases() -> Iterator[Case]:
    """Every kind of scan, going round the papers; pages as they come."""
    for number, (kind, dpi, change) in enumerate(chain(scanned(), stamped(), photographed(), faxed())):
        yield Case(kind, PAPERS[number % len(PAPERS)], number // len(PAPERS) % 2, dpi, change)


Recipe = tuple[str, int, Callable[[Image.Image], Image.Image | bytes]]


def scanned() -> Iterator[Recipe]:
    """On a glass plate, straight, turned, crooked."""
    for dpi in (100, 150, 200, 300):
        yield "平板扫描", dpi, lambda page: page
        yield "平板扫描", dpi, lambda page: drawn.noisy(page.filter(ImageFilter.GaussianBlur(0.7)), 0.2, 1)
    for dpi in (150, 300):
        for angle in (90, 180, 270):
            yield "整页转向", dpi, partial(drawn.turned, angle=angle)
    for dpi, angle in ((100, 2), (150, -1.5), (150, 5), (200, -3), (200, 8), (300, 1), (300, -12)):
        yield "歪斜", dpi, partial(drawn.turned, angle=angle)


def stamped() -> Iterator[Recipe]:
    """Under a seal, then scanned."""
    for dpi in (150, 200, 300):
        for over in ("margin", "corner"):
            yield "盖章", dpi, partial(drawn.stamped, dpi=dpi, over=over)
    yield "盖章", 200, partial(drawn.stamped, dpi=200, over="whole")
    yield "盖章", 300, partial(drawn.stamped, dpi=300, over="whole")
    yield "盖章", 150, partial(drawn.stamped, dpi=150, over="whole", ink=0.7)
    yield "盖章", 200, lambda page: drawn.noisy(drawn.turned(drawn.stamped(page, 200, "corner"), 92), 0.2, 2)


def photographed() -> Iterator[Recipe]:
    """With a telephone, also after it was stamped."""
    for dpi, seed in ((150, 3), (200, 4), (200, 5), (300, 6), (300, 7)):
        yield "手机拍照", dpi, partial(drawn.photographed, seed=seed)
    yield "手机拍照", 300, partial(drawn.photographed, seed=8, blur=2.0)
    yield "手机拍照", 300, partial(drawn.photographed, seed=9, side=2400, tilt=0.1)
    yield "手机拍照", 300, partial(drawn.photographed, seed=10, side=1920)
    yield "手机拍照", 200, partial(drawn.photographed, seed=11, darkest=0.25, grain=0.3)
    yield "手机拍照", 200, lambda page: drawn.photographed(drawn.curved(page, 0.02), 12)
    yield "手机拍照", 200, lambda page: drawn.jpeg(drawn.photographed(page, 13), 35)
    yield "手机拍照", 300, partial(drawn.photographed, seed=20, blur=3.0)
    yield "手机拍照", 300, partial(drawn.photographed, seed=21, side=1600, tilt=0.12)
    for seed, over, blur in ((14, "margin", 0.8), (15, "corner", 0.8), (16, "margin", 1.8), (17, "whole", 1.0)):
        yield "盖章后拍照", 250, partial(stamped_photo, seed=seed, over=over, blur=blur)
    yield "盖章后拍照", 250, lambda page: drawn.turned(stamped_photo(page, 18, "margin", 1.0), 90)
    yield "盖章后拍照", 250, lambda page: drawn.turned(stamped_photo(page, 19, "corner", 1.0), 180)
    for turn in (90, 180, 270):
        yield "EXIF 转向", 250, partial(photo_on_its_side, turn=turn)


def faxed() -> Iterator[Recipe]:
    """In black and white or grey."""
    for dpi, threshold in ((150, 120), (200, 150), (200, 190), (300, 100)):
        yield "黑白传真", dpi, partial(drawn.black_and_white, threshold=threshold)
    yield "黑白传真", 200, partial(drawn.black_and_white, dithered=True)
    yield "黑白传真", 200, lambda page: drawn.black_and_white(drawn.turned(page, 1.2))
    yield "黑白传真", 200, lambda page: drawn.black_and_white(drawn.stamped(page, 200, "margin"))
    yield "灰度扫描", 150, lambda page: drawn.stamped(page, 150, "corner").convert("L")
    yield "灰度扫描", 200, lambda page: drawn.stamped(page, 200, "margin").convert("L")
    yield "灰度扫描", 300, lambda page: drawn.stamped(page, 300, "margin", 0.7).convert("L")


def stamped_photo(page: Image.Image, seed: int, over: str, blur: float) -> Image.Image:
    return drawn.photographed(drawn.stamped(page, 250, over), seed, blur=blur)


def photo_on_its_side(page: Image.Image, turn: int) -> bytes:
    return drawn.jpeg(drawn.photographed(drawn.stamped(page, 250, "margin"), turn), 60, turn)


def files(papers: dict[str, Printed]) -> Iterator[tuple[str, str, bytes, str]]:
    """Kind, media type, content and true code of every file of the set."""
    for number, case in enumerate(cases()):
        code, pdf = papers[case.paper]
        picture = case.change(drawn.page_of(pdf, case.page, case.dpi))
        if isinstance(picture, bytes):
            yield case.kind, "image/jpeg", picture, code
        elif picture.mode == "1" or number % 4 == 3:
            yield case.kind, "image/png", drawn.png(picture), code
        elif number % 4 == 1:
            yield case.kind, "application/pdf", drawn.pdf([picture], case.dpi), code
        else:
            yield case.kind, "image/jpeg", drawn.jpeg(picture), code
    for number, (name, dpi) in enumerate((("contract", 150), ("consortium", 200), ("application", 100), ("form", 300))):
        code, pdf = papers[name]
        shown = [drawn.page_of(pdf, page, dpi) for page in range(2 if name == "form" else 3)]
        odd = [shown[-1].transpose(Image.Transpose.ROTATE_180), *(drawn.turned(page, 1.5) for page in shown[:-1])]
        yield "多页 PDF", "application/pdf", drawn.pdf(odd[number % 2 :] + odd[: number % 2], dpi), code
