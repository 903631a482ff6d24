"""The pages of a PDF, JPG or PNG as pictures, within bounds. Only the reading process imports this (`scan_process`)."""

import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from io import BytesIO

import pypdfium2
from PIL import Image

PAGES = 80  # of a PDF that are looked at: the longest contract has 35
SIDE = 4200  # pixels of the longer side that are looked at: A4 at 360 dpi
PIXELS = 50_000_000  # of an image that is opened at all, in a PDF too: A4 at 700 dpi, A3 at 500
POINTS = 6000  # of the longer side of a page of a PDF that is looked at: a photograph taken as one point for each pixel
BROKEN = (OSError, ValueError, SyntaxError, Image.DecompressionBombError, pypdfium2.PdfiumError)
_DPI = 200
_IMAGES = {"image/jpeg": ("JPEG",), "image/png": ("PNG",)}
_WRONG_PASSWORD = 4  # FPDF_ERR_PASSWORD

Allow = Callable[[float], None]  # called before what may take long: so many seconds more than one page may


class TooLarge(ValueError):
    """An image with more points than are looked at."""


@dataclass(frozen=True)
class Page:
    """A page of a file."""

    picture: Image.Image | None  # None: it is so large that it is no scan
    of: int  # so many pages the file has


def pages_of(content: bytes, mime: str, allow: Allow) -> Iterator[Page]:
    """Each page, at most ``PAGES``. Raises one of ``BROKEN``."""
    if mime == "application/pdf":
        yield from _pdf_pages(content, allow)
    elif mime in _IMAGES:
        allow(0)
        yield Page(_image(content, _IMAGES[mime]), 1)


def what_is_wrong(error: Exception) -> str:
    """Why a first page cannot be opened, as a key of ``scans.TROUBLES``."""
    if isinstance(error, TooLarge | Image.DecompressionBombError):
        return "large"
    if isinstance(error, pypdfium2.PdfiumError):
        return "password" if error.err_code == _WRONG_PASSWORD else "pdf"
    return "picture"


def _pdf_pages(content: bytes, allow: Allow) -> Iterator[Page]:
    allow(0)
    document = pypdfium2.PdfDocument(content)
    try:
        for number in range(min(len(document), PAGES)):
            allow(0)
            yield Page(_pdf_page(document[number]), len(document))
    finally:
        document.close()


def _pdf_page(page: pypdfium2.PdfPage) -> Image.Image | None:
    try:
        for image in page.get_objects(filter=[pypdfium2.raw.FPDF_PAGEOBJ_IMAGE]):
            wide, high = image.get_px_size()
            if wide * high > PIXELS:
                raise TooLarge
        longer = max(*page.get_size(), 1)
        if longer > POINTS:
            return None
        scale = min(_DPI / 72, SIDE / longer)
        picture: Image.Image = page.render(scale=scale).to_pil().convert("RGB")
        return picture
    finally:
        page.close()


def _image(content: bytes, formats: tuple[str, ...]) -> Image.Image:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", Image.DecompressionBombWarning)
        picture: Image.Image = Image.open(BytesIO(content), formats=formats)
    if picture.width * picture.height > PIXELS:
        raise TooLarge
    picture.draft("RGB", (SIDE, SIDE))  # a JPEG is decoded no larger than needed
    picture.thumbnail((SIDE, SIDE))
    if picture.mode.startswith("I"):  # 16 bits of grey
        picture = picture.point(lambda value: value / 256).convert("L")
    if picture.has_transparency_data:  # on paper it is white
        ink = picture.convert("RGBA")
        picture = Image.new("RGB", ink.size, "white")
        picture.paste(ink, mask=ink)
    return picture.convert("RGB")
