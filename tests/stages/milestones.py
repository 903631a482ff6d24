"""What a fresh world has reached once, every later one begins from: the same rows, the same clock."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import wraps
from typing import TYPE_CHECKING, Any

from tests.support.databases import Database
from xtbang.actions.context import Upload
from xtbang.models import Project

if TYPE_CHECKING:
    from tests.stages.ground import Ground


@dataclass(frozen=True)
class Reached:
    """Everything that was in the database, and what else a world remembers."""

    rows: Any
    now: datetime
    uploads: dict[str, Upload]
    project_id: int


KEPT: dict[tuple[Database, str], Reached] = {}


def milestone(reach: Callable[..., Project]) -> Callable[..., Project]:
    """For a function that takes a world to a state: walked once per process, database and arguments.

    Only a world in which nothing has happened yet is moved there; any other one walks.
    """

    @wraps(reach)
    def found(world: "Ground", *args: Any, **values: Any) -> Project:
        database = world.database
        if database is None or not world.untouched:
            return reach(world, *args, **values)
        key = (database, repr((id(world.engine.policy), world.now, reach.__name__, args, sorted(values.items()))))
        if key not in KEPT:
            project_id = reach(world, *args, **values).id
            world.session.rollback()
            KEPT[key] = Reached(database.keep(), world.now, dict(world.uploads), project_id)
        kept = KEPT[key]
        if world.untouched:
            world.session.rollback()
            world.session.expire_all()
            database.put_back(kept.rows)
            world.now, world.untouched = kept.now, False
            world.uploads |= kept.uploads
        return world.session.get_one(Project, kept.project_id)

    return found
