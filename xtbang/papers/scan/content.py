"""The content of a file besides its pages: programs in a PDF, another file in front or behind. Only the reading process imports this."""

import re
from io import BytesIO
from zipfile import BadZipFile, ZipFile

import pikepdf

# Actions and parts that do something when the file is opened or clicked: ISO 32000-1, 12.6.4 and 12.7.8.
_ACTIVE = re.compile(rb"/S\s*/(JavaScript|Launch|ImportData|SubmitForm)\b|/XFA\b|/Subtype\s*/RichMedia\b")
_START = 1024  # bytes within which a PDF may begin
_OTHER = re.compile(rb"^MZ|^\x7fELF|<[!?a-zA-Z]")  # a program, a page


def harm(content: bytes, mime: str) -> str:
    """Return why a file is more than its pages, as a key of ``examine.TROUBLES``; "" when it is not, or cannot be opened."""
    front = content[:_START].partition(b"%PDF-")
    before = front[0] if mime == "application/pdf" else b"<pdf" if front[1] else b""
    if _OTHER.search(before) or _is_archive(content):
        return "double"
    return "active" if mime == "application/pdf" and _is_active(content) else ""


def _is_archive(content: bytes) -> bool:
    """Return whether the file can be opened as a ZIP, as an archive of Java or an Office file can."""
    try:
        with ZipFile(BytesIO(content)) as archive:
            return bool(archive.namelist())
    except (BadZipFile, ValueError, OSError, NotImplementedError):
        return False


def _is_active(content: bytes) -> bool:
    try:
        with pikepdf.open(BytesIO(content)) as document:
            return any(_ACTIVE.search(_said(item)) for item in document.objects)
    except (pikepdf.PdfError, pikepdf.PasswordError):
        return False


def _said(item: pikepdf.Object) -> bytes:
    """Return an object as it is written, names without their escapes; of a stream its dictionary alone."""
    if isinstance(item, pikepdf.Stream):
        return pikepdf.Dictionary(dict(item.items())).unparse()
    return item.unparse(resolved=True) if isinstance(item, pikepdf.Dictionary | pikepdf.Array) else b""
