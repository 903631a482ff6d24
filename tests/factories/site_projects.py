"""The factory of the stages' tests inside the application: projects walk through ``perform()``, pages are opened on them."""

from datetime import UTC, datetime
from typing import Any

from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from tests.factories.participants import COMPANIES
from tests.factories.projects import ProjectFactory
from tests.support.databases import SqliteFile
from xtbang.actions.context import Upload
from xtbang.models import Call, Event, Organisation, Person, Project
from xtbang.rules.dates import SHANGHAI


class SiteProjectFactory(ProjectFactory):
    """A factory on the application's own database, its clock the application's."""

    def __init__(self, app: Flask, session: Session) -> None:
        self.app = app
        self.session = session  # type: ignore[assignment]
        self.now = datetime(2024, 9, 2, 10, tzinfo=SHANGHAI)
        self.engine = app.extensions["engine"]
        self.engine.clock = lambda: self.now.astimezone(UTC)
        self.people: dict[str, Person] = {}
        self.organisations: dict[str, Organisation] = {}
        self.calls: dict[str, Call] = {}
        self.uploads: dict[str, Upload] = {}
        if session.get_bind().dialect.name == "sqlite" and not session.scalar(select(func.count(Person.id))):
            self.database = SqliteFile(session.get_bind())  # type: ignore[arg-type]
            session.rollback()
        if self.database in COMPANIES:
            self._return(COMPANIES[self.database])
            session.commit()
        else:
            with self.writing():
                self._people()
                self._calls()
                for call in self.calls.values():
                    call.published_at = self.now
            if self.database:
                self._remember(self.database)
        if self.database:
            self.untouched, self.begun = True, self.database.look()

    @property
    def fresh(self) -> bool:
        """Whether nothing has happened since the people came, not by requests or in rows that a test wrote either."""
        return self.untouched and self.database.look() == self.begun

    def upload(self, name: str) -> str:
        """A file that really lies in the store."""
        digest = self.app.extensions["store"].put(f"%PDF-1.7 {name}".encode())
        self.uploads[digest] = Upload(digest, name, "application/pdf", 20)
        return str(digest)

    def seen(self, project: Project) -> tuple[str, int, int]:
        """State, version and number of events, as the database has them now."""
        self.session.rollback()
        events = select(func.count(Event.id)).where(Event.project_id == project.id)
        row = self.session.execute(select(Project.state, Project.version).where(Project.id == project.id)).one()
        return row.state, row.version, self.session.scalar(events) or 0

    def page(self, project: Project, more: str = "") -> str:
        """The address of a project's page."""
        return f"/projects/{project.id}{more}"

    def form(self, project: Project, **values: Any) -> dict[str, Any]:
        """What a browser sends with the page of an action."""
        return {"seen_version": str(self.seen(project)[1]), "request_key": f"key-{project.id}"} | values
