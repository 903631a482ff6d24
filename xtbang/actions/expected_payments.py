"""The rows of the plan of payments (用款计划), changed in the transaction that changes terms, subsidies or payments.

Nothing in them depends on today: a page takes an earlier month for this one. The rules are those of the policy in
the session (`queries/caller.py`).
"""

from collections.abc import Iterator
from heapq import merge
from itertools import groupby
from operator import itemgetter
from typing import Any

from sqlalchemy import delete, event, insert, select
from sqlalchemy.orm import Session

from xtbang.actions.money_totals import fill_money_totals
from xtbang.models import ExpectedPayment, LedgerEntry, Project
from xtbang.models.writing import changed, writing
from xtbang.queries.budgets import running
from xtbang.queries.expected_payments import FACTS, reckoned
from xtbang.rules.policy import Policy

NOTED = "expected_otherwise"  # in ``session.info``
COLUMNS = tuple(ExpectedPayment.__table__.columns.keys())
GRANT = frozenset({"subsidy_city", "subsidy_county"})
SAID = GRANT | {column.key for column in (*FACTS, Project.region)}
MOST = 5_000  # rows that are written at once


def keep_expected_payments(session_class: Any) -> None:
    """Keep the rows up to date: change them before every commit of such a session. Before the sums, which add them up."""

    @event.listens_for(session_class, "before_flush")
    def _note(session: Session, _context: Any, _instances: Any) -> None:
        noted: list[Any] = session.info.setdefault(NOTED, [])
        noted += [row for row in (*session.new, *session.dirty) if _says_otherwise(row)]

    @event.listens_for(session_class, "before_commit")
    def _keep(session: Session) -> None:
        session.flush()
        noted = session.info.pop(NOTED, ())
        ids = {row.id if isinstance(row, Project) else row.project_id for row in noted}
        if ids:
            _renew(session, sorted(ids))

    @event.listens_for(session_class, "after_rollback")
    def _forget(session: Session) -> None:
        session.info.pop(NOTED, None)


def build_expected_payments(session: Session, policy: Policy) -> None:
    """Make all rows anew, and the sums with them, in one transaction."""
    with writing(session):
        connection = session.connection()
        connection.execute(delete(ExpectedPayment))
        rows = [dict(zip(COLUMNS, row, strict=True)) for row in reckoned(session, policy)]
        for first in range(0, len(rows), MOST):
            connection.execute(insert(ExpectedPayment), rows[first : first + MOST])
        fill_money_totals(connection)


def lacks_expected_payments(session: Session, policy: Policy) -> bool:
    """Return whether projects run and nothing is expected of any: the database is of a version without these rows."""
    runs = session.scalar(select(Project.id).where(running(policy)).limit(1)) is not None
    return runs and session.scalar(select(ExpectedPayment.number).limit(1)) is None


def wrong_expected_payments(session: Session, policy: Policy) -> Iterator[int]:
    """Yield the project of every row that is missing, too many or not what is reckoned."""
    table = ExpectedPayment.__table__
    kept = session.connection().execute(
        select(*table.columns).order_by(ExpectedPayment.project_id, ExpectedPayment.number)
    )
    instalment = itemgetter(0, 1)
    both = merge(map(tuple, kept), reckoned(session, policy), key=instalment)
    for (project_id, _number), (row, *others) in groupby(both, instalment):
        if others != [row]:
            yield project_id


def _says_otherwise(row: Any) -> bool:
    """Return whether a row that is being written says something else of what is expected of its project."""
    if isinstance(row, LedgerEntry):
        return row.kind == "instalment"
    if not isinstance(row, Project):
        return False
    return (row.subsidy_city is not None or changed(row, GRANT)) and changed(row, SAID)


def _renew(session: Session, ids: list[int]) -> None:
    """Write the rows of these projects that are not what is reckoned now."""
    query = select(ExpectedPayment).where(ExpectedPayment.project_id.in_(ids))
    kept = {(row.project_id, row.number): row for row in session.scalars(query)}
    for values in reckoned(session, session.info["policy"], ids):
        row = kept.pop(values[:2], None)
        if row is None:
            session.add(ExpectedPayment(**dict(zip(COLUMNS, values, strict=True))))
            continue
        for name, value in zip(COLUMNS, values, strict=True):
            if getattr(row, name) != value:
                setattr(row, name, value)
    for row in kept.values():
        session.delete(row)
    session.flush()
