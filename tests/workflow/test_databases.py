"""The databases these tests run on hold what a real one would: references, triggers, and nothing of the test before."""

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError, IntegrityError

from tests.support.databases import Database
from tests.workflow.people import Town
from xtbang.models import Document, Event
from xtbang.models.writing import UnannouncedWriteError, begin_write

REFUSAL = {"rule": "《办法》第六条", "reason": "不符合申报条件。"}


def document(project_id: int) -> Document:
    return Document(project_id=project_id, kind="form", definition="bid", draft={})


def test_nothing_refers_to_what_is_not_there(town: Town) -> None:
    begin_write(town.session)
    town.session.add(document(10_000))
    with pytest.raises(IntegrityError):
        town.session.flush()


def test_a_write_is_announced_each_time(town: Town) -> None:
    project_id = town.project("draft").id
    town.session.add(document(project_id))
    with pytest.raises(UnannouncedWriteError):
        town.session.flush()


def test_events_stay(town: Town) -> None:
    project = town.project("solicitation")
    town.engine.perform(town.session, project.id, "refuse", town.actor("science"), REFUSAL)
    begin_write(town.session)
    with pytest.raises(DBAPIError, match="append-only"):
        town.session.execute(text("DELETE FROM event"))


def test_what_was_kept_comes_back(town: Town, database: Database) -> None:
    project_id = town.project("solicitation").id
    town.session.rollback()
    kept, seen = database.keep(), database.look()
    town.engine.perform(town.session, project_id, "refuse", town.actor("science"), REFUSAL)
    town.session.rollback()
    assert database.look() != seen
    assert town.session.scalars(select(Event.trigger)).all() == ["refuse"]
    town.session.rollback()
    town.session.expire_all()
    database.put_back(kept)
    assert database.look() == seen
    assert town.reread(project_id) == ("solicitation", 1, 0)
