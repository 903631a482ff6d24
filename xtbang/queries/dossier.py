"""The dossier (项目卷): everything that belongs to one project, as far as one person may see it."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from sqlalchemy import select
from sqlalchemy.orm import lazyload

from xtbang.models import (
    Acceptance,
    Bid,
    Change,
    Countersignature,
    CountyMatch,
    Document,
    DocumentVersion,
    Extension,
    Finding,
    FundingDocument,
    LedgerEntry,
    MeetingItem,
    Midterm,
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
    Signature,
    StoredFile,
    Termination,
    Voucher,
    Waiver,
)
from xtbang.models.person import acts_for_organisation
from xtbang.queries.caller import Caller
from xtbang.queries.ledger import Balances, balances_of
from xtbang.queries.project_rows import ProjectRows
from xtbang.queries.rights.project_parts import Sight, findings_for, sees_paper
from xtbang.queries.rights.sealed_bids import readable

Table = TypeVar("Table")


@dataclass(frozen=True)
class Dossier:
    """Hold what a person sees of a project, oldest first unless said otherwise; empty where the person sees nothing."""

    bids: list[Bid]  # those that may be read now
    documents: Mapping[int, Document]
    versions: Mapping[int, list[Any]]  # document → id, number, frozen_at, by; newest first
    remarks: Mapping[int, list[Remark]]  # version → remarks
    papers: list[Paper]  # newest first
    files: Mapping[int, StoredFile]
    signed: list[Countersignature]  # waiting for the other bureau
    panels: list[Panel]
    turns: list[MeetingItem]  # on meetings with a time
    findings: list[Finding]
    notices: list[Notice]
    objections: list[Objection]
    signatures: list[Signature]
    funding: FundingDocument | None
    balances: Balances
    lines: list[LedgerEntry]
    matches: list[CountyMatch]
    vouchers: list[Voucher]
    waivers: list[Waiver]
    reports: list[Report]  # by due date
    acceptances: list[Acceptance]
    extensions: list[Extension]
    waiting: frozenset[int]  # versions of the contract that a change makes and that are not in force
    midterms: list[Midterm]  # asked for
    termination: Termination | None
    restrictions: list[Restriction]
    people: list[Person]

    def newest(self, document_id: int | None) -> Any:
        """Return the newest frozen version of a document, without its data; of a change, once it is in force."""
        return next((row for row in self.versions.get(document_id or 0, []) if row.id not in self.waiting), None)

    @property
    def frozen(self) -> list[Document]:
        """Return the documents with a frozen version."""
        return [document for document in self.documents.values() if document.id in self.versions]

    @property
    def visits(self) -> list[Finding]:
        """Return inspections and opinions before the project is funded."""
        return [item for item in self.findings if item.kind not in ("check", "deal", "county_unpaid", "paper")]

    @property
    def asked_papers(self) -> list[Finding]:
        """Return the files that the edition asked of actions besides."""
        return [item for item in self.findings if item.kind == "paper"]

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
        """Return the requests for acceptance that were submitted."""
        return [item for item in self.acceptances if item.status != "draft"]


def dossier(caller: Caller, rows: ProjectRows, sight: Sight) -> Dossier:
    """Return those of the project's rows that this person may see."""

    def seen(part: str, table: type[Table]) -> list[Table]:
        return rows.of(table) if part in sight else []

    project, money = rows.project, seen("money", LedgerEntry)
    bids = [bid for bid in rows.of(Bid) if readable(bid, project, caller.actor, caller.collected)]
    reports = sorted(seen("reports", Report), key=lambda report: report.due_on)
    acceptances = seen("acceptance", Acceptance)
    wanted = (
        {bid.document_id for bid in bids}
        | {report.document_id for report in reports}
        | {row.document_id for row in acceptances}
    )
    wanted |= {number for part in ("form", "application", "contract") if (number := _document(project, sight, part))}
    wanted |= {project.agreed_bid.document_id} if "agreed_bid" in sight and project.agreed_bid else set()
    documents = _documents(rows, wanted)
    versions = _versions(rows, documents)
    return Dossier(
        bids=bids,
        documents=documents,
        versions=versions,
        remarks=_remarks(rows, versions) if "remarks" in sight else {},
        papers=_papers(rows, sight, bids),
        files={file.id: file for file in rows.of(StoredFile)},
        signed=[item for item in seen("findings", Countersignature) if item.status == "open"],
        panels=seen("panels", Panel),
        turns=[item for item in seen("panels", MeetingItem) if _takes_place(item)],
        findings=_findings(rows, sight),
        notices=sorted((item.notice for item in seen("notices", NoticeItem)), key=lambda notice: notice.id),
        objections=seen("objections", Objection),
        signatures=seen("contract", Signature),
        funding=next(iter(seen("contract", FundingDocument)), None),
        balances=balances_of(money),
        lines=money,
        matches=seen("money", CountyMatch),
        vouchers=seen("vouchers", Voucher),
        waivers=seen("waivers", Waiver),
        reports=reports,
        acceptances=acceptances,
        extensions=seen("contract", Extension),
        waiting=frozenset(row.version_id for row in rows.of(Change) if row.version_id and row.status != "in_force"),
        midterms=[row for row in seen("reports", Midterm) if row.requested_at],
        termination=next((row for row in seen("termination", Termination) if row.revoked_at is None), None),
        restrictions=seen("termination", Restriction),
        people=_people(rows) if "people" in sight else [],
    )


