"""Count attempts (passwords, codes, registrations …) in the database, for several processes that share it."""

import time
from typing import Any

from limits.storage import Storage
from sqlalchemy import Engine, case, delete, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from xtbang.models import AttemptCount
from xtbang.models.writing import writing


class PostgresStorage(Storage):
    """A storage of Flask-Limiter in the table ``attempt_count`` of PostgreSQL: `limits` has none for SQL.

    Every count is a transaction of its own, so that it holds when the request that is counted fails.
    """

    STORAGE_SCHEME = ["postgresql"]  # noqa: RUF012  (as `limits` declares it)

    def __init__(self, uri: str | None = None, wrap_exceptions: bool = False, *, engine: Engine, **_: Any) -> None:
        super().__init__(uri, wrap_exceptions)
        self.engine = engine

    @property
    def base_exceptions(self) -> type[Exception]:
        """Return what is raised when the database does not answer."""
        return SQLAlchemyError

    def incr(self, key: str, expiry: int, amount: int = 1) -> int:
        """Add to a count and return it; one that has ended, or is new, begins anew and ends in ``expiry`` seconds."""
        now = time.time()
        begun = {"amount": amount, "ends_at": now + expiry}
        over = AttemptCount.ends_at <= now
        more = {
            "amount": case((over, amount), else_=AttemptCount.amount + amount),
            "ends_at": case((over, now + expiry), else_=AttemptCount.ends_at),
        }
        add = insert(AttemptCount).values(key=key, **begun).on_conflict_do_update(index_elements=["key"], set_=more)
        with Session(self.engine) as session, writing(session):
            return int(session.execute(add.returning(AttemptCount.amount)).scalar_one())

    def get(self, key: str) -> int:
        """Return a count, 0 when there is none or it has ended."""
        return self._one(key)[0]

    def get_expiry(self, key: str) -> float:
        """Return when a count ends, in seconds since 1970; now, when there is none."""
        return self._one(key)[1]

    def _one(self, key: str) -> tuple[int, float]:
        now = time.time()
        running = select(AttemptCount.amount, AttemptCount.ends_at)
        with Session(self.engine) as session:
            row = session.execute(running.where(AttemptCount.key == key, AttemptCount.ends_at > now)).first()
        return (row.amount, row.ends_at) if row else (0, now)

    def check(self) -> bool:
        """Return True: without its database the program answers nothing."""
        return True

    def reset(self) -> int | None:
        """Delete all counts; return how many."""
        with Session(self.engine) as session, writing(session):
            return len(session.scalars(delete(AttemptCount).returning(AttemptCount.key)).all())

    def clear(self, key: str) -> None:
        """Delete a count."""
        with Session(self.engine) as session, writing(session):
            session.execute(delete(AttemptCount).where(AttemptCount.key == key))


def delete_ended(session: Session) -> None:
    """Delete the counts that have ended."""
    ended = AttemptCount.ends_at <= time.time()
    if session.scalar(select(AttemptCount.key).where(ended).limit(1)) is not None:
        with writing(session):
            session.execute(delete(AttemptCount).where(ended))
