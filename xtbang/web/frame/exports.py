"""Tables as answers: xlsx and CSV files."""

from collections.abc import Callable

from flask import Response

from xtbang.papers.workbook import XLSX, csv_of, xlsx_of
from xtbang.rules.sheet import Sheet
from xtbang.web.frame.file_names import sent_as

ENDINGS: dict[str, tuple[str, Callable[[Sheet], bytes]]] = {"xlsx": (XLSX, xlsx_of), "csv": ("text/csv", csv_of)}


def file_of(sheet: Sheet, ending: str) -> Response:
    """Return a table as a file, ``xlsx`` or ``csv``. Raise KeyError for another ending."""
    mime, write = ENDINGS[ending]
    return Response(write(sheet), mimetype=mime, headers=sent_as(f"{sheet.title}.{ending}"))
