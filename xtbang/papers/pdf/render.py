"""HTML to PDF/A-3u with WeasyPrint: bundled fonts and styles, no network, the same bytes for the same input."""

import json
import logging
import re
import zlib
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from threading import RLock
from typing import Any
from urllib.parse import unquote, urlsplit

import pydyf  # type: ignore[import-untyped]
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from xtbang.papers.codes import qr_image
from xtbang.papers.errors import PaperError, Unprintable
from xtbang.papers.pdf.columns import widths_of
from xtbang.papers.pdf.fonts import FOLDER, STATIC, only_bundled_fonts
from xtbang.papers.pdf.meta import PaperMeta
from xtbang.papers.pdf.rows import open_class
from xtbang.papers.pdf.titles import balanced, headed, is_addressee
from xtbang.rules.dates import SHANGHAI
from xtbang.rules.quotation import quoted

with only_bundled_fonts():
    import weasyprint
    from weasyprint.text.fonts import FontConfiguration
    from weasyprint.urls import FatalURLFetchingError, URLFetcher, URLFetcherResponse

    _FONTS = FontConfiguration()  # one per process: a new one per paper takes 390 MB

from xtbang.papers.pdf import weasyprint70

TEMPLATES = Path(__file__).resolve().parents[3] / "templates" / "papers"
_LOCK = RLock()  # a FontConfiguration shared between threads corrupts its lists
_NO_GLYPH = re.compile(r'\.notdef glyph rendered .*"(.)" \(U\+', re.DOTALL)

weasyprint70.apply()


