"""The check codes on a stamped scan: QR codes read from PDF, JPG and PNG, however crooked, within bounds."""

import re
import warnings
from collections.abc import Iterator
from io import BytesIO
from threading import Lock
from time import monotonic

import pypdfium2
import zxingcpp
from PIL import Image, ImageFilter, ImageOps

from xtbang.papers.codes import normalise

PAGES = 20  # of a PDF that are looked at
SIDE = 4200  # pixels of the longer side that are looked at: A4 at 360 dpi
PIXELS = 150_000_000  # of an image that is opened at all: A3 at 900 dpi
SECONDS = 12.0  # for one file
_DPI = 200
_QR = zxingcpp.BarcodeFormats([zxingcpp.BarcodeFormat.QRCode])
_IMAGES = {"image/jpeg": ("JPEG",), "image/png": ("PNG",)}
_VERIFY = re.compile(r"/verify/([0-9A-Za-z-]{16,24})(?![0-9A-Za-z-])")
_PDFIUM = Lock()  # PDFium is not made for threads


def read_codes(content: bytes, mime: str) -> set[str]:
    """Every check code in a file, in its one spelling; empty when none can be read, whatever the reason."""
    end = monotonic() + SECONDS
    codes: set[str] = set()
    try:
        for page in _pages(content, mime):
            codes |= _codes(page, end)
            if monotonic() > end:
                break
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError, pypdfium2.PdfiumError):
        return codes
    return codes


def _pages(content: bytes, mime: str) -> Iterator[Image.Image]:
    if mime == "application/pdf":
        yield from _pdf_pages(content)
    elif mime in _IMAGES:
        yield _image(content, _IMAGES[mime])


def _pdf_pages(content: bytes) -> Iterator[Image.Image]:
    with _PDFIUM:
        document = pypdfium2.PdfDocument(content)
    try:
        for number in range(min(len(document), PAGES)):
            with _PDFIUM:
                page = document[number]
                width, height = page.get_size()
                scale = min(_DPI / 72, SIDE / max(width, height, 1))
                picture = page.render(scale=scale, grayscale=True).to_pil()
                page.close()
            yield picture.convert("L")
    finally:
        with _PDFIUM:
            document.close()


def _image(content: bytes, formats: tuple[str, ...]) -> Image.Image:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", Image.DecompressionBombWarning)
        picture = Image.open(BytesIO(content), formats=formats)
        if picture.width * picture.height > PIXELS:
            raise Image.DecompressionBombError
        picture.draft("L", (SIDE, SIDE))  # a JPEG is decoded no larger than needed
        picture.thumbnail((SIDE, SIDE))
    return picture.convert("L")


def _codes(page: Image.Image, end: float) -> set[str]:
    """The codes of a page by the first way of looking at it that shows any."""
    for picture in _ways(page):
        texts = (found.text for found in zxingcpp.read_barcodes(picture, formats=_QR))
        codes = {code for text in texts for part in _VERIFY.findall(text) if (code := normalise(part))}
        if codes or monotonic() > end:
            return codes
    return set()


def _ways(page: Image.Image) -> Iterator[Image.Image]:
    """As it is, then clearer, larger, smaller, in black and white, and turned."""
    yield page
    clear = ImageOps.autocontrast(page, cutoff=1)
    yield clear.filter(ImageFilter.UnsharpMask(radius=3, percent=250, threshold=2))
    for factor in (2.0, 3.0, 0.6):
        size = round(page.width * factor), round(page.height * factor)
        if max(size) <= 1.5 * SIDE:
            other = clear.resize(size, Image.Resampling.BICUBIC)
            yield other
            yield other.filter(ImageFilter.UnsharpMask(radius=4, percent=400, threshold=0))
    for threshold in (90, 128, 170):
        yield clear.filter(ImageFilter.MedianFilter(3)).point([255 * (value > threshold) for value in range(256)])
    for angle in (10, 20, 30, 45, 60, 75):
        yield clear.rotate(angle, Image.Resampling.BICUBIC, expand=True, fillcolor=255)
