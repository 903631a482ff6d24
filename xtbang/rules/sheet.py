"""Tables that leave the program as files (导出表格): columns with their kinds, and rows of values."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any, TypeVar

from xtbang.rules.dates import SHANGHAI
from xtbang.rules.money import WAN

Thing = TypeVar("Thing")


class Kind(StrEnum):
    """A kind of values of a column."""

    TEXT = "text"  # also codes and numbers of documents: never reckoned with
    DATE = "date"  # a ``date``, or the day of a moment in Shanghai
    MOMENT = "moment"  # an aware ``datetime``, written as Shanghai has it
    MONEY = "money"  # a ``Decimal`` in yuan, written in 万元
    WHOLE = "whole"  # a count
    ANY = "any"  # as each value is: a text, or a number


@dataclass(frozen=True)
class Column:
    """A column: its head, what its values are, and whether they are added up below the last row."""

    label: str
    kind: Kind = Kind.TEXT
    total: bool = False


@dataclass(frozen=True)
class Sheet:
    """A table with its title; ``rows`` is read once."""

    title: str
    columns: Sequence[Column]
    rows: Iterable[Sequence[Any]]


def texts(*labels: str) -> list[Column]:
    """Return columns of texts with these heads."""
    return [Column(label) for label in labels]


def money(*labels: str) -> list[Column]:
    """Return columns of amounts, added up, with these heads; the unit is put behind each."""
    return [Column(f"{label}（万元）", Kind.MONEY, total=True) for label in labels]


def cell_of(column: Column, value: Any) -> Any:
    """Return a value as the file has it: 万元, the day or time in Shanghai, a text; None where there is no such value."""
    if value is None or value == "":
        return "" if column.kind is Kind.TEXT else None
    if column.kind is Kind.MONEY:
        return value / WAN
    if isinstance(value, datetime):
        local = value.astimezone(SHANGHAI).replace(tzinfo=None)
        return local if column.kind is Kind.MOMENT else local.date()
    return value if isinstance(value, date) or column.kind in (Kind.WHOLE, Kind.ANY) else str(value)


def total_line(columns: Sequence[Column], rows: Iterable[Sequence[Any]]) -> list[Any]:
    """Return the line below these cells: what the columns that are added up come to; empty where none is."""
    kept = list(rows)
    if not kept or not any(column.total for column in columns):
        return []
    sums = [
        sum((row[place] for row in kept if row[place] is not None), Decimal(0)) if column.total else None
        for place, column in enumerate(columns)
    ]
    return ["合计", *sums[1:]]


def empty_last(items: Iterable[Thing], value: Callable[[Thing], Any], down: bool) -> list[Thing]:
    """Return the items in the order of their values, ``down`` from the greatest; those that have none come last, either way."""
    kept = list(items)
    filled = [item for item in kept if value(item) not in (None, "")]
    filled.sort(key=lambda item: (isinstance(value(item), str), value(item)), reverse=down)
    return filled + [item for item in kept if value(item) in (None, "")]
