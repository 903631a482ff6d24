"""Stored sums (资金合计), changed in the transaction that changes a row of what they add up.

Each is said once, by a query (`EVERYTHING`). What a project adds is asked before a transaction changes it and before its
commit; the difference goes to the sums. Pages of all money and all entries read them; `xtbang doctor` adds everything up again.
"""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from sqlalchemy import (
    Connection,
    bindparam,
    delete,
    event,
    func,
    insert,
    inspect,
    literal_column,
    or_,
    select,
    union_all,
)
from sqlalchemy.orm import Session

from xtbang.models import (
    Bid,
    DealTotal,
    EntryTotal,
    ExpectedPayment,
    Finding,
    FundingDocument,
    LedgerEntry,
    LedgerTotal,
    Organisation,
    PaymentApproval,
    PlanTotal,
    Project,
)
from xtbang.models.writing import INSERTS, changed
from xtbang.queries.money_totals import EVERYTHING, GRANTED

NOTED = "money_noted"  # in ``session.info``
Sums = dict[tuple[Any, ...], tuple[Any, ...]]  # key of a row → its other columns
SOME = Project.id.in_(bindparam("projects", expanding=True))
OF_SOME = {model: query(SOME) for model, query in EVERYTHING.items()}


def _all(model: Any) -> frozenset[str]:
    return frozenset(model.__table__.columns.keys())


ALIKE = frozenset({"number", "state", "call_id", "region", "domain", "kind", "agreed_bid_id"})
WATCHED: Mapping[Any, Mapping[Any, frozenset[str]]] = {  # sum → model → the columns of which it depends
    LedgerTotal: {LedgerEntry: _all(LedgerEntry), Project: frozenset({"region", "call_id"})},
    EntryTotal: {
        Project: ALIKE | {column.key for column in GRANTED},
        **{model: _all(model) for model in (LedgerEntry, FundingDocument, PaymentApproval)},
        Bid: frozenset({"lead_id"}),
        Organisation: frozenset({"kind"}),
    },
    DealTotal: {
        Project: frozenset({"number", "region", "call_id", "contract_amount", "subsidy_city"}),
        Finding: frozenset({"kind", "voided_at", "dated"}),
    },
    PlanTotal: {ExpectedPayment: _all(ExpectedPayment)},
}
MODELS = tuple({model for watched in WATCHED.values() for model in watched})


@dataclass
class Noted:
    """The changes of a transaction so far."""

    new: list[Project] = field(default_factory=list)
    known: dict[Any, set[int]] = field(default_factory=dict)  # sum → the projects of which it is known what they add
    sums: dict[Any, Sums] = field(default_factory=dict)  # sum → what these have added before, less than 0


def keep_money_totals(session_class: Any) -> None:
    """Keep the sums up to date: change them before every commit of such a session, by the rows that it has written."""

    @event.listens_for(session_class, "before_flush")
    def _note(session: Session, _context: Any, _instances: Any) -> None:
        rows = [row for row in (*session.new, *session.dirty, *session.deleted) if isinstance(row, MODELS)]
        if not rows:
            return
        noted: Noted = session.info.setdefault(NOTED, Noted())
        fresh = {project.id for project in noted.new}
        noted.new += [row for row in session.new if isinstance(row, Project)]
        touched = {model: set(_touched(session, model, rows)) - fresh for model in WATCHED}
        _lock(session, sorted(set().union(*touched.values())))
        for model, ids in touched.items():
            known = noted.known.setdefault(model, set())
            if unknown := sorted(ids - known):
                known.update(unknown)
                _add(noted.sums.setdefault(model, {}), _parts(session, model, unknown), -1)

    event.listen(session_class, "before_commit", _keep)

    @event.listens_for(session_class, "after_rollback")
    def _forget(session: Session) -> None:
        session.info.pop(NOTED, None)


