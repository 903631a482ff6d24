"""For every address with a parameter: who of the demo asks for it, and with which values from its database."""

from collections.abc import Callable, Iterable, Sequence
from itertools import product
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from xtbang.config import ROOT
from xtbang.enums import CHANGE_LABELS
from xtbang.models import (
    Batch,
    Bid,
    BudgetLine,
    Call,
    Document,
    DocumentVersion,
    Meeting,
    Notice,
    NoticeItem,
    Organisation,
    Panel,
    Paper,
    Person,
    PriorNotice,
    Project,
    ProjectImport,
    Restriction,
    Role,
    Seat,
    StoredFile,
)
from xtbang.rules.policy import Policy
from xtbang.sheets import LISTS
from xtbang.web.office.statistics import FILES, OF_ALL, OF_CALL
from xtbang.web.office.takeaways import PAPERS
from xtbang.web.project.files import EDITED
from xtbang.workflow.register_actions import REGISTER_ACTIONS

Asked = tuple[str, dict[str, Any]]  # the e-mail of who asks, "" for a visitor; the values of the address
VISITOR = ""


class Demo:
    """What the demo's database holds."""

    def __init__(self, session: Session, policy: Policy, calendar_key: str) -> None:
        self.session, self.policy, self.calendar_key = session, policy, calendar_key
        self.science = self.officer("science")

    def officer(self, role: str) -> str:
        """The first person with that role."""
        query = select(Person.email).where(Person.roles.any(Role.name == role)).order_by(Person.id)
        return str(self.session.scalars(query).first())

    def member(self, organisation_id: int | None) -> str:
        """Who acts for that organisation."""
        return self.session.scalars(select(Person.email).where(Person.organisation_id == organisation_id)).first() or ""

    def each(self, model: Any, *by: Any) -> Sequence[Any]:
        """The newest row of every kind that ``by`` tells apart."""
        newest = select(func.max(model.id)).group_by(*by)
        return self.session.scalars(select(model).where(model.id.in_(newest)).order_by(model.id)).all()

    def told(self) -> Sequence[PriorNotice]:
        """The prior notices of restrictions outside projects."""
        return self.session.scalars(select(PriorNotice).where(PriorNotice.project_id.is_(None))).all()

    def projects(self) -> Sequence[Project]:
        """One in every state, and of every kind."""
        return self.each(Project, Project.state, Project.kind)

    def parties(self, project: Project) -> dict[str, str]:
        """Relation to the project → who has it."""
        bid = project.agreed_bid
        return {"issuer": self.member(project.issuer_id)} | ({"bidder": self.member(bid.lead_id)} if bid else {})


def actions(demo: Demo) -> Iterable[Asked]:
    """Whatever is done in a state, by everybody who does it."""
    for project in demo.each(Project, Project.state, Project.edition):
        known = demo.parties(project)
        known |= {"party": known["issuer"], "member": known["issuer"]}
        for action in demo.policy.actions.values():
            if project.state in action.sources:
                for who in {known.get(who) or demo.officer(who) for who in action.who if who != "public"} - {"None"}:
                    yield who, {"project_id": project.id, "trigger": action.trigger}


def drafts(demo: Demo) -> Iterable[Asked]:
    """Of each kind one that may be written now."""
    query = select(Document, Project).join(Project, Project.id == Document.project_id).order_by(Document.id.desc())
    for kind in sorted({kind for state in demo.policy.states.values() for kind in state.documents}):
        states = demo.policy.written_in(kind)
        frozen = select(DocumentVersion.document_id)
        found = query.where(Document.kind == kind, Project.state.in_(states), Document.id.not_in(frozen))
        row = demo.session.execute(found.limit(1)).first()
        if row:
            document, project = row
            who = demo.member(document.organisation_id) if document.organisation_id else demo.science
            yield who, {"project_id": project.id, "document_id": document.id}


def versions(demo: Demo) -> Iterable[Asked]:
    """Of each kind of document the newest that was handed in."""
    newest = select(func.max(DocumentVersion.id)).join(Document).group_by(Document.kind)
    rows = select(DocumentVersion, Document).join(Document).where(DocumentVersion.id.in_(newest))
    for version, document in demo.session.execute(rows):
        values = {"project_id": document.project_id, "document_id": document.id, "number": version.number}
        yield demo.science, values


def blank_forms(demo: Demo) -> Iterable[Asked]:
    for key, edition in demo.policy.editions.items():
        for kind in {**edition.forms, **edition.documents}:
            yield VISITOR, {"edition": key, "kind": kind}


def objections(demo: Demo) -> Iterable[Asked]:
    query = select(NoticeItem).join(Notice).where(Notice.kind == "publicity").order_by(NoticeItem.id.desc())
    for item in demo.session.scalars(query.limit(3)):
        yield VISITOR, {"notice_id": item.notice_id, "project_id": item.project_id}


