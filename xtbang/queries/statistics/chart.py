"""A chart (图表): a table whose first column names the rows, and how the others are drawn."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import cached_property
from itertools import zip_longest
from typing import Any, NamedTuple, Self

from sqlalchemy import ColumnElement, Row, case, func, literal, or_, select, union_all

from xtbang.models import EntryTotal, Event, Project
from xtbang.queries.budgets import counted_together, running
from xtbang.queries.caller import Caller
from xtbang.queries.rights.lists import SEE_MONEY, EntriesSeen, money_seen_by
from xtbang.rules.dates import day_of
from xtbang.rules.money import yuan

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
    whole: tuple[str, str] = ("", "")  # key and name of the file with all, where these rows are a part

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


class Group(NamedTuple):
    """The entries with one value in a column: how many, how many with a subsidy, and what these take of the budget."""

    name: str
    entries: int
    granted: int
    amount: Decimal  # yuan


GROUPED = ("state", "domain", "region", "kind", "bidder")  # columns of the stored entries


@dataclass(frozen=True)
class Question:
    """The projects that the charts of a page are about: those that a reader may see, of one call or of all."""

    caller: Caller
    seen: ColumnElement[bool]
    part: EntriesSeen
    call_id: int | None = None
    whole_city: bool = False  # whether the reader sees more than the own county: the budget as well

    @classmethod
    def by(cls, caller: Caller, call_id: int | None) -> Self:
        """Return the question of this person about a call, or about all."""
        who = caller.actor
        whole_city = who.roles & frozenset(SEE_MONEY) != {"county"}
        return cls(caller, money_seen_by(who), EntriesSeen.by(who), call_id, whole_city)

    @property
    def entries(self) -> int:
        """Return how many there are, from the stored sums."""
        return sum(group.entries for group in self.groups["state"])

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
    def projects(self) -> Sequence[Row[int, str, str, str, datetime]]:
        """Return id, title, edition and state of each project, and since when it is in that state."""
        query = select(Project.id, Project.title, Project.edition, Project.state, Project.state_since)
        return self.caller.session.connection().execute(query.where(*self.conditions)).all()

    @cached_property
    def groups(self) -> dict[str, list[Group]]:
        """Return for each column of the stored entries the groups that it makes, in one statement."""
        policy = self.caller.policy
        granted = or_(running(policy, EntryTotal), EntryTotal.documented)
        amounts = (EntryTotal.projects, 0), (counted_together(policy), yuan(0))
        sums = func.sum(EntryTotal.projects), *(func.sum(case((granted, one), else_=zero)) for one, zero in amounts)
        conditions, found = self.of(EntryTotal), {name: list[Group]() for name in GROUPED}
        parts = (
            select(literal(name), by, *sums).where(*conditions).group_by(by).having(sums[0] > 0)
            for name, by in ((name, getattr(EntryTotal, name)) for name in GROUPED)
        )
        for name, *group in self.caller.session.execute(union_all(*parts)):
            found[name].append(Group(*group))
        return found

    @cached_property
    def moves(self) -> list[Move]:
        """Return all moves of the projects, project by project, oldest first."""
        query = select(Event.project_id, Event.from_state, Event.to_state, Event.at)
        query = query.join(Project, Project.id == Event.project_id).where(Event.outcome == "moved", *self.conditions)
        rows = self.caller.session.connection().execute(query.order_by(Event.project_id, Event.id)).all()
        return [Move(project, left, entered, day_of(at)) for project, left, entered, at in rows if project]


Maker = Callable[[Question], Chart]
