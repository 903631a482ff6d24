"""Columns of tables of which only the words are known."""

from xtbang.papers.pdf.columns import widths_of


def test_codes_stay_whole_and_long_texts_take_the_rest() -> None:
    heads = ["单位名称", "统一社会信用代码", "单位类别", "承担任务", "任务占比（%）"]
    row = ["湘潭电机股份有限公司" * 3, "914303000000000197", "新型研发机构", "样机研制、试验和验证" * 6, "60.00"]
    first, name, code, kind, task, share = widths_of(heads, [row])
    assert first + name + code + kind + task + share == 100
    assert code / 100 * 42 > 18 * 0.55 + 1  # characters of 42 in a line
    assert kind >= 9 and share >= 9
    assert task > name > kind


def test_a_table_of_short_texts_fills_the_line() -> None:
    widths = widths_of(["姓名", "职称"], [["周明", "教授"], ["钱七", "副教授"]])
    assert sum(widths) == 100 and widths[0] < 12 and abs(widths[1] - widths[2]) < 10
    assert sum(widths_of(["姓名", "职称"], [])) == 100
