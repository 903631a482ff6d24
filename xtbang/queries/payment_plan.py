"""The plan of payments (用款计划): what city and counties have still to pay of running projects, by the month in which it is expected.

What was expected before is expected this month. The payments lie in the order of the months from which on they are expected.
"""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import ColumnElement, Row, false, func, select

from xtbang.models import ExpectedPayment, PlanTotal, Project
from xtbang.queries.caller import Caller
from xtbang.queries.desk.groups import Statement, issuer
from xtbang.queries.rights.lists import EntriesSeen

BATCH = 500
NUMBERS = 100  # more than the instalments of a project: what the id of one is multiplied by
SUMS = "payments", "city", "county"
IN_ORDER = ExpectedPayment.month, ExpectedPayment.project_id, ExpectedPayment.number
KEPT = (
    ExpectedPayment.project_id,
    ExpectedPayment.number,
    ExpectedPayment.month,
    ExpectedPayment.city,
    ExpectedPayment.county,
)
ABOUT = (  # what a line says of its project
    Project.title,
    Project.region,
    Project.state,
    Project.edition,
    Project.number,
    select(issuer.name).where(issuer.id == Project.issuer_id).scalar_subquery().label("issuer"),
)


@dataclass(frozen=True)
class Expected:
    """An instalment of a project that is not paid yet, in yuan."""

    row: Row[Any]  # what `ABOUT` says of its project
    project_id: int
    name: str
    number: int
    month: date  # in which it is expected, its first day, never one that is past
    city: Decimal
    county: Decimal

    @property
    def id(self) -> int:
        """Return a number that no other expected payment has: of a project several may be ticked one by one."""
        return self.project_id * NUMBERS + self.number


@dataclass(frozen=True)
class Month:
    """The number of payments that are expected in one month, and their sums in yuan."""

    month: date
    count: int
    city: Decimal
    county: Decimal


@dataclass(frozen=True)
class Plan:
    """The payments in the sight of a caller, of one county or park or of all."""

    caller: Caller
    region: str = ""

    @property
    def now(self) -> date:
        """Return the first day of this month."""
        return self.caller.today.replace(day=1)

    def months(self) -> list[Month]:
        """Return the months in which payments are expected, the next one first."""
        query: Statement = select(PlanTotal.month, *(func.sum(getattr(PlanTotal, name)) for name in SUMS))
        query = query.where(*self._which(PlanTotal)).group_by(PlanTotal.month).having(func.sum(PlanTotal.payments) > 0)
        found: dict[date, tuple[Any, ...]] = {}
        for month, *sums in self.caller.session.connection().execute(query.order_by(PlanTotal.month)):
            at = max(month, self.now)
            found[at] = tuple(map(sum, zip(found.get(at, (0, 0, 0)), sums, strict=True)))
        return [Month(month, *sums) for month, sums in found.items()]

    def payments(
        self, month: date | None, most: int | None, first: int = 0, ids: Collection[int] = ()
    ) -> Iterator[Expected]:
        """Yield so many payments of a month, of all without one, from a place on; with ``ids`` those of their projects alone."""
        which = [*self._which(ExpectedPayment)]
        if month:
            which.append(ExpectedPayment.month <= month if month == self.now else ExpectedPayment.month == month)
            which += [false()] if month < self.now else []
        if ids:
            which.append(ExpectedPayment.project_id.in_({number // NUMBERS for number in ids}))
        connection = self.caller.session.connection()
        page: Statement = select(*KEPT).where(*which).order_by(*IN_ORDER).limit(most).offset(first)
        for rows in _batches(connection.execute(page).all()):
            query: Statement = select(Project.id, *ABOUT).where(Project.id.in_({row.project_id for row in rows}))
            about = {row.id: row for row in connection.execute(query)}
            for kept in rows:
                row, month = about[kept.project_id], max(kept.month, self.now)
                name = self.caller.policy.edition(row.edition).instalments[kept.number - 1].name
                yield Expected(row, kept.project_id, name, kept.number, month, kept.city, kept.county)

    def _which(self, model: Any) -> Iterator[ColumnElement[bool]]:
        yield EntriesSeen.by(self.caller.actor).condition(model)
        if self.region:
            yield model.region == self.region


def _batches(rows: Sequence[Row[Any]]) -> Iterator[Sequence[Row[Any]]]:
    """Yield the rows so many at a time as one statement may ask for."""
    return (rows[first : first + BATCH] for first in range(0, len(rows), BATCH))
