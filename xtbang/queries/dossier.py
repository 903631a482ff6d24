"""The dossier (项目卷): everything that belongs to one project, as far as one person may see it."""

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import TypeVar

from sqlalchemy import bindparam, func, select

from xtbang.enums import FINDING_LABELS
from xtbang.models import (
    Acceptance,
    Bid,
    Change,
    Countersignature,
    CountyMatch,
    DocumentVersion,
    Extension,
    Finding,
    FundingDocument,
    LedgerEntry,
    MeetingItem,
    Midterm,
    NoticeItem,
    Objection,
    Panel,
    Paper,
    PartyStatement,
    PriorNotice,
    Project,
    Remark,
    RepaymentPlan,
    Report,
    Restriction,
    StoredFile,
    Termination,
    Voucher,
    Waiver,
)
from xtbang.queries.caller import Caller
from xtbang.queries.ledger import Balances, balances_of, last_lowering
from xtbang.queries.project_rows import ProjectRows
from xtbang.queries.rights.project_parts import Sight, findings_for, sees_paper
from xtbang.queries.rights.sealed_bids import is_own, readable
from xtbang.queries.shown import shown
from xtbang.queries.shown.bids import BidShown, bid_shown
from xtbang.queries.shown.documents import DocumentShown, FileShown, PaperShown, VersionShown, files_shown
from xtbang.queries.shown.money import (
    AcceptanceShown,
    ExtensionShown,
    FundingShown,
    LineShown,
    MatchShown,
    MidtermShown,
    PlanShown,
    ReportShown,
    TerminationShown,
    VoucherShown,
)
from xtbang.queries.shown.notices import NoticeShown
from xtbang.queries.shown.prior_notices import PriorNoticeShown, StatementShown, prior_notice_shown, statement_shown
from xtbang.queries.shown.project import RestrictionShown, SignedShown, restriction_shown, signed_shown
from xtbang.queries.shown.reviews import (
    FindingShown,
    ObjectionShown,
    PanelShown,
    TurnShown,
    WaiverShown,
    finding_shown,
    panel_shown,
    turn_shown,
    waiver_shown,
)

Table = TypeVar("Table")
Item = TypeVar("Item")


@dataclass(frozen=True)
class Dossier:
    """Hold what a person sees of a project, oldest first unless said otherwise; empty where the person sees nothing."""

    bids: list[BidShown]  # those that may be read now
    documents: Mapping[int, DocumentShown]
    versions: Mapping[int, list[VersionShown]]  # document → its versions, newest first
    remarks: Mapping[int, int]  # version → number of remarks
    papers: list[PaperShown]  # newest first
    files: Mapping[int, FileShown]
    signed: list[SignedShown]  # waiting for the other bureau
    panels: list[PanelShown]
    turns: list[TurnShown]  # on meetings with a time
    findings: list[FindingShown]
    notices: list[NoticeShown]
    objections: list[ObjectionShown]
    funding: FundingShown | None
    balances: Balances
    lines: list[LineShown]
    matches: list[MatchShown]
    vouchers: list[VoucherShown]
    waivers: list[WaiverShown]
    reports: list[ReportShown]  # by due date
    acceptances: list[AcceptanceShown]
    extensions: list[ExtensionShown]
    waiting: frozenset[int]  # versions of the contract that a change makes and that are not in force
    midterms: list[MidtermShown]
    case: list[StatementShown]  # before a liability panel
    prior_notices: list[PriorNoticeShown]
    termination: TerminationShown | None
    plan: PlanShown | None  # of repayment: asked for, or in force
    restrictions: list[RestrictionShown]

    def newest(self, document_id: int | None) -> VersionShown | None:
        """Return the newest frozen version of a document; of a change, once it is in force."""
        return next((row for row in self.versions.get(document_id or 0, []) if row.id not in self.waiting), None)

    @property
    def frozen(self) -> list[DocumentShown]:
        """Return the documents with a frozen version."""
        return [document for document in self.documents.values() if document.id in self.versions]

    @property
    def own_bids(self) -> list[BidShown]:
        """Return the bids of the reader's organisation."""
        return [bid for bid in self.bids if bid.own]

    @property
    def visits(self) -> list[FindingShown]:
        """Return opinions, inspections, resolutions and the days of law."""
        return [item for item in self.findings if item.kind in FINDING_LABELS]

    @property
    def asked_papers(self) -> list[FindingShown]:
        """Return the files that the edition asked of actions besides."""
        return [item for item in self.findings if item.kind == "paper"]

    @property
    def checks(self) -> list[FindingShown]:
        """Return the checks while the project is carried out."""
        return [item for item in self.findings if item.kind == "check"]

    @property
    def deal(self) -> FindingShown | None:
        """Return the registered technology contract (技术合同)."""
        return next((item for item in self.findings if item.kind == "deal"), None)

    @property
    def requests(self) -> list[AcceptanceShown]:
        """Return the requests for acceptance that were submitted."""
        return [item for item in self.acceptances if item.status != "draft"]


