"""Spreadsheets that people upload: read as texts by a process of its own, within limits of time and memory.

``python -m xtbang.papers.spreadsheet`` reads an xlsx file from its standard input and answers with the cells of its visible
sheets as JSON. Nothing that people upload is opened in the server itself.
"""

import json
import sys
from collections.abc import Callable
from datetime import date, datetime
from io import BytesIO
from resource import RLIMIT_AS, RLIMIT_CPU, setrlimit
from subprocess import TimeoutExpired, run
from typing import Any

from xtbang.config import ROOT
from xtbang.rules.bank_receipts import LOST
from xtbang.rules.quotation import quoted

Cells = list[list[str]]

SHEETS = 20  # of one file; more are not read
SECONDS, WALL = 20, 60.0  # of processor time, and by the clock
MEMORY = 1024**3  # bytes of address space
ROWS, COLUMNS, CHARACTERS = 10_000, 60, 200  # more are not read
ALTOGETHER = 5_000_000  # characters and cells; a table with more is refused
EXACT = 10**15  # a spreadsheet keeps 15 digits of a number


class UnreadableSheet(ValueError):
    """A file from which no cells can be read; the text is for the person."""


def cells_of(content: bytes, holds: Callable[[Cells], bool]) -> Cells:
    """Return the texts of the sheet of an xlsx file that ``holds`` the table, row by row; of the first where none does.

    Raise UnreadableSheet, also where several sheets hold one.
    """
    if not content.startswith(b"PK"):
        raise UnreadableSheet("只能读取 xlsx 表格；xls、csv 请先用 Excel 或 WPS 另存为 xlsx。")
    command = [sys.executable, "-m", "xtbang.papers.spreadsheet"]
    try:
        answer = run(command, input=content, capture_output=True, cwd=ROOT, timeout=WALL, check=False)  # noqa: S603
    except TimeoutExpired:
        answer = None
    if answer is None or answer.returncode:
        raise UnreadableSheet("表格不能打开：可能已损坏、设有密码，或者内容过多。")
    sheets: list[tuple[str, Cells]] = json.loads(answer.stdout)
    if not sheets:
        raise UnreadableSheet("表格里没有可见的工作表，请取消隐藏后再上传。")
    found = [(title, cells) for title, cells in sheets if holds(cells)]
    if len(found) > 1:
        named = "、".join(quoted(title) for title, _cells in found)
        raise UnreadableSheet(f"有 {len(found)} 张工作表都有这样的表格：{named}。请只留一张，以免重复或者漏读。")
    return (found or sheets)[0][1]


def read(content: bytes) -> list[tuple[str, Cells]]:
    """Return title and texts of every visible sheet; for the reading process only."""
    from openpyxl import load_workbook

    book = load_workbook(BytesIO(content), read_only=True, data_only=True)
    left, sheets = ALTOGETHER, []
    for sheet in book.worksheets[:SHEETS]:
        if sheet.sheet_state != "visible":
            continue
        sheet.reset_dimensions()
        texts: Cells = []
        for row in sheet.iter_rows(max_row=ROWS, max_col=COLUMNS, values_only=True):
            texts.append([_text(value) for value in row])
            left -= sum(map(len, texts[-1])) + len(row)
            if left < 0:
                raise UnreadableSheet("too much text")
        sheets.append((sheet.title, texts))
    return sheets


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
