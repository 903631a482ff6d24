"""Pictures of printed papers as people hand them in: flat scans, telephone photos, faxes, under a red seal.

Everything is drawn from a PDF of ours and a seed, so that the same call gives the same picture.
"""

from io import BytesIO
from math import cos, pi, sin
from random import Random

import pypdfium2
import zxingcpp
from PIL import Image, ImageChops, ImageDraw, ImageFilter, ImageFont

from xtbang.config import ROOT

INK = (205, 30, 38)  # of a seal
DESK = (96, 84, 72)
MILLIMETRES = 25.4  # in an inch
QUARTERS = {
    90: Image.Transpose.ROTATE_90,
    180: Image.Transpose.ROTATE_180,
    270: Image.Transpose.ROTATE_270,
}
ORIENTATION = 0x0112  # the EXIF tag
TURNED = {90: 8, 180: 3, 270: 6}  # its value for a picture that must be turned so far anticlockwise to stand upright

Box = tuple[float, float, float, float]


def page_of(pdf: bytes, number: int, dpi: int) -> Image.Image:
    """A page, the first is 0, as it comes from a good printer, with a seal if it has one."""
    document = pypdfium2.PdfDocument(pdf)
    document.init_forms()
    picture = document[number].render(scale=dpi / 72).to_pil().convert("RGB")
    document.close()
    return picture


def code_box(page: Image.Image) -> Box:
    """Where the QR code is, in pixels: left, top, right, bottom."""
    (found,) = zxingcpp.read_barcodes(page, formats=zxingcpp.BarcodeFormat.QRCode)
    corners = [
        found.position.top_left,
        found.position.top_right,
        found.position.bottom_right,
        found.position.bottom_left,
    ]
    across, down = [corner.x for corner in corners], [corner.y for corner in corners]
    return min(across), min(down), max(across), max(down)


# ---------------------------------------------------------------- seals


def stamped(page: Image.Image, dpi: int, over: str, ink: float = 1.0) -> Image.Image:
    """With a round seal of 42 mm: its ring over the code's margin, across a corner of the code, or over all of it.

    ``ink`` below 1 is a paler print of the seal.
    """
    left, top, right, bottom = code_box(page)
    radius = 21 * dpi / MILLIMETRES
    side = right - left
    reach = {"margin": -0.03 * side, "corner": 0.12 * side, "whole": 0.0}[over]
    if over == "whole":
        centre = (left + right) / 2, (top + bottom) / 2
    else:  # from above left, so that the ring ends `reach` inside of the corner
        away = (radius - reach) * cos(pi / 4)
        centre = left - away, top - away
    print_of = _seal(round(2 * radius))
    pale = Image.blend(Image.new("RGB", print_of.size, "white"), print_of, ink)
    layer = Image.new("RGB", page.size, "white")
    layer.paste(pale, (round(centre[0] - radius), round(centre[1] - radius)))
    return ImageChops.multiply(page, layer)