def _document(project: Project, sight: Sight, part: str) -> int | None:
    number: int | None = getattr(project, f"{part}_id")
    return number if part in sight else None


def _papers(rows: ProjectRows, sight: Sight, bids: Collection[Bid]) -> list[Paper]:
    papers = (paper for paper in rows.of(Paper) if sees_paper(sight, paper, bids))
    return sorted(papers, key=lambda paper: (paper.made_at, paper.id), reverse=True)


def _findings(rows: ProjectRows, sight: Sight) -> list[Finding]:
    kinds = findings_for(sight)
    return [finding for finding in rows.of(Finding) if "findings" in sight or finding.kind in kinds]


def _takes_place(item: MeetingItem) -> bool:
    """Return whether the project is on a meeting that has a time and was not cancelled."""
    return item.left_at is None and item.meeting.starts_at is not None and item.meeting.status != "cancelled"


def _people(rows: ProjectRows) -> list[Person]:
    """Return the people of issuer, agreed bidder, its members and agency, as contacts."""
    project, bid = rows.project, rows.project.agreed_bid
    organisations = {project.issuer_id, project.agency_id}
    if bid:
        organisations |= {bid.lead_id, *(member.organisation_id for member in bid.members)}
    query = select(Person).where(
        Person.organisation_id.in_(organisations - {None}), Person.active, acts_for_organisation()
    )
    query = query.options(lazyload(Person.organisation), lazyload(Person.roles))
    return list(rows.session.scalars(query.order_by(Person.organisation_id, Person.manager.desc(), Person.id)))


def _documents(rows: ProjectRows, wanted: Collection[int]) -> dict[int, Document]:
    """Return the documents that are seen; form, application and contract are loaded too because guards need them."""
    project = rows.project
    main = {project.form_id, project.application_id, project.contract_id} - {None}
    query = select(Document).where(Document.id.in_(main | set(wanted))).order_by(Document.id)
    return {document.id: document for document in rows.session.scalars(query).all() if document.id in wanted}


def _versions(rows: ProjectRows, documents: Collection[int]) -> dict[int, list[Any]]:
    """Return the frozen versions of documents, newest first, without their data."""
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
    found: dict[int, list[Any]] = {}
    for row in rows.session.execute(query.order_by(DocumentVersion.document_id, DocumentVersion.number.desc())):
        found.setdefault(row.document_id, []).append(row)
    return found


def _remarks(rows: ProjectRows, versions: Mapping[int, Sequence[Any]]) -> dict[int, list[Remark]]:
    """Return the remarks (逐项意见) of officers who sent the form back, by its versions."""
    numbers = [row.id for row in versions.get(rows.project.form_id or 0, [])]
    query = select(Remark).where(Remark.version_id.in_(numbers)).order_by(Remark.id)
    found: dict[int, list[Remark]] = {}
    for remark in rows.session.scalars(query):
        found.setdefault(remark.version_id, []).append(remark)
    return found
