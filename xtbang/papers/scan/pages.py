"""The pages of a PDF, JPG or PNG as images, within limits. Only the reading process (`scan.process`) imports this."""

import warnings
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from io import BytesIO

import pypdfium2
from PIL import Image, ImageOps

SIDE = 4200  # pixels of the longer side; larger images are reduced: A4 at 360 dpi
PIXELS = 50_000_000  # of the largest image that is opened, also in a PDF: A4 at 700 dpi, A3 at 500
POINTS = 6000  # longer side of the largest PDF page that is read: a photograph with one point per pixel
BROKEN = (OSError, ValueError, SyntaxError, Image.DecompressionBombError, pypdfium2.PdfiumError)
HALF = 0.5  # of a page
MAKER, DATA = "xtbang", "data.json"  # creator and attachment of our papers (papers/pdf/render.py)
PRINTED, A4 = 3508, 297 / 25.4  # of a picture that becomes a page: pixels and inches of its longer side
QUALITY = 85  # of the JPEG on it
_ATTACHMENTS = 100  # most attachments that are checked
_DPI = 200
_IMAGES = {"image/jpeg": ("JPEG",), "image/png": ("PNG",)}
_WRONG_PASSWORD = 4  # FPDF_ERR_PASSWORD

Allow = Callable[[float], None]  # sets the time limit of the next step: so many seconds on top of those for a page


class TooLarge(ValueError):
    """An image with more pixels than allowed."""


@dataclass(frozen=True)
class Page:
    """A page of a file."""

    picture: Image.Image | None  # None: the page is too large for a scan
    of: int  # number of pages of the file
    pictured: bool = True  # images cover at least half of it, as on every scan
    ours: bool = False  # the file was made by this program


def pages_of(content: bytes, mime: str, allow: Allow, most: int) -> Iterator[Page]:
    """Yield each page, at most so many. Raise one of ``BROKEN``."""
    if mime == "application/pdf":
        yield from _pdf_pages(content, allow, most)
    elif mime in _IMAGES:
        allow(0)
        yield Page(_image(content, _IMAGES[mime]), 1)


def trouble_key(error: Exception) -> str:
    """Return why a first page cannot be opened, as a key of ``examine.TROUBLES``."""
    if isinstance(error, TooLarge | Image.DecompressionBombError):
        return "large"
    if isinstance(error, pypdfium2.PdfiumError):
        return "password" if error.err_code == _WRONG_PASSWORD else "pdf"
    return "picture"


def cut(content: bytes, runs: Sequence[tuple[int, int]]) -> Iterator[bytes]:
    """Yield a PDF of each run of pages (first, last) of a PDF. Raise one of ``BROKEN``."""
    document = pypdfium2.PdfDocument(content)
    for first, last in runs:
        piece, file = pypdfium2.PdfDocument.new(), BytesIO()
        piece.import_pages(document, list(range(first, last + 1)))
        piece.save(file)
        piece.close()
        yield file.getvalue()
    document.close()


def join(parts: Iterable[tuple[bytes, str]], allow: Allow) -> bytes:
    """Return one PDF of these files, content and media type: the pages of a PDF, a picture as an upright page. Raise one of ``BROKEN``."""
    whole, file = pypdfium2.PdfDocument.new(), BytesIO()
    for content, mime in parts:
        allow(0)
        part = pypdfium2.PdfDocument(content if mime == "application/pdf" else _as_page(content, mime))
        whole.import_pages(part)
        part.close()
    whole.save(file)
    whole.close()
    return file.getvalue()


def _as_page(content: bytes, mime: str) -> bytes:
    """Return a PDF with the picture as its page, as high or wide as A4."""
    picture, page = ImageOps.exif_transpose(_image(content, _IMAGES[mime])), BytesIO()
    picture.thumbnail((PRINTED, PRINTED))
    picture.save(page, "PDF", resolution=max(picture.size) / A4, quality=QUALITY)
    return page.getvalue()


def _pdf_pages(content: bytes, allow: Allow, most: int) -> Iterator[Page]:
    allow(0)
    document = pypdfium2.PdfDocument(content)
    try:
        ours = _made_here(document)
        for number in range(min(len(document), most)):
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
    """Return whether the PDF names this program as its creator or contains the data file of our papers."""
    if document.get_metadata_value("Creator") == MAKER:
        return True
    attached = range(min(document.count_attachments(), _ATTACHMENTS))
    return any(document.get_attachment(number).get_name() == DATA for number in attached)


def _covered(page: pypdfium2.PdfPage) -> float:
    """Return the part of a page that images cover, above 1 where they overlap. Raise TooLarge."""
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
