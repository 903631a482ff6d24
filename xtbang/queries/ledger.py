"""The ledger (资金台账) in sums: balances of one project, totals of many; those of all are stored (`LedgerTotal`)."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, exists, func, select
from sqlalchemy.orm import Session, aliased

from xtbang.models import Change, LedgerEntry, LedgerTotal, Project
from xtbang.rules.edition import Edition
from xtbang.rules.subsidy import county_share

ZERO = Decimal(0)
TREASURIES = ("city", "county")


# what adds up to the figures of `Total`: kind, sources, and whether it is added or taken away
ADDS: Mapping[str, tuple[tuple[str, tuple[str, ...], int], ...]] = {
    "issuer_paid": (("issuer_payment", ("issuer",), 1),),
    "city": (("instalment", ("city",), 1),),
    "county": (("instalment", ("county",), 1),),
    "due": (("recovery_due", TREASURIES, 1),),
    "recovered": (("recovered", TREASURIES, 1),),
    "written_off": (("written_off", TREASURIES, 1),),
    "outstanding": (
        ("recovery_due", TREASURIES, 1),
        ("recovered", TREASURIES, -1),
        ("written_off", TREASURIES, -1),
    ),
}


@dataclass(frozen=True)
class Balances:
    """One project's money, in yuan; sources are ``city`` and ``county``."""

    issuer_paid: Decimal = ZERO  # checked payments of the issuer to the bidder
    instalments: Mapping[tuple[str, int], Decimal] = field(default_factory=dict)  # (source, number) → paid
    due: Mapping[str, Decimal] = field(default_factory=dict)  # to be recovered
    recovered: Mapping[str, Decimal] = field(default_factory=dict)
    written_off: Mapping[str, Decimal] = field(default_factory=dict)  # cannot come back (核销)
    surplus: Mapping[str, Decimal] = field(default_factory=dict)  # came back beyond the claim (多缴)
    surplus_returned: Mapping[str, Decimal] = field(default_factory=dict)

    @property
    def paid(self) -> dict[str, Decimal]:
        """Return what each source has paid."""
        return {
            source: sum((amount for (payer, _), amount in self.instalments.items() if payer == source), ZERO)
            for source in TREASURIES
        }

    @property
    def outstanding(self) -> dict[str, Decimal]:
        """Return what each source has still to get back."""
        return {source: self.due.get(source, ZERO) - self.done_with[source] for source in TREASURIES}

    @property
    def surplus_held(self) -> dict[str, Decimal]:
        """Return what each treasury has still to return of what came back beyond its claim (多缴)."""
        back = self.surplus_returned
        return {source: self.surplus.get(source, ZERO) - back.get(source, ZERO) for source in TREASURIES}

    @property
    def done_with(self) -> dict[str, Decimal]:
        """Return what of the claim of each source has come back or was written off."""
        return {source: self.recovered.get(source, ZERO) + self.written_off.get(source, ZERO) for source in TREASURIES}


def last_lowering(changes: Iterable[Change]) -> Change | None:
    """Return the last of a project's changes after which money was to come back; None when there is none."""
    found = [row for row in changes if row.status == "in_force" and row.recover_by]
    return max(found, key=lambda row: row.number or 0, default=None)


def granted_to(edition: Edition, project: Project) -> dict[str, Decimal]:
    """Return what city and county have granted by now, in yuan; empty before the subsidy is fixed."""
    city, county = project.subsidy_city, project.subsidy_county
    if city is None:
        return {}
    return {"city": city, "county": county_share(edition, city) if county is None else county}


@dataclass(frozen=True)
class Total:
    """The money of many projects under one heading (a county, a year), in yuan."""

    name: str
    issuer_paid: Decimal = ZERO
    city: Decimal = ZERO
    county: Decimal = ZERO
    due: Decimal = ZERO
    recovered: Decimal = ZERO
    written_off: Decimal = ZERO

    @property
    def disbursed(self) -> Decimal:
        """Return the sum of city and county."""
        return self.city + self.county

    @property
    def outstanding(self) -> Decimal:
        """Return what is due and not yet recovered."""
        return self.due - self.recovered - self.written_off


REVERSING = aliased(LedgerEntry, name="reversing")


def stands(line: Any = LedgerEntry) -> ColumnElement[bool]:
    """Return the condition that a line reverses none and was reversed by none (冲正)."""
    reversed_by = exists().where(REVERSING.reverses_id == line.id).correlate(line)
    own = (
        func.coalesce(line.reverses_id, 0) == 0
    )  # IS NULL would lead SQLite to the unique index, where most lines are NULL
    return and_(own, ~reversed_by)


