"""Made-up scans: a picture with a title, a seal and a real QR code."""

from functools import lru_cache
from io import BytesIO

import segno
from PIL import Image, ImageDraw, ImageFont

from xtbang.config import ROOT

FONT = ROOT / "static" / "fonts" / "songti.ttf"
SIZE = (620, 877)  # A4 at 75 dpi


@lru_cache(maxsize=3)
def _font(size: int) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(str(FONT), size)


@lru_cache(maxsize=1)
def _sealed() -> Image.Image:
    """Return an empty page with the seal."""
    page = Image.new("RGB", SIZE, "white")
    draw = ImageDraw.Draw(page)
    draw.ellipse((380, 600, 540, 760), outline=(200, 30, 30), width=5)
    draw.text((460, 680), "演示印章", (200, 30, 30), font=_font(22), anchor="mm")
    return page


def picture(title: str, lines: list[str], url: str = "") -> bytes:
    """Return a PNG of an A4 page: title, lines, a round red seal and, with ``url``, a QR code."""
    page = _sealed().copy()
    draw = ImageDraw.Draw(page)
    draw.text((310, 90), title, "black", font=_font(28), anchor="mm")
    for number, line in enumerate(lines):
        draw.text((70, 150 + 34 * number), line, "black", font=_font(18))
    if url:
        code = BytesIO()
        segno.make(url, error="m", micro=False, mask=4).save(code, kind="png", scale=4, border=4)
        page.paste(Image.open(code).convert("RGB"), (60, 650))
    out = BytesIO()
    reduced = page.convert("P", dither=Image.Dither.NONE, palette=Image.Palette.WEB)  # a third of the size, and faster
    reduced.save(out, "PNG")
    return out.getvalue()
