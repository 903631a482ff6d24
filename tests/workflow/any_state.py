"""A factory with one person of every kind, and a project put straight into any state (only tests may do that)."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from tests.factories.meetings import meeting_of
from xtbang.models import (
    Acceptance,
    Bid,
    BidMember,
    Call,
    Document,
    Event,
    Extension,
    MeetingSeat,
    Organisation,
    Panel,
    Person,
    Project,
    Role,
    Seat,
    StoredFile,
    Termination,
)
from xtbang.models.writing import begin_write
from xtbang.queries.caller import actor_of
from xtbang.rules.actor import Actor
from xtbang.rules.uscc import make
from xtbang.workflow.engine import Engine

NOW = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
STATES = (
    "draft solicitation appraisal listing bidding roadshow publicity contracting first_payment execution extension "
    "acceptance final_payment closed termination terminated rejected given_up withdrawn"
).split()
# person: (role, organisation, region)
PEOPLE: dict[str, tuple[str, str, str | None]] = {
    "issuer": ("applicant", "issuer", None),
    "bidder": ("applicant", "bidder", None),
    "member": ("applicant", "member", None),
    "outsider": ("applicant", "outsider", None),
    "science": ("science", "", None),
    "industry": ("industry", "", None),
    "leader": ("leader", "", None),
    "finance": ("finance", "", None),
    "county": ("county", "", "雨湖区"),
    "other county": ("county", "", "韶山市"),
    "expert": ("expert", "", None),
    "expert elsewhere": ("expert", "", None),
    "agency": ("agency", "agency", None),
    "other agency": ("agency", "other agency", None),
    "auditor": ("auditor", "", None),
    "admin": ("admin", "", None),
    "science of the issuer": ("science", "issuer", None),
    "unconfirmed": ("applicant", "waiting", None),
}
BEFORE_AGREEMENT = frozenset("draft solicitation appraisal listing".split())


@dataclass
class AnyStateSite:
    """The database, the engine and everyone in it."""

    session: Session
    engine: Engine
    people: dict[str, Person]
    organisations: dict[str, Organisation]
    call: Call

    def actor(self, name: str) -> Actor:
        """The person as an actor."""
        return actor_of(self.people[name], "127.0.0.1")

    def project(self, state: str) -> Project:
        """A project in that state, with the facts the database asks for."""
        session, late = self.session, state not in BEFORE_AGREEMENT
        begin_write(session)
        kept = state != "draft"
        project = Project(
            call_id=self.call.id, edition="2021", kind="tech_demand", state="draft", issuer_id=self._id("issuer"),
            created_by_id=self.people["issuer"].id, created_at=NOW, state_since=NOW, title="示例项目",
            number=f"XTJB-T-{state}" if kept else None, submitted_at=NOW if kept else None, region="雨湖区",
            domain="先进装备制造", track="funded", subsidy_city=Decimal(300000), subsidy_county=Decimal(300000),
            total_investment=Decimal(1200000), contract_amount=Decimal(600000), agency_id=self._id("agency"),
            starts_on=date(2026, 1, 1), ends_on=date(2027, 12, 31), self_managed=False,
            bids_from=NOW - timedelta(days=9), bids_until=NOW + timedelta(days=9),
        )  # fmt: skip
        session.add(project)
        session.flush()
        project.form_id = self._document(project, "form", "tech_demand_2021", "issuer").id
        bid = Bid(
            project_id=project.id, lead_id=self._id("bidder"), status="agreed" if late else "submitted",
            document_id=self._document(project, "bid", "bid", "bidder").id, created_at=NOW, submitted_at=NOW,
        )  # fmt: skip
        session.add(bid)
        session.flush()
        session.add(BidMember(bid_id=bid.id, organisation_id=self._id("member")))
        if late:
            project.agreed_bid_id = bid.id
            project.application_id = self._document(project, "application", "application", "issuer").id
            project.contract_id = self._document(project, "contract", "contract", "").id
            self._late_facts(project)
        meeting = meeting_of(session, "appraisal", [project], NOW)
        panel = Panel(project_id=project.id, meeting_id=meeting.id, kind="appraisal", convened_at=NOW)
        panel.convened_by_id = self.people["science"].id
        session.add(panel)
        session.flush()
        seat = Seat(panel_id=panel.id, expert_id=self.people["expert"].id, kind="技术", invited_at=NOW)
        expert = self.people["expert"].id
        invitation = MeetingSeat(meeting_id=meeting.id, expert_id=expert, kind="技术", invited_at=NOW)
        session.add_all([seat, invitation])
        session.flush()
        project.state = state  # last: the database ties late states to their facts
        session.commit()
        return project

    def reread(self, project_id: int) -> tuple[str, int, int]:
        """State, version and number of events of a project, as the database has them."""
        events = select(func.count(Event.id)).where(Event.project_id == project_id)
        row = self.session.execute(select(Project.state, Project.version).where(Project.id == project_id)).one()
        return row.state, row.version, self.session.scalar(events) or 0

    def _late_facts(self, project: Project) -> None:
        """What every project has that came this far."""
        document = self._document(project, "acceptance", "acceptance", "issuer")
        self.session.add(Acceptance(project_id=project.id, document_id=document.id))
        again = self._document(project, "acceptance", "acceptance", "issuer")
        self.session.add(Acceptance(project_id=project.id, document_id=again.id, status="open", requested_at=NOW))
        stored = StoredFile(sha256="0" * 64, name="a.pdf", mime="application/pdf", size=1, uploaded_at=NOW)
        self.session.add(stored)
        self.session.flush()
        self.session.add(
            Extension(
                project_id=project.id, cause="洪水", audit_file_id=stored.id, old_end=date(2027, 12, 31),
                new_end=date(2028, 6, 30), requested_at=NOW,
            )
        )  # fmt: skip
        self.session.add(
            Termination(
                project_id=project.id, cause="objective", reason="洪水", decided_at=NOW, from_state="execution",
                recover_by=date(2027, 1, 1),
            )
        )  # fmt: skip

    def _id(self, name: str) -> int:
        return self.organisations[name].id

    def _document(self, project: Project, kind: str, definition: str, owner: str) -> Document:
        document = Document(
            project_id=project.id,
            organisation_id=self._id(owner) if owner else None,
            kind=kind,
            definition=definition,
            draft={},
        )
        self.session.add(document)
        self.session.flush()
        return document


def build(session: Session, engine: Engine) -> Iterator[AnyStateSite]:
    """Everyone, in a fresh database."""
    begin_write(session)
    names = {organisation for _role, organisation, _region in PEOPLE.values() if organisation}
    organisations = {name: _organisation(number, name) for number, name in enumerate(sorted(names))}
    session.add_all(organisations.values())
    session.flush()
    roles = {name: Role(name=name) for name in sorted({role for role, _o, _r in PEOPLE.values()})}
    people = {
        name: Person(
            email=f"p{number}@example.com", name=name, fs_uniquifier=f"p{number}", created_at=NOW, region=region,
            organisation_id=organisations[organisation].id if organisation else None, roles=[roles[role]], active=True,
            expert_kind="技术" if role == "expert" else None,
        )
        for number, (name, (role, organisation, region)) in enumerate(PEOPLE.items())
    }  # fmt: skip
    call = Call(
        code="T", title="测试批次", edition="2021", kinds=["tech_demand"], opens_at=NOW - timedelta(days=30),
        closes_at=NOW + timedelta(days=30),
    )  # fmt: skip
    session.add_all([*people.values(), call])
    session.commit()
    yield AnyStateSite(session, engine, people, organisations, call)


def _organisation(number: int, name: str) -> Organisation:
    waiting = name == "waiting"
    facts: dict[str, Any] = {"status": "pending"} if waiting else {"status": "confirmed", "confirmed_at": NOW}
    return Organisation(
        uscc=make(f"91430300MA4T{number:05d}"), name=f"示例{name}有限公司", kind="企业", region="雨湖区",
        created_at=NOW, **facts,
    )  # fmt: skip
