"""Two people in one draft: merged field by field, asked only where both changed the same."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from xtbang.rules.fields import Field, FieldKind, one_section
from xtbang.rules.merging import marks_of, merge

ROWS = Field("rows", "表", FieldKind.ROWS, columns=(Field("a", "甲", FieldKind.TEXT),))
FORM = one_section("f", "表", (*(Field(k, k, FieldKind.LONG) for k in "xyz"), ROWS))
TEXTS = st.sampled_from(["", "一", "二"])
DRAFTS = st.fixed_dictionaries(
    {"x": TEXTS, "y": TEXTS, "z": TEXTS, "rows": st.sampled_from([[], [{"a": "一"}], [{"a": "二"}]])}
)


@given(DRAFTS, DRAFTS, DRAFTS)
def test_what_one_changed_stays_and_what_both_changed_is_asked(
    origin: dict[str, Any], mine: dict[str, Any], theirs: dict[str, Any]
) -> None:
    found = merge(FORM, marks_of(FORM, origin), mine, theirs)
    for key, before in origin.items():
        changed = [draft[key] for draft in (mine, theirs) if draft[key] != before]
        asked = len(changed) == 2 and changed[0] != changed[1]
        assert (key in found.both) == asked
        assert found.values[key] == (mine[key] if asked else changed[0] if changed else before)
        assert (key in found.theirs) == (theirs[key] != before and mine[key] == before)
