"""Lists of officers page by page: the newest first, or by the column that the address asks for."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from typing import Any

from flask import request, url_for
from sqlalchemy.orm import Session

from xtbang.queries.desk.groups import Statement
from xtbang.queries.paging import paged
from xtbang.sheets import LISTS
from xtbang.sheets.registry import SORTED, column_asked, order_of
from xtbang.web.frame.inputs import asked
from xtbang.web.frame.list_files import view_of
from xtbang.web.frame.shell import caller

SIZE = 20
CUT = f"只将最新的 {SORTED} 项排序"
Fetch = Callable[[int | None, int, Collection[int] | None], Sequence[Any]]


@dataclass(frozen=True)
class Listed:
    """The rows of one page, the addresses of the pages before and after ("" for none), and what is said between them."""

    rows: list[Any]
    newer: str = ""
    older: str = ""
    text: str = ""

    def shown(self, row_shown: Callable[[Any], Any]) -> "Listed":
        """Return the same page with its rows as a template may have them."""
        return replace(self, rows=[row_shown(row) for row in self.rows])


def listed(fetch: Fetch, size: int = SIZE, id_of: Callable[[Any], int] = lambda row: row.id) -> Listed:
    """Return the page of the list of this page's view that is asked for.

    ``fetch`` returns the rows before an id, the newest first, at most so many and one more, or those with these ids.
    """
    here = request.endpoint or ""
    chosen = view_of(request.args)
    order = LISTS[here].order(caller(), asked())
    if order is None:
        before = request.args.get("before", type=int)
        rows = list(fetch(before, size, None))
        older = url_for(here, **chosen, before=id_of(rows[size - 1])) if len(rows) > size else ""
        return Listed(rows[:size], url_for(here, **chosen) if before is not None else "", older)
    ids, cut = order
    last = max(0, len(ids) - 1) // size
    at = min(last, max(0, (asked().number("page") or 1) - 1)) * size
    wanted = ids[at : at + size]
    known = {id_of(row): row for row in fetch(None, size, wanted)} if wanted else {}
    newer, older = (
        url_for(here, **chosen, page=first // size + 1) if 0 <= first < len(ids) else ""
        for first in (at - size, at + size)
    )
    return Listed([known[number] for number in wanted if number in known], newer, older, CUT if cut else "")


def of_statement(session: Session, query: Statement, column: Any) -> Fetch:
    """Return how the rows of a statement, which has its order, are fetched by the column of their id."""

    def fetch(before: int | None, most: int, only: Collection[int] | None) -> Sequence[Any]:
        return session.execute(paged(query, column, before, most, only)).all()

    return fetch


def in_order(rows: Sequence[Any]) -> list[Any]:
    """Return all rows of a list that has one page, which are those of its file, by the column asked for."""
    if not asked().text("sort"):
        return list(rows)
    made = LISTS[request.endpoint or ""].make(caller(), replace(asked(), most=len(rows)))
    if column_asked(made.columns, asked()) is None:
        return list(rows)
    return [rows[place] for place in order_of(made.columns, list(made.rows), asked())]
