"""The bureau's electronic seal (电子印章): its picture and a PAdES signature on the papers that the bureau issues.

Optional: without a certificate in the settings papers are not changed. See docs/seal.md.
"""

import logging
import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from typing import Any
from unicodedata import ucd_3_2_0

import click
import pypdfium2
from PIL import Image, UnidentifiedImageError
from pyhanko.pdf_utils.content import ResourceType
from pyhanko.pdf_utils.generic import DictionaryObject, pdf_name
from pyhanko.pdf_utils.images import PdfImage
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.layout import AxisAlignment, SimpleBoxLayoutRule
from pyhanko.sign.fields import MDPPerm, SigFieldSpec, SigSeedSubFilter
from pyhanko.sign.signers import PdfSignatureMetadata, PdfSigner, SimpleSigner
from pyhanko.stamp import StaticStampStyle

from xtbang.models import Paper
from xtbang.papers.errors import PaperError
from xtbang.papers.facts.common import issuing_offices
from xtbang.papers.facts.older import facts_of
from xtbang.papers.pdf.pdfium import PDFIUM
from xtbang.rules.city import City
from xtbang.rules.quotation import quoted

LOG = logging.getLogger("xtbang.papers")
# The papers that bureaus issue, each with the fact that is printed as the date under their names.
DATES = {
    "receipt": "submitted_at",
    "notice": "published_on",
    "funding": "dated",
    "certificate": "passed_on",
    "termination": "decided_on",
    "prior_notice": "issued_on",
    "restriction_notice": "issued_on",
    "restriction": "decided_on",
    "recovery_notice": "ordered_on",
    "revocation": "revoked_on",
    "urging_letter": "issued_on",
}
DIAMETER = 42 / 25.4 * 72  # points
FOOT = 30 / 25.4 * 72  # points: height of the footer with its QR code
_PIXELS = 700  # longest side of the picture: 42 mm at more than 400 dpi
_BELOW = 75 / 25.4 * 72  # most points from the name of an office down to the date of its signature
_SIDEWAYS = 60  # most points sideways for a date that counts as under the name
_DATE = re.compile(r"\d{4}年\d{1,2}月\d{1,2}日")

_SMALLEST = 200  # pixels of the shorter side of the picture

Place = tuple[int, float, float]  # page, from 0; the seal's centre in points from its lower left corner
Box = tuple[float, float, float, float]  # left, bottom, right, top


class SealError(PaperError, click.ClickException):
    """A seal that cannot be used; the sentence says why, and a command shows it."""


class _Ink(PdfImage):
    """A picture that darkens what is under it, as ink does: the text can still be read."""

    def render(self) -> bytes:
        state = DictionaryObject({pdf_name("/BM"): pdf_name("/Multiply")})
        self.set_resource(ResourceType.EXT_G_STATE, pdf_name("/Ink"), state)
        return b"/Ink gs " + super().render()


class _Writer(IncrementalPdfFileWriter):
    """Adds to a PDF without changing its metadata: in those of pyHanko, XMP and information dictionary would differ."""

    def _update_meta(self) -> None:
        pass


class Seal:
    """A certificate with its key and a picture, loaded once per process."""

    def __init__(self, city: City, certificate: Path, password: str, picture: Path | None = None) -> None:
        """Load both, for an office of the city. Raise SealError for anything that would make a signature fail or be invalid."""
        self._city = city
        self._offices = [office.name for office in city.by_role.values()]
        self._signer = _load_key(certificate, password)
        self.office = _checked(self._signer.signing_cert, self._offices)
        self._expires_at: datetime = self._signer.signing_cert.not_valid_after  # type: ignore[union-attr]
        self._picture = _load_picture(picture) if picture else None

    @property
    def expires_at(self) -> datetime:
        """Return the moment at which the certificate ends."""
        return self._expires_at

    def covers(self, paper: Paper) -> bool:
        """Return whether this office issues the paper."""
        return paper.name in DATES and self.office in issuing_offices(facts_of(paper), self._city)

    def apply(self, paper: Paper, content: bytes) -> bytes:
        """Return the PDF of the paper with the seal, or unchanged when this office does not issue the paper.

        The signature makes the bytes differ every time. Raise SealError when the certificate has expired.
        """
        if not self.covers(paper):
            return content
        _checked(self._signer.signing_cert, self._offices)
        about = PdfSignatureMetadata(
            field_name="Seal",
            md_algorithm="sha256",
            name=self.office,
            reason=paper.title,
            subfilter=SigSeedSubFilter.PADES,
            certify=True,
            docmdp_permissions=MDPPerm.NO_CHANGES,
        )
        place = _place(content, self._offices, self.office, str(facts_of(paper)[DATES[paper.name]]))
        if place is None:
            LOG.warning("paper %s has no place for a seal: it is signed only", paper.code)
        field, style = SigFieldSpec("Seal"), None
        if place and self._picture:
            field, style = _appearance(place, self._picture)
        signer = PdfSigner(about, self._signer, stamp_style=style, new_field_spec=field)
        signed: BytesIO = signer.sign_pdf(_Writer(BytesIO(content)))
        return signed.getvalue()


def seal_from_config(config: Mapping[str, Any], city: City) -> Seal:
    """Return the seal of ``SEAL_CERTIFICATE``, ``SEAL_PASSWORD`` and ``SEAL_PICTURE`` ("": signature without picture).

    Raise SealError.
    """
    picture = config["SEAL_PICTURE"]
    return Seal(city, Path(config["SEAL_CERTIFICATE"]), config["SEAL_PASSWORD"], Path(picture) if picture else None)


