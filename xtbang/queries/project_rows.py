"""The rows that belong to one project, each read once: table by table, or a part of its tables in one statement."""

from collections.abc import Collection, Mapping, Sequence
from itertools import chain
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, Integer, Select, and_, bindparam, exists, literal_column, or_, select, union_all
from sqlalchemy.orm import Session, aliased, defer, joinedload, lazyload
from sqlalchemy.orm.interfaces import ORMOption

from xtbang.models import (
    Acceptance,
    Addressee,
    Assignment,
    Bid,
    BidMember,
    Change,
    ChangeMember,
    Countersignature,
    CountyMatch,
    Document,
    DocumentVersion,
    Event,
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
    PaymentApproval,
    Person,
    PriorNotice,
    Project,
    Recusal,
    RepaymentPlan,
    Report,
    Restriction,
    Ruling,
    Seat,
    Signature,
    StoredFile,
    Termination,
    Voucher,
    Waiver,
    WriteOff,
)
from xtbang.rules.fields import FormDefinition
from xtbang.rules.forms import readable

Table = TypeVar("Table")


def _named(relation: Any) -> ORMOption:
    """Return the option that loads a person with the row, without roles and organisation."""
    return joinedload(relation).options(lazyload(Person.organisation), lazyload(Person.roles))


# the tables of a project, and what is loaded with each row
TABLES: Mapping[type[Any], tuple[ORMOption, ...]] = {
    Acceptance: (joinedload(Acceptance.document),),
    Assignment: (_named(Assignment.person),),
    Bid: (joinedload(Bid.lead), joinedload(Bid.members).joinedload(BidMember.organisation)),
    Change: (joinedload(Change.members).joinedload(ChangeMember.organisation),),
    Countersignature: (_named(Countersignature.person),),
    CountyMatch: (),
    Event: (),
    Extension: (),
    Finding: (_named(Finding.person),),
    FundingDocument: (),
    LedgerEntry: (),
    MeetingItem: (joinedload(MeetingItem.meeting),),
    Midterm: (),
    NoticeItem: (joinedload(NoticeItem.notice),),
    Objection: (),
    Panel: (
        joinedload(Panel.seats).joinedload(Seat.expert).options(lazyload(Person.organisation), lazyload(Person.roles)),
    ),
    Paper: (defer(Paper.data),),
    PartyStatement: (joinedload(PartyStatement.organisation),),
    PaymentApproval: (),
    Recusal: (joinedload(Recusal.organisation),),
    PriorNotice: (joinedload(PriorNotice.addressees).joinedload(Addressee.organisation),),
    RepaymentPlan: (),
    Report: (joinedload(Report.document),),
    Restriction: (joinedload(Restriction.organisation),),
    Ruling: (),
    Signature: (joinedload(Signature.organisation),),
    StoredFile: (),
    Termination: (),
    Voucher: (),
    Waiver: (_named(Waiver.person),),
    WriteOff: (),
}


def holds(version: Any) -> ColumnElement[bool]:
    """Return the condition that no change (变更) has made the version without being in force."""
    waiting = exists().where(Change.version_id == version.id, Change.status != "in_force")
    return ~waiting.correlate(version)


def _newest() -> Select[Any]:
    """Return the query for the newest versions of documents, of those that hold."""
    later = aliased(DocumentVersion)
    newer = select(later.id).where(later.document_id == DocumentVersion.document_id)
    newer = newer.where(later.number > DocumentVersion.number, holds(later))
    asked = DocumentVersion.document_id.in_(bindparam("documents", expanding=True))
    return select(DocumentVersion).where(asked, holds(DocumentVersion), ~newer.exists())


NEWEST = _newest()
DOCUMENTS = select(Document).where(Document.id.in_(bindparam("documents", expanding=True)))


def _together(tables: Sequence[type[Any]]) -> Select[Any]:
    """Return one statement for these tables: each of its rows has a row of one of them, and NULL for the others."""
    numbers = range(len(tables))
    which = union_all(*(select(literal_column(str(number), Integer).label("number")) for number in numbers)).subquery()
    query = select(*tables).select_from(which)
    for number, table in enumerate(tables):
        query = query.outerjoin(table, and_(which.c.number == number, table.project_id == bindparam("project")))
    query = query.where(or_(*(table.id.is_not(None) for table in tables)))
    return query.options(*(option for table in tables for option in TABLES[table]))


