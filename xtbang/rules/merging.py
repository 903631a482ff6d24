"""Merging what two people typed into one draft: field by field, against what each of them had before."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from xtbang.rules.fields import FormDefinition
from xtbang.rules.values import is_blank

Marks = Mapping[str, str]  # field → digest of the value that a page was loaded with; blank fields have none


@dataclass(frozen=True)
class Merged:
    """The values of both; fields that only the other one changed, and those that both changed, which have mine."""

    values: dict[str, Any]
    theirs: list[str]
    both: list[str]


def marks_of(definition: FormDefinition, values: Mapping[str, Any]) -> dict[str, str]:
    """Return the marks of the values of `clean`; a page sends them back, so that its texts are known from newer ones."""
    return {
        field.key: _mark(values.get(field.key))
        for field in definition.fields
        if not field.computed and not is_blank(values.get(field.key))
    }


def merge(definition: FormDefinition, seen: Marks, mine: Mapping[str, Any], theirs: Mapping[str, Any]) -> Merged:
    """Return two drafts merged, whose common origin has these marks; computed fields are those of mine."""
    values, only_theirs, both = dict(mine), [], []
    now, before = marks_of(definition, theirs), marks_of(definition, mine)
    for field in definition.fields:
        key = field.key
        origin, own, other = seen.get(key), before.get(key), now.get(key)
        if field.computed or own == other:
            continue
        if own == origin:
            values[key] = theirs.get(key)
            only_theirs.append(key)
        elif other != origin:
            both.append(key)
    return Merged(values, only_theirs, both)


def _mark(value: Any) -> str:
    return sha256(json.dumps(value, sort_keys=True, ensure_ascii=False).encode("utf-8", "surrogatepass")).hexdigest()[
        :12
    ]