def dossier(caller: Caller, rows: ProjectRows, sight: Sight) -> Dossier:
    """Return what this person may see of the project's rows."""

    def seen(part: str, table: type[Table]) -> list[Table]:
        return rows.of(table) if part in sight else []

    def each(part: str, table: type[Table], kind: type[Item]) -> list[Item]:
        return [shown(kind, row) for row in seen(part, table)]

    def made(part: str, table: type[Table], make: Callable[[Table], Item]) -> list[Item]:
        return [make(row) for row in seen(part, table)]

    project, ledger = rows.project, seen("money", LedgerEntry)
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
    documents = {row.id: shown(DocumentShown, row) for row in rows.documents(wanted)}
    versions = _versions(rows, documents)
    examined = {row.file_id for row in seen("reports", Midterm)}  # the files of the page that experts open
    return Dossier(
        bids=[bid_shown(bid, is_own(bid, caller.actor)) for bid in bids],
        documents=documents,
        versions=versions,
        remarks=_remarks(rows, versions) if "remarks" in sight else {},
        papers=_papers(rows, sight, bids),
        files=files_shown(row for row in rows.of(StoredFile) if not sight.as_expert or row.id in examined),
        signed=[signed_shown(item) for item in seen("findings", Countersignature) if item.status == "open"],
        panels=made("panels", Panel, panel_shown),
        turns=[turn_shown(item) for item in seen("panels", MeetingItem) if _takes_place(item)],
        findings=_findings(rows, sight),
        notices=sorted(
            (shown(NoticeShown, item.notice) for item in seen("notices", NoticeItem)), key=lambda notice: notice.id
        ),
        objections=each("objections", Objection, ObjectionShown),
        funding=next(iter(each("contract", FundingDocument, FundingShown)), None),
        balances=balances_of(ledger),
        lines=[shown(LineShown, line) for line in ledger],
        matches=each("money", CountyMatch, MatchShown),
        vouchers=each("vouchers", Voucher, VoucherShown),
        waivers=made("waivers", Waiver, waiver_shown),
        reports=[shown(ReportShown, row) for row in reports],
        acceptances=[shown(AcceptanceShown, row) for row in acceptances],
        extensions=each("contract", Extension, ExtensionShown),
        waiting=frozenset(row.version_id for row in rows.of(Change) if row.version_id and row.status != "in_force"),
        midterms=[shown(MidtermShown, row) for row in seen("reports", Midterm)],
        case=_case(rows, sight),
        prior_notices=_prior_notices(rows, sight),
        termination=next(
            (shown(TerminationShown, row) for row in seen("termination", Termination) if row.revoked_at is None), None
        ),
        plan=_plan(seen("termination", RepaymentPlan), seen("termination", Termination), rows.of(Change)),
        restrictions=made("termination", Restriction, restriction_shown),
    )


def _document(project: Project, sight: Sight, part: str) -> int | None:
    number: int | None = getattr(project, f"{part}_id")
    return number if part in sight else None


def _papers(rows: ProjectRows, sight: Sight, bids: Collection[Bid]) -> list[PaperShown]:
    papers = (paper for paper in rows.of(Paper) if sees_paper(sight, paper, bids))
    newest_first = sorted(papers, key=lambda paper: (paper.made_at, paper.id), reverse=True)
    return list(map(partial(shown, PaperShown), newest_first))


def _findings(rows: ProjectRows, sight: Sight) -> list[FindingShown]:
    kinds = findings_for(sight)
    return [finding_shown(row) for row in rows.of(Finding) if "findings" in sight or row.kind in kinds]


def _takes_place(item: MeetingItem) -> bool:
    """Return whether the project is on a meeting that has a time and was not cancelled."""
    return item.left_at is None and item.meeting.starts_at is not None and item.meeting.status != "cancelled"


VERSIONS = (
    select(
        DocumentVersion.id,
        DocumentVersion.document_id,
        DocumentVersion.number,
        DocumentVersion.frozen_at,
        DocumentVersion.scan_id,
    )
    .where(DocumentVersion.document_id.in_(bindparam("documents", expanding=True)))
    .order_by(DocumentVersion.document_id, DocumentVersion.number.desc())
)
REMARKS = (
    select(Remark.version_id, func.count(Remark.id))
    .where(Remark.version_id.in_(bindparam("versions", expanding=True)))
    .group_by(Remark.version_id)
)


def _versions(rows: ProjectRows, documents: Collection[int]) -> dict[int, list[VersionShown]]:
    """Return the frozen versions of documents, newest first."""
    found: dict[int, list[VersionShown]] = {}
    for row in rows.session.connection().execute(VERSIONS, {"documents": list(documents)}):
        found.setdefault(row.document_id, []).append(shown(VersionShown, row))
    return found


def _remarks(rows: ProjectRows, versions: Mapping[int, list[VersionShown]]) -> dict[int, int]:
    """Return how many remarks (逐项意见) officers made who sent the form back, by its versions."""
    numbers = [version.id for version in versions.get(rows.project.form_id or 0, [])]
    return {version: number for version, number in rows.session.connection().execute(REMARKS, {"versions": numbers})}


def _case(rows: ProjectRows, sight: Sight) -> list[StatementShown]:
    """Return what the parties have stated before liability panels; to a party its own statements alone."""
    said = (row for row in rows.of(PartyStatement) if row.panel_id is not None and "case" in sight)
    readable = (row for row in said if sight.officer or row.organisation_id == sight.organisation_id)
    return [statement_shown(row) for row in readable]


def _prior_notices(rows: ProjectRows, sight: Sight) -> list[PriorNoticeShown]:
    """Return the prior notices; to a party with its own statements alone."""
    if "prior_notices" not in sight:
        return []
    only = None if sight.officer else {sight.organisation_id or 0}
    return [prior_notice_shown(row, rows.of(PartyStatement), only) for row in rows.of(PriorNotice)]


def _plan(plans: Iterable[RepaymentPlan], ended: Iterable[Termination], changes: Iterable[Change]) -> PlanShown | None:
    """Return the newest repayment plan, open or approved, of the decision that stands, else of the last change that lowers the subsidy."""
    decisions = [row.id for row in ended if row.revoked_at is None]
    last = last_lowering(changes)
    claim = (decisions[-1], None) if decisions else (None, last.id if last else None)
    asked = [
        row for row in plans if (row.termination_id, row.change_id) == claim and row.status in ("open", "approved")
    ]
    return shown(PlanShown, asked[-1]) if asked else None
