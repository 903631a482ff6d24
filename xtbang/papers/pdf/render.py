"""HTML to PDF/A-3u with WeasyPrint: our fonts and style sheet, nothing fetched, the same bytes for the same input."""

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
from xtbang.papers.pdf.fonts import FOLDER, STATIC, only_ours
from xtbang.papers.pdf.meta import PaperMeta
from xtbang.papers.pdf.titles import balanced, headed, is_addressee
from xtbang.rules.dates import SHANGHAI

with only_ours():
    import weasyprint
    from weasyprint.text.fonts import FontConfiguration
    from weasyprint.urls import FatalURLFetchingError, URLFetcher, URLFetcherResponse

    _FONTS = FontConfiguration()  # one per process: a new one per paper takes 390 MB

from xtbang.papers.pdf import weasyprint70

TEMPLATES = Path(__file__).resolve().parents[3] / "templates" / "papers"
_LOCK = RLock()  # a FontConfiguration shared between threads corrupts its lists
_NO_GLYPH = re.compile(r'\.notdef glyph rendered .*"(.)" \(U\+', re.DOTALL)

weasyprint70.apply()


class _Complaints(logging.Handler):
    """Collects what WeasyPrint warns about; one paper at a time (see _LOCK)."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.texts: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.texts.append(record.getMessage())

    def take(self) -> None:
        """Raise when there is something to complain about."""
        texts, self.texts = self.texts, []
        if missing := [found[1] for text in texts if (found := _NO_GLYPH.search(text))]:
            raise Unprintable("".join(dict.fromkeys(missing)))
        if texts:
            raise PaperError("；".join(texts))


class _OwnFiles(URLFetcher):
    """Reaches files under static/ and ``data:`` addresses, nothing else; anything else stops the paper."""

    def fetch(self, url: str, headers: Any = None) -> URLFetcherResponse:
        parts = urlsplit(url)
        path = Path(unquote(parts.path)).resolve()
        if parts.scheme == "data" or (parts.scheme == "file" and not parts.netloc and path.is_relative_to(STATIC)):
            return super().fetch(url, headers)
        raise FatalURLFetchingError(f"a paper may not fetch {url}")


class _HTML(weasyprint.HTML):
    """A document whose user-agent style sheet is only what papers use."""

    def _ua_stylesheets(self, forms: bool = False) -> list[weasyprint.CSS]:
        return [_sheet("ua.css")]


_COLOURS = "--srgb"
_COMPLAINTS = _Complaints()
_FETCHER = _OwnFiles()
logging.getLogger("weasyprint").addHandler(_COMPLAINTS)


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
    """The PDF/A-3u of a page that extends ``papers/base.html``, with ``data`` embedded as ``data.json``.

    ``identifier`` is the file's lasting identifier, the check code for instance. Raises Unprintable for a character
    without a glyph and PaperError for anything else that WeasyPrint complains about. One paper at a time per process.
    """
    with _LOCK:
        _COMPLAINTS.texts.clear()
        try:
            pdf = _write_pdf(html, title, data, made_at.astimezone(UTC), identifier)
        except FatalURLFetchingError as error:
            raise PaperError(str(error)) from error
        _COMPLAINTS.take()
    return pdf


def _write_pdf(html: str, title: str, data: object, made: datetime, identifier: str) -> bytes:
    content = json.dumps(data, ensure_ascii=False, sort_keys=True, indent=1)
    attachment = weasyprint.Attachment(
        string=content.encode(), name="data.json", description="本文件的数据（JSON）",
        created=made, modified=made, relationship="Data",
    )  # fmt: skip
    page = _HTML(string=html, base_url=f"{FOLDER}/", url_fetcher=_FETCHER)
    document = page.render(
        font_config=_FONTS, stylesheets=[_sheet("paper.css")], color_profiles=_colours(), output_intent=_COLOURS,
        pdf_variant="pdf/a-3u",
    )  # fmt: skip
    metadata = document.metadata
    metadata.title, metadata.lang, metadata.generator = title, "zh-CN", "xtbang"
    metadata.created = metadata.modified = made.strftime("%Y-%m-%dT%H:%M:%SZ")
    pdf = document.write_pdf(
        finisher=_finish, attachments=[attachment], output_intent=_COLOURS, pdf_variant="pdf/a-3u",
        pdf_tags=True, pdf_identifier=identifier.encode(),
    )  # fmt: skip
    return bytes(pdf)


class _Written(pydyf.Object):
    """An object of the file, turned into bytes once."""

    data = b""

    def __init__(self, item: Any) -> None:
        super().__init__()
        self.number, self.generation, self.data = item.number, item.generation, item.data


def _finish(document: Any, pdf: Any) -> None:
    """Name each attachment once, ask readers to show the title instead of the file name, write each object once.

    WeasyPrint would write and compress each twice, for the file and for its identifier, and compress as far as zlib can.
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
    """The HTML of a paper: a template of ``templates/papers`` given also ``meta``, ``qr``, ``watermark``."""
    qr = qr_image(meta.verify_url) if meta.verify_url else ""
    return _environment().get_template(template).render(context, meta=meta, qr=qr, watermark=watermark)


def render_paper(
    template: str, context: Mapping[str, Any], *, meta: PaperMeta, data: object, watermark: bool = False
) -> bytes:
    """The PDF of a paper other than a form; see the head of ``templates/papers/base.html``. Raises as `render_pdf`."""
    html = render_html(template, context, meta=meta, watermark=watermark)
    return render_pdf(html, title=meta.title, data=data, made_at=meta.made_at, identifier=meta.identifier)


def chinese_time(moment: datetime) -> str:
    """2026年11月23日 10:05, in Shanghai."""
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
    environment.tests["addressee"] = is_addressee
    return environment
