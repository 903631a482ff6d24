"""Documents without an official table: blank, half filled in, and what their sections make of values."""

from functools import cache
from typing import Any

import pytest

from tests.papers.conftest import MADE, page_texts, squeezed
from tests.papers.worst_rows import edition, policy
from xtbang.papers.pdf.issued import pdf_from
from xtbang.papers.pdf.meta import PaperMeta
from xtbang.papers.pdf.sections import Block, parts
from xtbang.rules.fields import Field, FieldKind, named, one_section

DOCUMENTS = ("bid", "application", "report", "acceptance")


@cache
def text(kind: str, watermark: bool = False, **values: Any) -> str:
    form = edition().documents[kind]
    meta = PaperMeta(form.title, "", 0, MADE, "", "", "空白表")
    data = {"definition": kind, "edition": "2024", "values": values}
    return squeezed("".join(page_texts(pdf_from(kind, data, meta=meta, policy=policy(), watermark=watermark))))


@pytest.mark.parametrize("kind", DOCUMENTS)
def test_blank_form_asks_for_everything(kind: str) -> None:
    form, blank = edition().documents[kind], text(kind)
    for section in form.sections:
        assert squeezed(section.title) in blank
    for field in form.fields:
        for shown in [field, *field.columns]:
            assert squeezed(shown.label) in blank
        for choice in field.choices:
            assert f"□{choice.label}" in blank
    assert "（公章）" in blank
    assert "空白表" in blank
    assert "校验码" not in blank


@pytest.mark.parametrize("kind", DOCUMENTS)
def test_draft_prints_whatever_was_typed(kind: str) -> None:
    wrong = {
        "price": "很多",
        "new_tax": "1e3",
        "team": [{"name": "周明"}],
        "indicators": "无",
        "milestones": [None, {}],
    }
    known = {field.key for field in edition().documents[kind].fields}
    form = edition().documents[kind]
    meta = PaperMeta(form.title, "", 0, MADE, "", "", "草稿")
    values = {key: value for key, value in wrong.items() if key in known}
    data = {"definition": kind, "edition": "2024", "values": values}
    pages = page_texts(pdf_from(kind, data, meta=meta, policy=policy(), watermark=True))
    whole = squeezed("".join(pages))
    assert all(value in whole for value in ("很多", "1e3") if value in values.values())
    assert ("周明" in whole) == ("team" in known)


def test_what_officers_fill_in_for_a_contract_can_be_blank() -> None:
    blank = text("contract")
    assert "湘潭市科技创新“揭榜挂帅”项目合同书" in blank
    assert "□向湘潭仲裁委员会申请仲裁" in blank


def blocks(*fields: Field, **values: Any) -> list[Block]:
    form = one_section("sample", "样表", fields, "一、样")
    return list(parts(form, values)[0].blocks)


def money(key: str, label: str = "") -> Field:
    return Field(key, label or key, FieldKind.MONEY, unit="万元")


def test_amounts_in_a_row_are_a_table_that_adds_up() -> None:
    (block,) = blocks(money("a"), money("b"), money("c"), a="1", b="2.5", c="0.000001")
    assert block.rows == [("1", "a", "1.00"), ("2", "b", "2.50"), ("3", "c", "0.000001")]
    assert block.total == ("", "合计", "3.500001")


def test_what_is_called_a_total_closes_the_table() -> None:
    (block,) = blocks(money("total_all", "总额"), money("a"), money("b"), a="1", b="2", total_all="3")
    assert [row[1] for row in block.rows] == ["a", "b"]
    assert block.total == ("", "合计（总额）", "3.00")


def test_two_amounts_stand_in_a_line() -> None:
    (block,) = blocks(money("a"), money("b"), a="1")
    assert [[answer.text for answer in row] for row in block.rows] == [["1.00万元", "　　　　万元"]]


def test_sums_of_what_cannot_be_added_are_left_out() -> None:
    fields = (money("a"), money("b"), money("c"))
    assert blocks(*fields, a="x", b="1", c="1")[0].total[-1] == ""


def test_a_sum_may_be_more_than_one_amount_can_be() -> None:
    fields = (money("a"), money("b"), money("c"))
    assert blocks(*fields, a="99999999", b="99999999", c="1.5")[0].total[-1] == "199999999.50"


def test_columns_share_the_line() -> None:
    columns = (
        Field("day", "日期", FieldKind.DATE),
        Field("what", "内容", FieldKind.TEXT, limit=120),
        money("sum", "经费"),
    )
    rows = [{"day": "2026-01-02", "what": "中试", "sum": "3"}, {"day": "2026-13-99", "what": "", "sum": "4"}]
    (block,) = blocks(Field("steps", "进度", FieldKind.ROWS, columns=columns), steps=rows)
    assert [column.head for column in block.columns] == ["序号", "日期", "内容", "经费（万元）"]
    assert sum(column.width for column in block.columns) == 100
    assert block.rows == [["1", "2026年1月2日", "中试", "3.00"], ["2", "2026-13-99", "", "4.00"]]
    assert block.total == ["", "合计", "", "7.00"]


def test_an_empty_table_says_so() -> None:
    columns = (Field("name", "姓名", FieldKind.TEXT), Field("role", "任务", FieldKind.TEXT))
    table = Field("team", "团队", FieldKind.ROWS, columns=columns)
    filled = blocks(table, Field("note", "说明", FieldKind.TEXT), note="x")
    assert filled[0].rows == [["", "无", ""]]
    assert [list(row) for row in blocks(table)[0].rows] == [["", "", ""]] * 5


def test_choices_show_their_boxes() -> None:
    field = Field("grade", "结论", FieldKind.CHOICE, choices=named(("达到", "未达到")))
    (block,) = blocks(field, grade="未达到")
    assert block.rows[0][0].text == "□达到　☑未达到"