class _Warnings(logging.Handler):
    """Collects the warnings of WeasyPrint; one paper at a time (see _LOCK)."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.texts: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.texts.append(record.getMessage())

    def raise_if_any(self) -> None:
        """Raise Unprintable for missing glyphs and PaperError for any other warning."""
        texts, self.texts = self.texts, []
        if missing := [found[1] for text in texts if (found := _NO_GLYPH.search(text))]:
            raise Unprintable("".join(dict.fromkeys(missing)))
        if texts:
            raise PaperError("；".join(texts))


class _OwnFiles(URLFetcher):
    """Reads files under static/ and ``data:`` addresses only; any other address stops the paper."""

    def fetch(self, url: str, headers: Any = None) -> URLFetcherResponse:
        parts = urlsplit(url)
        path = Path(unquote(parts.path)).resolve()
        if parts.scheme == "data" or (parts.scheme == "file" and not parts.netloc and path.is_relative_to(STATIC)):
            return super().fetch(url, headers)
        raise FatalURLFetchingError(f"a paper may not fetch {url}")


class _HTML(weasyprint.HTML):
    """A document with a minimal user-agent style sheet."""

    def _ua_stylesheets(self, forms: bool = False) -> list[weasyprint.CSS]:
        return [_sheet("ua.css")]


_COLOURS = "--srgb"
_WARNINGS = _Warnings()
_FETCHER = _OwnFiles()
logging.getLogger("weasyprint").addHandler(_WARNINGS)


@cache
def _sheet(name: str) -> weasyprint.CSS:
    text = (TEMPLATES / name).read_text(encoding="utf-8")
    return weasyprint.CSS(string=text, base_url=f"{FOLDER}/", url_fetcher=_FETCHER, font_config=_FONTS)


def _colours() -> dict[str, Any]:
    """Return WeasyPrint's own profile of sRGB under its name, read anew: it is written otherwise the second time.

    The output intent ``srgb``, which needs no profile, leaves its file open.
    """
    profiles: dict[str, Any] = {}
    folder = Path(weasyprint.__file__).parent.as_uri()
    rule = f"@color-profile {_COLOURS} {{ src: url({folder}/pdf/sRGB2014.icc); components: r, g, b }}"
    weasyprint.CSS(string=rule, color_profiles=profiles)
    return profiles


def render_pdf(html: str, *, title: str, data: object, made_at: datetime, identifier: str) -> bytes:
    """Return the PDF/A-3u of a page that extends ``papers/base.html``, with ``data`` embedded as ``data.json``.

    ``identifier`` is the permanent identifier of the file, for instance the check code. Raise Unprintable for a
    character without a glyph and PaperError for any other warning of WeasyPrint. One paper at a time per process.
    """
    with _LOCK:
        _WARNINGS.texts.clear()
        try:
            pdf = _write_pdf(html, title, data, made_at.astimezone(UTC), identifier)
        except FatalURLFetchingError as error:
            raise PaperError(str(error)) from error
        _WARNINGS.raise_if_any()
    return pdf


def _write_pdf(html: str, title: str, data: object, made: datetime, identifier: str) -> bytes:
    content = json.dumps(data, ensure_ascii=False, sort_keys=True, indent=1)
    attachment = weasyprint.Attachment(
        string=content.encode(), name="data.json", description="本文件的数据（JSON）",
        created=made, modified=made, relationship="Data",
    )  # fmt: skip
    document = laid_out(html)
    metadata = document.metadata
    metadata.title, metadata.lang, metadata.generator = title, "zh-CN", "xtbang"
    metadata.created = metadata.modified = made.strftime("%Y-%m-%dT%H:%M:%SZ")
    pdf = document.write_pdf(
        finisher=_finish, attachments=[attachment], output_intent=_COLOURS, pdf_variant="pdf/a-3u",
        pdf_tags=True, pdf_identifier=identifier.encode(),
    )  # fmt: skip
    return bytes(pdf)


def laid_out(html: str) -> weasyprint.Document:
    """Return the pages of a paper as boxes, before they are written."""
    page = _HTML(string=html, base_url=f"{FOLDER}/", url_fetcher=_FETCHER)
    return page.render(
        font_config=_FONTS, stylesheets=[_sheet("paper.css")], color_profiles=_colours(), output_intent=_COLOURS,
        pdf_variant="pdf/a-3u",
    )  # fmt: skip


class _Written(pydyf.Object):
    """An object of the file, turned into bytes once."""

    data = b""

    def __init__(self, item: Any) -> None:
        super().__init__()
        self.number, self.generation, self.data = item.number, item.generation, item.data


def _finish(document: Any, pdf: Any) -> None:
    """List each attachment once in the catalog, ask viewers to show the title instead of the file name, write once.

    WeasyPrint would write and compress each object twice, for the file and for its identifier, and compress as far as
    zlib can.
    """
    associated = pdf.catalog["AF"]
    associated[:] = list(dict.fromkeys(associated))
    pdf.catalog["ViewerPreferences"] = "<</DisplayDocTitle true>>"
    for place, item in enumerate(pdf.objects):
        if isinstance(item, pydyf.Stream):
            if item.compress:
                content = pydyf.Array(item.stream).data[1:-1]  # without the brackets of an array
                item.stream, item.compress = [zlib.compress(content, 6)], False
                item.extra["Filter"] = "/FlateDecode"
        elif item.free != "f":
            pdf.objects[place] = _Written(item)


def render_html(template: str, context: Mapping[str, Any], *, meta: PaperMeta, watermark: bool = False) -> str:
    """Return the HTML of a paper: a template of ``templates/papers``, also given ``meta``, ``qr``, ``watermark``."""
    qr = qr_image(meta.verify_url) if meta.verify_url else ""
    return _environment().get_template(template).render(context, meta=meta, qr=qr, watermark=watermark)


def render_paper(
    template: str, context: Mapping[str, Any], *, meta: PaperMeta, data: object, watermark: bool = False
) -> bytes:
    """Return the PDF of a paper other than a form; see the head of ``templates/papers/base.html``.

    Raise the errors of `render_pdf`.
    """
    html = render_html(template, context, meta=meta, watermark=watermark)
    return render_pdf(html, title=meta.title, data=data, made_at=meta.made_at, identifier=meta.identifier)


def chinese_time(moment: datetime) -> str:
    """Return a moment as 2026年11月23日 10:05, in Shanghai."""
    local = moment.astimezone(SHANGHAI)
    return f"{local.year}年{local.month}月{local.day}日 {local:%H:%M}"


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES), autoescape=True, undefined=StrictUndefined,
        trim_blocks=True, lstrip_blocks=True,
    )  # fmt: skip
    environment.filters["chinese_time"] = chinese_time
    environment.filters["balanced"] = balanced
    environment.filters["headed"] = headed
    environment.filters["quoted"] = quoted
    environment.filters["open_class"] = open_class
    environment.filters["widths_of"] = widths_of
    environment.tests["addressee"] = is_addressee
    return environment
