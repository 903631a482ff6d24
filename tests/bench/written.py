"""What 退回修改 writes, once more without the rules, the texts and the rights: four rows are new, five others changed, and terms of the search."""

from datetime import timedelta
from itertools import count
from typing import Any

from sqlalchemy import Engine, func, insert, select, update
from sqlalchemy.orm import Session

from xtbang.actions.search_index import PUT_TERMS, TAKE_TERMS
from xtbang.models import Document, EntryTotal, Event, Mail, Project, Remark, SearchEntry
from xtbang.models.writing import begin_write
from xtbang.queries.search_sources import PROJECT, entry_id

NEW = (Event, Remark, Mail, SearchEntry)


class WrittenRows:
    """The rows that the last transition of this project has written, to be written again and again."""

    def __init__(self, engine: Engine, project_id: int) -> None:
        self.engine, self.project_id, self.numbers = engine, project_id, count(1)
        self.entry_id, self.terms = entry_id(PROJECT, project_id), ""
        self.new: list[tuple[Any, dict[str, Any]]] = []
        with engine.connect() as connection:
            for model in NEW:
                table = model.__table__
                newest = connection.execute(select(table).order_by(table.c.id.desc()).limit(1)).mappings().one()
                self.new.append((model, {name: value for name, value in newest.items() if name != "id"}))
            self.since = connection.scalars(select(Project.state_since).where(Project.id == project_id)).one()

    def fresh(self, number: int) -> list[tuple[Any, dict[str, Any]]]:
        """The new rows, with what is unique told apart."""
        apart: dict[Any, dict[str, Any]] = {
            Event: {"stream": "bare", "sequence": number},
            SearchEntry: {"id": -number, "row_id": -number},
        }
        return [(model, row | apart.get(model, {})) for model, row in self.new]

    def by_session(self) -> None:
        """By the objects of a session."""
        number = next(self.numbers)
        with Session(self.engine) as session:
            begin_write(session)
            project = session.get_one(Project, self.project_id)
            document = session.scalars(select(Document).where(Document.project_id == self.project_id)).one()
            entry = session.get_one(SearchEntry, self.entry_id)
            project.version, project.state_since = number, self.since + timedelta(seconds=number)
            document.code, entry.marks = f"code {number}", f"marks {number}"
            for total in session.scalars(select(EntryTotal).limit(2)):
                total.projects += 1
            session.add_all(model(**row) for model, row in self.fresh(number))
            session.flush()
            self.write_terms(session.connection(), number)
            session.commit()

    def by_core(self) -> None:
        """By statements, none of which reads."""
        number = next(self.numbers)
        with self.engine.connect() as connection:
            for model, row in self.fresh(number):
                connection.execute(insert(model.__table__), row)
            mine = Project.id == self.project_id
            later = self.since + timedelta(seconds=number)
            connection.execute(update(Project).where(mine).values(version=number, state_since=later))
            of_mine = Document.project_id == self.project_id
            connection.execute(update(Document).where(of_mine).values(code=f"code {number}"))
            entry = SearchEntry.id == self.entry_id
            connection.execute(update(SearchEntry).where(entry).values(marks=f"marks {number}"))
            smallest = select(func.min(EntryTotal.state)).scalar_subquery()
            more = update(EntryTotal).where(EntryTotal.state == smallest)
            connection.execute(more.values(projects=EntryTotal.projects + 1))
            self.write_terms(connection, number)
            connection.commit()

    def write_terms(self, connection: Any, number: int) -> None:
        """Put the terms of the new entry and of a changed one, and take those that it had."""
        words = dict(self.new)[SearchEntry]["folded"]
        if self.terms:
            connection.execute(TAKE_TERMS, {"id": -1_000_000, "terms": self.terms})
        self.terms = f"{words} {number}"
        connection.execute(PUT_TERMS, [{"id": -number, "terms": words}, {"id": -1_000_000, "terms": self.terms}])