def seats(demo: Demo) -> Iterable[Asked]:
    """Of panels that sit, by whoever has the seat."""
    newest = select(func.max(Seat.id)).join(Panel).where(Panel.status == "open").group_by(Seat.status, Panel.kind)
    query = select(Seat.id, Person.email).join(Person, Person.id == Seat.expert_id).where(Seat.id.in_(newest))
    for number, email in demo.session.execute(query):
        yield email, {"seat_id": number}


def invitations(demo: Demo) -> Iterable[Asked]:
    """Meetings, by an expert who sits there."""
    query = select(func.max(Panel.meeting_id), Person.email).join(Seat, Seat.panel_id == Panel.id)
    query = query.join(Person, Person.id == Seat.expert_id).where(Panel.status == "open", Seat.status == "invited")
    for number, email in demo.session.execute(query.group_by(Person.email).limit(2)):
        yield email, {"meeting_id": number}


def static_files() -> Iterable[str]:
    """One with each ending."""
    found = {path.suffix: path for path in sorted((ROOT / "static").rglob("*")) if path.is_file()}
    return (path.relative_to(ROOT / "static").as_posix() for path in found.values())


def by(who: str | tuple[str, ...], name: str, values: Iterable[Any]) -> list[Asked]:
    """Everybody of ``who`` with each of the values."""
    people = (who,) if isinstance(who, str) else who
    return [(person, {name: value}) for person, value in product(people, list(values))]


def ids(rows: Iterable[Any]) -> list[int]:
    return [row.id for row in rows]


def project_pages(demo: Demo) -> Iterable[Asked]:
    """By the bureau and by its own people."""
    for project in demo.projects():
        for who in {*demo.parties(project).values(), *([] if project.state == "draft" else [demo.science])}:
            yield who, {"project_id": project.id}


planned_meeting = select(func.max(Meeting.id)).where(Meeting.status == "planned")

