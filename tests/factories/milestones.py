"""What a fresh factory has reached once, every later one begins from: the same rows, the same clock."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import wraps
from typing import TYPE_CHECKING, Any

from tests.support.databases import Database, SqliteFile
from xtbang.actions.context import Upload
from xtbang.models import Project

if TYPE_CHECKING:
    from tests.factories.participants import ParticipantFactory


@dataclass(frozen=True)
class Reached:
    """Everything that was in the database, and what else a factory remembers."""

    rows: Any
    now: datetime
    uploads: dict[str, Upload]
    project_id: int


KEPT: dict[tuple[Database, str], Reached] = {}


def milestone(reach: Callable[..., Project]) -> Callable[..., Project]:
    """For a function that takes a factory to a state: walked once per process, database and arguments.

    Only a factory in which nothing has happened yet is moved there; any other one walks.
    """

    @wraps(reach)
    def found(factory: "ParticipantFactory", *args: Any, **values: Any) -> Project:
        database = factory.database
        if database is None or not factory.fresh:
            return reach(factory, *args, **values)
        key = (database, repr((id(factory.engine.policy), factory.now, reach.__name__, args, sorted(values.items()))))
        if key not in KEPT:
            project_id = reach(factory, *args, **values).id
            factory.session.rollback()
            KEPT[key] = Reached(database.keep(), factory.now, dict(factory.uploads), project_id)
        kept = KEPT[key]
        if factory.untouched:
            factory.session.rollback()
            factory.session.expire_all()
            database.put_back(kept.rows)
            factory.now, factory.untouched = kept.now, False
            factory.uploads |= kept.uploads
        project = factory.session.get_one(Project, kept.project_id)
        if isinstance(database, SqliteFile):
            factory.session.commit()  # as after a walk: what requests write from now on is seen
        return project

    return found
