"""Turn the values of a sent form into labels and texts to read, without calling its view."""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from xtbang.people import account_forms as accounts
from xtbang.rules.fields import Field, FieldKind
from xtbang.web.frame.shell import policy

TECHNICAL = frozenset({
    "active", "again", "check", "confirmed", "draft_seen", "draft_version", "edit", "move", "next", "others",
    "remember", "request_key", "scripted", "seen", "seen_version", "version",
})  # fmt: skip
DIGEST = re.compile(r"[0-9a-f]{64}")
CELL = re.compile(r"(.+)-([0-9]{1,3})-(.+)")
OF_ACCOUNTS = (accounts.CONFIRMED, accounts.PROFILE, accounts.COLLEAGUE, accounts.EMAIL)


def is_typed(name: str, value: str) -> bool:
    """Return whether a value of a form is one that a person gave."""
    return name not in TECHNICAL and bool(value.strip())


def said_of(sent: Sequence[tuple[str, str]], endpoint: str, view: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Return label and text of what was typed into the form of an endpoint; the label is "" when it is unknown."""
    fields: dict[str, Field] = {}
    for field in _fields(endpoint, view):
        fields.setdefault(field.key, field)
        for column in field.columns:
            fields.setdefault(f"{field.key}.{column.key}", column)
    typed = [pair for pair in sent if is_typed(*pair) and not DIGEST.fullmatch(pair[1])]
    given = {name for name, _value in typed}
    return [_pair(fields, *pair) for pair in typed if not _of_no_row(fields, given, pair[0])]


def _of_no_row(fields: Mapping[str, Field], given: set[str], name: str) -> bool:
    """Return whether a value belongs to a row of a table that counts for nothing without another column."""
    if not (cell := CELL.fullmatch(name)):
        return False
    key, row, _column = cell.groups()
    table = fields.get(key)
    return table is not None and bool(table.dropped_without) and f"{key}-{row}-{table.dropped_without}" not in given


def _pair(fields: Mapping[str, Field], name: str, value: str) -> tuple[str, str]:
    """Return the label of a field and its text, of a choice the label."""
    if cell := CELL.fullmatch(name):
        table, row, column = cell.groups()
        field = fields.get(f"{table}.{column}")
        where = f"{fields[table].label} 第 {int(row) + 1} 行 " if table in fields else ""
        return where + (field.label if field else ""), str(field.label_of(value)) if field else value
    known = fields.get(name)
    return (known.label, str(known.label_of(value))) if known else ("", value)


def _fields(endpoint: str, view: Mapping[str, Any]) -> Iterator[Field]:
    """Yield the fields that a form of the endpoint may have."""
    if endpoint == "expert.save_scores" or view.get("trigger") == policy().done_on("score_sheet").trigger:
        yield from _criteria()
    if endpoint == "actions.act" and view.get("trigger") in policy().actions:
        yield from policy().actions[view["trigger"]].form.fields
    elif endpoint == "objecting.file":
        yield from policy().done_on("objection").form.fields
    elif endpoint == "documents.edit":
        for edition in reversed(policy().editions.values()):
            for form in (*edition.forms.values(), *edition.documents.values()):
                yield from form.fields
    elif endpoint.startswith("account."):
        for form in (accounts.register_form(policy().city), *OF_ACCOUNTS):
            yield from form.fields
    elif endpoint == "finance.account":
        yield from accounts.RECEIVING_FORM.fields


def _criteria() -> Iterator[Field]:
    """Yield the fields of every score sheet; of one key those of the newest edition first."""
    yield Field("comment", "评审意见", FieldKind.LONG)
    for edition in reversed(policy().editions.values()):
        for sheet in edition.sheets.values():
            for item in sheet.criteria:
                yield Field(item.key, item.label, FieldKind.WHOLE)
