"""A throw-away installation with everybody in it, which the real server and the real worker serve as processes of their own."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path

from alembic.script import ScriptDirectory
from sqlalchemy import Engine, create_engine, func, select, text
from sqlalchemy.orm import Session

from tests.factories import later
from tests.factories.site_projects import SiteProjectFactory
from tests.support.databases import create_tables
from tests.support.serving import PATIENCE, Server, environment
from tests.support.visitor import Visitor
from xtbang import config, create_app
from xtbang.actions.audit import broken
from xtbang.backup import missing_files
from xtbang.extensions import db
from xtbang.models import Call, Event, StoredFile
from xtbang.models.writing import prepare_engine
from xtbang.rules.dates import SHANGHAI
from xtbang.web.account.hashing import hashed

PASSWORD = "everything-breaks-2024"
NOW = datetime(2024, 11, 20, 10, tzinfo=SHANGHAI)  # when the servers believe to start
DRAFTS = 20
SECRET = "of a throw-away installation"
SETTINGS = {
    "XTBANG_SECRET_KEY": SECRET,
    "XTBANG_SITE_URL": "http://localhost",
    "XTBANG_TOTP_ROLES": "",
    "XTBANG_PROOF_MINUTES": "600",
}


@dataclass
class Installation:
    """Its folder and database, and by name the e-mails of people, the numbers of projects and of their forms.

    ``funded`` is in 首拨 and waits to be approved and paid, ``entry``, ``draft`` and ``draft0`` to ``draft19`` are entries that
    are not handed in yet; only that of ``draft`` needs a stamped scan.
    """

    folder: Path
    url: str
    settings: dict[str, str] = field(default_factory=dict)
    emails: dict[str, str] = field(default_factory=dict)
    projects: dict[str, int] = field(default_factory=dict)
    forms: dict[str, int] = field(default_factory=dict)
    now: datetime = NOW  # when it was made, by its own clock
    since: datetime = field(default_factory=lambda: datetime.now(UTC))  # and by that of the machine
    running: list[subprocess.Popen[bytes]] = field(default_factory=list)

    @property
    def log(self) -> Path:
        """What its processes have said."""
        return self.folder.with_name(f"{self.folder.name}.log")

    def environment(self, **settings: str) -> dict[str, str]:
        """The settings of its processes."""
        plain = self.url.replace("postgresql+psycopg://", "postgresql://")
        return environment(self.folder, DATABASE_URL=plain, **SETTINGS | self.settings | settings)

    def program(self, days: int = 0) -> tuple[str, ...]:
        """``xtbang`` by the clock of the installation, which may be wrong by so many days."""
        ahead = self.now - self.since + timedelta(days=days)
        return sys.executable, "-m", "tests.faults.clocked", str(ahead.total_seconds())

    def clock(self) -> datetime:
        """What its servers believe that it is."""
        return datetime.now(UTC) + (self.now - self.since)

    def server(self, threads: int = 8, days: int = 0, **settings: str) -> Server:
        """A server that runs, with a clock that is wrong by so many days."""
        program = self.program(days)
        server = Server(self.environment(**settings), self.log, threads, program=program).start()
        self.running.append(server.process)
        return server

    def worker(self, **settings: str) -> subprocess.Popen[bytes]:
        """A worker that runs."""
        with self.log.open("ab") as log:
            command = [*self.program(), "worker"]
            made = subprocess.Popen(command, env=self.environment(**settings), stdout=log, stderr=log)
        self.running.append(made)
        return made

    def page(self, name: str, more: str = "") -> str:
        """The address of a project; ``form`` for that of its form."""
        return f"/projects/{self.projects[name]}" + (f"/documents/{self.forms[name]}" if more == "form" else more)

    def events(self, name: str, trigger: str) -> int:
        """How often something has been done with a project."""
        query = select(func.count(Event.id)).where(Event.project_id == self.projects[name], Event.trigger == trigger)
        with self.session() as session:
            return session.scalar(query) or 0

    def command(self, *words: str, days: int = 0, **settings: str) -> subprocess.CompletedProcess[str]:
        """What a command of the program says; it may fail."""
        return subprocess.run(
            [*self.program(days), *words],
            env=self.environment(**settings),
            capture_output=True,
            text=True,
            timeout=PATIENCE,
            check=False,
        )

    def visitor(self, server: Server, who: str) -> Visitor:
        """Somebody who has signed in."""
        return Visitor(server.port).sign_in(self.emails[who], PASSWORD)

    @contextmanager
    def engine(self) -> Iterator[Engine]:
        """A way to the database beside the server's."""
        engine = create_engine(self.url)
        prepare_engine(engine)
        yield engine
        engine.dispose()

    @contextmanager
    def session(self) -> Iterator[Session]:
        """A session beside the server's."""
        with self.engine() as engine, Session(engine) as session:
            yield session

    def check(self) -> None:
        """Every chain of events verifies, and every file that is recorded lies in the store as it was."""
        with self.session() as session:
            assert list(broken(session)) == []
            if not self.settings.get("XTBANG_S3_BUCKET"):
                assert list(missing_files(session, self.folder / "files", thorough=True)) == []

    def end(self) -> None:
        """End what still runs."""
        for process in self.running:
            if process.poll() is None:
                process.kill()
            process.wait(PATIENCE)


def fill(made: Installation) -> Installation:
    """Make tables, people and projects."""
    known = {"SECRET_KEY": SECRET, "SECURITY_PASSWORD_SALT": SECRET, "SITE_URL": "http://localhost", "DEMO": False}
    app = create_app(known | {"INSTANCE": made.folder, "SQLALCHEMY_DATABASE_URI": made.url})
    store = app.extensions["store"]
    with app.app_context(), Session(db.engine, expire_on_commit=False) as session:
        create_tables(db.engine)
        factory = SiteProjectFactory(app, session)
        named = factory.file

        def stored(name: str, *codes: str) -> str:
            store.put(name.encode())
            return named(name, *codes)

        factory.file = stored  # type: ignore[method-assign]
        with factory.writing():
            password = hashed(PASSWORD)
            for person in factory.people.values():
                person.password = password
        drafts = ["entry", *(f"draft{number}" for number in range(DRAFTS))]
        found = {name: factory.draft(kind="tech_supply", edition="2021") for name in drafts}
        found["draft"] = factory.draft(who="rival")
        found["funded"] = later.ready(factory)
        with factory.writing():
            for call in session.scalars(select(Call)):
                call.closes_at = datetime(2024, 12, 31, tzinfo=SHANGHAI)
            for file in session.scalars(select(StoredFile)):
                content = store.get(file.sha256)
                assert sha256(content).hexdigest() == file.sha256
                file.size = len(content)
            head = ScriptDirectory(str(config.ROOT / "migrations")).get_current_head()
            session.execute(text("CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL)"))
            session.execute(text("INSERT INTO alembic_version VALUES (:head)"), {"head": head})
        made.emails |= {name: person.email for name, person in factory.people.items()}
        made.projects |= {name: project.id for name, project in found.items()}
        made.forms |= {name: project.form_id for name, project in found.items() if project.form_id}
        session.rollback()
        db.session.remove()
        db.engine.dispose()
    os.chmod(made.folder, 0o700)
    return made
