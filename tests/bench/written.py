"""What a transition writes, written once more by a session: without the rules, the texts and the rights."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Engine, TextClause, event
from sqlalchemy.orm import Session

from xtbang.models import Base
from xtbang.models.writing import begin_write

MODELS = {mapper.local_table: mapper.class_ for mapper in Base.registry.mappers}
Written = list[tuple[Any, list[dict[str, Any]]]]  # statements and their rows


@contextmanager
def written(engine: Engine) -> Iterator[Written]:
    """Collect what is written, of all tables; terms of the search are put by texts."""
    found: Written = []

    def note(_connection: Any, statement: Any, several: Any, one: Any, _options: Any) -> None:
        if getattr(statement, "is_dml", False) or isinstance(statement, TextClause):
            found.append((statement, list(several) or [one]))

    event.listen(engine, "before_execute", note)
    yield found
    event.remove(engine, "before_execute", note)


def write_by_session(engine: Engine, writes: Written) -> None:
    """Write the same to another database that is as this one was before, in one transaction of a session."""
    with Session(engine) as session:
        begin_write(session)
        for statement, rows in writes:
            _write(session, statement, rows)
        session.commit()


def _write(session: Session, statement: Any, rows: list[dict[str, Any]]) -> None:
    """Write objects of a model as objects, everything else by its statement."""
    model = MODELS.get(getattr(statement, "table", None))
    plain = model is not None and getattr(statement, "_post_values_clause", None) is None
    key = f"{statement.table.name}_id" if plain else ""  # what a flush calls it
    if plain and statement.is_insert:
        session.add_all(model(**row) for row in rows)
    elif plain and statement.is_update and key in rows[0]:
        for row in rows:
            changed = session.get_one(model, row[key])
            for name in row.keys() - {key}:
                setattr(changed, name, row[name])
    else:
        session.flush()
        session.connection().execute(statement, rows)
