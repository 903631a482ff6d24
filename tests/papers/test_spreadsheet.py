"""Spreadsheets that people upload: which of their sheets is read."""

from io import BytesIO
from zipfile import ZipFile

import pytest
from openpyxl import Workbook

from xtbang.papers.spreadsheet import UnreadableSheet, cells_of
from xtbang.rules.bank_receipts import has_heads, receipts_of

HEADS = ["交易流水号", "交易日期", "付款金额(元)", "收款人账号", "收款人名称"]
LINE = ["A-1", "2024-11-20", "200,000.00", "6222000011112222", "湘潭电池有限公司"]


def file_of(**sheets: list[list[str]]) -> bytes:
    """An xlsx file with these sheets; one whose name begins with 隐 is hidden."""
    book, file = Workbook(), BytesIO()
    book.remove(book.worksheets[0])
    for title, rows in sheets.items():
        sheet = book.create_sheet(title)
        sheet.sheet_state = "hidden" if title.startswith("隐") else "visible"
        for row in rows:
            sheet.append(row)
    book.save(file)
    return file.getvalue()


def test_the_sheet_with_the_table_is_read_wherever_it_stands() -> None:
    cover, rows = [["某银行"], ["打印时间", "2024-11-21"]], [["交易明细"], HEADS, LINE]
    content = file_of(封面=cover, 明细=rows, 隐藏的旧表=[HEADS, LINE, LINE])
    assert [one.number for one in receipts_of(cells_of(content, has_heads))] == ["A-1"]
    assert cells_of(file_of(封面=cover), has_heads)[0][0] == "某银行"


def test_two_sheets_with_such_a_table_are_asked_back() -> None:
    with pytest.raises(UnreadableSheet, match="有 2 张工作表都有这样的表格：“十月”、“十一月”"):
        cells_of(file_of(十月=[HEADS, LINE], 十一月=[HEADS, LINE]), has_heads)


def test_the_first_of_merged_cells_has_the_value_and_the_others_are_blank() -> None:
    book, file = Workbook(), BytesIO()
    sheet = book.worksheets[0]
    for row in (["交易明细", "", "", "", ""], HEADS, LINE, ["A-2", "2024-11-20", "5", "", ""]):
        sheet.append(row)
    sheet.merge_cells("A1:E1")
    sheet.merge_cells("E3:E4")
    book.save(file)
    assert [one.name for one in receipts_of(cells_of(file.getvalue(), has_heads))] == ["湘潭电池有限公司", ""]


def test_a_file_whose_sheets_are_all_hidden_is_told() -> None:
    book = "xl/workbook.xml"
    with ZipFile(BytesIO(file_of(明细=[HEADS, LINE]))) as made, ZipFile(hidden := BytesIO(), "w") as archive:
        for name in made.namelist():
            content = made.read(name)
            archive.writestr(name, content.replace(b'"visible"', b'"hidden"') if name == book else content)
    with pytest.raises(UnreadableSheet, match="没有可见的工作表"):
        cells_of(hidden.getvalue(), has_heads)
