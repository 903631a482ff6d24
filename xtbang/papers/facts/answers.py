"""Answers of a form in the words in which a paper prints them."""

from collections.abc import Iterable, Mapping
from contextlib import suppress
from datetime import date, datetime
from typing import Any

from xtbang.papers.facts.text import Facts
from xtbang.rules.fields import Field, FieldKind, FormDefinition
from xtbang.rules.money import format_figure, yuan_from_wan
from xtbang.rules.term import in_chinese


def in_words(field: Field, value: Any) -> str:
    """Return a value in words: dates in Chinese, 万元 with at least two decimals."""
    if value and field.kind is FieldKind.MONEY:
        with suppress(TypeError, ValueError):
            return format_figure(yuan_from_wan(value))
    if value and field.kind is FieldKind.FILE:
        return f"已随附（SHA-256：{str(value)[:16]}…）"
    return as_given(field, value)


def as_given(field: Field, value: Any) -> str:
    """Return the labels of what was chosen, dates in Chinese, and anything else, or what is no date, as it was typed."""
    if value is None or value == "" or value == []:
        return ""
    if isinstance(value, list | tuple):
        return "、".join(field.labels_of(value))
    try:
        if field.kind is FieldKind.DATE:
            return in_chinese(date.fromisoformat(str(value)))
        if field.kind is FieldKind.DATETIME:
            moment = datetime.fromisoformat(str(value))
            return f"{in_chinese(moment)} {moment:%H:%M}"
    except ValueError:
        return str(value)
    return field.label_of(str(value))


def for_contract(filled: Iterable[tuple[FormDefinition, Mapping[str, Any]]]) -> list[Facts]:
    """Return what the contract prints because the field says so (`Field.contract`); what is empty is left out."""
    return [
        {"part": field.contract, "label": field.label} | _answer(field, values[field.key])
        for definition, values in filled
        for field in definition.fields
        if field.contract and values.get(field.key) not in (None, "", [], False)
    ]


def _answer(field: Field, value: Any) -> Facts:
    """Return a text with its unit; for a table its heads and rows."""
    if field.kind is FieldKind.ROWS:
        heads = [f"{column.label}（{column.unit}）" if column.unit else column.label for column in field.columns]
        rows = [[in_words(column, row.get(column.key)) for column in field.columns] for row in value]
        return {"text": "", "heads": heads, "rows": rows}
    text = "是" if value is True else f"{in_words(field, value)}{field.unit}"
    return {"text": text, "heads": [], "rows": []}
