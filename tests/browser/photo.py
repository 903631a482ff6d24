"""What comes out when somebody stamps a printed form and takes pictures of it with a phone."""

from io import BytesIO

import pypdfium2
from PIL import Image, ImageDraw, ImageFilter

SEAL = (205, 35, 40)
TABLE = (122, 112, 100)  # what the paper lies on


def photographed(pdf: bytes, kind: str = "PDF") -> bytes:
    """Every page printed, the last one stamped, each one photographed askew; as JPEG only the last page."""
    document = pypdfium2.PdfDocument(pdf)
    pages = [document[number].render(scale=150 / 72).to_pil().convert("RGB") for number in range(len(document))]
    document.close()
    stamp(pages[-1])
    pictures = [askew(page, number) for number, page in enumerate(pages)]
    content = BytesIO()
    if kind == "JPEG":
        pictures[-1].save(content, "JPEG", quality=70)
    else:
        pictures[0].save(content, "PDF", save_all=True, append_images=pictures[1:], resolution=150, quality=70)
    return content.getvalue()


def stamp(page: Image.Image) -> None:
    """A round red seal over the lower right part of the page."""
    seal = Image.new("RGBA", page.size)
    draw = ImageDraw.Draw(seal)
    x, y = page.width - 430, page.height - 520
    draw.ellipse((x, y, x + 260, y + 260), outline=(*SEAL, 190), width=9)
    draw.regular_polygon((x + 130, y + 130, 45), 3, fill=(*SEAL, 190))
    page.paste(seal, (0, 0), seal)


def askew(page: Image.Image, number: int) -> Image.Image:
    """Not quite from above, not quite sharp."""
    wide, high, lean = page.width, page.height, 18 + 9 * (number % 3)
    corners = (-lean, -30, 20, high + lean + 20, wide + 45, high + 10, wide - lean, -12)
    seen = page.transform(page.size, Image.Transform.QUAD, corners, Image.Resampling.BICUBIC, fillcolor=TABLE)
    return seen.filter(ImageFilter.GaussianBlur(0.6))
