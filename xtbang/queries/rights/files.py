"""Decide who may open an upload or a printed paper: everyone who may see what it belongs to."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Integer, Select, bindparam, func, literal_column, select, union_all
from sqlalchemy.orm import joinedload

from xtbang.enums import BUREAU_ROLES, CHANGES_BY_TWO
from xtbang.models import (
    Acceptance,
    Addressee,
    Change,
    CountyMatch,
    DocumentVersion,
    Event,
    Extension,
    Finding,
    FundingDocument,
    LedgerEntry,
    Midterm,
    Notice,
    OrganisationChange,
    Panel,
    Paper,
    PartyStatement,
    PriorNotice,
    Project,
    RepaymentPlan,
    Ruling,
    Signature,
    StoredFile,
    Termination,
    Voucher,
    WriteOff,
)
from xtbang.queries.caller import Caller
from xtbang.queries.documents import definition_of
from xtbang.queries.rights.project_parts import (
    Sight,
    findings_for,
    is_evidence,
    of_bid,
    sees_documents,
    sees_paper,
    sight_of,
)
from xtbang.queries.rights.sealed_bids import visible_to
from xtbang.queries.rights.visibility import find, visible

STATEMENT = "yearly_statement"  # the one paper that is of no project, of no organisation and not public

# the columns that refer to a file, and the part of the page that its reader must see
HUNG_ON: tuple[tuple[Any, str], ...] = (
    (Voucher.file_id, "voucher_files"),
    (Signature.file_id, "voucher_files"),
    (FundingDocument.file_id, "money"),
    (CountyMatch.file_id, "money"),
    (LedgerEntry.file_id, "money"),
    (Extension.audit_file_id, "contract"),
    (Change.file_id, "contract"),
    (Midterm.file_id, "reports"),
    (Termination.audit_file_id, "termination"),
    (RepaymentPlan.file_id, "termination"),
    (WriteOff.file_id, "termination"),
    (Ruling.file_id, "people"),
    (PriorNotice.file_id, "prior_notices"),
    (Addressee.file_id, "audit"),
    (Panel.evidence_id, "case"),
    (PartyStatement.file_id, "audit"),
    (Finding.file_id, "findings"),
)


def _first_hung_on() -> Select[int]:
    """Return the query for the place in ``HUNG_ON`` of the first column that refers to a file of a project; NULL for none."""
    asked = bindparam("file", type_=Integer), bindparam("project", type_=Integer)
    each = (
        select(literal_column(str(place), Integer).label("place")).where(
            column == asked[0], column.class_.project_id == asked[1]
        )
        for place, (column, _part) in enumerate(HUNG_ON)
    )
    return select(func.min(union_all(*each).subquery().c.place))


FIRST_HUNG_ON = _first_hung_on()

# those of them that experts open: what is examined, and the case of a liability panel; what parties attach otherwise and
# stamped scans print telephones
FOR_EXPERTS = (Panel.evidence_id, PartyStatement.file_id, Midterm.file_id)


def may_open_paper(caller: Caller, row: Paper) -> bool:
    """Return whether the person may open an unpublished paper: of a project, of an organisation, of a year's money."""
    return _opens(caller, row, _project(caller, row.project_id))


def open_papers(caller: Caller, rows: Sequence[Paper]) -> list[Paper]:
    """Return those of these papers that the person may open, or anybody may; projects and notices are read by a statement each."""
    who, session = caller.actor, caller.session
    seen = visible(who.roles, who.person_id, who.organisation_id, who.region)
    among = Project.id.in_({row.project_id for row in rows if row.project_id is not None})
    projects = {project.id: project for project in session.scalars(select(Project).where(among, seen))}
    announced = {row.notice_id for row in rows if row.notice_id is not None}
    public = set(session.scalars(select(Notice.id).where(Notice.id.in_(announced), Notice.published_at.is_not(None))))
    return [row for row in rows if row.notice_id in public or _opens(caller, row, projects.get(row.project_id or 0))]


def _opens(caller: Caller, row: Paper, project: Project | None) -> bool:
    """Return whether the person may open the paper; ``project`` is that of the paper, None where they may not see it."""
    if row.name == STATEMENT:
        return _of_own_money(caller, row)
    if row.project_id is None:
        return _of_organisation(caller, row)
    if project is None:
        return False
    sight = sight_of(caller.session, project, caller.actor)
    bids = visible_to(caller.session, project, caller.actor, caller.collected) if of_bid(row) else []
    return sees_paper(sight, row, bids)


def _of_own_money(caller: Caller, row: Paper) -> bool:
    """Return whether a yearly statement is of money that the person sees: a county sees its own."""
    roles, region = caller.actor.roles, row.subject.rpartition(":")[2]
    own = "county" in roles and region != "" and region == caller.actor.region
    return own or not roles.isdisjoint((*BUREAU_ROLES, "leader", "auditor", "finance"))


