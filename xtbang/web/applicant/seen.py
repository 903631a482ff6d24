"""Mark the values that a page of a draft was loaded with. Its form sends the marks back, so newer values of a colleague are noticed."""

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from flask import request

from xtbang.models import Document
from xtbang.rules.fields import FormDefinition
from xtbang.rules.forms import keyed
from xtbang.rules.merging import Merged, marks_of, merge
from xtbang.rules.quotation import quoted


@dataclass(frozen=True)
class Seen:
    """The version of the draft that a page was loaded with, and the marks of its values; the form sends both back."""

    version: int
    marks: dict[str, str] | None

    @property
    def text(self) -> str:
        """Return the marks as the form has them, "" without any."""
        return "" if self.marks is None else json.dumps(self.marks)


def seen_now(definition: FormDefinition, values: Mapping[str, Any], version: int) -> Seen:
    """Return what a page is loaded with that shows these values."""
    return Seen(version, marks_of(definition, keyed(definition, values)))


def sent_seen() -> Seen:
    """Return what the sent form says that it was loaded with; no marks unless they are readable."""
    try:
        marks = json.loads(request.form.get("draft_seen", ""))
    except ValueError:
        marks = None
    readable = isinstance(marks, dict) and all(isinstance(mark, str) for mark in marks.values())
    return Seen(request.form.get("draft_version", type=int) or 0, marks if readable else None)


def labels_of(definition: FormDefinition, keys: Collection[str]) -> str:
    """Return the labels of fields, at most three of them: “技术指标”“预期成果”等 5 处."""
    names = [f"{quoted(field.label)}" for field in definition.fields if field.key in keys]
    return "".join(names[:3]) + (f"等 {len(names)} 处" if len(names) > 3 else "")


def merging(definition: FormDefinition, document: Document, typed: dict[str, Any]) -> Merged:
    """Return the typed values merged with the draft; without marks every difference is one that both made."""
    seen = sent_seen()
    if seen.marks is not None:
        return merge(definition, seen.marks, typed, keyed(definition, document.draft))
    draft = keyed(definition, document.draft)
    different = [field.key for field in definition.fields if typed[field.key] != draft.get(field.key)]
    return Merged(typed, [], different)
