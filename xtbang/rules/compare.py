"""Two versions of a form, field by field, for the officer who sent the first one back."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Any

from xtbang.rules.fields import Field, FieldKind, FormDefinition
from xtbang.rules.values import is_blank

Piece = tuple[str, str]  # "equal", "delete" or "insert", and the text
_EFFORT = 1_000_000  # pairs of equal pieces that are looked at: beyond, texts are compared more coarsely


@dataclass(frozen=True)
class Change:
    """One field that differs, as a person reads it; inside rows the key is ``rows.0.column``."""

    key: str
    label: str
    old: str
    new: str

    @property
    def pieces(self) -> list[Piece]:
        """The old and the new text in one, piece by piece."""
        return pieces(self.old, self.new)


def changes(definition: FormDefinition, old: Mapping[str, Any], new: Mapping[str, Any]) -> list[Change]:
    """Every field that differs between two versions of a form, in the order of the form."""
    return list(_changes(definition.fields, old, new, "", ""))


def pieces(old: str, new: str) -> list[Piece]:
    """What was kept, taken out and put in, in reading order: by character, very long texts by line or whole."""
    before, after = next(
        (before, after)
        for before, after in (
            (list(old), list(new)),
            (old.splitlines(keepends=True), new.splitlines(keepends=True)),
            ([old], [new]),
        )
        if _effort(before, after) <= _EFFORT
    )
    result: list[Piece] = []
    for tag, start, end, new_start, new_end in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        taken, put = "".join(before[start:end]), "".join(after[new_start:new_end])
        if tag == "equal":
            result.append((tag, taken))
        else:
            result += [piece for piece in (("delete", taken), ("insert", put)) if piece[1]]
    return result


def shown(field: Field, value: Any) -> str:
    """A value as a person reads it, with its unit; rows one to a line."""
    if is_blank(value):
        return "否" if field.kind in (FieldKind.YES, FieldKind.FLAG) else ""
    if value is True:
        return "是"
    if isinstance(value, list) and field.kind is FieldKind.ROWS:
        return "\n".join(_row_shown(field, row) for row in value)
    if isinstance(value, list):
        return "、".join(map(str, value))
    if field.kind is FieldKind.MONEY:
        return f"{value} 万元"
    return f"{value}{field.unit if field.unit == '%' else ' ' + field.unit if field.unit else ''}"


def _changes(
    fields: Sequence[Field], old: Mapping[str, Any], new: Mapping[str, Any], prefix: str, place: str
) -> Iterator[Change]:
    for field in fields:
        before, after = old.get(field.key), new.get(field.key)
        if before == after or (is_blank(before) and is_blank(after)):
            continue
        key, label = f"{prefix}{field.key}", f"{place}{field.label}"
        if field.kind is FieldKind.ROWS and _is_table(before) and _is_table(after):
            yield from _row_changes(field, before or [], after or [], key, label)
        else:
            yield Change(key, label, shown(field, before), shown(field, after))


def _row_changes(
    field: Field, old: list[Mapping[str, Any]], new: list[Mapping[str, Any]], key: str, label: str
) -> Iterator[Change]:
    """Rows that stayed are found wherever they moved to; those between are compared in order, the rest come or go."""
    before, after = ([_row_shown(field, row) for row in rows] for rows in (old, new))
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


def _row_shown(field: Field, row: Any) -> str:
    if not isinstance(row, Mapping):
        return str(row)
    return "；".join(
        f"{column.label}：{text}" for column in field.columns if (text := shown(column, row.get(column.key)))
    )


def _effort(before: list[str], after: list[str]) -> int:
    counts = Counter(after)
    return sum(counts[piece] for piece in before)


def _is_table(value: Any) -> bool:
    return is_blank(value) or (isinstance(value, list) and all(isinstance(row, Mapping) for row in value))
