"""Lists that are read page by page: the rows of one page of a statement."""

from collections.abc import Collection
from typing import Any, TypeVar

from sqlalchemy import Select

Rows = TypeVar("Rows", bound=Select[Any])


def paged(query: Rows, column: Any, before: int | None, most: int, only: Collection[int] | None = None) -> Rows:
    """Return the statement for one page of a list, at most so many rows and one more.

    The rows whose ``column`` is less than ``before``, where that is given; ``only``: those in which it is one of these.
    """
    query = query if before is None else query.where(column < before)
    query = query if only is None else query.where(column.in_(only))
    return query.limit(most + 1)
