"""A form as a whole: what was typed becomes values, and every reason against them is collected at once."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from xtbang.rules.crosschecks import CHECKS, COMPUTATIONS, totals
from xtbang.rules.fields import Field, FieldKind, FormDefinition
from xtbang.rules.quotation import quoted
from xtbang.rules.reasons import Reason
from xtbang.rules.values import clean_value, faults, is_blank, readable_value, size, too_long

__all__ = [
    "CHECKS",
    "COMPUTATIONS",
    "check",
    "clean",
    "is_blank",
    "keyed",
    "longest_fields",
    "readable",
    "too_large",
    "totals",
    "unknown_keys",
    "worded",
]

MAX_CHARACTERS = 100_000  # of a whole form, tables included: more than a hundred pages

_MISSING = {  # sentences about a blank field, other than 尚未填写
    FieldKind.CHOICE: "尚未选择。",
    FieldKind.CHOICES: "尚未选择。",
    FieldKind.YES: "尚未勾选。",
    FieldKind.FILE: "尚未上传。",
}


def clean(definition: FormDefinition, raw: Mapping[str, Any]) -> dict[str, Any]:
    """Return the values of every field, in order: normalised, typed where they can be read, otherwise as typed.

    Blank is ``""`` (choices and rows ``[]``, boxes ``False``). Computed fields are computed, whatever was sent. Rows
    without content and keys that the form does not have are dropped (see `unknown_keys`).
    """
    return _clean(definition.fields, raw)


def readable(definition: FormDefinition, values: Any) -> dict[str, Any]:
    """Return every field of a draft, blank where the value cannot be read; for everything except its edit page.

    A draft stores what was typed, right or wrong. In the result, a number or a date that `check` refuses and a value of
    a wrong type are blank; texts stay as typed. The same holds in rows; an item that is no row is dropped. Computed
    fields are computed from the readable values. Values that pass `check` are unchanged.
    """
    return _readable(definition.fields, values)


def keyed(definition: FormDefinition, values: Mapping[str, Any]) -> dict[str, Any]:
    """Return stored values with every choice as its key, also where a word was stored for it; nothing else changes."""
    return _chosen(definition.fields, values, Field.key_of)


def worded(definition: FormDefinition, values: Mapping[str, Any]) -> dict[str, Any]:
    """Return stored values with every choice as its label, as papers have it; nothing else changes."""
    return _chosen(definition.fields, values, Field.label_of)


def only_printed(definition: FormDefinition, values: Mapping[str, Any]) -> dict[str, Any]:
    """Return the values of the fields that are printed."""
    printed = {field.key for field in definition.fields if field.printed}
    return {key: value for key, value in values.items() if key in printed}


def unknown_keys(definition: FormDefinition, values: Mapping[str, Any]) -> list[str]:
    """Return the keys that the form does not have, those inside rows as ``rows.0.key``."""
    return list(_unknown(definition.fields, values, ""))


def check(definition: FormDefinition, values: Mapping[str, Any], *, complete: bool) -> list[Reason]:
    """Return every reason against the values of `clean`; a draft (``complete=False``) may leave anything blank.

    ``Reason.field`` is the key, inside rows ``key.2.column``, where the first row is 0.
    """
    reasons = list(_check(definition.fields, values, "", "", complete))
    reasons += _too_large(values)
    for name in definition.checks:
        reasons += CHECKS[name](definition, values)
    return reasons


def too_large(definition: FormDefinition, values: Mapping[str, Any]) -> list[Reason]:
    """Return every reason why the values of `clean` are too long to be stored, even as a draft.

    `check` returns them too.
    """
    return [*_too_long(definition.fields, values, "", ""), *_too_large(values)]


def longest_fields(definition: FormDefinition, values: Mapping[str, Any], number: int = 3) -> list[tuple[str, int]]:
    """Return label and number of characters of the longest fields, the longest first."""
    sizes = [(field.label, size(values.get(field.key))) for field in definition.fields]
    return sorted((item for item in sizes if item[1]), key=lambda item: -item[1])[:number]


def _too_large(values: Mapping[str, Any]) -> Iterator[Reason]:
    if (length := size(values)) > MAX_CHARACTERS:
        yield Reason("F.limit", f"全部内容共 {length} 个字符，最多 {MAX_CHARACTERS} 个，请删减。")


def _too_long(fields: Sequence[Field], values: Mapping[str, Any], prefix: str, place: str) -> Iterator[Reason]:
    for field in fields:
        key, name, value = f"{prefix}{field.key}", f"{place}{quoted(field.label)}", values.get(field.key)
        if field.kind is FieldKind.ROWS and isinstance(value, list | tuple):
            for index, row in enumerate(value):
                if isinstance(row, Mapping):
                    yield from _too_long(field.columns, row, f"{key}.{index}.", f"{name}第 {index + 1} 行")
        elif not field.computed:
            yield from (Reason(rule, text, field=key) for rule, text in too_long(field, name, value))


def _clean(fields: Sequence[Field], raw: Mapping[str, Any]) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for field in fields:
        if field.computed:
            values[field.key] = ""
        elif field.kind is FieldKind.ROWS:
            values[field.key] = _clean_rows(field, raw.get(field.key))
        else:
            values[field.key] = clean_value(field, raw.get(field.key))
    for field in fields:
        if field.computed:
            values[field.key] = COMPUTATIONS[field.computed](values)
    return values


def _clean_rows(field: Field, raw: Any) -> Any:
    if is_blank(raw):
        return []
    if not isinstance(raw, list | tuple):
        return raw
    rows = [_clean(field.columns, row) if isinstance(row, Mapping) else row for row in raw]
    if field.dropped_without:
        rows = [row for row in rows if not (isinstance(row, dict) and is_blank(row[field.dropped_without]))]
    typed = [column.key for column in field.columns if not column.computed]
    return [
        row for row in rows if not is_blank(row)
        and not (isinstance(row, dict) and all(is_blank(row[key]) for key in typed))
    ]  # fmt: skip


def _readable(fields: Sequence[Field], values: Any) -> dict[str, Any]:
    known = values if isinstance(values, Mapping) else {}
    found: dict[str, Any] = {}
    for field in fields:
        value = known.get(field.key)
        if field.kind is FieldKind.ROWS:
            rows = value if isinstance(value, list | tuple) else []
            found[field.key] = [_readable(field.columns, row) for row in rows if isinstance(row, Mapping)]
        else:
            found[field.key] = "" if field.computed else readable_value(field, value)
    for field in fields:
        if field.computed:
            found[field.key] = COMPUTATIONS[field.computed](found)
    return found


def _chosen(fields: Sequence[Field], values: Mapping[str, Any], told: Callable[[Field, str], str]) -> dict[str, Any]:
    found = dict(values)
    for field in fields:
        value = found.get(field.key)
        if field.kind is FieldKind.CHOICE and isinstance(value, str) and value:
            found[field.key] = told(field, value)
        elif field.kind is FieldKind.CHOICES and isinstance(value, list):
            found[field.key] = [told(field, item) if isinstance(item, str) else item for item in value]
        elif field.kind is FieldKind.ROWS and isinstance(value, list):
            rows = [_chosen(field.columns, row, told) if isinstance(row, Mapping) else row for row in value]
            found[field.key] = rows
    return found


def _unknown(fields: Sequence[Field], values: Mapping[str, Any], prefix: str) -> Iterator[str]:
    known = {field.key: field for field in fields}
    for key, value in values.items():
        if key not in known:
            yield f"{prefix}{key}"
        elif known[key].kind is FieldKind.ROWS and isinstance(value, list | tuple):
            for index, row in enumerate(value):
                if isinstance(row, Mapping):
                    yield from _unknown(known[key].columns, row, f"{prefix}{key}.{index}.")


def _check(
    fields: Sequence[Field], values: Mapping[str, Any], prefix: str, place: str, complete: bool
) -> Iterator[Reason]:
    for field in fields:
        key, name, value = f"{prefix}{field.key}", f"{place}{quoted(field.label)}", values.get(field.key)
        if field.computed:
            continue
        if is_blank(value):
            if complete and field.required and field.kind is not FieldKind.FLAG:
                yield Reason("F.required", name + _MISSING.get(field.kind, "尚未填写。"), field=key)
        elif field.kind is FieldKind.ROWS:
            yield from _check_rows(field, value, key, name, complete)
        else:
            yield from (Reason(rule, text, field=key) for rule, text in faults(field, name, value))


def _check_rows(field: Field, rows: Any, key: str, name: str, complete: bool) -> Iterator[Reason]:
    if not isinstance(rows, list) or not all(isinstance(row, Mapping) for row in rows):
        yield Reason("F.format", f"{name}的格式不正确，请重新填写。", field=key)
        return
    if complete and len(rows) < field.min_rows:
        yield Reason("F.rows", f"{name}至少填写 {field.min_rows} 行，现有 {len(rows)} 行。", field=key)
    if len(rows) > field.max_rows:
        yield Reason("F.rows", f"{name}最多填写 {field.max_rows} 行，现有 {len(rows)} 行。", field=key)
    for index, row in enumerate(rows[: field.max_rows]):
        yield from _check(field.columns, row, f"{key}.{index}.", f"{name}第 {index + 1} 行", complete)
