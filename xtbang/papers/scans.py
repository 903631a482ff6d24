"""The check codes on a stamped scan: QR codes read from PDF, JPG and PNG, however crooked, within bounds."""

import re
import warnings
from collections.abc import Callable, Iterator
from io import BytesIO
from threading import Lock
from time import thread_time
from typing import cast

import pypdfium2
import zxingcpp
from PIL import Image, ImageChops, ImageFilter, ImageOps

from xtbang.papers.codes import normalise

PAGES = 20  # of a PDF that are looked at
SIDE = 4200  # pixels of the longer side that are looked at: A4 at 360 dpi
PIXELS = 50_000_000  # of an image that is opened at all, in a PDF too: A4 at 700 dpi, A3 at 500
POINTS = 6000  # of the longer side of a page of a PDF that is looked at: a photograph taken as one point for each pixel
SECONDS = 4.0  # of work for one file; waiting for others does not count
WAITING = 10.0  # for the files of others; then an officer looks at the scan instead
CONTRAST = 24  # between the lightest and the darkest point of a page; on one with less there is nothing to read
PDFIUM = Lock()  # PDFium is not made for threads: whoever uses it holds this
_ONE_SCAN = Lock()  # at a time: the other threads answer pages meanwhile
_DPI = 200
_QR = zxingcpp.BarcodeFormats([zxingcpp.BarcodeFormat.QRCode])
_IMAGES = {"image/jpeg": ("JPEG",), "image/png": ("PNG",)}
_VERIFY = re.compile(r"/verify/([0-9A-Za-z-]{16,24})(?![0-9A-Za-z-])")
_WRONG_PASSWORD = 4  # FPDF_ERR_PASSWORD
_BROKEN = (OSError, ValueError, SyntaxError, Image.DecompressionBombError, pypdfium2.PdfiumError)

Ways = Callable[[Image.Image], Iterator[Image.Image]]


class _TooLarge(ValueError):
    """An image with more points than are looked at."""


def read_codes(content: bytes, mime: str) -> set[str]:
    """Every check code in a file, in its one spelling; empty when none can be read, whatever the reason.

    All pages are looked at quickly first. Only where that shows no code, each is looked at in more ways, as far as
    ``SECONDS`` reach.
    """
    if not _ONE_SCAN.acquire(timeout=WAITING):
        return set()
    try:
        return _read(content, mime, thread_time() + SECONDS)
    finally:
        _ONE_SCAN.release()


def _read(content: bytes, mime: str, end: float) -> set[str]:
    codes: set[str] = set()
    try:
        for ways in (_quick, _thorough):
            for page in _pages(content, mime):
                codes |= _codes(page, ways, end)
                if thread_time() > end:
                    return codes
            if codes:
                break
    except _BROKEN:
        return codes
    return codes


def trouble(content: bytes, mime: str) -> str:
    """The sentence that tells a person why nobody can open this PDF, JPG or PNG; "" when it opens."""
    if not content:
        return "文件是空的，请重新上传。"
    try:
        for _page in _pages(content, mime):
            break
    except (_TooLarge, Image.DecompressionBombError):
        return "图片太大（超过 5000 万像素），请以 300 dpi 重新扫描后上传。"
    except pypdfium2.PdfiumError as error:
        if error.err_code == _WRONG_PASSWORD:
            return "PDF 设有打开密码，无法查看，请去掉密码后上传。"
        return "PDF 已损坏，无法打开，请重新生成后上传。"
    except _BROKEN:
        return "图片已损坏，无法打开，请重新扫描或拍照后上传。"
    return ""


def _pages(content: bytes, mime: str) -> Iterator[Image.Image]:
    if mime == "application/pdf":
        yield from _pdf_pages(content)
    elif mime in _IMAGES:
        yield _image(content, _IMAGES[mime])


def _pdf_pages(content: bytes) -> Iterator[Image.Image]:
    with PDFIUM:
        document = pypdfium2.PdfDocument(content)
    try:
        for number in range(min(len(document), PAGES)):
            with PDFIUM:
                picture = _pdf_page(document[number])
            if picture is not None:
                yield picture
    finally:
        with PDFIUM:
            document.close()