def standing(entries: Iterable[LedgerEntry]) -> list[LedgerEntry]:
    """Return those of the lines that reverse none and were reversed by none of them (冲正)."""
    every = list(entries)
    gone = {line.reverses_id for line in every}
    return [line for line in every if line.reverses_id is None and line.id not in gone]


def balances_of(entries: Iterable[LedgerEntry]) -> Balances:
    """Return the sums of these lines of one project's ledger; what was reversed is not in them."""
    sums: dict[tuple[str, str, int], Decimal] = {}
    for line in standing(entries):
        key = line.kind, line.source, line.instalment or 0
        sums[key] = sums.get(key, ZERO) + line.amount

    def by_source(wanted: str) -> dict[str, Decimal]:
        return {source: amount for (kind, source, _), amount in sums.items() if kind == wanted}

    return Balances(
        issuer_paid=sum((amount for (kind, _, _), amount in sums.items() if kind == "issuer_payment"), ZERO),
        instalments={
            (source, number): amount for (kind, source, number), amount in sums.items() if kind == "instalment"
        },
        due=by_source("recovery_due"),
        recovered=by_source("recovered"),
        written_off=by_source("written_off"),
        surplus=by_source("surplus"),
        surplus_returned=by_source("surplus_returned"),
    )


def balances(session: Session, project_id: int) -> Balances:
    """Return the sums of a project's ledger, with one query."""
    return balances_of(lines(session, project_id))


def lines(session: Session, project_id: int) -> list[LedgerEntry]:
    """Return the lines of a project's ledger in the order they were entered."""
    query = select(LedgerEntry).where(LedgerEntry.project_id == project_id)
    return list(session.scalars(query.order_by(LedgerEntry.id)))


def totals(session: Session, region: str | None = None) -> tuple[Total, list[Total], list[Total]]:
    """Return the totals of all money, or of that of one region: of all, by county or park, and by year of the lines."""
    rows = session.execute(_stored(region, LedgerTotal.region, LedgerTotal.year)).all()
    counties = _totals((name, *sums) for name, _year, *sums in rows)
    return added(counties), counties, _totals((year, *sums) for _name, year, *sums in rows)


def year_by_county(session: Session, year: int, region: str | None = None) -> list[Total]:
    """Return totals of the lines of one year, by county or of one region; the sum of all comes last."""
    rows = _totals(session.execute(_stored(region, LedgerTotal.region).where(LedgerTotal.year == year)))
    return [*rows, added(rows)] if rows else []


def years(session: Session, region: str | None = None) -> list[int]:
    """Return the years with lines, of all or of one region, the oldest first."""
    query = _of_region(select(LedgerTotal.year).distinct().where(LedgerTotal.lines > 0), region)
    return list(session.scalars(query.order_by(LedgerTotal.year)))


def _stored(region: str | None, *headings: Any) -> Select[Any]:
    """Return the query for the stored sums, by these headings, kind and source."""
    by = (*headings, LedgerTotal.kind, LedgerTotal.source)
    query = select(*by, func.sum(LedgerTotal.amount)).where(LedgerTotal.lines > 0).group_by(*by)
    return _of_region(query, region)


def _of_region(query: Select[Any], region: str | None) -> Select[Any]:
    return query if region is None else query.where(LedgerTotal.region == region)


def added(rows: Iterable[Total]) -> Total:
    """Return the sum of several totals."""
    every = list(rows)
    names = ("issuer_paid", "city", "county", "due", "recovered", "written_off")
    return Total("合计", **{name: sum((getattr(row, name) for row in every), ZERO) for name in names})


def totals_by_year(session: Session, *where: ColumnElement[bool]) -> list[Total]:
    """Return totals of the stored sums that meet the conditions, by year of the lines, oldest first."""
    return _totals(session.execute(_stored(None, LedgerTotal.year).where(*where)))


def _totals(rows: Iterable[Any]) -> list[Total]:
    """Return the total of each heading, in their order, from rows of heading, kind, source and amount."""
    found: dict[str, dict[tuple[str, str], Decimal]] = {}
    for name, kind, source, amount in rows:
        sums = found.setdefault(str(name), {})
        sums[kind, source] = sums.get((kind, source), ZERO) + amount
    return [_total(name, sums) for name, sums in sorted(found.items())]


def _total(name: str, sums: Mapping[tuple[str, str], Decimal]) -> Total:
    def of(figure: str) -> Decimal:
        parts = ((kind, source) for kind, sources, _sign in ADDS[figure] for source in sources)
        return sum((sums.get(part, ZERO) for part in parts), ZERO)

    names = ("issuer_paid", "city", "county", "due", "recovered", "written_off")
    return Total(name=name, **{figure: of(figure) for figure in names})