WANTED: dict[str, Callable[[Demo], Iterable[Asked]]] = {
    "account.confirm_email": lambda demo: by(VISITOR, "token", ("forged",)),
    "account.organisation_change": lambda demo: [
        (person.email, {"kind": "rename"})
        for person in demo.session.scalars(select(Person).where(Person.manager).order_by(Person.id).limit(1))
    ],
    "account.kept": lambda demo: by((VISITOR, demo.science), "key", ("forged",)),
    "account.kept_page": lambda demo: by((VISITOR, demo.science), "key", ("forged",)),
    "account.reset_password": lambda demo: by(VISITOR, "token", ("forged",)),
    "actions.act": actions,
    "admin.edition": lambda demo: by(demo.science, "key", demo.policy.editions),
    "admin.edition_form": lambda demo: [
        (demo.science, {"key": values["edition"], "kind": values["kind"]}) for _who, values in blank_forms(demo)
    ],
    "admin.organisation": lambda demo: by(
        demo.science, "organisation_id", ids(demo.each(Organisation, Organisation.kind))
    ),
    "admin.organisation_change": lambda demo: [
        (demo.science, {"organisation_id": row.id, "kind": kind})
        for kind in CHANGE_LABELS
        if kind != "taking_back"  # nothing in the demo was taken over
        for row in demo.each(Organisation, Organisation.dissolved_on, Organisation.status)
        if bool(row.dissolved_on) == (kind == "revival") and row.status == "confirmed"
    ],
    "admin.person": lambda demo: by(demo.officer("admin"), "person_id", ids(demo.each(Person, Person.expert_kind))),
    "admin.hand_over": lambda demo: by(demo.officer("admin"), "person_id", ids(demo.each(Person, Person.expert_kind))),
    "admin.person_deputies": lambda demo: by(
        demo.officer("admin"), "person_id", ids(demo.each(Person, Person.expert_kind))
    ),
    **dict.fromkeys(
        ("admin.restriction_correct", "admin.restriction_lift", "admin.restriction_restore"),
        lambda demo: by(demo.science, "restriction_id", demo.session.scalars(select(Restriction.id))),
    ),
    "admin.restriction_notice": lambda demo: by(demo.science, "notice_id", [row.id for row in demo.told()]),
    "account.restriction_notice": lambda demo: [
        (demo.member(row.addressees[0].organisation_id), {"notice_id": row.id}) for row in demo.told()
    ],
    "applicant.bid": lambda demo: [
        (demo.member(bid.lead_id), {"bid_id": bid.id}) for bid in demo.each(Bid, Bid.status)
    ],
    "applicant.copy": lambda demo: [
        (demo.member(project.issuer_id), {"project_id": project.id}) for project in demo.projects()
    ],
    "batches.print_papers": lambda demo: [
        (demo.science, {"listing": listing, "id": number})
        for listing, number in zip(
            PAPERS,
            (demo.session.scalars(select(Notice.id)).first(), demo.session.scalars(select(Meeting.id)).first()),
            strict=True,
        )
    ],
    "batches.register": lambda demo: [
        (demo.officer(action.roles[0]), {"trigger": action.trigger, "all": 1}) for action in REGISTER_ACTIONS.values()
    ],
    "batches.page": lambda demo: by(demo.science, "batch_id", demo.session.scalars(select(Batch.id))),
    "calendar.subscription": lambda demo: by(VISITOR, "key", (demo.calendar_key,)),
    "calls.cancel": lambda demo: by(
        demo.science, "call_id", demo.session.scalars(select(Call.id).where(Call.published_at.is_not(None)))
    ),
    "calls.edit": lambda demo: by(demo.science, "call_id", demo.session.scalars(select(Call.id))),
    "calls.prolong": lambda demo: by(
        demo.science, "call_id", demo.session.scalars(select(Call.id).where(Call.published_at.is_not(None)))
    ),
    "calls.publish": lambda demo: by(demo.science, "call_id", demo.session.scalars(select(Call.id))),
    "imports.page": lambda demo: by(demo.science, "import_id", demo.session.scalars(select(ProjectImport.id))),
    "imports.template": lambda demo: by(demo.science, "edition", demo.policy.names),
    "desk.deed": lambda demo: [
        (demo.science, {"key": "accept", "project_id": project.id})
        for project in demo.projects()
        if project.state == demo.policy.handed_in_by("form").to
    ],
    "documents.edit": drafts,
    "documents.preview": drafts,
    "expert.meeting": invitations,
    "expert.review": seats,
    "files.download": lambda demo: by(demo.science, "file_id", ids(demo.each(StoredFile, StoredFile.project_id))),
    "files.view": lambda demo: by(demo.science, "file_id", ids(demo.each(StoredFile, StoredFile.project_id))),
    "files.paper": lambda demo: by(
        demo.science, "paper_id", ids(row for row in demo.each(Paper, Paper.name, Paper.state))
    ),
    **dict.fromkeys(
        ("finance.budget", "finance.change_budget"),
        lambda demo: by(demo.officer("finance"), "call_id", demo.session.scalars(select(Call.id))),
    ),
    "finance.reverse_budget": lambda demo: by(demo.science, "line_id", demo.session.scalars(select(BudgetLine.id))),
    "files.word": lambda demo: by(
        demo.science, "paper_id", ids(row for row in demo.each(Paper, Paper.name) if row.name in EDITED)
    ),
    "downloads.list_file": lambda demo: [
        (
            demo.officer(next(role for role in ("science", "finance", "admin") if role in found.roles)),
            {"listing": name, "ending": ending},
        )
        for name, found in LISTS.items()
        for ending in ("csv", "xlsx")
    ],
    "notices_admin.correct": lambda demo: by(demo.science, "notice_id", ids(demo.each(Notice, Notice.kind))),
    "notices_admin.page": lambda demo: by(
        (demo.science, demo.officer("leader")), "notice_id", ids(demo.each(Notice, Notice.kind))
    ),
    "objecting.file": objections,
    "projects.compare": versions,
    "projects.page": project_pages,
    "public.blank_form": blank_forms,
    "public.call": lambda demo: by(VISITOR, "call_id", demo.session.scalars(select(Call.id))),
    "public.entry": lambda demo: by(
        VISITOR, "number", [row.number for row in demo.projects() if row.listed_at and row.state != "withdrawn"]
    ),
    "public.notice": lambda demo: by(VISITOR, "notice_id", ids(demo.each(Notice, Notice.kind))),
    **{
        f"meetings.{page}": lambda demo: by(demo.science, "meeting_id", demo.session.scalars(planned_meeting))
        for page in ("cancel_it", "change", "draw")
    },
    "meetings.page": lambda demo: by(demo.science, "meeting_id", list(demo.session.scalars(select(Meeting.id)))[-3:]),
    "statistics.call": lambda demo: by(
        (demo.science, demo.officer("county")), "call_id", demo.session.scalars(select(Call.id))
    ),
    "statistics.export": lambda demo: by(demo.science, "key", OF_ALL),
    "statistics.export_of_call": lambda demo: [
        (demo.science, {"call_id": number, "key": key})
        for number in demo.session.scalars(select(Call.id))
        for key in OF_CALL | FILES
    ],
    "static": lambda demo: by(VISITOR, "filename", static_files()),
    "verify.code": lambda demo: by(
        VISITOR, "code", [row.code for row in demo.each(Paper, Paper.name, Paper.state) if row.code]
    ),
}