def _pdf_page(page: pypdfium2.PdfPage) -> Image.Image | None:
    """The page as a picture; None when it is so large that it is no scan."""
    try:
        for image in page.get_objects(filter=[pypdfium2.raw.FPDF_PAGEOBJ_IMAGE]):
            wide, high = image.get_px_size()
            if wide * high > PIXELS:
                raise _TooLarge
        longer = max(*page.get_size(), 1)
        if longer > POINTS:
            return None
        scale = min(_DPI / 72, SIDE / longer)
        return page.render(scale=scale).to_pil().convert("RGB")
    finally:
        page.close()


def _image(content: bytes, formats: tuple[str, ...]) -> Image.Image:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", Image.DecompressionBombWarning)
        picture = Image.open(BytesIO(content), formats=formats)
    if picture.width * picture.height > PIXELS:
        raise _TooLarge
    picture.draft("RGB", (SIDE, SIDE))  # a JPEG is decoded no larger than needed
    picture.thumbnail((SIDE, SIDE))
    return picture.convert("RGB")


def _codes(page: Image.Image, ways: Ways, end: float) -> set[str]:
    """The codes of a page by the first way of looking at it that shows any."""
    darkest, lightest = cast(tuple[int, int], page.convert("L").getextrema())
    if lightest - darkest < CONTRAST:
        return set()
    for picture in ways(page):
        texts = (found.text for found in zxingcpp.read_barcodes(picture, formats=_QR))
        codes = {code for text in texts for part in _VERIFY.findall(text) if (code := normalise(part))}
        if codes or thread_time() > end:
            return codes
    return set()


def _quick(page: Image.Image) -> Iterator[Image.Image]:
    """Through a red glass, which makes the ink of a seal white, then as it is: grey, then with clearer edges."""
    red = page.getchannel("R")
    yield red
    yield page.convert("L")
    yield _sharper(ImageOps.autocontrast(red, cutoff=1), 3, 250)


def _thorough(page: Image.Image) -> Iterator[Image.Image]:
    """Larger, smaller, softer, in black and white by many measures, and turned."""
    red = page.getchannel("R")
    clear = ImageOps.autocontrast(red, cutoff=1)
    for factor in (2.0, 3.0, 0.6):
        size = round(page.width * factor), round(page.height * factor)
        if max(size) <= 1.5 * SIDE:
            other = clear.resize(size, Image.Resampling.BICUBIC)
            yield other
            yield _sharper(other, 4, 400)
    yield red.filter(ImageFilter.GaussianBlur(1.5))
    yield _against_its_surroundings(red)
    plain = ImageOps.autocontrast(page.convert("L"), cutoff=1)
    yield _sharper(plain, 3, 250)
    yield _black_below(45, plain)  # where the ink of a seal is grey
    smooth = [picture.filter(ImageFilter.MedianFilter(3)) for picture in (clear, plain)]
    for threshold in (45, 90, 128, 170):
        for picture in smooth:
            yield _black_below(threshold, picture)
    for angle in (10, 20, 30, 45, 60, 75):
        yield clear.rotate(angle, Image.Resampling.BICUBIC, expand=True, fillcolor=255)


def _sharper(picture: Image.Image, radius: int, percent: int) -> Image.Image:
    return picture.filter(ImageFilter.UnsharpMask(radius=radius, percent=percent, threshold=2))


def _against_its_surroundings(picture: Image.Image) -> Image.Image:
    """Black where a point is darker than what lies around it: for light that falls unevenly."""
    calm = picture.filter(ImageFilter.GaussianBlur(1))
    difference = ImageChops.subtract(calm, calm.filter(ImageFilter.BoxBlur(15)), scale=1, offset=136)
    return _black_below(128, difference)


def _black_below(threshold: int, picture: Image.Image) -> Image.Image:
    return picture.point([255 * (value > threshold) for value in range(256)])
