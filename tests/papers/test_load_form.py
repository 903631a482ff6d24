"""Form files: what they hold, and that a slip in one is named with its line."""

from decimal import Decimal
from pathlib import Path

import pytest

from tests.papers.conftest import FORMS, definition
from xtbang.errors import DefinitionError
from xtbang.rules.fields import FieldKind
from xtbang.workflow.form_reader import load_form

FORM = """\
title = "表"
checks = ["adds_up"]

[[section]]
title = "一、情况"

[[section.field]]
key = "name"
label = "名称"
kind = "text"
limit = 20

[[section.field]]
key = "level"
label = "水平"
kind = "choice"
choices = { leading = "领先", advanced = "先进" }

[[section.field]]
key = "members"
label = "成员"
kind = "rows"
printed = false

  [[section.field.column]]
  key = "share"
  label = "占比"
  kind = "percent"
  minimum = "0.01"
  maximum = 99.5

[print]
widths = [30, 70]

[[print.row]]
cells = [{ text = "名称" }, { field = "name" }]

[[print.row]]
cells = [{ text = "水平", rows = 2 }, { text = "□领先 □先进", field = "level" }]

[[print.row]]
cells = [{ text = "说明" }]
"""


def load(folder: Path, text: str) -> object:
    path = folder / "sample.toml"
    path.write_text(text)
    return load_form(path, {"adds_up"}, {"ratio"}, {"bids"})


def test_a_right_form_loads(tmp_path: Path) -> None:
    (tmp_path / "sample.toml").write_text(FORM)
    form = load_form(tmp_path / "sample.toml", {"adds_up"}, set(), set())
    assert (form.key, form.title, form.checks) == ("sample", "表", ("adds_up",))
    assert [field.key for field in form.fields] == ["name", "level", "members"]
    share = form.field("members").columns[0]
    assert (share.minimum, share.maximum) == (Decimal("0.01"), Decimal("99.5"))
    assert form.widths == (30, 70)
    assert form.layout[1][0].rows == 2


@pytest.mark.parametrize(
    ("right", "wrong", "line", "said"),
    [
        ('checks = ["adds_up"]', 'checks = ["adds_upp"]', 2, "adds_up"),
        ('checks = ["adds_up"]', 'subtitel = "x"', 2, "subtitle"),
        ('checks = ["adds_up"]', "checks = [1]", 2, "应为文字"),
        ('checks = ["adds_up"]', "checks = [", 2, "方括号"),
        ('label = "名称"', 'labell = "名称"', 9, "labell"),
        ('label = "名称"\n', "", 8, "缺 label"),
        ('kind = "text"', 'kind = "txt"', 10, "text"),
        ("limit = 20", 'limit = "20"', 11, "整数"),
        ('kind = "text"', 'kind = "whole"', 11, "limit"),
        ('key = "level"', 'key = "name"', 14, "写了两次"),
        ('key = "level"', 'key = "Level"', 14, "小写"),
        ('choices = { leading = "领先", advanced = "先进" }', "", 16, "choices"),
        ('advanced = "先进"', 'advanced = "领先"', 17, "写了两次"),
        ('choices = { leading = "领先", advanced = "先进" }', 'options = "bidz"', 17, "bids"),
        ('label = "名称"', 'label = "名称"\ncomputed = "ratjo"', 10, "ratio"),
        ('label = "名称"', 'label = "名称"\nprofile = "person.nick"', 10, "person.name"),
        ('maximum = 99.5', 'maximum = "much"', 30, "数字"),
        ('  kind = "percent"', '  kind = "percents"', 28, "percent"),
        ("widths = [30, 70]", "widths = [30, 71]", 33, "100"),
        ('{ field = "name" }', '{ field = "nmae" }', 36, "name"),
        ('{ field = "name" }', '{ text = "{nmae}" }', 36, "name"),
        ('{ field = "name" }', '{ field = "name", style = "fat" }', 36, "long"),
        ('{ field = "name" }', '{ field = "name", cosl = 2 }', 36, "cols"),
        ('{ field = "name" }', '{ text = "空" }', 8, "没有印在"),
        ('{ field = "name" }', '{ field = "name", cols = 2 }', 35, "第 1 行"),
        ("printed = false", "printed = true", 20, "没有印在"),
        ("□领先 □先进", "□领先 □其他", 39, "方框"),
        ('{ text = "水平", rows = 2 }', '{ text = "水平", rows = 3 }', 41, "最后一行的下面"),
    ],
)  # fmt: skip
def test_a_slip_is_named_with_its_line(tmp_path: Path, right: str, wrong: str, line: int, said: str) -> None:
    assert FORM.count(right) >= 1
    with pytest.raises(DefinitionError) as caught:
        load(tmp_path, FORM.replace(right, wrong, 1))
    mistake = caught.value.mistakes[0]
    assert said in mistake.text
    lines = [
        other.line for other in caught.value.mistakes if other.text == mistake.text
    ]  # a slip may be in any of them
    assert line in lines
    assert f"{tmp_path.name}/sample.toml 第 {'、'.join(map(str, lines))} 行：" in str(caught.value)


def test_the_forms_hold_what_the_specification_says() -> None:
    limits = {key: [field.limit for field in definition(key).fields if field.limit] for key in FORMS}
    assert limits == {
        "tech_demand_2021": [600, 500, 500, 500, 500],
        "tech_supply_2021": [500, 500, 500],
        "scene_demand_2021": [600, 500, 500, 500, 500],
        "scene_supply_2021": [500, 500, 500],
        "tech_demand_2024": [500, 300, 500, 300, 300],
    }
    domains = [len(definition(key).field("domain").choices) for key in FORMS]
    assert domains == [12, 12, 12, 12, 7]
    levels = [len(definition(key).field("level").choices) for key in FORMS if key != "scene_demand_2021"]
    assert levels == [6, 5, 5, 6]


@pytest.mark.parametrize("key", FORMS)
def test_contact_data_is_not_public(key: str) -> None:
    form = definition(key)
    public = {field.key for field in form.fields if field.public}
    assert {"title", "domain", "bidder_terms"} <= public
    assert all(
        form.field(name).kind in (FieldKind.TEXT, FieldKind.LONG, FieldKind.CHOICE, FieldKind.CHOICES)
        for name in public
    )
    assert not {name for name in public if name.startswith(("org_", "legal_", "contact_")) or name == "uscc"}
