"""The comparison of two versions of a form, field by field, for the officer who returned the first one."""

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Any

from xtbang.rules.fields import Field, FieldKind, FormDefinition
from xtbang.rules.values import is_blank

Piece = tuple[str, str]  # "equal", "delete" or "insert", and the text
_SIGNS = re.compile(r"[0-9]+(?:[.,][0-9]+)*|.", re.DOTALL)
_MAX_COMPARISONS = 1_000_000  # pairs of equal pieces: above this, texts are compared more coarsely


@dataclass(frozen=True)
class Change:
    """A field that differs, in words; inside rows the key is ``rows.0.column``."""

    key: str
    label: str
    old: str
    new: str

    @property
    def pieces(self) -> list[Piece]:
        """Return the old and the new text merged, piece by piece."""
        return pieces(self.old, self.new)


def changes(definition: FormDefinition, old: Mapping[str, Any], new: Mapping[str, Any]) -> list[Change]:
    """Return every field that differs between two versions of a form, in the order of the form."""
    return list(_changes(definition.fields, old, new, "", ""))


def pieces(old: str, new: str) -> list[Piece]:
    """Return the unchanged, deleted and inserted text in reading order.

    Texts are compared by character, a number as a whole, longer ones by line, the longest as a whole.
    """
    before, after = next(
        (before, after)
        for before, after in (
            (_SIGNS.findall(old), _SIGNS.findall(new)),
            (old.splitlines(keepends=True), new.splitlines(keepends=True)),
            ([old], [new]),
        )
        if _comparisons(before, after) <= _MAX_COMPARISONS
    )
    result: list[Piece] = []
    for tag, start, end, new_start, new_end in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        deleted, inserted = "".join(before[start:end]), "".join(after[new_start:new_end])
        if tag == "equal":
            result.append((tag, deleted))
        else:
            result += [piece for piece in (("delete", deleted), ("insert", inserted)) if piece[1]]
    return result


def display_text(field: Field, value: Any) -> str:
    """Return a value in words, with its unit; rows one to a line."""
    if is_blank(value):
        return "否" if field.kind in (FieldKind.YES, FieldKind.FLAG) else ""
    if value is True:
        return "是"
    if isinstance(value, list) and field.kind is FieldKind.ROWS:
        return "\n".join(_row_text(field, row) for row in value)
    if isinstance(value, list):
        return "、".join(field.labels_of(value))
    if field.choices:
        return field.label_of(str(value))
    if field.kind is FieldKind.MONEY:
        return f"{value} 万元"
    return f"{value}{field.unit if field.unit == '%' else ' ' + field.unit if field.unit else ''}"


def _changes(
    fields: Sequence[Field], old: Mapping[str, Any], new: Mapping[str, Any], prefix: str, place: str
) -> Iterator[Change]:
    for field in fields:
        before, after = old.get(field.key), new.get(field.key)
        if before == after or (is_blank(before) and is_blank(after)) or _same_choice(field, before, after):
            continue
        key, label = f"{prefix}{field.key}", f"{place}{field.label}"
        if field.kind is FieldKind.ROWS and _is_table(before) and _is_table(after):
            yield from _row_changes(field, before or [], after or [], key, label)
        else:
            yield Change(key, label, display_text(field, before), display_text(field, after))


def _row_changes(
    field: Field, old: list[Mapping[str, Any]], new: list[Mapping[str, Any]], key: str, label: str
) -> Iterator[Change]:
    """Yield the changes of a table: rows that only moved are no change.

    Between unchanged rows, old and new rows are compared in order; the surplus was deleted or added.
    """
    before, after = ([_row_text(field, row) for row in rows] for rows in (old, new))
    for tag, start, end, new_start, new_end in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if tag == "equal":
            continue
        both = min(end - start, new_end - new_start)
        for offset in range(both):
            index = new_start + offset
            place = f"{label} 第 {index + 1} 行 "
            yield from _changes(field.columns, old[start + offset], new[index], f"{key}.{index}.", place)
        for index in range(start + both, end):
            yield Change(f"{key}.{index}", f"{label} 原第 {index + 1} 行（删除）", before[index], "")
        for index in range(new_start + both, new_end):
            yield Change(f"{key}.{index}", f"{label} 第 {index + 1} 行（新增）", "", after[index])


def _row_text(field: Field, row: Any) -> str:
    if not isinstance(row, Mapping):
        return str(row)
    return "；".join(
        f"{column.label}：{text}" for column in field.columns if (text := display_text(column, row.get(column.key)))
    )


def _same_choice(field: Field, old: Any, new: Any) -> bool:
    """Return whether both are the same choices, one of them perhaps stored as the word of then."""
    return bool(field.choices) and display_text(field, old) == display_text(field, new)


def _comparisons(before: list[str], after: list[str]) -> int:
    counts = Counter(after)
    return sum(counts[piece] for piece in before)


def _is_table(value: Any) -> bool:
    return is_blank(value) or (isinstance(value, list) and all(isinstance(row, Mapping) for row in value))
