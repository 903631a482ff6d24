"""Tables as files: whatever is typed stays a text in each of them, and figures stay figures, also negative ones."""

import csv
from datetime import date
from decimal import Decimal
from io import BytesIO, StringIO
from itertools import product

from openpyxl import load_workbook

from xtbang.papers.workbook import csv_of, xlsx_of
from xtbang.rules.sheet import Column, Kind, Sheet

STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "\r\n", "＝", "＋", "－", "＠")
TYPED = [start + rest for start, rest in product(STARTS, ("cmd|'/c calc'!A0", "1+1", "SUM(A1)", "=1", "1"))]
FIGURES = [Decimal("-12.50"), -3, Decimal("0.01"), 7]


def test_what_is_typed_is_a_text_in_heads_rows_and_the_name_of_the_sheet() -> None:
    kinds = [kind for kind in Kind if kind is not Kind.MONEY]  # which is reckoned with before it is written
    columns = [Column(f"{start}1", kind) for start, kind in product(STARTS, kinds)]
    rows = [[text] * len(columns) for text in TYPED]
    sheet = Sheet("=1+1", columns, rows)
    book = load_workbook(BytesIO(xlsx_of(sheet)))
    cells = [cell for row in book.active.iter_rows() for cell in row]
    assert len(cells) == len(columns) * (len(TYPED) + 1)
    assert {(cell.data_type, cell.number_format) for cell in cells} == {("s", "@")}, "a text also after it is edited"
    assert not book.defined_names
    lines = list(csv.reader(StringIO(csv_of(sheet).decode("utf-8-sig"))))
    assert len(lines) == len(TYPED) + 1
    assert all(cell[0] == "'" or not cell.startswith(STARTS) for line in lines for cell in line)


def test_a_figure_is_a_figure_also_below_zero_and_a_day_a_day() -> None:
    kinds = (Kind.TEXT, Kind.MONEY, Kind.WHOLE, Kind.ANY, Kind.DATE)
    columns = [Column(kind.name, kind, total=kind is Kind.MONEY) for kind in kinds]
    sheet = Sheet("台账", columns, [["-1", figure * 10_000, figure, figure, date(2026, 1, 2)] for figure in FIGURES])
    _head, *rows, total = load_workbook(BytesIO(xlsx_of(sheet))).active.iter_rows()
    assert [[cell.data_type for cell in row] for row in rows] == [["s", "n", "n", "n", "d"]] * len(FIGURES)
    assert [[float(cell.value) for cell in row[1:4]] for row in rows] == [[float(figure)] * 3 for figure in FIGURES]
    assert (total[1].data_type, total[1].value) == ("n", float(sum(FIGURES)))
    _head, *lines, _total = csv.reader(StringIO(csv_of(sheet).decode("utf-8-sig")))
    assert [line[2] for line in lines] == ["-12.50", "-3", "0.01", "7"]
    assert {line[0] for line in lines} == {"'-1"}