def _seal(size: int) -> Image.Image:
    """Ring, star and name in red on white."""
    picture = Image.new("RGB", (size, size), "white")
    draw = ImageDraw.Draw(picture)
    draw.ellipse((1, 1, size - 2, size - 2), outline=INK, width=max(2, size // 34))
    middle, star = size / 2, size * 0.16
    points = [
        (
            middle + star * (1 if n % 2 else 0.4) * sin(n * pi / 5),
            middle + star * (1 if n % 2 else 0.4) * cos(n * pi / 5),
        )
        for n in range(10)
    ]
    draw.polygon(points, fill=INK)
    font = ImageFont.truetype(str(ROOT / "static" / "fonts" / "songti.ttf"), size // 9)
    draw.text((middle, size * 0.78), "合同专用章", INK, font=font, anchor="mm")
    draw.text((middle, size * 0.2), "湘潭电机有限公司", INK, font=font, anchor="mm")
    return picture


# ---------------------------------------------------------------- what scanners and cameras do


def turned(page: Image.Image, angle: float, paper: str = "white") -> Image.Image:
    """Turned anticlockwise by degrees."""
    if angle in QUARTERS:
        return page.transpose(QUARTERS[round(angle)])
    return page.rotate(angle, Image.Resampling.BICUBIC, expand=True, fillcolor=paper)


def noisy(page: Image.Image, amount: float, seed: int) -> Image.Image:
    """With grain: up to ``amount`` × 128 brighter or darker, each point by itself."""
    size = (page.width + 1) // 2, (page.height + 1) // 2
    grain = Image.frombytes("L", size, Random(seed).randbytes(size[0] * size[1]))
    grain = grain.resize(page.size, Image.Resampling.BILINEAR).point(lambda value: 128 + (value - 128) * amount)
    return ImageChops.add(page, Image.merge("RGB", [grain] * 3), scale=1, offset=-128)


def unevenly_lit(page: Image.Image, darkest: float, angle: float) -> Image.Image:
    """Light that falls from full to ``darkest`` (0–1) across the picture."""
    light = Image.linear_gradient("L").resize((400, 400)).rotate(angle, Image.Resampling.BILINEAR)
    light = light.crop((60, 60, 340, 340)).resize(
        page.size, Image.Resampling.BILINEAR
    )  # what no corner was turned into
    light = light.point(lambda value: round(255 * (darkest + (1 - darkest) * value / 255)))
    return ImageChops.multiply(page, Image.merge("RGB", [light] * 3))


def black_and_white(page: Image.Image, threshold: int = 150, dithered: bool = False) -> Image.Image:
    """As a fax machine sends it."""
    grey = page.convert("L")
    return grey.convert("1") if dithered else grey.point(lambda value: 255 * (value > threshold)).convert("1")


def curved(page: Image.Image, height: float) -> Image.Image:
    """A sheet that does not lie flat: every column is moved by up to ``height`` of the page's height."""
    strips = 24
    mesh = []
    for number in range(strips):
        edges = [round(page.width * (number + step) / strips) for step in (0, 1)]
        lifts = [height * page.height * sin(pi * (number + step) / strips) for step in (0, 1)]
        box = (edges[0], 0, edges[1], page.height)
        source = (
            edges[0], lifts[0], edges[0], page.height + lifts[0],
            edges[1], page.height + lifts[1], edges[1], lifts[1],
        )  # fmt: skip
        mesh.append((box, source))
    return page.transform(page.size, Image.Transform.MESH, mesh, Image.Resampling.BICUBIC)


def photographed(
    page: Image.Image,
    seed: int,
    *,
    tilt: float = 0.06,
    blur: float = 0.8,
    grain: float = 0.12,
    darkest: float = 0.55,
    side: int = 0,
) -> Image.Image:
    """A telephone's photo of the page on a desk.

    ``tilt`` moves each corner by up to that share of the page's side, ``blur`` is a radius in pixels of the page's
    resolution, ``side`` the longer side in pixels that a messenger leaves (0: as taken).
    """
    random = Random(seed)
    wide, high = page.size
    edge = round(0.07 * wide)
    picture_size = wide + 2 * edge, high + 2 * edge
    corners = [
        (x + random.uniform(-tilt, tilt) * wide + edge, y + random.uniform(-tilt, tilt) * wide + edge)
        for x, y in ((0, 0), (wide, 0), (wide, high), (0, high))
    ]
    shape = _perspective(corners, [(0, 0), (wide, 0), (wide, high), (0, high)])
    photo = page.transform(picture_size, Image.Transform.PERSPECTIVE, shape, Image.Resampling.BICUBIC, fillcolor=DESK)
    photo = unevenly_lit(photo, darkest, random.uniform(0, 360))
    photo = noisy(photo.filter(ImageFilter.GaussianBlur(blur)), grain, seed)
    if side:
        photo.thumbnail((side, side), Image.Resampling.BICUBIC)
    return photo


def _perspective(seen: list[tuple[float, float]], real: list[tuple[float, float]]) -> list[float]:
    """The eight numbers by which Pillow finds for a point of the photo the point of the page."""
    rows = []
    for (x, y), (u, v) in zip(seen, real, strict=True):
        rows.append([x, y, 1, 0, 0, 0, -u * x, -u * y, u])
        rows.append([0, 0, 0, x, y, 1, -v * x, -v * y, v])
    for at in range(8):
        best = max(range(at, 8), key=lambda row: abs(rows[row][at]))
        rows[at], rows[best] = rows[best], rows[at]
        rows[at] = [value / rows[at][at] for value in rows[at]]
        for other in range(8):
            if other != at:
                factor = rows[other][at]
                rows[other] = [value - factor * own for value, own in zip(rows[other], rows[at], strict=True)]
    return [row[8] for row in rows]


# ---------------------------------------------------------------- files


def jpeg(picture: Image.Image, quality: int = 75, turn: int = 0) -> bytes:
    """A JPEG; with ``turn`` its pixels lie on their side and only EXIF says how to hold it."""
    content = BytesIO()
    exif = Image.Exif()
    if turn:
        picture = picture.transpose(QUARTERS[360 - turn])
        exif[ORIENTATION] = TURNED[turn]
    picture.save(content, "JPEG", quality=quality, exif=exif)
    return content.getvalue()


def png(picture: Image.Image) -> bytes:
    """A PNG, packed quickly."""
    content = BytesIO()
    picture.save(content, "PNG", compress_level=1)
    return content.getvalue()


def pdf(pictures: list[Image.Image], dpi: int, quality: int = 70) -> bytes:
    """A PDF as a scanner makes it: one picture on each page."""
    content = BytesIO()
    first, *others = pictures
    first.save(content, "PDF", save_all=True, append_images=others, resolution=dpi, quality=quality)
    return content.getvalue()