def _load_key(path: Path, password: str) -> SimpleSigner:
    try:
        content = path.read_bytes()
    except OSError:
        raise SealError(f"电子印章的证书 {path} 不存在，或者无权读取。") from None
    try:
        signer = SimpleSigner.load_pkcs12_data(content, other_certs=[], passphrase=password.encode() or None)
    except (ValueError, TypeError):
        signer = None
    if signer is None or signer.signing_cert is None:
        raise SealError(f"电子印章的证书 {path} 读不出：不是 PKCS#12 文件，或者密码不对。")
    return signer


def _checked(certificate: Any, offices: Sequence[str]) -> str:
    """Return the one of these offices that owns the certificate. Raise SealError when its signatures would not be valid now."""
    subject = certificate.subject.native
    names = " ".join(str(name) for name in subject.values())
    office = next((office for office in offices if office in names), None)
    if office is None:
        raise SealError(f"电子印章的证书属于{quoted(names)}，不是{'、'.join(offices)}中的任何一个单位。")
    if unknown := [sign for sign in names if ucd_3_2_0.category(sign) == "Cn"]:
        raise SealError(f"电子印章的证书名称中有签名软件不认识的字：{'、'.join(unknown)}。")
    since, until = certificate.not_valid_before, certificate.not_valid_after
    if not since <= datetime.now(UTC) <= until:
        raise SealError(f"电子印章的证书有效期为{since:%Y-%m-%d}至{until:%Y-%m-%d}，现在不能使用。")
    usage = certificate.key_usage_value
    if usage is not None and "non_repudiation" not in usage.native:
        raise SealError("电子印章的证书没有“不可否认”（nonRepudiation）用途，不能用于签章。")
    return office


def _load_picture(path: Path) -> Image.Image:
    try:
        with Image.open(path, formats=("PNG",)) as file:
            picture = file.convert("RGBA")
    except UnidentifiedImageError:
        raise SealError(f"电子印章的图样 {path} 不是 PNG 图片。") from None
    except OSError:
        raise SealError(f"电子印章的图样 {path} 不存在、无权读取或者已损坏。") from None
    if min(picture.size) < _SMALLEST or not picture.getchannel("A").histogram()[0]:
        raise SealError(f"电子印章的图样 {path} 应为背景透明的 PNG，边长不少于 {_SMALLEST} 像素。")
    picture.thumbnail((_PIXELS, _PIXELS))
    return picture


def _appearance(place: Place, picture: Image.Image) -> tuple[SigFieldSpec, StaticStampStyle]:
    """Return the field and the picture of the signature; no text, since its font would not be embedded."""
    page, x, y = place
    left, bottom = round(x - DIAMETER / 2), round(y - DIAMETER / 2)
    side = round(DIAMETER)
    middle = AxisAlignment.ALIGN_MID
    style = StaticStampStyle(
        border_width=0,
        background=_Ink(picture, name="Seal"),
        background_layout=SimpleBoxLayoutRule(x_align=middle, y_align=middle),
    )
    return SigFieldSpec("Seal", on_page=page, box=(left, bottom, left + side, bottom + side)), style


# ---------------------------------------------------------------- where the seal goes


def _place(content: bytes, offices: Sequence[str], office: str, iso: str) -> Place | None:
    """Return the place of the seal: over the office's name and the date right under it; the last one of the paper."""
    day = f"{iso[:4]}年{int(iso[5:7])}月{int(iso[8:10])}日"
    found = None
    with PDFIUM:
        document = pypdfium2.PdfDocument(content)
        try:
            for number, page in enumerate(document):
                centre = _centre(page.get_textpage(), page.get_width(), offices, office, day)
                found = (number, *centre) if centre else found
        finally:
            document.close()
    return found


def _centre(
    text: pypdfium2.PdfTextPage, width: float, offices: Sequence[str], office: str, day: str
) -> tuple[float, float] | None:
    """Return the centre of name and date of the signature on a page: lines that contain nothing else."""
    dates = list(_own_lines(text, width, day, _DATE))
    for name in _own_lines(text, width, office, re.compile("|".join(offices))):
        below = [date for date in dates if 0 < name[1] - date[3] < _BELOW]
        if not below:
            continue
        x, y = _middle(name)
        date_x, date_y = min(map(_middle, below), key=lambda centre: abs(centre[0] - x))
        if abs(date_x - x) < _SIDEWAYS:
            y = (y + date_y) / 2
        return x, max(y, FOOT + DIAMETER / 2)
    return None


def _own_lines(text: pypdfium2.PdfTextPage, width: float, words: str, kind: re.Pattern[str]) -> Iterator[Box]:
    """Yield the boxes of the words, in lines that contain nothing but words of that kind."""
    search = text.search(words)
    while hit := search.get_next():
        start, count = hit
        boxes = [text.get_charbox(number) for number in range(start, start + count)]
        box = (boxes[0][0], min(b[1] for b in boxes), boxes[-1][2], max(b[3] for b in boxes))
        line = text.get_text_bounded(0, box[1], width, box[3])
        if not kind.sub("", line).strip():
            yield box


def _middle(box: Box) -> tuple[float, float]:
    return (box[0] + box[2]) / 2, (box[1] + box[3]) / 2
