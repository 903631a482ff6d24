"""Tables as files: xlsx, and CSV that spreadsheets open correctly and that contains no formulas."""

import csv
from collections.abc import Iterable, Sequence
from decimal import Decimal
from io import BytesIO, StringIO
from typing import Any

from flask import Response

from xtbang.web.frame.file_names import sent_as

BOM = "\ufeff"
RISKY = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
WIDEST = 40  # characters of a column


def harmless(value: Any) -> str:
    """Return a cell that no spreadsheet evaluates as a formula; numbers stay numbers."""
    if value is None:
        return ""
    if isinstance(value, int | Decimal):
        return format(value, "f") if isinstance(value, Decimal) else str(value)
    text = _printable(str(value))
    return f"'{text}" if text.startswith(RISKY) else text


def _printable(text: str) -> str:
    return "".join(character for character in text if character in "\n\t" or character >= " ")


def csv_file(name: str, heads: Sequence[str], rows: Iterable[Sequence[Any]]) -> Response:
    """Return the rows as CSV, complete in memory: a streamed response would outlive its database session."""
    buffer = StringIO()
    buffer.write(BOM)
    writer = csv.writer(buffer, lineterminator="\r\n")
    writer.writerow(heads)
    writer.writerows([harmless(cell) for cell in row] for row in rows)
    return Response(buffer.getvalue(), mimetype="text/csv", headers=sent_as(f"{name}.csv"))


def xlsx_file(name: str, heads: Sequence[str], rows: Iterable[Sequence[Any]]) -> Response:
    """Return the rows as one sheet; texts stay texts, amounts are numbers."""
    from openpyxl import Workbook  # imported here to keep the start fast
    from openpyxl.utils import get_column_letter

    book = Workbook(write_only=True)
    sheet = book.create_sheet(name[:31])
    sheet.freeze_panes = "A2"
    for place, head in enumerate(heads):
        sheet.column_dimensions[get_column_letter(place + 1)].width = min(max(10, 2 * len(head) + 2), WIDEST)
    sheet.append([_cell(sheet, head, bold=True) for head in heads])
    for row in rows:
        sheet.append([_cell(sheet, value) for value in row])
    file = BytesIO()
    book.save(file)
    return Response(file.getvalue(), mimetype=XLSX, headers=sent_as(f"{name}.xlsx"))


def _cell(sheet: Any, value: Any, bold: bool = False) -> Any:
    from openpyxl.cell import WriteOnlyCell
    from openpyxl.styles import Font

    if isinstance(value, int | Decimal):
        cell = WriteOnlyCell(sheet, value)
        if isinstance(value, Decimal):
            cell.number_format = "#,##0.00####"
        return cell
    cell = WriteOnlyCell(sheet, _printable("" if value is None else str(value)))
    cell.data_type = "s"  # never a formula
    if bold:
        cell.font = Font(bold=True)
    return cell
