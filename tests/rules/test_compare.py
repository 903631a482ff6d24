import time
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from xtbang.rules.compare import Change, changes, pieces
from xtbang.rules.fields import Field, FieldKind, named, one_section

K = FieldKind
COLUMNS = (Field("name", "名称", K.TEXT), Field("money", "经费", K.MONEY))
FORM = one_section("form", "表", (
            Field("title", "项目名称", K.TEXT),
            Field("staff", "职工总数", K.WHOLE, unit="人"),
            Field("share", "比例", K.PERCENT, unit="%"),
            Field("types", "技术类型", K.CHOICES, choices=named("甲乙")),
            Field("open", "同意公开", K.FLAG),
            Field("rows", "进度", K.ROWS, columns=COLUMNS),
        ))  # fmt: skip


def listed(old: dict[str, Any], new: dict[str, Any]) -> list[tuple[str, str, str, str]]:
    return [(change.key, change.label, change.old, change.new) for change in changes(FORM, old, new)]


def test_only_what_differs_in_the_order_of_the_form() -> None:
    old = {"title": "电机", "staff": 5, "share": "60", "types": ["甲"], "open": False}
    new = {"open": True, "types": ["甲", "乙"], "share": "50", "staff": "", "title": "电机"}
    assert listed(old, new) == [
        ("staff", "职工总数", "5 人", ""),
        ("share", "比例", "60%", "50%"),
        ("types", "技术类型", "甲", "甲、乙"),
        ("open", "同意公开", "否", "是"),
    ]
    assert listed(old, dict(old)) == []
    assert listed({"title": ""}, {}) == []


def test_rows_are_compared_cell_by_cell_wherever_they_moved() -> None:
    one, two, three = ({"name": name, "money": "1"} for name in "一二三")
    assert listed({"rows": [one, two]}, {"rows": [three, one, two]}) == [
        ("rows.0", "进度 第 1 行（新增）", "", "名称：三；经费：1 万元")
    ]
    assert listed({"rows": [one, two]}, {"rows": [one]}) == [
        ("rows.1", "进度 原第 2 行（删除）", "名称：二；经费：1 万元", "")
    ]
    assert listed({"rows": [one, two]}, {"rows": [one, two | {"money": "2.5"}]}) == [
        ("rows.1.money", "进度 第 2 行 经费", "1 万元", "2.5 万元")
    ]
    assert listed({}, {"rows": [one]}) == [("rows.0", "进度 第 1 行（新增）", "", "名称：一；经费：1 万元")]


def test_pieces() -> None:
    assert pieces("突破关键技术", "突破核心技术") == [
        ("equal", "突破"), ("delete", "关键"), ("insert", "核心"), ("equal", "技术"),
    ]  # fmt: skip
    assert pieces("", "新") == [("insert", "新")]
    assert pieces("同", "同") == [("equal", "同")]
    assert pieces("36 万元", "33.2 万元") == [("delete", "36"), ("insert", "33.2"), ("equal", " 万元")]
    assert Change("k", "l", "甲乙", "甲").pieces == [("equal", "甲"), ("delete", "乙")]


@given(st.text(), st.text())
def test_pieces_give_both_texts_back(old: str, new: str) -> None:
    found = pieces(old, new)
    assert "".join(text for op, text in found if op != "insert") == old
    assert "".join(text for op, text in found if op != "delete") == new
    assert all(text for _, text in found)


def test_long_texts_do_not_take_long() -> None:
    started = time.process_time()
    assert pieces("a" * 20_000, "a" * 19_999) == [("delete", "a" * 20_000), ("insert", "a" * 19_999)]
    assert len(pieces("a\n" * 9_000 + "b", "a\n" * 9_000 + "c")) == 2
    lines = "".join(f"第{number}行\n" for number in range(4_000))
    assert pieces(lines, lines + "完")[-1] == ("insert", "完")
    assert time.process_time() - started < 2
