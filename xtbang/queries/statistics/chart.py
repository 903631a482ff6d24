"""A chart (图表): a table whose first column names the rows, and how the others are drawn."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cached_property
from itertools import zip_longest
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, select

from xtbang.models import Event, Project
from xtbang.queries.caller import Caller
from xtbang.queries.rights.lists import EntriesSeen
from xtbang.rules.dates import day_of

Cell = str | int | Decimal | None


@dataclass(frozen=True)
class Chart:
    """A table and its drawing: ``bars``, ``columns`` by year, or a ``timeline`` of days; ``""`` draws nothing."""

    key: str
    title: str
    heads: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    drawing: str = "bars"
    drawn: int = 1  # columns after the first that are drawn; the rest stands in the table only
    note: str = ""
    links: tuple[int, ...] = ()  # the project of each row, where a row is one

    @property
    def columns(self) -> list[str | tuple[str, str]]:
        """Return the heads of the table; those of columns of numbers with their class."""
        numbers = {place for row in self.rows for place, cell in enumerate(row) if isinstance(cell, int | Decimal)}
        return [(head, "num") if place in numbers else head for place, head in enumerate(self.heads)]

    @property
    def lines(self) -> list[tuple[tuple[Cell, ...], int | None]]:
        """Return the rows with their projects."""
        return list(zip_longest(self.rows, self.links))

    @property
    def points(self) -> list[list[str | int | float | None]]:
        """Return what is drawn, as JSON has it."""
        return [[float(cell) if isinstance(cell, Decimal) else cell for cell in row] for row in self.rows]


class Move(NamedTuple):
    """A project left one state and entered another."""

    project: int
    left: str
    entered: str
    day: date


@dataclass(frozen=True)
class Question:
    """The projects that the charts of a page are about: those that a reader may see, of one call or of all."""

    caller: Caller
    seen: ColumnElement[bool]
    part: EntriesSeen
    call_id: int | None = None
    whole_city: bool = False  # whether the reader sees more than the own county: the budget as well

    @property
    def conditions(self) -> tuple[ColumnElement[bool], ...]:
        """Return the conditions on the projects: those that were handed in."""
        of_call = () if self.call_id is None else (Project.call_id == self.call_id,)
        return (self.seen, Project.number.is_not(None), *of_call)

    def of(self, total: Any) -> list[ColumnElement[bool]]:
        """Return the same conditions on stored sums, of entries or of deals."""
        of_call = [] if self.call_id is None else [total.call_id == self.call_id]
        return [self.part.condition(total), *of_call]

    @cached_property
    def states(self) -> dict[int, str]:
        """Return the state of each project."""
        query = select(Project.id, Project.state).where(*self.conditions)
        return {number: state for number, state in self.caller.session.execute(query)}

    @cached_property
    def moves(self) -> list[Move]:
        """Return all moves of the projects, project by project, oldest first."""
        query = select(Event.project_id, Event.from_state, Event.to_state, Event.at)
        query = query.join(Project, Project.id == Event.project_id).where(Event.outcome == "moved", *self.conditions)
        rows = self.caller.session.connection().execute(query.order_by(Event.project_id, Event.id)).all()
        return [Move(project, left, entered, day_of(at)) for project, left, entered, at in rows if project]


Maker = Callable[[Question], Chart]
