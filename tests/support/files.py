"""Files that open."""

from io import BytesIO

from PIL import Image


def pdf(shade: int = 255) -> bytes:
    """One page of that shade of grey: another shade is another file."""
    content = BytesIO()
    Image.new("L", (60, 80), shade).save(content, "PDF", creationDate=None, modDate=None)
    return content.getvalue()
