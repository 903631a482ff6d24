"""Spreadsheets that people upload: read as texts by a process of its own, within limits of time and memory.

``python -m xtbang.papers.spreadsheet`` reads an xlsx file from its standard input and answers with the cells of its first
sheet as JSON. Nothing that people upload is opened in the server itself.
"""

import json
import sys
from datetime import date, datetime
from io import BytesIO
from resource import RLIMIT_AS, RLIMIT_CPU, setrlimit
from subprocess import TimeoutExpired, run
from typing import Any

from xtbang.config import ROOT
from xtbang.rules.bank_receipts import LOST

SECONDS, WALL = 20, 60.0  # of processor time, and by the clock
MEMORY = 1024**3  # bytes of address space
ROWS, COLUMNS, CHARACTERS = 10_000, 60, 200  # more are not read
ALTOGETHER = 5_000_000  # characters and cells; a table with more is refused
EXACT = 10**15  # a spreadsheet keeps 15 digits of a number


class UnreadableSheet(ValueError):
    """A file from which no cells can be read; the text is for the person."""


def cells_of(content: bytes) -> list[list[str]]:
    """Return the texts of the first sheet of an xlsx file, row by row. Raise UnreadableSheet."""
    if not content.startswith(b"PK"):
        raise UnreadableSheet("只能读取 xlsx 表格；xls、csv 请先用 Excel 或 WPS 另存为 xlsx。")
    command = [sys.executable, "-m", "xtbang.papers.spreadsheet"]
    try:
        answer = run(command, input=content, capture_output=True, cwd=ROOT, timeout=WALL, check=False)  # noqa: S603
    except TimeoutExpired:
        answer = None
    if answer is None or answer.returncode:
        raise UnreadableSheet("表格不能打开：可能已损坏、设有密码，或者内容过多。")
    found: list[list[str]] = json.loads(answer.stdout)
    return found


def read(content: bytes) -> list[list[str]]:
    """Return the texts of the first sheet; for the reading process only."""
    from openpyxl import load_workbook

    book = load_workbook(BytesIO(content), read_only=True, data_only=True)
    sheet = book.worksheets[0]
    sheet.reset_dimensions()
    rows = sheet.iter_rows(max_row=ROWS, max_col=COLUMNS, values_only=True)
    texts: list[list[str]] = []
    left = ALTOGETHER
    for row in rows:
        texts.append([_text(value) for value in row])
        left -= sum(map(len, texts[-1])) + len(row)
        if left < 0:
            raise UnreadableSheet("too much text")
    return texts


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, datetime | date):
        return value.isoformat()[:10]
    if isinstance(value, int | float) and not isinstance(value, bool):
        plain = f"{value:.6f}".rstrip("0").rstrip(".")
        return f"{LOST}{plain}" if abs(value) >= EXACT else plain
    return str(value)[:CHARACTERS]


if __name__ == "__main__":
    setrlimit(RLIMIT_AS, (MEMORY, MEMORY))
    setrlimit(RLIMIT_CPU, (SECONDS, SECONDS))
    sys.stdout.write(json.dumps(read(sys.stdin.buffer.read())))
