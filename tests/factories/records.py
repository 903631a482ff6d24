"""Rows for the pages of the offices: people of every role, projects put straight into any state (only tests may)."""

from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from tests.factories.meetings import meeting_of
from tests.factories.people import NOW, REGION, TODAY, PeopleFactory
from xtbang.actions.context import Context
from xtbang.domain.payment_approvals import grounds_of
from xtbang.domain.payments import city_instalment
from xtbang.models import (
    Bid,
    CountyMatch,
    Document,
    DocumentVersion,
    Event,
    Finding,
    LedgerEntry,
    Meeting,
    MeetingSeat,
    Notice,
    NoticeItem,
    Panel,
    Paper,
    PaymentApproval,
    Project,
    Report,
    Seat,
    StoredFile,
    Voucher,
)
from xtbang.rules.dates import SHANGHAI

__all__ = ["NOW", "REGION", "TODAY", "RecordFactory"]

FUNDED = "publicity contracting first_payment execution extension acceptance final_payment closed termination".split()
AGREED = ["bidding", "roadshow", *FUNDED]


class RecordFactory(PeopleFactory):
    """The factory, and as many projects as a test asks for, put straight into any state (only tests may)."""

    def project(self, state: str, **values: Any) -> Project:
        """A project in that state, with the facts the database asks for; inside ``writing()``."""
        self.count += 1
        sent, agreed, funded = state != "draft", state in AGREED, state in FUNDED
        money = Decimal(300_000) if funded else None
        known: dict[str, Any] = {
            "number": f"XTJB-2026-01-{self.count:04d}" if sent else None,
            "submitted_at": NOW - timedelta(days=20) if sent else None,
            "state_since": NOW - timedelta(days=3),
            "title": f"示例项目{self.count}",
            "region": REGION,
            "domain": "先进装备制造",
            "track": "funded" if state not in ("draft", "solicitation", "appraisal") else None,
            "planned_total": Decimal(2_000_000),
            "total_investment": Decimal(2_000_000) if agreed else None,
            "contract_amount": Decimal(1_200_000) if agreed else None,
            "subsidy_city": money,
            "subsidy_county": money,
            "starts_on": date(2026, 1, 1) if agreed else None,
            "ends_on": date(2027, 12, 31) if agreed else None,
            "bids_until": NOW + timedelta(days=2) if state == "listing" else None,
        }
        row = Project(
            call_id=self.call.id,
            edition="2021",
            kind="tech_demand",
            state="draft",
            issuer_id=self.organisations["issuer"].id,
            created_by_id=self.people["issuer"].id,
            created_at=NOW - timedelta(days=21),
            **(known | values),
        )
        self.session.add(row)
        self.session.flush()
        row.form_id = self.document(row, "form").id
        if agreed:
            bid = self.bid(row, "agreed")
            row.agreed_bid_id = bid.id
            row.contract_id = self.document(row, "contract").id
        self.session.flush()
        row.state = state
        self.session.flush()
        return row

    def document(self, project: Project, kind: str, frozen: bool = False) -> Document:
        """An empty document, with one version when it is frozen."""
        row = Document(project_id=project.id, kind=kind, definition=kind, draft={})
        self.session.add(row)
        self.session.flush()
        if frozen:
            self.freeze(row)
        return row

    def freeze(self, document: Document) -> DocumentVersion:
        row = DocumentVersion(document_id=document.id, number=1, data={}, sha256="0" * 64, frozen_at=NOW)
        self.session.add(row)
        self.session.flush()
        return row

    def paper(self, project: Project, name: str) -> Paper:
        """A paper that is in force."""
        row = Paper(code=f"{name}-{project.id}", project_id=project.id, name=name, title=name, data={}, made_at=NOW)
        self.session.add(row)
        self.session.flush()
        return row

    def bid(self, project: Project, status: str, lead: str = "bidder") -> Bid:
        row = Bid(
            project_id=project.id,
            lead_id=self.organisations[lead].id,
            document_id=self.document(project, "bid").id,
            status=status,
            created_at=NOW,
            submitted_at=None if status == "draft" else NOW,
        )
        self.session.add(row)
        self.session.flush()
        return row

    def file(self) -> StoredFile:
        row = StoredFile(sha256="0" * 64, name="凭证.pdf", mime="application/pdf", size=1, uploaded_at=NOW)
        self.session.add(row)
        self.session.flush()
        return row

    def entry(
        self,
        project: Project,
        kind: str,
        source: str,
        amount: int,
        day: date,
        instalment: int | None = None,
        **values: Any,
    ) -> LedgerEntry:
        """A line of the ledger, in yuan."""
        self.count += 1
        event = Event(
            stream=f"test:{self.count}", sequence=1, at=NOW, actor_name="", role="", trigger="", outcome="", digest=""
        )
        self.session.add(event)
        self.session.flush()
        line = LedgerEntry(
            project_id=project.id, kind=kind, source=source, instalment=instalment, amount=Decimal(amount), **values
        )
        line.dated, line.event_id, line.recorded_at = (
            day,
            event.id,
            datetime(day.year, day.month, day.day, tzinfo=SHANGHAI),
        )
        self.session.add(line)
        self.session.flush()
        return line

    def voucher(self, project: Project, status: str = "accepted", amount: int = 800_000) -> None:
        checked = None if status == "open" else NOW
        self.session.add(
            Voucher(
                project_id=project.id,
                number=f"V{project.id}-{status}",
                amount=Decimal(amount),
                paid_on=TODAY - timedelta(days=9),
                file_id=self.file().id,
                status=status,
                uploaded_at=NOW,
                checked_at=checked,
            )
        )
        if status == "accepted":
            self.entry(project, "issuer_payment", "issuer", amount, TODAY - timedelta(days=9))

    def match(self, project: Project, instalment: int) -> None:
        self.session.add(
            CountyMatch(
                project_id=project.id,
                instalment=instalment,
                amount=Decimal(150_000),
                number="潭高新财〔2026〕1号",
                dated=TODAY,
                confirmed_at=NOW,
                confirmed_by_id=self.people["county"].id,
            )
        )
        self.session.flush()

    def payable(self, **values: Any) -> Project:
        """A project whose first instalment can be paid."""
        project = self.project("first_payment", **values)
        self.voucher(project)
        self.match(project, 1)
        self.approve(project, 1)
        return project

    def approve(self, project: Project, number: int) -> None:
        """The offices and the treasury have signed the order of that instalment; the one who pays has not."""
        self.session.flush()
        context = Context.about(self.caller("finance"), project, "finance")
        amount, known = city_instalment(context, number), grounds_of(context, number)
        row = PaymentApproval(project_id=project.id, instalment=number, amount=amount, relied_on=known, approved_at=NOW)
        row.finance_id = self.people["leader"].id
        self.session.add(row)
        self.session.flush()

    def panel(self, project: Project, kind: str, *statuses: str) -> Panel:
        """An open panel; the expert of the office has the first seat."""
        meeting = meeting_of(self.session, kind, [project], NOW)
        row = Panel(project_id=project.id, kind=kind, convened_at=NOW, convened_by_id=self.people["science"].id)
        row.meeting_id = meeting.id
        self.session.add(row)
        self.session.flush()
        for place, status in enumerate(statuses):
            name = "expert" if place == 0 else f"expert {place}"
            person = self.people.get(name) or self.person(name, "expert", expert_kind="技术")
            self.session.flush()
            locked = NOW if status == "locked" else None
            seat = Seat(
                panel_id=row.id, expert_id=person.id, kind="技术", status=status, invited_at=NOW, locked_at=locked
            )
            answer = "accepted" if status == "locked" else status
            invitation = MeetingSeat(meeting_id=meeting.id, expert_id=person.id, kind="技术", status=answer)
            invitation.invited_at = NOW
            self.session.add_all([seat, invitation])
        self.session.flush()
        return row

    def finding(self, project: Project, kind: str, role: str = "science", favourable: bool | None = None) -> None:
        self.session.add(
            Finding(
                project_id=project.id,
                kind=kind,
                role=role,
                person_id=self.people[role].id,
                dated=TODAY,
                favourable=favourable,
                at=NOW,
            )
        )

    def report(self, project: Project, due_on: date) -> None:
        self.session.add(Report(project_id=project.id, due_on=due_on, document_id=self.document(project, "report").id))

    def notice(self, projects: list[Project], status: str = "draft", last_day: date | None = None) -> Notice:
        """A 公示 that names these projects."""
        published = NOW - timedelta(days=7) if status != "draft" else None
        row = Notice(kind="publicity", call_id=self.call.id, title="拟立项名单公示", body="现予公示。", status=status)
        row.created_at, row.published_at, row.first_day, row.last_day = NOW, published, last_day, last_day
        row.items = [NoticeItem(project_id=project.id, figures={"title": project.title}) for project in projects]
        self.session.add(row)
        self.session.flush()
        return row

    def roadshow(self, projects: list[Project], starts_at: datetime = NOW + timedelta(days=3)) -> Meeting:
        """A roadshow day with these projects."""
        known = {"title": "第一场路演", "starts_at": starts_at, "place": "市科技局三楼会议室", "minutes": 20}
        return meeting_of(self.session, "roadshow", projects, NOW, **known)