def may_open_file(caller: Caller, row: StoredFile) -> bool:
    """Return whether the person may open a file, by the row that refers to it.

    A file without such a row is open to its own organisation and to everyone who may read a document that names it.
    """
    session, who = caller.session, caller.actor
    project = _project(caller, row.project_id)
    if project is None:
        own = row.uploaded_by_id is not None and row.uploaded_by_id == who.person_id
        return row.project_id is None and (own or _about_organisation(caller, row))
    if row.uploaded_by_id is not None and row.uploaded_by_id == who.person_id:
        return True
    sight = sight_of(session, project, who)
    if (sight.as_expert and row.contacts) or is_evidence(session, row):
        return "objectors" in sight  # which no expert has
    place = session.scalar(FIRST_HUNG_ON, {"file": row.id, "project": project.id})
    if place is not None:
        column, part = HUNG_ON[place]
        if sight.as_expert and column not in FOR_EXPERTS:
            return False
        return part in sight or any(column is its and may(caller, row, sight) for its, may in FURTHER)
    if row.organisation_id is not None and row.organisation_id == sight.organisation_id:
        return True
    printed = session.scalars(select(Paper).where(Paper.file_id == row.id, Paper.project_id == project.id)).first()
    if printed is not None:
        return may_open_paper(caller, printed)
    if "audit" in sight and (row.organisation_id is None or _was_signed_with(caller, row)):
        return True  # replaced by a correction, refused or returned: its event names it
    return _by_document(caller, row, project, sight)


def _was_signed_with(caller: Caller, row: StoredFile) -> bool:
    """Return whether a party has handed the file in as its stamped scan of a contract, which was returned or is void since."""
    signing = [action.trigger for action in caller.policy.actions.values() if action.scan_of == "contract"]
    signed = select(Event.files).where(Event.project_id == row.project_id, Event.trigger.in_(signing))
    return any(row.sha256 in files for files in caller.session.scalars(signed))


def _project(caller: Caller, project_id: int | None) -> Project | None:
    if project_id is None:
        return None
    who = caller.actor
    return find(caller.session, project_id, who.roles, who.person_id, who.organisation_id, who.region)


def _of_organisation(caller: Caller, row: Paper) -> bool:
    """Return whether the paper about an organisation is open to this person: its people, the bureaus, auditor, administrator."""
    who = caller.actor
    own = "applicant" in who.roles and who.organisation_id == row.owner_id
    return row.owner_id is not None and (own or not who.roles.isdisjoint((*BUREAU_ROLES, "auditor", "admin")))


def _about_organisation(caller: Caller, row: StoredFile) -> bool:
    """Return whether a file without a project is open to this person: its organisation's people, lead office, auditor, administrator.

    It proves a change of an organisation, or belongs to its statement on a prior notice. Either bureau opens such a statement,
    and what proves a change that it may confirm.
    """
    proved = OrganisationChange.file_id == row.id
    changes = select(OrganisationChange.organisation_id).where(proved)
    statements = select(PartyStatement.organisation_id).where(PartyStatement.file_id == row.id)
    owner = caller.session.scalar(changes.union_all(statements).limit(1))
    who = caller.actor
    own = "applicant" in who.roles and who.organisation_id == owner
    if owner is None or own or not who.roles.isdisjoint(("science", "auditor", "admin")):
        return owner is not None
    if who.roles.isdisjoint(BUREAU_ROLES):
        return False
    by_two = select(OrganisationChange.id).where(proved, OrganisationChange.kind.in_(CHANGES_BY_TWO))
    stated = select(PartyStatement.id).where(PartyStatement.file_id == row.id)
    return caller.session.scalar(by_two.union_all(stated).limit(1)) is not None


def _finding(caller: Caller, row: StoredFile, sight: Sight) -> bool:
    """Return whether the file is of a finding open to others than the bureaus: checks to agencies, deals to parties."""
    kind = caller.session.scalar(
        select(Finding.kind).where(Finding.project_id == row.project_id, Finding.file_id == row.id)
    )
    return kind in findings_for(sight)


def _statement(caller: Caller, row: StoredFile, sight: Sight) -> bool:
    """Return whether the file belongs to a statement of the reader's own organisation, or before the reader's panel."""
    found = caller.session.scalars(select(PartyStatement).where(PartyStatement.file_id == row.id)).all()
    if sight.as_expert and "case" in sight:
        return any(said.panel_id is not None for said in found)
    return any(said.organisation_id == sight.organisation_id for said in found)


FURTHER = ((Finding.file_id, _finding), (PartyStatement.file_id, _statement))  # who else may open such a file


def _by_document(caller: Caller, row: StoredFile, project: Project, sight: Sight) -> bool:
    """Return whether a frozen document that the person may read has the file; a bid seals its files too."""
    session = caller.session
    readable = sees_documents(sight, project, visible_to(session, project, caller.actor, caller.collected))
    if "acceptance" in sight:
        readable |= set(session.scalars(select(Acceptance.document_id).where(Acceptance.project_id == project.id)))
    query = select(DocumentVersion).where(DocumentVersion.document_id.in_(readable))
    versions = session.scalars(query.options(joinedload(DocumentVersion.document))).all()
    if sight.as_expert:
        return any(row.sha256 in _open_to_experts(caller, project, version) for version in versions)
    return any(version.scan_id == row.id or row.sha256 in version.data.values() for version in versions)


def _open_to_experts(caller: Caller, project: Project, version: DocumentVersion) -> set[str]:
    """Return the digests of the files of a document that a panel examines."""
    form = definition_of(caller.policy.edition(project.edition), project, version.document)
    return {version.data.get(key, "") for key in form.examined} - {""}
