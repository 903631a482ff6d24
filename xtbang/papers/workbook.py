"""Tables as files: xlsx, and CSV that spreadsheets open correctly; neither contains a formula."""

import csv
from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from io import BytesIO, StringIO
from typing import Any

from xtbang.rules.sheet import Kind, Sheet, cell_of, total_line

BOM = "\ufeff"
RISKY = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
NARROWEST, WIDEST = 8, 48  # characters of a column
NAME = 31  # characters of the name of a sheet
NOT_IN_NAMES = str.maketrans("", "", "[]:*?/\\'")
FORMATS = {
    Kind.TEXT: "@",
    Kind.DATE: "yyyy-mm-dd",
    Kind.MOMENT: "yyyy-mm-dd hh:mm",
    Kind.MONEY: "#,##0.00####",
    Kind.WHOLE: "0",
    Kind.ANY: "General",
}
AS_DATE = {date: "%Y-%m-%d", datetime: "%Y-%m-%d %H:%M"}


def csv_of(sheet: Sheet) -> bytes:
    """Return a table as CSV, with its totals."""
    buffer = StringIO()
    buffer.write(BOM)
    writer = csv.writer(buffer, lineterminator="\r\n")
    writer.writerow([harmless(column.label) for column in sheet.columns])
    writer.writerows([harmless(cell) for cell in row] for row in _lines(sheet))
    return buffer.getvalue().encode()


def harmless(value: Any) -> str:
    """Return a cell that no spreadsheet evaluates as a formula; numbers stay numbers."""
    if value is None:
        return ""
    if type(value) in AS_DATE:
        return str(value.strftime(AS_DATE[type(value)]))
    if isinstance(value, int | Decimal):
        return format(value, "f") if isinstance(value, Decimal) else str(value)
    text = _printable(str(value))
    return f"'{text}" if text.startswith(RISKY) else text


def xlsx_of(sheet: Sheet) -> bytes:
    """Return a table as one sheet: texts stay texts, dates are dates, amounts numbers.

    The heads stay in view, filter the rows, and are printed again on every sheet of paper.
    """
    from openpyxl import Workbook  # imported here to keep the start fast
    from openpyxl.utils import get_column_letter
    from openpyxl.worksheet.properties import PageSetupProperties

    book = Workbook(write_only=True)
    page = book.create_sheet(sheet.title.translate(NOT_IN_NAMES)[:NAME])
    lines = _lines(sheet)
    kinds = [column.kind for column in sheet.columns]
    heads = [column.label for column in sheet.columns]
    summed = any(column.total for column in sheet.columns) and len(lines) > 1
    page.freeze_panes, page.print_title_rows = "A2", "1:1"
    page.page_setup.orientation, page.page_setup.fitToHeight = (
        "landscape",
        0,
    )  # as wide as one sheet of paper, as long as it is
    page.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    page.auto_filter.ref = f"A1:{get_column_letter(len(heads))}{len(lines) - summed + 1}"
    for place, head in enumerate(heads):
        widest = max([_width(head) + 3, *(_width(line[place]) + 2 for line in lines)])
        page.column_dimensions[get_column_letter(place + 1)].width = min(max(NARROWEST, widest), WIDEST)
    page.append([_cell(page, head, Kind.TEXT, bold=True) for head in heads])
    for number, line in enumerate(lines, start=1):
        bold = summed and number == len(lines)
        page.append([_cell(page, value, kind, bold) for value, kind in zip(line, kinds, strict=True)])
    file = BytesIO()
    book.save(file)
    return file.getvalue()


def _lines(sheet: Sheet) -> list[Sequence[Any]]:
    """Return the cells of all rows, and the totals below them."""
    lines: list[Sequence[Any]] = [
        [cell_of(column, value) for column, value in zip(sheet.columns, row, strict=True)] for row in sheet.rows
    ]
    total = total_line(sheet.columns, lines)
    return [*lines, total] if total else lines


def _width(value: Any) -> int:
    """Return how many half-width characters a cell takes."""
    if isinstance(value, Decimal):
        return len(f"{value:,.2f}") + 2
    text = harmless(value)
    return max((sum(2 if character > "\u2e7f" else 1 for character in line) for line in text.split("\n")), default=0)


def _cell(page: Any, value: Any, kind: Kind, bold: bool = False) -> Any:
    from openpyxl.cell import WriteOnlyCell
    from openpyxl.styles import Font

    if isinstance(value, str):
        cell = WriteOnlyCell(page, _printable(value))
        cell.data_type = "s"  # never a formula
        cell.number_format = FORMATS[Kind.TEXT]
    else:
        cell = WriteOnlyCell(page, value)
        cell.number_format = FORMATS[kind]
    if bold:
        cell.font = Font(bold=True)
    return cell


def _printable(text: str) -> str:
    return "".join(character for character in text if character in "\n\t" or character >= " ")
