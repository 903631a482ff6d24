"""The hands of the demo: everything it does goes through ``perform()`` and ``keep_typed()``, as a person's would."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from random import Random
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from xtbang.actions.context import Upload, stored
from xtbang.actions.documents import keep_typed
from xtbang.demo.clock import Clock
from xtbang.demo.scans import picture
from xtbang.demo.texts import pools
from xtbang.domain.printed_forms import keep_code
from xtbang.models import Call, Document, Organisation, Panel, Person, Project, Role, Seat
from xtbang.models.writing import writing
from xtbang.papers.store import FileStore
from xtbang.queries.caller import Caller, actor_of
from xtbang.rules.actor import Actor
from xtbang.rules.dates import SHANGHAI
from xtbang.rules.fields import FormDefinition
from xtbang.workflow.engine import Engine, Outcome

LASTING = (Person, Role, Organisation, Call)  # what a walk never changes behind its own session's back


@dataclass
class Cast:
    """Who plays: one person per office, one per organisation, one county officer per region, many experts."""

    offices: dict[str, int] = field(default_factory=dict)  # role -> person
    counties: dict[str, int] = field(default_factory=dict)  # region -> person
    members: dict[int, int] = field(default_factory=dict)  # organisation -> person

    @property
    def officers(self) -> set[int]:
        """Those who keep office hours."""
        return {*self.offices.values(), *self.counties.values()}


@dataclass
class Stage:
    """The database, the engine, the clock and the cast."""

    session: Session
    engine: Engine
    store: FileStore
    clock: Clock
    cast: Cast
    rng: Random

    def caller(self, actor: Actor) -> Caller:
        """The actor, now by the demo's clock."""
        return self.engine.caller(self.session, actor)

    def actor(self, person_id: int) -> Actor:
        """The person as an actor, at a desk in the office."""
        return actor_of(self.session.get_one(Person, person_id), "192.0.2.1")

    def office(self, role: str) -> Actor:
        """The person of an office."""
        return self.actor(self.cast.offices[role])

    def member(self, organisation_id: int) -> Actor:
        """The person of an organisation."""
        return self.actor(self.cast.members[organisation_id])

    def do(
        self, project: Project, trigger: str, actor: Actor, data: dict[str, Any] | None = None, **files: Upload
    ) -> Outcome:
        """Perform one action; files are given by field."""
        values = dict(data or {}) | {key: upload.sha256 for key, upload in files.items()}
        uploads = {upload.sha256: upload for upload in files.values()}
        if actor.person_id:  # the public objects at any time
            self.clock.ready(office=actor.person_id in self.cast.officers)
        number, version = project.id, project.version
        self.session.commit()
        outcome = self.engine.perform(self.session, number, trigger, actor, values, version, uploads=uploads)
        self.forget()
        return outcome

    @contextmanager
    def writing(self) -> Iterator[None]:
        """One writing transaction; what was read of people before it still holds."""
        self.session.commit()
        with writing(self.session):
            yield

    def forget(self) -> None:
        """Read everything anew but what lasts: hundreds of people would be read again at every step."""
        for item in self.session:
            if not isinstance(item, LASTING):
                self.session.expire(item)

    def both(self, project: Project, trigger: str, data: dict[str, Any] | None = None, **files: Upload) -> None:
        """Both bureaus sign."""
        self.do(project, trigger, self.office("science"), data, **files)
        self.clock.pass_days(self.rng, 0, 2)
        self.do(project, trigger, self.office("industry"), data, **files)

    def drop(self) -> None:
        """Let go of the project that was just played."""
        self.session.commit()
        for item in self.session:
            if not isinstance(item, LASTING):
                self.session.expunge(item)

    def write(self, document: Document, definition: FormDefinition, actor: Actor, values: dict[str, Any]) -> None:
        """Fill in a draft."""
        document_id = document.id
        with self.writing():
            document, caller = self.session.get_one(Document, document_id), self.caller(actor)
            keep_typed(caller, document, definition, values, document.draft_version)
            if document.kind == "form":
                keep_code(caller, self.session.get_one(Project, document.project_id))
        self.forget()

    def scan(self, title: str, *lines: str, code: str = "") -> Upload:
        """A scanned page in the store; ``code`` is the check code of one of our papers."""
        url = f"{self.engine.site.url}/verify/{code}" if code else ""
        content = picture(title, list(lines), url)
        codes = frozenset({code}) if code else frozenset()
        return Upload(self.store.put(content), f"{title}.png", "image/png", len(content), codes)

    def attach(self, project: Project, upload: Upload, actor: Actor) -> str:
        """Upload a file into a draft; its digest."""
        with self.writing():
            self.session.add(stored(self.caller(actor), upload, project.id))
        return upload.sha256

    def panel(
        self, project: Project, kind: str, draw: dict[str, int], opinion: str, *, good: bool = True, **more: Any
    ) -> None:
        """Convene a panel, let every expert answer and score, conclude."""
        self.convene(project, kind, draw)
        self.score(project, good=good)
        self.do(
            project,
            "conclude_panel",
            self.office("science"),
            {"favourable": "通过" if good else "不通过", "opinion": opinion, **more},
        )

    def convene(self, project: Project, kind: str, draw: dict[str, int]) -> None:
        """Draw the experts of a panel."""
        numbers = {"technical": 0, "financial": 0, "legal": 0} | draw
        self.do(project, f"convene_{kind}", self.office("science"), {key: str(n) for key, n in numbers.items()})
        self.clock.pass_days(self.rng, 1, 3)

    def score(self, project: Project, *, good: bool = True, only: int | None = None) -> None:
        """Every invited expert (or only so many) accepts and locks a sheet."""
        query = select(Seat).join(Panel).where(Panel.project_id == project.id, Panel.status == "open")
        query = query.where(Seat.status == "invited")
        seats = [(seat.expert_id, seat.panel.kind) for seat in self.session.scalars(query.order_by(Seat.id))]
        for expert, kind in seats[:only]:
            answer = {"answer": "接受", "no_conflict": "true", "note": ""}
            self.do(project, "answer_invitation", self.actor(expert), answer)
            sheet = self.engine.policy.edition(project.edition).sheets[kind]
            share = (0.78, 0.97) if good else (0.3, 0.55)
            scores = {c.key: str(round(c.maximum * self.rng.uniform(*share))) for c in sheet.criteria}
            comment = self.rng.choice(pools(kind if good else f"{kind}_bad"))
            self.do(project, "submit_scores", self.actor(expert), scores | {"comment": comment})
        self.clock.pass_days(self.rng, 0, 2)

    def shanghai(self, days: int, hour: int = 23, minute: int = 59) -> str:
        """A moment some days from now, as a form takes it."""
        moment = self.clock.now.astimezone(SHANGHAI) + timedelta(days=days)
        return moment.replace(hour=hour, minute=minute).strftime("%Y-%m-%dT%H:%M")

    def day(self, days: int = 0) -> str:
        """A date some days from now, as a form takes it."""
        return (self.clock.now.astimezone(SHANGHAI).date() + timedelta(days=days)).isoformat()

    def organisation(self, organisation_id: int) -> Organisation:
        """An organisation by its id."""
        return self.session.get_one(Organisation, organisation_id)
