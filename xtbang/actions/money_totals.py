"""Stored sums of money (资金合计), changed in the transaction that changes a row of what they add up.

Pages of all money read them; `xtbang doctor` adds everything up again and says where that differs.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from sqlalchemy import Connection, Integer, Select, cast, delete, event, extract, func, insert, inspect, select
from sqlalchemy.orm import Session

from xtbang.models import GrantTotal, LedgerEntry, LedgerTotal, Project
from xtbang.models.writing import INSERTS, writing
from xtbang.rules.money import yuan

NOTED = "money_noted"  # in ``session.info``
ZERO = Decimal(0)
PLACED = ("region", "state")  # of a project: where it is counted
GRANTED = ("total_investment", "subsidy_city", "subsidy_county")  # of a project with a subsidy: what is counted
Sums = dict[tuple[Any, ...], list[Any]]  # key of a row → what is added to its other columns

_year = cast(extract("year", LedgerEntry.dated), Integer)
_lines = Project.region, _year, LedgerEntry.kind, LedgerEntry.source
_grants = [func.sum(func.coalesce(getattr(Project, name), yuan(0))) for name in GRANTED]
EVERYTHING: Mapping[Any, Select[*tuple[Any, ...]]] = {  # table → the same sums, of all rows
    LedgerTotal: select(*_lines, func.count(), func.sum(LedgerEntry.net))
    .join(Project, Project.id == LedgerEntry.project_id)
    .group_by(*_lines),
    GrantTotal: select(Project.region, Project.state, func.count(), *_grants)
    .where(Project.subsidy_city.is_not(None))
    .group_by(Project.region, Project.state),
}


@dataclass
class Noted:
    """The changes of a transaction so far."""

    lines: list[LedgerEntry] = field(default_factory=list)
    grants: Sums = field(default_factory=dict)
    moved: dict[int, str] = field(default_factory=dict)  # project → its region before the transaction


def keep_money_totals(session_class: Any) -> None:
    """Keep the sums up to date: change them before every commit of such a session, by the rows that it has written."""

    @event.listens_for(session_class, "after_flush")
    def _note(session: Session, _context: Any) -> None:
        noted: Noted = session.info.setdefault(NOTED, Noted())
        noted.lines += [row for row in session.new if isinstance(row, LedgerEntry)]
        for project in (row for row in session.new if isinstance(row, Project)):
            _add(noted.grants, *_granted(_now(project)))
        for project in (row for row in (*session.dirty, *session.deleted) if isinstance(row, Project)):
            before, after = _before(project), {} if project in session.deleted else _now(project)
            if before != after:
                _add(noted.grants, *_granted(before), sign=-1)
                _add(noted.grants, *_granted(after))
                if before["region"] != after.get("region", before["region"]):
                    noted.moved.setdefault(project.id, before["region"])

    @event.listens_for(session_class, "before_commit")
    def _keep(session: Session) -> None:
        session.flush()
        noted: Noted | None = session.info.pop(NOTED, None)
        if noted is not None:
            _change(session, GrantTotal, noted.grants)
            _change(session, LedgerTotal, _of_lines(session, noted))

    @event.listens_for(session_class, "after_rollback")
    def _forget(session: Session) -> None:
        session.info.pop(NOTED, None)


def build_money_totals(session: Session) -> None:
    """Add everything up anew, in one transaction."""
    with writing(session):
        fill_money_totals(session.connection())


def fill_money_totals(connection: Connection) -> None:
    """Replace the stored sums by what everything adds up to."""
    for model, query in EVERYTHING.items():
        connection.execute(delete(model.__table__))
        connection.execute(insert(model.__table__).from_select(list(model.__table__.columns.keys()), query))


def wrong_money_totals(session: Session) -> Iterator[tuple[Any, ...]]:
    """Yield the key of every sum that is not what the rows add up to."""
    for model, query in EVERYTHING.items():
        width = len(inspect(model).primary_key)
        stored, counted = (
            {row[:width]: row[width:] for row in map(tuple, session.execute(asked)) if any(row[width:])}
            for asked in (select(*model.__table__.columns), query)
        )
        yield from sorted(key for key in {*stored, *counted} if stored.get(key) != counted.get(key))


def _now(project: Project) -> dict[str, Any]:
    return {name: getattr(project, name) for name in (*PLACED, *GRANTED)}


def _before(project: Project) -> dict[str, Any]:
    """Return what the database held before this flush."""
    histories = {name: inspect(project).attrs[name].history for name in (*PLACED, *GRANTED)}
    return {name: past.deleted[0] if past.deleted else getattr(project, name) for name, past in histories.items()}


def _granted(project: Mapping[str, Any]) -> tuple[tuple[Any, ...], list[Any]]:
    """Return where a project is counted, and what: nothing before its subsidy is fixed."""
    if project.get("subsidy_city") is None:
        return (), []
    return tuple(project[name] for name in PLACED), [1, *(project[name] or ZERO for name in GRANTED)]


def _of_lines(session: Session, noted: Noted) -> Sums:
    """Return what the new lines add, and what goes from one region to another with its project."""
    sums: Sums = {}
    for line in noted.lines:
        region = session.get_one(Project, line.project_id).region
        _add(sums, (region, line.dated.year, line.kind, line.source), [1, line.net])
    new = [line.id for line in noted.lines]
    for project_id, before in noted.moved.items():
        earlier = EVERYTHING[LedgerTotal].where(LedgerEntry.project_id == project_id, LedgerEntry.id.not_in(new))
        for region, year, kind, source, number, amount in session.execute(earlier):
            _add(sums, (before, year, kind, source), [number, amount], sign=-1)
            _add(sums, (region, year, kind, source), [number, amount])
    return sums


def _add(sums: Sums, key: tuple[Any, ...], amounts: list[Any], sign: int = 1) -> None:
    if key:
        known = sums.get(key, [0] * len(amounts))
        sums[key] = [one + sign * more for one, more in zip(known, amounts, strict=True)]


def _change(session: Session, model: Any, sums: Sums) -> None:
    """Add to the stored sums, always in the same order, so that no two transactions wait for each other."""
    table = model.__table__
    rows = [dict(zip(table.columns.keys(), (*key, *sums[key]), strict=True)) for key in sorted(sums) if any(sums[key])]
    if not rows:
        return
    statement = INSERTS[session.get_bind().dialect.name](table)
    keys = [column.name for column in table.primary_key]
    more = {name: table.c[name] + statement.excluded[name] for name in list(table.columns.keys()) if name not in keys}
    session.connection().execute(statement.on_conflict_do_update(index_elements=keys, set_=more), rows)
