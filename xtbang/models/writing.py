"""Write transactions: ``with writing(session)`` is one transaction, all of it or nothing.

It holds the write lock from its first statement. On SQLite that is BEGIN IMMEDIATE (a deferred transaction that starts to
write fails at once while another one writes). A flush outside of such a transaction raises an error, so a GET cannot write
anything.
"""

import logging
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from time import monotonic
from typing import Any

from sqlalchemy import Engine, event, inspect
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import ORMExecuteState, Session
from sqlalchemy.orm.attributes import PASSIVE_NO_INITIALIZE, get_history

from xtbang.errors import Collision, SentAlready, ShownAgain
from xtbang.models.kept import SentForm

INSERTS: dict[str, Any] = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}
UNIQUE_VIOLATION = "23505"  # SQLSTATE: https://www.postgresql.org/docs/current/errcodes-appendix.html
LOG = logging.getLogger("xtbang.database")
_observers: list[Callable[[float], None]] = []  # at most one


class UnannouncedWriteError(RuntimeError):
    """A write without ``begin_write``."""


class NestedWriteError(RuntimeError):
    """A writing transaction within another one of the same session, which would lose what the outer one wrote."""


@contextmanager
def writing(session: Session) -> Iterator[None]:
    """Open one writing transaction and commit it at the end; on any exception roll back, expire and re-raise.

    The first one of a request takes the mark of the form that was sent (``session.info["sent_form"]``): it counts once.
    Raises SentAlready when it did before, NestedWriteError within another one, Collision when a unique index refuses a row, and ShownAgain while a
    refused form is only shown again.
    """
    if session.info.get("shows_only"):
        raise ShownAgain
    if is_writing(session):
        raise NestedWriteError("writing() within writing()")
    try:
        begin_write(session)
        _take_sent_form(session)
        yield
        session.commit()
        if sent := session.info.pop("sent_form", None):
            session.info["sent_form_done"] = sent[0]
    except BaseException as error:
        session.rollback()
        session.expire_all()
        if isinstance(error, IntegrityError) and _of_unique_index(error):
            LOG.warning("a unique index refused a row", exc_info=error)
            raise Collision from error
        raise


def _take_sent_form(session: Session) -> None:
    """Store the form that was sent. Raise SentAlready when it is stored; on PostgreSQL a form that is being done is waited for."""
    if "sent_form" not in session.info:
        return
    key, at = session.info["sent_form"]
    insert = INSERTS[session.get_bind().dialect.name](SentForm).values(key=key, at=at, led_to="")
    if not session.connection().execute(insert.on_conflict_do_nothing().returning(SentForm.key)).all():
        raise SentAlready(key)


def _of_unique_index(error: IntegrityError) -> bool:
    return getattr(error.orig, "sqlstate", None) == UNIQUE_VIOLATION or "UNIQUE constraint" in str(error.orig)


def begin_write(session: Session) -> None:
    """End the read transaction, if any, and open one for writing. Objects loaded before are expired."""
    session.rollback()
    since = monotonic()
    connection = session.connection()
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql("COMMIT")  # of an empty transaction: it has just begun
        connection.exec_driver_sql("BEGIN IMMEDIATE")
    connection.execution_options(writes=True)
    for observe in _observers:
        observe(monotonic() - since)


def watch_waits(observe: Callable[[float], None]) -> None:
    """Start calling ``observe`` with the seconds that each writer has waited for its connection and the lock."""
    _observers[:] = [observe]


def is_writing(session: Session) -> bool:
    """Return whether the current transaction was opened by ``begin_write``."""
    if not session.in_transaction():
        return False
    return bool(session.connection().get_execution_options().get("writes"))


def prepare_engine(engine: Engine) -> None:
    """Set up SQLite: WAL, synchronous=FULL, foreign keys, and an explicit BEGIN; PostgreSQL: it runs statements as they are."""
    if engine.dialect.name != "sqlite":

        @event.listens_for(engine, "connect")
        def _interpret(connection: Any, _record: Any) -> None:
            connection.autocommit = True
            connection.execute("SET jit = off")  # it compiled a desk's statement for 1,500 ms that runs for 250
            connection.autocommit = False

        return

    @event.listens_for(engine, "connect")
    def _connect(connection: Any, _record: Any) -> None:
        connection.isolation_level = None
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "busy_timeout=10000"):
            connection.execute(f"PRAGMA {pragma}")

    def begin(connection: Any) -> None:
        connection.execute("BEGIN")

    # not by a listener for "begin": if there is one, SQLAlchemy looks for listeners at every statement
    engine.dialect.do_begin = begin  # type: ignore[assignment, method-assign]


def changed(row: Any, columns: Collection[str]) -> bool:
    """Return whether one of these columns of the row has another value than in the database."""
    state = inspect(row)
    given = set(columns) - state.unmodified_intersection(columns)
    return any(get_history(row, key, PASSIVE_NO_INITIALIZE).has_changes() for key in given)


def watch_session(session_class: Any) -> None:
    """Refuse every flush and every bulk statement of a session that has not called ``begin_write``."""

    @event.listens_for(session_class, "before_flush")
    def _flush(session: Session, _context: Any, _instances: Any) -> None:
        changed = session.new or session.deleted or any(session.is_modified(item) for item in session.dirty)
        if changed and not is_writing(session):
            raise UnannouncedWriteError("a write outside of begin_write()")

    @event.listens_for(session_class, "do_orm_execute")
    def _execute(state: ORMExecuteState) -> None:
        if (state.is_insert or state.is_update or state.is_delete) and not is_writing(state.session):
            raise UnannouncedWriteError("a bulk write outside of begin_write()")
