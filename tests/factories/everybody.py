"""A city with everybody in it: a project of our parties, one of others in another county, and every address that leads to either."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any

from sqlalchemy import select
from werkzeug.routing import Rule

from tests.factories import later
from tests.factories.site_projects import SiteProjectFactory
from xtbang.enums import RoleName
from xtbang.models import (
    Bid,
    Call,
    Document,
    Mail,
    Notice,
    Organisation,
    Panel,
    Paper,
    Person,
    Project,
    ProjectImport,
    Seat,
    StoredFile,
)

OWN, FOREIGN = "own", "foreign"
NOWHERE = 999_999  # of things that are not there: who may not ask for such a thing is stopped before it is looked for
KINDS = {"finance.export": "xlsx", "admin.organisation_change": "rename", "account.organisation_change": "rename"}


@dataclass(frozen=True)
class Address:
    """What is asked for: an endpoint with the values of its parameters, and whose it is."""

    endpoint: str
    whose: str
    values: Mapping[str, Any]


class Everybody:
    """Our project in 验收, its panel sits; the other one on the board, with the draft of a bid.

    People by name: ``issuer`` and ``bidder`` of ours, ``other`` and ``rival`` of the other one, ``county`` and ``far
    county``, ``seated`` on the panel, ``unseated``, ``firm`` and ``newcomer`` with nothing, and the offices.
    """

    def __init__(self, factory: SiteProjectFactory) -> None:
        self.factory = factory
        self.people: dict[str, Person] = factory.people
        store, named = factory.app.extensions["store"], factory.file

        def stored(name: str, *codes: str) -> str:
            store.put(name.encode())
            return named(name, *codes)

        factory.file = stored  # type: ignore[method-assign]
        with factory.writing():
            factory.person("far county", RoleName.COUNTY, region="岳塘区")
            other = factory.organisation("other", "湘潭仪表有限公司", "企业", "岳塘区")
            factory.person("other", RoleName.APPLICANT, organisation=other)
            new = factory.organisation("new", "湘潭新公司", "企业", "湘乡市")
            new.status, new.confirmed_at = "pending", None
            factory.person("newcomer", RoleName.APPLICANT, organisation=new)
        self.foreign = factory.listed(who="other")
        factory.open_bid(self.foreign, "rival")
        factory.at("2024-09-02 10:00")
        self.own = later.executing(factory)
        later.requested(factory, self.own)
        seated = factory.seats(factory.panel(self.own, "acceptance", (3, 2, 0)))
        self._print()
        self._import()
        free = (name for name in self.people if name.startswith("技术") and name not in seated)
        self.people |= {"seated": self.people[seated[0]], "unseated": self.people[next(free)]}

    def addresses(self, rules: Iterable[Rule]) -> Iterator[Address]:
        """Yield every address: with each value that a parameter may have, of our project and of the other one."""
        for rule in rules:
            if not rule.arguments:
                yield Address(rule.endpoint, "", {})
                continue
            for whose, project in ((OWN, self.own), (FOREIGN, self.foreign)):
                given = self._given(project, rule)
                for values in product(*(given.get(name, [NOWHERE]) for name in sorted(rule.arguments))):
                    named = dict(zip(sorted(rule.arguments), values, strict=True))
                    yield Address(rule.endpoint, whose + self._what(named), named)

    def _what(self, named: Mapping[str, Any]) -> str:
        """Return the name of a paper or a file: who may open it depends on that."""
        session = self.factory.session
        if paper_id := named.get("paper_id"):
            return f" {session.get_one(Paper, paper_id).name}"
        return f" {session.get_one(StoredFile, named['file_id']).name}" if "file_id" in named else ""

    def _given(self, project: Project, rule: Rule) -> dict[str, Sequence[Any]]:
        session, policy = self.factory.session, self.factory.engine.policy

        def ids(table: Any, *conditions: Any) -> list[int]:
            return list(session.scalars(select(table.id).where(*conditions).order_by(table.id)))

        parties = {project.issuer_id, *session.scalars(select(Bid.lead_id).where(Bid.project_id == project.id))}
        people = ids(Person, Person.organisation_id.in_(parties))
        return {
            "project_id": [project.id],
            "document_id": ids(Document, Document.project_id == project.id),
            "number": [1] if "document_id" in rule.arguments else [project.number],
            "trigger": sorted(policy.actions),
            "file_id": ids(StoredFile, StoredFile.project_id == project.id, StoredFile.name != ""),
            "paper_id": ids(Paper, Paper.project_id == project.id),
            "code": list(session.scalars(select(Paper.code).where(Paper.project_id == project.id, Paper.code != ""))),
            "bid_id": ids(Bid, Bid.project_id == project.id),
            "notice_id": ids(Notice, Notice.call_id == project.call_id),
            "seat_id": ids(Seat, Seat.panel_id.in_(select(Panel.id).where(Panel.project_id == project.id))),
            "panel_id": ids(Panel, Panel.project_id == project.id),
            "person_id": people,
            "organisation_id": ids(Organisation, Organisation.id.in_(parties)),
            "mail_id": ids(Mail, Mail.person_id.in_(people)),
            "call_id": ids(Call, Call.id == project.call_id),
            "import_id": ids(ProjectImport),
            "edition": [project.edition],
            "key": [project.edition],
            "kind": [KINDS.get(rule.endpoint, project.kind)],
        }

    def _import(self) -> None:
        """Hand in a table of past projects, to be signed by the other office."""
        with self.factory.writing() as session:
            known = {"edition": self.own.edition, "file_name": "历年.xlsx", "sha256": "", "lines": [], "status": "open"}
            who, now = self.people["science"].id, self.factory.now
            session.add(ProjectImport(call_id=self.own.call_id, asked_at=now, asked_by_id=who, **known))

    def _print(self) -> None:
        """Store something for every paper, which then need not be printed."""
        digest = self.factory.app.extensions["store"].put(b"%PDF-1.7")
        with self.factory.writing() as session:
            for paper in session.scalars(select(Paper).where(Paper.file_id.is_(None))):
                common = {"mime": "application/pdf", "size": 8, "uploaded_at": self.factory.now}
                session.add(file := StoredFile(sha256=digest, name="", project_id=paper.project_id, **common))
                session.flush()
                paper.file_id = file.id
