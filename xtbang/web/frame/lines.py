"""Entries of officers' lists as lines of one row each, and the heads by which they are sorted."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from decimal import Decimal
from operator import attrgetter
from typing import Any

from flask import url_for
from sqlalchemy import Row

from xtbang.enums import KIND_LABELS
from xtbang.rules.money import grouped
from xtbang.rules.sheet import empty_last


@dataclass(frozen=True)
class Line:
    """An entry of a list as ``components/lines.html`` shows it; what is empty is left out."""

    id: int
    url: str
    title: str
    number: str = ""
    kind: str = ""
    org: str = ""
    region: str = ""
    amount: Decimal | None = None  # yuan
    state: str = ""
    tone: str = ""  # of the state
    waited: int | None = None  # days
    age: str = ""  # late, near, or "" for on time
    due: str = ""  # what is due, in words
    who: str = ""
    note: str = ""
    next: tuple[str, str] | None = None  # label and address of its button

    @property
    def wan(self) -> str:
        """Return the amount in 万元, without the unit, which is in the head."""
        return "" if self.amount is None else grouped(self.amount)


@dataclass(frozen=True)
class Head:
    """The head of a column: a link that sorts by it."""

    key: str
    label: str
    url: str
    sorted: str = ""  # ascending, descending
    style: str = ""


HEADS = {  # attribute of a line → the label of its column
    "number": "编号",
    "title": "名称",
    "org": "单位",
    "region": "县市区",
    "amount": "金额（万元）",
    "state": "状态",
    "waited": "等待",
    "who": "由谁办理",
}


def about(row: Row[Any]) -> dict[str, Any]:
    """Return what every line says of its project, of a row of ``queries.desk.groups.ENTRY``."""
    return {
        "id": row.id,
        "url": url_for("projects.page", project_id=row.id),
        "title": row.title or "未命名的草稿",
        "number": row.number or "",
        "org": row.issuer,
        "region": row.region or "",
    }


def line(row: Row[Any], **more: Any) -> Line:
    """Return the line of one project of ``queries.desk.groups.ENTRY``; ``more`` are other fields of `Line`."""
    known = about(row) | {"kind": KIND_LABELS.get(row.kind, row.kind), "amount": row.listed_amount}
    return Line(**known | more)


def age_of(waited: int, plan: int) -> str:
    """Return how long waiting compares with the plan in days: late, near, or "" for on time or without a plan."""
    if not plan or waited * 5 < plan * 4:
        return ""
    return "late" if waited > plan else "near"


def heads(keys: Iterable[str], sort: str, url: Callable[[str], str]) -> list[Head]:
    """Return the heads of these columns; ``sort`` is the key of the sorted one, after ``-`` when descending."""
    by, down = sort.removeprefix("-"), sort.startswith("-")
    return [
        Head(
            key,
            HEADS[key],
            url(f"-{key}" if key == by and not down else key),
            ("descending" if down else "ascending") if key == by else "",
            "num" if key in ("amount", "waited") else "",
        )
        for key in keys
    ]


def in_order(lines: list[Line], sort: str) -> list[Line]:
    """Return the lines sorted by that column, those that are empty there last; as they are when there is no such column."""
    by = sort.removeprefix("-")
    return empty_last(lines, attrgetter(by), sort.startswith("-")) if by in HEADS else lines
