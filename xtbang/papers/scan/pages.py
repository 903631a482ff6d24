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
HALF = 0.5
MAKER, DATA = "xtbang", "data.json"  # of our papers: their maker, the name of their data (papers/pdf/render.py)
_ATTACHMENTS = 100  # that are looked at
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
    pictured: bool = True  # pictures cover at least half of it, as on every scan
    ours: bool = False  # the file was made by this program


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
        ours = _made_here(document)
        for number in range(min(len(document), PAGES)):
            allow(0)
            page = document[number]
            try:
                pictured = _covered(page) >= HALF
                yield Page(_pdf_page(page), len(document), pictured, ours)
            finally:
                page.close()
    finally:
        document.close()


def _made_here(document: pypdfium2.PdfDocument) -> bool:
    """Whether it names this program as its maker or holds the data of a paper, as every paper of ours does."""
    if document.get_metadata_value("Creator") == MAKER:
        return True
    attached = range(min(document.count_attachments(), _ATTACHMENTS))
    return any(document.get_attachment(number).get_name() == DATA for number in attached)


def _covered(page: pypdfium2.PdfPage) -> float:
    """The part of a page that pictures cover, more than 1 where they lie over each other. Raises TooLarge."""
    covered = 0.0
    for image in page.get_objects(filter=[pypdfium2.raw.FPDF_PAGEOBJ_IMAGE]):
        wide, high = image.get_px_size()
        if wide * high > PIXELS:
            raise TooLarge
        left, bottom, right, top = image.get_bounds()
        covered += (right - left) * (top - bottom)
    width, height = page.get_size()
    return covered / max(width * height, 1)


def _pdf_page(page: pypdfium2.PdfPage) -> Image.Image | None:
    longer = max(*page.get_size(), 1)
    if longer > POINTS:
        return None
    scale = min(_DPI / 72, SIDE / longer)
    picture: Image.Image = page.render(scale=scale).to_pil().convert("RGB")
    return picture


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
