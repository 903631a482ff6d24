"""Choices are stored by key and read by label; words that were stored before choices had keys still count."""

import shutil
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.workflow.conftest import WORKFLOWS
from xtbang.papers.pdf.form_layout import form_html
from xtbang.papers.pdf.meta import PaperMeta
from xtbang.rules.compare import changes, display_text
from xtbang.rules.fields import Choice, Field, FieldKind, one_section
from xtbang.rules.forms import check, clean, keyed, readable, worded
from xtbang.workflow.definition import load_policy

FORMER = (("军工", "defence"), ("航空", "aviation"))
CHOICES = (Choice("defence", "国防"), Choice("aviation", "航空航天"))
FORM = one_section("form", "表", (
                Field("domain", "领域", FieldKind.CHOICE, choices=CHOICES, former=FORMER),
                Field("uses", "用途", FieldKind.CHOICES, choices=CHOICES, former=FORMER),
                Field(
                    "rows", "表格", FieldKind.ROWS,
                    columns=(Field("domain", "领域", FieldKind.CHOICE, choices=CHOICES, former=FORMER),),
                ),
            ), "一")  # fmt: skip
OLD = {"domain": "军工", "uses": ["航空", "军工"], "rows": [{"domain": "航空"}]}
NEW = {"domain": "defence", "uses": ["defence", "aviation"], "rows": [{"domain": "aviation"}]}


@pytest.mark.parametrize(
    "typed", [OLD, NEW, {"domain": "国防", "uses": ["航空航天", "国防"], "rows": [{"domain": "航空航天"}]}]
)
def test_whatever_was_typed_is_stored_by_key(typed: dict[str, object]) -> None:
    assert clean(FORM, typed) == NEW
    assert check(FORM, typed, complete=True) == []


def test_old_words_are_read_as_keys_and_said_as_people_say_them_now() -> None:
    assert readable(FORM, OLD) == keyed(FORM, OLD) == {**NEW, "uses": ["aviation", "defence"]}
    assert worded(FORM, OLD) == {"domain": "国防", "uses": ["航空航天", "国防"], "rows": [{"domain": "航空航天"}]}
    assert [display_text(field, OLD[field.key]) for field in FORM.fields] == [
        "国防",
        "航空航天、国防",
        "领域：航空航天",
    ]


def test_the_same_choice_in_old_words_is_no_change() -> None:
    assert changes(FORM, {**OLD, "uses": ["军工", "航空"]}, NEW) == []
    assert [change.key for change in changes(FORM, OLD, {**NEW, "domain": "aviation"})] == ["domain", "uses"]


def test_what_is_no_choice_stays_as_it_is_and_is_refused_with_the_labels() -> None:
    (reason,) = check(FORM, clean(FORM, {**NEW, "domain": "海洋"}), complete=True)
    assert reason.text == "“领域”没有“海洋”这一选项，可选：国防、航空航天。"


def test_a_paper_ticks_the_box_of_a_word_stored_long_ago() -> None:
    meta = PaperMeta("表", "", 0, datetime(2026, 1, 1, tzinfo=UTC), "", "")
    old, new = (form_html(FORM, values, meta=meta, watermark=False) for values in (OLD, {**NEW, "uses": OLD["uses"]}))
    assert old == new
    assert "国防" in old


def test_a_reworded_choice_decides_as_before(tmp_path: Path) -> None:
    folder = shutil.copytree(WORKFLOWS, tmp_path / "workflows")
    life = folder / "lifecycle.toml"
    text = life.read_text(encoding="utf-8")
    life.write_text(text.replace('not_passed = "不通过"', 'not_passed = "不同意"'), encoding="utf-8")
    form = load_policy(folder).actions["conclude_panel"].form
    answers = [clean(form, {"favourable": said})["favourable"] for said in ("not_passed", "不同意", "不通过")]
    assert answers == ["not_passed"] * 3
    assert form.field("favourable").label_of("不通过") == "不同意"


def test_every_word_that_forms_ever_stored_is_still_read() -> None:
    """The labels with which the first releases stored answers: the table beside the forms has every one of such a field."""
    policy = load_policy(WORKFLOWS)
    forms = [
        form for edition in policy.editions.values() for form in (*edition.forms.values(), *edition.documents.values())
    ]
    forms += [action.form for action in policy.actions.values()]
    fields = [item for form in forms for field in form.fields for item in (field, *field.columns)]
    by_label = [field for field in fields if field.former]
    assert len(by_label) > 30
    for field in by_label:
        assert {choice.label for choice in field.choices} <= {word for word, _key in field.former}, field.key