# a statement each: those with many rows apart, since a row has the columns of all tables of its statement
MANY: tuple[tuple[type[Any], ...], ...] = (
    (Event,),
    (Finding, Panel, Paper, StoredFile),
    (Bid, Countersignature, LedgerEntry, MeetingItem, NoticeItem, Report, Signature, Voucher),
)
FEW = tuple(table for table in TABLES if table not in chain(*MANY))
TOGETHER = tuple((part, _together(part)) for part in (*MANY, FEW))
PART_OF = {table: (part, query) for part, query in TOGETHER for table in part}

EACH = {
    table: select(table).where(table.project_id == bindparam("project")).order_by(table.id).options(*options)
    for table, options in TABLES.items()
}


class ProjectRows:
    """The rows of one project, read on first use and then held in memory.

    ``together`` is for a page, which asks for many tables: the first one that is asked for brings those of its part.
    """

    def __init__(self, session: Session, project: Project, together: bool = False) -> None:
        self.session, self.project, self.together = session, project, together
        self._rows: dict[type[Any], list[Any]] = {}
        self._versions: dict[int, DocumentVersion | None] = {}
        self._documents: dict[int, Document] = {}
        self._written: dict[Document, dict[str, Any]] = {}
        self.in_force: dict[int, list[Restriction]] = {}  # by organisation, of those that a guard has asked about

    def of(self, table: type[Table]) -> list[Table]:
        """Return the project's rows of one table, oldest first."""
        if table not in self._rows and self.together:
            self._load(*PART_OF[table])
        elif table not in self._rows:
            self._rows[table] = list(self.session.scalars(EACH[table], {"project": self.project.id}).unique())
        return self._rows[table]

    def ask_together(self) -> None:
        """Load all tables with a statement for each part of ``TOGETHER``."""
        for tables, query in TOGETHER:
            self._load(tables, query)

    def _load(self, tables: Sequence[type[Any]], query: Select[Any]) -> None:
        found: Sequence[Any] = self.session.execute(query, {"project": self.project.id}).unique().all()
        for place, table in enumerate(tables):
            rows = {row[place].id: row[place] for row in found if row[place] is not None}
            self._rows[table] = [rows[number] for number in sorted(rows)]

    def newest(self, document_id: int | None) -> DocumentVersion | None:
        """Return a document's newest frozen version; those of form, application, contract and bid are read together.

        For a page those of reports and requests for acceptance are read with them.

        A version of the contract that a change (变更) will make counts once it is in force.
        """
        if document_id is None:
            return None
        if document_id not in self._versions:
            main = self._main_documents()
            asked = main if document_id in main else {document_id}
            versions = self.session.scalars(NEWEST, {"documents": list(asked)})
            found = {version.document_id: version for version in versions}
            self._versions |= {number: found.get(number) for number in asked}
        return self._versions[document_id]

    def written(self, document: Document, definition: FormDefinition) -> dict[str, Any]:
        """Return the readable values of a document's draft (`rules.forms.readable`)."""
        if document not in self._written:
            self._written[document] = readable(definition, document.draft)
        return self._written[document]

    def documents(self, wanted: Collection[int]) -> list[Document]:
        """Return the documents with these ids; form, application and contract are read with them because guards need them."""
        project = self.project
        main = {number for number in (project.form_id, project.application_id, project.contract_id) if number}
        missing = (main | set(wanted)) - self._documents.keys()
        if missing:
            found = self.session.scalars(DOCUMENTS, {"documents": list(missing)})
            self._documents |= {document.id: document for document in found}
        return [self._documents[number] for number in sorted(wanted)]

    def _main_documents(self) -> set[int]:
        project = self.project
        agreed = [bid.document_id for bid in self.of(Bid) if bid.id == project.agreed_bid_id]
        main = [project.form_id, project.application_id, project.contract_id, *agreed]
        if self.together:
            main += [row.document_id for row in self.of(Report)] + [row.document_id for row in self.of(Acceptance)]
        return {number for number in main if number is not None}
