"""A project, step by step: ``factory.agreed()`` is a project in 揭榜, and so on up to 公示."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select

from tests.factories.milestones import milestone
from tests.factories.participants import ParticipantFactory
from tests.factories.values import APPLICATION, BID, FORM, MONEY, OF_2021, RESOLUTION, WINDOW
from xtbang.actions.documents import from_profile, open_document
from xtbang.domain.bids import sync_members
from xtbang.models import Bid, Panel, Project, Seat


class ProjectFactory(ParticipantFactory):
    """Projects by what has been done with them."""

    def draft(self, kind: str = "tech_demand", edition: str = "2024", who: str = "issuer", **values: Any) -> Project:
        """A draft that is filled in completely."""
        definition = self.engine.policy.edition(edition).forms[kind]
        with self.writing() as session:
            person = self.people[who]
            project = Project(
                call_id=self.calls[edition].id,
                edition=edition,
                kind=kind,
                issuer_id=person.organisation.id,
                created_by_id=person.id,
                created_at=self.now,
                state_since=self.now,
            )
            session.add(project)
            session.flush()
            known = from_profile(definition, person.organisation, person)
            own = MONEY if edition == "2024" else OF_2021
            filled = known | FORM | own | values
            document = open_document(session, project, "form", definition, project.issuer_id, **filled)
            project.form_id = document.id
        return project

    @milestone
    def submitted(self, **values: Any) -> Project:
        project = self.draft(**values)
        who = values.get("who", "issuer")
        if self.engine.policy.edition(project.edition).scan_required:
            self.perform(project, "upload_scan", who, {"scan": self.file("盖章件.pdf")})
        self.perform(project, "submit", who)
        return project

    @milestone
    def accepted(self, **values: Any) -> Project:
        """In 论证."""
        project = self.submitted(**values)
        lines = list(self.engine.policy.edition(project.edition).checklist)
        self.perform(project, "accept", "science", {"checklist": lines, "scan_looked_at": True})
        return project

    def panel(self, project: Project, kind: str, counts: tuple[int, int, int], who: str = "science") -> Panel:
        """A panel of so many technical, financial and legal experts, not yet answered."""
        drawn = dict(zip(("technical", "financial", "legal"), counts, strict=True))
        case = {"organiser": "湘潭市科技评估中心", "allegation": "未投入约定的人员"} if kind == "liability" else {}
        self.perform(project, f"convene_{kind}", who, drawn | case)
        query = select(Panel).where(Panel.project_id == project.id).order_by(Panel.id.desc())
        return self.session.scalars(query.limit(1)).one()

    def seats(self, panel: Panel, *states: str) -> list[str]:
        """The names of the experts on a panel whose seats are in these states (any)."""
        query = select(Seat).where(Seat.panel_id == panel.id).order_by(Seat.id)
        return [seat.expert.name for seat in self.session.scalars(query) if not states or seat.status in states]

    def score(self, project: Project, panel: Panel, who: str, share: float = 0.8) -> None:
        """Accept the invitation and hand in ``share`` of every criterion's maximum."""
        self.perform(project, "answer_invitation", who, {"answer": "accepted", "no_conflict": True})
        sheet = self.engine.policy.edition(project.edition).sheets[panel.kind]
        scores = {criterion.key: int(criterion.maximum * share) for criterion in sheet.criteria}
        self.perform(project, "submit_scores", who, scores | {"comment": "意见"})

    def concluded(
        self, project: Project, kind: str, counts: tuple[int, int, int], share: float = 0.8, **data: Any
    ) -> Panel:
        """A panel that has sat, scored and concluded 通过 unless ``data`` says otherwise."""
        panel = self.panel(project, kind, counts)
        for who in self.seats(panel):
            self.score(project, panel, who, share)
        self.perform(project, "conclude_panel", "science", {"favourable": "passed", "opinion": "同意"} | data)
        return panel

    @milestone
    def listed(self, **values: Any) -> Project:
        """On the board, its bid window open (2024-10-08 to 2024-10-28)."""
        project = self.accepted(**values)
        self.concluded(project, "appraisal", (3, 0, 0))
        self.both(project, "list_major", WINDOW)
        self.at("2024-10-08 09:00")
        return project

    @milestone
    def regular(self, **values: Any) -> Project:
        """On its list, matched by the market."""
        project = self.accepted(**values)
        self.both(project, "list_regular")
        return project

    def open_bid(self, project: Project, who: str = "bidder", **values: Any) -> Bid:
        """A bid filled in completely, its members synchronised as the web does after saving."""
        self.perform(project, "open_bid", who)
        organisation = self.people[who].organisation_id
        bid = self.session.scalars(select(Bid).where(Bid.project_id == project.id, Bid.lead_id == organisation)).one()
        self.save_bid(bid, who, **BID | values)
        return bid

    def save_bid(self, bid: Bid, who: str, **values: Any) -> None:
        definition = self.engine.policy.edition(bid.project.edition).documents["bid"]
        self.fill(bid.document, definition, values, who)
        with self.writing():
            sync_members(self.session, bid, definition)

    def bid(self, project: Project, who: str = "bidder", **values: Any) -> Bid:
        """A submitted bid."""
        bid = self.open_bid(project, who, **values)
        self.perform(project, "submit_bid", who)
        return bid

    def choose(self, project: Project, bid: Bid, who: str = "issuer") -> None:
        data = {"bid": str(bid.id), "satisfaction": "satisfied", "reason": "方案可行"}
        self.perform(project, "agree", who, data)

    @milestone
    def agreed(self, **values: Any) -> Project:
        """In 揭榜, agreed with ``bidder``."""
        project = self.listed(**values)
        bid = self.bid(project)
        self.at("2024-10-29 09:00")
        self.choose(project, bid)
        return project

    @milestone
    def applied(self, application: Mapping[str, Any] | None = None, **values: Any) -> Project:
        """In 路演."""
        project = self.agreed(**values)
        self.at("2024-11-04 09:00")
        definition = self.engine.policy.edition(project.edition).documents["application"]
        filled = APPLICATION | {"contract_file": self.file("技术合同.pdf")} | dict(application or {})
        self.fill(project.application, definition, filled, "issuer")
        self.apply(project)
        return project

    def apply(self, project: Project) -> None:
        """Handed in by the issuer, once the bidder has read it."""
        self.perform(project, "confirm_reading", "bidder")
        self.perform(project, "apply", "issuer")

    @milestone
    def judged(self, application: Mapping[str, Any] | None = None, **values: Any) -> Project:
        """In 路演 with everything that 拟立项 needs: panel, inspection, both opinions."""
        project = self.applied(application, **values)
        self.concluded(project, "roadshow", (3, 2, 0))
        self.at("2024-11-11 09:00")
        self.perform(project, "record_inspection", "science", {"dated": "2024-11-08", "text": "属实"})
        for who in ("science", "industry"):
            self.perform(project, "record_opinion", who, {"favourable": "agreed", "text": "可行"})
        return project

    @milestone
    def recommended(self, subsidy: str = "40", application: Mapping[str, Any] | None = None, **values: Any) -> Project:
        """In 公示 (2024-11-11): total 200, subsidy 40 + 40, contract 90, term 2024-11-20 to 2026-11-19 (万元)."""
        project = self.judged(application, **values)
        data = RESOLUTION | {"minutes": self.file("会议纪要.pdf"), "subsidy_city": subsidy}
        self.perform(project, "recommend", "leader", data)
        return project
