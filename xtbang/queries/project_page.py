"""Everything that stands beside one project, by a number of queries that does not depend on how much there is."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeVar

from sqlalchemy import select
from sqlalchemy.orm import Session, defer, joinedload, selectinload

from xtbang.models import (
    Acceptance,
    Bid,
    Countersignature,
    CountyMatch,
    Document,
    DocumentVersion,
    Extension,
    Finding,
    FundingDocument,
    LedgerEntry,
    Notice,
    NoticeItem,
    Objection,
    Panel,
    Paper,
    Person,
    Project,
    Remark,
    Report,
    Restriction,
    Roadshow,
    RoadshowItem,
    Seat,
    Signature,
    StoredFile,
    Termination,
    Voucher,
    Waiver,
)
from xtbang.queries.ledger import Balances, balances
from xtbang.queries.rights.project_parts import Sight, findings_for, sees_paper
from xtbang.queries.rights.sealed_bids import visible_to
from xtbang.rules.actor import Actor

Table = TypeVar("Table")


@dataclass
class Dossier:
    """What a person sees beside a project; empty where they see nothing."""

    bids: list[Bid] = field(default_factory=list)  # that may be read now
    documents: dict[int, Document] = field(default_factory=dict)
    versions: dict[int, list[Any]] = field(default_factory=dict)  # document → id, number, frozen_at, by; newest first
    remarks: dict[int, list[Remark]] = field(default_factory=dict)  # version → remarks
    papers: list[Paper] = field(default_factory=list)
    files: dict[int, StoredFile] = field(default_factory=dict)
    signed: list[Countersignature] = field(default_factory=list)  # waiting for the other bureau
    panels: list[Panel] = field(default_factory=list)
    roadshow: Roadshow | None = None
    findings: list[Finding] = field(default_factory=list)
    notices: list[Notice] = field(default_factory=list)
    objections: list[Objection] = field(default_factory=list)
    signatures: list[Signature] = field(default_factory=list)
    funding: FundingDocument | None = None
    balances: Balances = field(default_factory=Balances)
    lines: list[LedgerEntry] = field(default_factory=list)
    matches: list[CountyMatch] = field(default_factory=list)
    vouchers: list[Voucher] = field(default_factory=list)
    waivers: list[Waiver] = field(default_factory=list)
    reports: list[Report] = field(default_factory=list)
    acceptances: list[Acceptance] = field(default_factory=list)
    extensions: list[Extension] = field(default_factory=list)
    termination: Termination | None = None
    restrictions: list[Restriction] = field(default_factory=list)
    people: list[Person] = field(default_factory=list)

    def newest(self, document_id: int | None) -> Any:
        """The newest frozen version of a document, without what it says."""
        found = self.versions.get(document_id or 0, [])
        return found[0] if found else None

    @property
    def frozen(self) -> list[Document]:
        """Return the documents of which there is a frozen version."""
        return [document for document in self.documents.values() if document.id in self.versions]

    @property
    def visits(self) -> list[Finding]:
        """Return inspections and opinions before the project is funded."""
        return [item for item in self.findings if item.kind not in ("check", "deal", "county_unpaid")]

    @property
    def checks(self) -> list[Finding]:
        """Return the checks while the project is carried out."""
        return [item for item in self.findings if item.kind == "check"]

    @property
    def deal(self) -> Finding | None:
        """Return the registered technology contract (技术合同)."""
        return next((item for item in self.findings if item.kind == "deal"), None)

    @property
    def requests(self) -> list[Acceptance]:
        """Return the requests for acceptance that were handed in."""
        return [item for item in self.acceptances if item.status != "draft"]


def dossier(session: Session, project: Project, sight: Sight, actor: Actor, now: datetime) -> Dossier:
    """Ask for what this person sees, and for nothing else."""
    found = Dossier(bids=visible_to(session, project, actor, now))
    _paperwork(session, project, sight, found)

    def rows(part: str | bool, model: type[Table], *options: Any) -> list[Table]:
        if part is False or (isinstance(part, str) and part not in sight):
            return []
        query = select(model).where(model.project_id == project.id).order_by(model.id)  # type: ignore[attr-defined]
        return list(session.scalars(query.options(*options)))

    _panels(session, project, sight, found, rows)
    found.notices = _notices(session, project) if "notices" in sight else []
    found.objections = rows("objections", Objection)
    found.signatures = rows("contract", Signature, joinedload(Signature.organisation))
    found.funding = next(iter(rows("contract", FundingDocument)), None)
    if "money" in sight:
        found.balances = balances(session, project.id)
    found.lines = rows("money", LedgerEntry)
    found.matches = rows("money", CountyMatch)
    found.vouchers = rows("vouchers", Voucher)
    found.waivers = rows("waivers", Waiver, joinedload(Waiver.person))
    found.signed = [
        item
        for item in rows("findings", Countersignature, joinedload(Countersignature.person))
        if item.status == "open"
    ]
    found.reports = sorted(rows("reports", Report), key=lambda report: report.due_on)
    found.acceptances = rows("acceptance", Acceptance)
    found.extensions = rows("contract", Extension)
    found.termination = next(iter(rows("termination", Termination)), None)
    found.restrictions = rows("termination", Restriction, joinedload(Restriction.organisation))
    if "people" in sight:
        found.people = _people(session, project)
    _documents(session, project, sight, found)
    return found


def _paperwork(session: Session, project: Project, sight: Sight, found: Dossier) -> None:
    query = select(Paper).where(Paper.project_id == project.id).options(defer(Paper.data, raiseload=True))
    papers = session.scalars(query.order_by(Paper.made_at.desc(), Paper.id.desc()))
    found.papers = [paper for paper in papers if sees_paper(sight, paper, found.bids)]
    files = select(StoredFile).where(StoredFile.project_id == project.id)
    found.files = {file.id: file for file in session.scalars(files)}


def _panels(session: Session, project: Project, sight: Sight, found: Dossier, rows: Callable[..., list[Any]]) -> None:
    found.panels = rows("panels", Panel, selectinload(Panel.seats).joinedload(Seat.expert))
    if "panels" in sight:
        query = select(Roadshow).join(RoadshowItem).where(RoadshowItem.project_id == project.id)
        query = query.options(selectinload(Roadshow.items)).order_by(Roadshow.id.desc()).limit(1)
        found.roadshow = session.scalars(query).first()
    kinds = findings_for(sight)
    findings = rows("findings" in sight or bool(kinds), Finding, joinedload(Finding.person))
    found.findings = [item for item in findings if "findings" in sight or item.kind in kinds]


def _notices(session: Session, project: Project) -> list[Notice]:
    query = select(Notice).join(NoticeItem).where(NoticeItem.project_id == project.id).order_by(Notice.id)
    return list(session.scalars(query))


def _people(session: Session, project: Project) -> list[Person]:
    """The people of issuer, agreed bidder and agency who can be called."""
    organisations = {project.issuer_id, project.agency_id}
    if project.agreed_bid:
        organisations |= {project.agreed_bid.lead_id, *(item.organisation_id for item in project.agreed_bid.members)}
    query = select(Person).where(Person.organisation_id.in_(organisations - {None}), Person.active)
    return list(session.scalars(query.order_by(Person.organisation_id, Person.manager.desc(), Person.id)))


def _documents(session: Session, project: Project, sight: Sight, found: Dossier) -> None:
    """The documents of the parts that are seen, their versions without the data, and the remarks on them."""
    wanted = {bid.document_id for bid in found.bids}
    wanted |= {getattr(project, f"{part}_id") for part in ("form", "application", "contract") if part in sight}
    wanted |= {report.document_id for report in found.reports} | {item.document_id for item in found.acceptances}
    wanted |= {project.agreed_bid.document_id} if "agreed_bid" in sight and project.agreed_bid else set()
    query = select(Document).where(Document.id.in_(wanted - {None}))
    found.documents = {document.id: document for document in session.scalars(query)}
    for row in versions(session, found.documents):
        found.versions.setdefault(row.document_id, []).append(row)
    if "remarks" in sight:
        numbers = [row.id for row in found.versions.get(project.form_id or 0, [])]
        remarks = select(Remark).where(Remark.version_id.in_(numbers)).order_by(Remark.id)
        for remark in session.scalars(remarks):
            found.remarks.setdefault(remark.version_id, []).append(remark)


def versions(session: Session, documents: Collection[int]) -> Sequence[Any]:
    """The frozen versions of documents, newest first, without what they say."""
    query = (
        select(
            DocumentVersion.id,
            DocumentVersion.document_id,
            DocumentVersion.number,
            DocumentVersion.frozen_at,
            DocumentVersion.scan_id,
            DocumentVersion.sha256,
            Person.name.label("by"),
        )
        .outerjoin(Person, Person.id == DocumentVersion.frozen_by_id)
        .where(DocumentVersion.document_id.in_(documents))
    )
    return session.execute(query.order_by(DocumentVersion.document_id, DocumentVersion.number.desc())).all()
