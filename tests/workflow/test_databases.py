"""The databases these tests run on hold what a real one would: references, triggers, and nothing of the test before."""

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError, IntegrityError

from tests.support.databases import Database
from tests.workflow.any_state import AnyStateSite
from xtbang.models import Document, Event
from xtbang.models.writing import UnannouncedWriteError, begin_write

REFUSAL = {"rule": "《办法》第六条", "reason": "不符合申报条件。"}


def document(project_id: int) -> Document:
    return Document(project_id=project_id, kind="form", definition="bid", draft={})


def test_nothing_refers_to_what_is_not_there(factory: AnyStateSite) -> None:
    begin_write(factory.session)
    factory.session.add(document(10_000))
    with pytest.raises(IntegrityError):
        factory.session.flush()


def test_a_write_is_announced_each_time(factory: AnyStateSite) -> None:
    project_id = factory.project("draft").id
    factory.session.add(document(project_id))
    with pytest.raises(UnannouncedWriteError):
        factory.session.flush()


def test_events_stay(factory: AnyStateSite) -> None:
    project = factory.project("solicitation")
    factory.engine.perform(factory.session, project.id, "refuse", factory.actor("science"), REFUSAL)
    begin_write(factory.session)
    with pytest.raises(DBAPIError, match="append-only"):
        factory.session.execute(text("DELETE FROM event"))


def test_what_was_kept_comes_back(factory: AnyStateSite, database: Database) -> None:
    project_id = factory.project("solicitation").id
    factory.session.rollback()
    kept, seen = database.keep(), database.look()
    factory.engine.perform(factory.session, project_id, "refuse", factory.actor("science"), REFUSAL)
    factory.session.rollback()
    assert database.look() != seen
    assert factory.session.scalars(select(Event.trigger)).all() == ["refuse"]
    factory.session.rollback()
    factory.session.expire_all()
    database.put_back(kept)
    assert database.look() == seen
    assert factory.reread(project_id) == ("solicitation", 1, 0)
