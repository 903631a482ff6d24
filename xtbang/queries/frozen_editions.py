"""Frozen editions: what each meant when it was first used, in the shape of this release."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, inspect, select
from sqlalchemy.orm import Session

from xtbang.models import Call, FrozenEdition, Project
from xtbang.rules.edition import Edition
from xtbang.rules.frozen import digest_of, edition_of


@dataclass(frozen=True)
class Kept:
    """An edition as it was frozen."""

    edition: Edition
    frozen_at: datetime
    whole: bool  # whether its content still has the digest that it was frozen with


def frozen_editions(session: Session) -> list[Kept]:
    """Return every frozen edition, the first one frozen first; none in a database that has no tables yet."""
    if not inspect(session.connection()).has_table(FrozenEdition.__tablename__):
        return []
    rows = session.scalars(select(FrozenEdition).order_by(FrozenEdition.id)).all()
    return [
        Kept(edition_of(row.content, row.format), row.frozen_at, digest_of(row.content) == row.digest) for row in rows
    ]


def newest_frozen(session: Session) -> int:
    """Return the id of the last edition that was frozen; 0 when there is none, or no table yet."""
    if not inspect(session.connection()).has_table(FrozenEdition.__tablename__):
        return 0
    return session.scalar(select(func.max(FrozenEdition.id))) or 0


def projects_by_edition(session: Session) -> dict[str, int]:
    """Return how many projects are bound to each revision of an edition, by its key."""
    rows = session.execute(select(Project.edition, func.count(Project.id)).group_by(Project.edition))
    return {key: count for key, count in rows}


def calls_by_edition(session: Session) -> dict[str, int]:
    """Return how many published calls refer to each edition, by its name."""
    query = select(Call.edition, func.count(Call.id)).where(Call.published_at.is_not(None)).group_by(Call.edition)
    return {name: count for name, count in session.execute(query)}