def fill_money_totals(connection: Connection) -> None:
    """Replace the stored sums by what everything adds up to."""
    for model, query in EVERYTHING.items():
        connection.execute(delete(model.__table__))
        connection.execute(insert(model.__table__).from_select(list(model.__table__.columns.keys()), query()))


def wrong_money_totals(session: Session) -> Iterator[tuple[Any, ...]]:
    """Yield the key of every sum that is not what the rows add up to.

    Stored and counted sums are compared in one statement, which sees one moment, whatever is committed meanwhile.
    """
    for model, query in EVERYTHING.items():
        table, counted = model.__table__, query().subquery()
        width = len(table.primary_key.columns)
        names = [column.name for column in table.columns]
        less = [-column if place >= width else column for place, column in enumerate(counted.columns)]
        both = union_all(select(*table.columns), select(*less)).subquery()
        keys = [both.c[name] for name in names[:width]]
        left = [func.sum(both.c[name]) != literal_column("0") for name in names[width:]]
        yield from map(tuple, session.execute(select(*keys).group_by(*keys).having(or_(*left)).order_by(*keys)))


def _keep(session: Session) -> None:
    """Change the sums by what the transaction has changed."""
    session.flush()
    noted: Noted = session.info.pop(NOTED, None) or Noted()
    for model in WATCHED:
        sums = noted.sums.get(model, {})
        if ids := sorted({*noted.known.get(model, ()), *(project.id for project in noted.new)}):
            _add(sums, _parts(session, model, ids))
            _change(session, model, sums)


def _touched(session: Session, total: Any, rows: Collection[Any]) -> Iterator[int]:
    """Yield the projects of which these rows, that are being written, change a part of the sum."""
    watched = WATCHED[total]
    for row in rows:
        columns = watched.get(type(row))
        if columns is None or not (inspect(row).pending or row in session.deleted or changed(row, columns)):
            continue
        if isinstance(row, Organisation):
            led = select(Project.id).join(Bid, Bid.id == Project.agreed_bid_id).where(Bid.lead_id == row.id)
            yield from () if inspect(row).pending else session.connection().scalars(led)
        elif number := row.id if isinstance(row, Project) else row.project_id:
            yield number


def _lock(session: Session, ids: Collection[int]) -> None:
    """Wait until no other transaction changes these projects; SQLite has one writer."""
    if ids and session.get_bind().dialect.name == "postgresql":
        locked = select(Project.id).where(Project.id.in_(ids)).order_by(Project.id).with_for_update()
        session.connection().execute(locked)


def _parts(session: Session, total: Any, ids: Collection[int]) -> Sums:
    """Return what these projects add to a sum, as the database is now."""
    width = len(total.__table__.primary_key.columns)
    rows = map(tuple, session.connection().execute(OF_SOME[total], {"projects": ids}))
    return {row[:width]: row[width:] for row in rows}


def _add(sums: Sums, more: Sums, sign: int = 1) -> None:
    for key, amounts in more.items():
        known = sums.get(key, (0,) * len(amounts))
        sums[key] = tuple(one + sign * amount for one, amount in zip(known, amounts, strict=True))


def _change(session: Session, total: Any, sums: Sums) -> None:
    """Add to the stored sums, always in the same order, so that no two transactions wait for each other."""
    columns = total.__table__.columns.keys()
    rows = [dict(zip(columns, (*key, *sums[key]), strict=True)) for key in sorted(sums) if any(sums[key])]
    if rows:
        session.connection().execute(_adding(session.get_bind().dialect.name, total), rows)


@cache
def _adding(dialect: str, total: Any) -> Any:
    """Return the statement that adds rows to the stored sums of their keys."""
    table = total.__table__
    statement = INSERTS[dialect](table)
    keys = [column.name for column in table.primary_key]
    more = {
        column.name: column + statement.excluded[column.name] for column in table.columns if column.name not in keys
    }
    return statement.on_conflict_do_update(index_elements=keys, set_=more)
