"""The ground the stages stand on: every role, a few organisations, the real policy and engine, a clock to set."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from hashlib import sha256
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.factories.values import DOMAIN
from tests.support.databases import Database, InMemory
from xtbang.actions.context import Upload
from xtbang.actions.documents import keep_typed
from xtbang.enums import RoleName
from xtbang.errors import Blocked
from xtbang.models import Call, Mail, Organisation, Person, Project, Role
from xtbang.models.writing import begin_write
from xtbang.queries.caller import Caller, actor_of
from xtbang.rules import uscc
from xtbang.rules.actor import Actor
from xtbang.rules.dates import SHANGHAI
from xtbang.rules.policy import Policy
from xtbang.rules.site import Site
from xtbang.workflow.engine import Engine, Outcome

# database: everything in it when the people had come, and their ids by name
COMPANIES: dict[Database | None, tuple[Any, list[dict[str, int]]]] = {}


class ParticipantFactory:
    """People by name, calls by edition; every deed goes through ``perform``."""

    database: Database | None = None  # one that can be put back
    untouched = False  # nothing has happened since the people came

    def __init__(self, policy: Policy, database: Database | None = None) -> None:
        self.database = database
        self.session = (database or InMemory()).session()
        self.now = datetime(2024, 9, 2, 10, tzinfo=SHANGHAI)
        self.engine = Engine(policy, Site(b"secret", "https://bang.test"), clock=lambda: self.now.astimezone(UTC))
        self.session.info["policy"] = policy
        self.people: dict[str, Person] = {}
        self.organisations: dict[str, Organisation] = {}
        self.calls: dict[str, Call] = {}
        self.uploads: dict[str, Upload] = {}
        if database in COMPANIES:
            self._return(COMPANIES[database])
        else:
            with self.writing():
                self._people()
                self._calls()
            if database:
                self._remember(database)
        self.untouched = True

    @property
    def fresh(self) -> bool:
        """Whether nothing has happened since the people came."""
        return self.untouched

    # -- who and what there is

    def _remember(self, database: Database) -> None:
        """Keep the company for the next factory."""
        named = [self.people, self.organisations, self.calls]
        ids = [{name: row.id for name, row in rows.items()} for rows in named]
        self.session.rollback()
        COMPANIES[database] = (database.keep(), ids)

    def _return(self, company: tuple[Any, list[dict[str, int]]]) -> None:
        """The company that was kept."""
        rows, (people, organisations, calls) = company
        if self.database:
            self.database.put_back(rows)
        self.people = self._named(Person, people)
        self.organisations = self._named(Organisation, organisations)
        self.calls = self._named(Call, calls)
        self.roles = {RoleName(role.name): role for role in self.session.scalars(select(Role))}

    def _named(self, table: Any, ids: dict[str, int]) -> dict[str, Any]:
        rows = {row.id: row for row in self.session.scalars(select(table))}
        return {name: rows[number] for name, number in ids.items()}

    def _people(self) -> None:
        self.roles = {name: Role(name=name) for name in RoleName}
        self.session.add_all(self.roles.values())
        for name, title, kind, region in (
            ("issuer", "湘潭电机有限公司", "企业", "湘潭高新区"),
            ("bidder", "湘潭大学", "高校", "雨湖区"),
            ("rival", "中南大学", "高校", "市外"),
            ("member", "湘潭材料研究院", "科研院所", "岳塘区"),
            ("firm", "长沙某企业", "企业", "市外"),
        ):
            self.organisation(name, title, kind, region)
            self.person(name, RoleName.APPLICANT, organisation=self.organisations[name])
        self.organisation("agency", "湘潭科技服务中心", "科技服务机构", "岳塘区")
        self.person("agency", RoleName.AGENCY, organisation=self.organisations["agency"])
        for role in ("science", "industry", "leader", "finance", "auditor", "admin"):
            self.person(role, RoleName(role))
        self.person("science2", RoleName.SCIENCE)
        self.person("finance2", RoleName.FINANCE)
        self.person("county", RoleName.COUNTY, region="湘潭高新区")
        for kind, number in (("技术", 8), ("财务", 4), ("法律", 3)):
            for index in range(number):
                domains = [DOMAIN] if kind == "技术" and index < 3 else []
                self.person(
                    f"{kind}{index}", RoleName.EXPERT, employer="湖南师范大学", expert_kind=kind, expert_domains=domains
                )

    def organisation(self, name: str, title: str, kind: str, region: str) -> Organisation:
        """A confirmed organisation; call inside ``writing()``."""
        row = Organisation(
            uscc=uscc.make(str(len(self.organisations) + 1)),
            name=title,
            kind=kind,
            region=region,
            address="湘潭市",
            postcode="411100",
            legal_name="王强",
            legal_phone="0731-58570302",
            staff=200,
            rd_staff=40,
            revenue=Decimal(10_000_000),
            profit_tax=Decimal(100_000),
            rd_spend=Decimal(500_000),
            status="confirmed",
            created_at=self.now,
            confirmed_at=self.now,
        )
        self.organisations[name] = row
        self.session.add(row)
        return row

    def person(self, name: str, role: RoleName, **values: Any) -> Person:
        """A person with one role; call inside ``writing()``."""
        address = f"p{len(self.people)}@bang.test"
        values = {"title": "主任", "mobile": "13800000000"} | values
        row = Person(email=address, fs_uniquifier=address, created_at=self.now, name=name, active=True, **values)
        row.roles = [self.roles[role]]
        self.people[name] = row
        self.session.add(row)
        return row

    def _calls(self) -> None:
        kinds = {"2024": ["tech_demand"], "2021": ["tech_demand", "tech_supply", "scene_demand", "scene_supply"]}
        for edition, kind in kinds.items():
            self.calls[edition] = Call(
                code=f"{edition}-01",
                title=f"{edition}年度征集",
                edition=edition,
                kinds=kind,
                opens_at=datetime(2024, 8, 26, tzinfo=SHANGHAI),
                closes_at=datetime(2024, 9, 16, 23, 59, 59, tzinfo=SHANGHAI),
            )
        self.session.add_all(self.calls.values())

    # -- tools

    @contextmanager
    def writing(self) -> Iterator[Session]:
        """For what stands around the projects: rows written by hand."""
        self.untouched = False
        begin_write(self.session)
        yield self.session
        self.session.commit()

    def at(self, text: str) -> None:
        """Set the clock: ``2024-10-08 09:00`` in Shanghai."""
        self.untouched = False
        self.now = datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)

    def later(self, **span: float) -> None:
        """Put the clock forward: ``later(days=1)``."""
        self.untouched = False
        self.now += timedelta(**span)

    def file(self, name: str, *codes: str) -> str:
        """An upload as form data: its digest. ``codes`` are the check codes read from it."""
        digest = sha256(name.encode()).hexdigest()
        self.uploads[digest] = Upload(digest, name, "application/pdf", 1000, frozenset(codes))
        return digest

    def actor(self, who: str) -> Actor:
        return actor_of(self.people[who])

    def caller(self, who: str) -> Caller:
        """The person, now."""
        return self.engine.caller(self.session, self.actor(who))

    def perform(self, project: Project, trigger: str, who: str, data: Mapping[str, Any] | None = None) -> Outcome:
        """Do it; Blocked, Forbidden … come through."""
        self.untouched = False
        return self.engine.perform(
            self.session, project.id, trigger, self.actor(who), dict(data or {}), uploads=self.uploads
        )

    def both(self, project: Project, trigger: str, data: Mapping[str, Any] | None = None) -> Outcome:
        """Countersigned by both bureaus."""
        self.perform(project, trigger, "science", data)
        return self.perform(project, trigger, "industry", data)

    def blocked(
        self, project: Project, trigger: str, who: str, data: Mapping[str, Any] | None = None
    ) -> dict[str, str]:
        """Rule → whole sentence of everything that stands against it; fails when nothing does."""
        with pytest.raises(Blocked) as caught:
            self.perform(project, trigger, who, data)
        return {reason.rule: str(reason) for reason in caught.value.reasons}

    def why_not(self, project: Project, trigger: str, who: str) -> dict[str, str]:
        """Rule → sentence before anything is filled in."""
        reasons = self.engine.why_not(self.session, project, self.actor(who), trigger)
        return {reason.rule: str(reason) for reason in reasons}

    def prefilled(self, project: Project, trigger: str, who: str) -> dict[str, Any]:
        """What stands in the form when it opens."""
        action = self.engine.policy.actions[trigger]
        return self.engine.prefilled(self.engine.context(self.session, project, self.actor(who), who, action), action)

    def mails(self, who: str) -> list[str]:
        """The subjects of a person's mails, oldest first."""
        query = select(Mail).where(Mail.person_id == self.people[who].id).order_by(Mail.id)
        return [mail.subject for mail in self.session.scalars(query)]

    def fill(self, document: Any, definition: Any, values: Mapping[str, Any], who: str) -> None:
        """Save a draft as the web does: ``values`` over what it says already."""
        with self.writing():
            self.session.refresh(document)
            merged = document.draft | dict(values)
            keep_typed(self.caller(who), document, definition, merged, document.draft_version)
