"""The driver of the demo: it acts through ``perform()`` and ``keep_typed()`` only, as people do."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from xtbang.actions.context import Upload, stored
from xtbang.actions.documents import keep_typed
from xtbang.demo.clock import Clock
from xtbang.demo.scans import picture
from xtbang.demo.texts import pools
from xtbang.domain.printed_forms import store_code
from xtbang.enums import BUREAU_ROLES
from xtbang.models import Call, Document, Organisation, Panel, Person, Project, Role, Seat
from xtbang.models.writing import writing
from xtbang.papers.store import FileStore
from xtbang.queries.caller import Caller, actor_of
from xtbang.rules.actor import Actor
from xtbang.rules.dates import SHANGHAI, day_of
from xtbang.rules.fields import FormDefinition
from xtbang.workflow.engine import Engine, Outcome

SECOND_OFFICER = "science2"  # of a city whose only office countersigns by two people
LASTING = (Person, Role, Organisation, Call)  # classes whose objects stay valid in the session


@dataclass
class People:
    """The ids of the people: one per office, one per organisation, one county officer per region."""

    offices: dict[str, int] = field(default_factory=dict)  # role → person; treasury: the second one of finance
    counties: dict[str, int] = field(default_factory=dict)  # region → person
    members: dict[int, int] = field(default_factory=dict)  # organisation → person

    @property
    def officers(self) -> set[int]:
        """Return the people who keep office hours."""
        return {*self.offices.values(), *self.counties.values()}


@dataclass
class Driver:
    """Performs actions of people, with database, engine, clock and store."""

    session: Session
    engine: Engine
    store: FileStore
    clock: Clock
    people: People
    rng: Random

    def caller(self, actor: Actor) -> Caller:
        """Return the caller: the actor, at the time of the demo's clock."""
        return self.engine.caller(self.session, actor)

    def actor(self, person_id: int) -> Actor:
        """Return the person as an actor, at an address of the office network."""
        return actor_of(self.session.get_one(Person, person_id), "192.0.2.1")

    def office(self, role: str) -> Actor:
        """Return the person of an office as an actor."""
        return self.actor(self.people.offices[role])

    @property
    def bureaus(self) -> list[Actor]:
        """Return an officer of each office that countersigns, of a single one two."""
        return [self.office(role) for role in self.people.offices if role in (*BUREAU_ROLES, SECOND_OFFICER)]

    def member(self, organisation_id: int) -> Actor:
        """Return the person of an organisation as an actor."""
        return self.actor(self.people.members[organisation_id])

    def do(
        self, project: Project, trigger: str, actor: Actor, data: dict[str, Any] | None = None, **files: Upload
    ) -> Outcome:
        """Perform one action; files are given by field."""
        values = dict(data or {}) | {key: upload.sha256 for key, upload in files.items()}
        uploads = {upload.sha256: upload for upload in files.values()}
        if actor.person_id:  # the public acts at any time
            self.clock.ready(office=actor.person_id in self.people.officers)
        number, version = project.id, project.version
        self.session.commit()
        outcome = self.engine.perform(self.session, number, trigger, actor, values, version, uploads=uploads)
        self.refresh()
        return outcome

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Run a block in one write transaction; people loaded before stay valid."""
        self.session.commit()
        with writing(self.session):
            yield

    def refresh(self) -> None:
        """Expire everything except people, organisations and calls: there are too many to reload at every step."""
        for item in self.session:
            if not isinstance(item, LASTING):
                self.session.expire(item)

    def both(self, project: Project, trigger: str, data: dict[str, Any] | None = None, **files: Upload) -> None:
        """Perform the action as every office that countersigns."""
        first, *others = self.bureaus
        self.do(project, trigger, first, data, **files)
        for actor in others:
            self.clock.pass_days(self.rng, 0, 2)
            self.do(project, trigger, actor, data, **files)

    def forget_project(self) -> None:
        """Remove the objects of the last project from the session."""
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
                store_code(caller, self.session.get_one(Project, document.project_id))
        self.refresh()

    def scan(self, title: str, *lines: str, code: str = "") -> Upload:
        """Store a scanned page and return it as an upload; ``code`` is the check code of one of our papers."""
        url = f"{self.engine.site.url}/verify/{code}" if code else ""
        content = picture(title, list(lines), url)
        codes = frozenset({code}) if code else frozenset()
        return Upload(self.store.put(content), f"{title}.png", "image/png", len(content), codes)

    def attach(self, project: Project, upload: Upload, actor: Actor) -> str:
        """Upload a file into a draft; return its digest."""
        with self.writing():
            self.session.add(stored(self.caller(actor), upload, project.id))
        return upload.sha256

    def panel(
        self,
        project: Project,
        kind: str,
        draw: dict[str, int],
        opinion: str,
        *,
        good: bool = True,
        held_at: datetime | None = None,
        **more: Any,
    ) -> None:
        """Convene a panel, let every expert answer and score, at the meeting if there is one, conclude."""
        self.convene(project, kind, draw)
        if held_at:
            self.clock.reach(held_at)
        self.score(project, good=good)
        self.do(
            project,
            "conclude_panel",
            self.office("science"),
            {"favourable": "passed" if good else "not_passed", "opinion": opinion, **more},
        )

    def convene(self, project: Project, kind: str, draw: dict[str, int]) -> None:
        """Convene a panel with so many experts of each kind."""
        numbers = {"technical": 0, "financial": 0, "legal": 0} | draw
        case = (
            {
                "organiser": f"{self.engine.policy.city.name}科技评估中心",
                "allegation": "揭榜方未投入约定的研究人员，核心试验没有开展。",
            }
            if kind == "liability"
            else {}
        )
        draw_form = {key: str(number) for key, number in numbers.items()}
        self.do(project, f"convene_{kind}", self.office("science"), draw_form | case)
        self.clock.pass_days(self.rng, 1, 3)

    def score(self, project: Project, *, good: bool = True, only: int | None = None) -> None:
        """Accept and lock a sheet for every invited expert, or for the first ``only``."""
        query = select(Seat).join(Panel).where(Panel.project_id == project.id, Panel.status == "open")
        query = query.where(Seat.status == "invited")
        seats = [(seat.expert_id, seat.panel.kind) for seat in self.session.scalars(query.order_by(Seat.id))]
        for expert, kind in seats[:only]:
            answer = {"answer": "accepted", "no_conflict": "true", "note": ""}
            self.do(project, "answer_invitation", self.actor(expert), answer)
            sheet = self.engine.policy.edition(project.edition).sheets[kind]
            share = (0.78, 0.97) if good else (0.3, 0.55)
            scores = {c.key: str(round(c.maximum * self.rng.uniform(*share))) for c in sheet.criteria}
            comment = self.rng.choice(pools(kind if good else f"{kind}_bad"))
            self.do(project, "submit_scores", self.actor(expert), scores | {"comment": comment})
        self.clock.pass_days(self.rng, 0, 2)

    def date_time(self, days: int, hour: int = 23, minute: int = 59) -> str:
        """Return a moment some days from now, as typed into a form."""
        moment = self.clock.now.astimezone(SHANGHAI) + timedelta(days=days)
        return moment.replace(hour=hour, minute=minute).strftime("%Y-%m-%dT%H:%M")

    def day(self, days: int = 0) -> str:
        """Return a date some days from now, as typed into a form."""
        return (day_of(self.clock.now) + timedelta(days=days)).isoformat()

    def organisation(self, organisation_id: int) -> Organisation:
        """Return an organisation by its id."""
        return self.session.get_one(Organisation, organisation_id)
