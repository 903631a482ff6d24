"""What everything but the form's own page is told of a draft: what can be read, and nothing else."""

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.rules.test_forms import FORM, GOOD
from tests.support.odd import ODD
from xtbang.rules.fields import FieldKind, FormDefinition
from xtbang.rules.forms import check, clean, readable, totals
from xtbang.workflow.definition import load_policy

EDITIONS = load_policy(Path(__file__).parents[2] / "workflows").editions
DEFINITIONS = {
    f"{edition.key} {key}": definition
    for edition in EDITIONS.values()
    for key, definition in (edition.forms | edition.documents).items()
}
ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.sampled_from(ODD) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(("date", "money", "x")), inner),
    max_leaves=6,
)
UNREADABLE = {
    "staff": "1,20", "revenue": "几十万", "rd_spend": "999999999", "share": "120", "tolerance": "1e999",
    "start": "5/1/2026", "closes": "2026-02-30T08:00", "scan": "签章.pdf",
}  # fmt: skip


def test_what_is_right_stays_as_it_is() -> None:
    values = clean(FORM, GOOD)
    assert readable(FORM, values) == values
    assert list(readable(FORM, values)) == [field.key for field in FORM.fields]


@pytest.mark.parametrize(("key", "typed"), UNREADABLE.items())
def test_what_cannot_be_read_is_missing(key: str, typed: str) -> None:
    values = clean(FORM, GOOD | {key: typed})
    assert values[key] == typed
    assert readable(FORM, values)[key] == ""


def test_a_spelling_that_an_older_version_kept_as_typed_is_read() -> None:
    old = {"revenue": "1,200", "rd_spend": "50万元", "start": "2026/1/5"}
    found = readable(FORM, GOOD | old)
    assert (found["revenue"], found["rd_spend"], found["start"]) == ("1200", "50", "2026-01-05")


def test_a_text_is_read_as_it_stands() -> None:
    typed = {"title": "题" * 60, "phone": "没有", "postcode": "41110", "domain": "不在其中的领域"}
    assert readable(FORM, clean(FORM, GOOD | typed)).items() >= typed.items()


def test_rows_are_read_cell_by_cell() -> None:
    rows = [{"date": "明年", "content": "样机", "money": "12.5"}, "一行", {"money": ["3"]}]
    assert readable(FORM, {"milestones": rows})["milestones"] == [
        {"date": "", "content": "样机", "money": "12.5"},
        {"date": "", "content": "", "money": ""},
    ]
    assert readable(FORM, {"milestones": "没有"})["milestones"] == []


@pytest.mark.parametrize(
    "values", [None, [], "文字", {}, {"title": ["一", "二"], "staff": {"人": 3}, "credit": "也许"}]
)
def test_wrong_types_are_missing(values: Any) -> None:
    assert readable(FORM, values) == clean(FORM, {})


def test_what_is_computed_is_computed_from_what_can_be_read() -> None:
    assert readable(FORM, GOOD | {"rd_ratio": "99"})["rd_ratio"] == "5.56"
    assert readable(FORM, GOOD | {"revenue": "1,00"})["rd_ratio"] == ""


@pytest.mark.parametrize("name", DEFINITIONS)
@given(data=st.data())
def test_anything_can_be_typed_into_any_form(name: str, data: st.DataObject) -> None:
    definition = DEFINITIONS[name]
    raw = data.draw(st.dictionaries(st.sampled_from([field.key for field in definition.fields]), ANYTHING))
    values = clean(definition, raw)
    check(definition, values, complete=True)
    totals(values)
    for said in (readable(definition, values), readable(definition, raw)):
        assert readable(definition, said) == said
        wrong = {reason.field.split(".")[-1] for reason in check(definition, said, complete=False)}
        assert not wrong & figures(definition)


def figures(definition: FormDefinition) -> set[str]:
    """The keys of whatever is reckoned with, but for what the checks of the whole form name."""
    kinds = {FieldKind.WHOLE, FieldKind.MONEY, FieldKind.PERCENT, FieldKind.NUMBER, FieldKind.DATE, FieldKind.DATETIME}
    fields = [item for field in definition.fields for item in (field, *field.columns)]
    named = {"rd_staff", "planned_investment", "src_issuer_own", "use_equipment", "term_end", "lead_share"}
    return {item.key for item in fields if item.kind in kinds} - named


@pytest.mark.parametrize("name", ["2024 tech_demand", "2021 application"])
def test_the_largest_amounts_add_up(name: str) -> None:
    definition = DEFINITIONS[name]
    most = {field.key: "99999999.999999" for field in definition.fields if field.kind is FieldKind.MONEY}
    most["planned_investment"] = most["total_investment"] = "1"
    sentences = [reason.text for reason in check(definition, clean(definition, most), complete=False)]
    assert any("199999999.999998 万元" in text or "399999999.999996 万元" in text for text in sentences)
