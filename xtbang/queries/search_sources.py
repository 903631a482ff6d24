"""Sources of the search index: for each kind of row its words, and the part of a project's page that its reader must see.

A draft has no entry. Names of files stand with the row that has the file, so that only those find the name of a file who may
open it.
"""

import re
from collections.abc import Collection, Iterator, Sequence
from typing import Any

from sqlalchemy import ColumnElement, bindparam, func, select, true
from sqlalchemy.orm import InstrumentedAttribute, Session

from xtbang.models import (
    Bid,
    BidMember,
    Change,
    CountyMatch,
    Document,
    DocumentVersion,
    Extension,
    Finding,
    FundingDocument,
    LedgerEntry,
    Objection,
    Organisation,
    Panel,
    Paper,
    Person,
    Project,
    Remark,
    Ruling,
    Seat,
    StoredFile,
    Termination,
    Voucher,
    WriteOff,
)
from xtbang.queries.rights.project_parts import of_bid, part_of
from xtbang.queries.search_items import Item, Source, former_names
from xtbang.queries.search_registers import OF_REGISTERS

STRIDE = 32  # an entry's id is its row's id times this, plus the number of its source
PROJECT, LISTING, DOCUMENT, PANEL = 1, 2, 3, 18  # numbers of sources
KEY = re.compile(r"[a-z_]+(:[0-9]+)+")  # of what a finding is about
DIGEST = re.compile(r"[0-9a-f]{64}")
CHOICE = re.compile(r"[a-z]+(_[a-z0-9]+)+")  # the key of a choice
DOCUMENTS = {  # kind of document → part
    "form": "form",
    "bid": "bids",
    "application": "application",
    "contract": "contract",
    "report": "reports",
    "acceptance": "acceptance",
}


def _projects(session: Session, ids: Collection[int]) -> Iterator[Item]:
    columns = (Project.id, Project.number, Project.title, Project.region, Project.domain, Project.issuer_id)
    query = select(*columns, Organisation.name, Organisation.uscc).join(
        Organisation, Organisation.id == Project.issuer_id
    )
    rows = session.execute(query.where(Project.id.in_(ids), Project.number.is_not(None))).all()
    former = former_names(session, {row.issuer_id for row in rows})
    for row in rows:
        names, codes = former.get(row.issuer_id, ([], []))
        words = [row.number, row.title, row.name, *names, row.uscc, *codes, row.region, row.domain]
        yield Item("project", row.id, words, row.id, "form", exact=row.number)


def _listings(session: Session, ids: Collection[int]) -> Iterator[Item]:
    """Yield what the public finds: number, title and the names of the issuer."""
    columns = (Project.id, Project.number, Project.title, Project.issuer_id, Organisation.name)
    query = select(*columns).join(Organisation, Organisation.id == Project.issuer_id)
    rows = session.execute(query.where(Project.id.in_(ids), Project.listed_at.is_not(None))).all()
    former = former_names(session, {row.issuer_id for row in rows})
    for row in rows:
        words = [row.number, row.title, row.name, *former.get(row.issuer_id, ([], []))[0]]
        yield Item("listing", row.id, words, row.id, "", exact=row.number)


def _documents(session: Session, ids: Collection[int]) -> Iterator[Item]:
    """Yield the newest frozen version of each document, with the names of its files; of a bid also who bids."""
    newest = select(func.max(DocumentVersion.id)).where(DocumentVersion.document_id.in_(ids))
    columns = (Document.id, Document.kind, Document.project_id, DocumentVersion.data, DocumentVersion.scan_id)
    query = (
        select(*columns)
        .join(DocumentVersion)
        .where(DocumentVersion.id.in_(newest.group_by(DocumentVersion.document_id)), Document.kind.in_(DOCUMENTS))
    )
    rows, bidders = session.execute(query).all(), _bidders(session, ids)
    files: dict[int, list[Any]] = {}
    every = select(StoredFile.project_id, StoredFile.id, StoredFile.sha256, StoredFile.name)
    for file in session.execute(every.where(StoredFile.project_id.in_({row.project_id for row in rows}))):
        files.setdefault(file.project_id, []).append(file)
    for row in rows:
        said = list(leaves(row.data))
        digests = {word for word in said if DIGEST.fullmatch(word)}
        names = [
            file.name for file in files.get(row.project_id, ()) if file.sha256 in digests or file.id == row.scan_id
        ]
        typed = (word for word in said if word not in digests and not CHOICE.fullmatch(word))
        words = [*bidders.get(row.id, ()), *typed, *names]
        yield Item(row.kind, row.id, words, row.project_id, DOCUMENTS[row.kind])


def _bidders(session: Session, documents: Collection[int]) -> dict[int, list[str]]:
    """Return document → the names of the bidder and its members."""
    lead = select(Bid.document_id, Organisation.name).join(Organisation, Organisation.id == Bid.lead_id)
    member = select(Bid.document_id, Organisation.name).select_from(BidMember).join(Bid, Bid.id == BidMember.bid_id)
    member = member.join(Organisation, Organisation.id == BidMember.organisation_id).order_by(BidMember.id)
    found: dict[int, list[str]] = {}
    for query in (lead, member):
        for row in session.execute(query.where(Bid.document_id.in_(documents))):
            found.setdefault(row.document_id, []).append(row.name)
    return found


def leaves(value: Any) -> Iterator[str]:
    """Yield every text and number of a document, whatever it stands in."""
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list):
        for part in value:
            yield from leaves(part)
    elif value is not None and not isinstance(value, bool):
        yield str(value)


REMARKS = (
    select(Remark.id, Remark.text, Document.project_id)
    .join(DocumentVersion, DocumentVersion.id == Remark.version_id)
    .join(Document, Document.id == DocumentVersion.document_id)
    .where(Remark.id.in_(bindparam("ids", expanding=True)), Document.kind != "bid")
)


def _remarks(session: Session, ids: Collection[int]) -> Iterator[Item]:
    for row in session.connection().execute(REMARKS, {"ids": list(ids)}):
        yield Item("remark", row.id, [row.text], row.project_id, "remarks")


def _panels(session: Session, ids: Collection[int]) -> Iterator[Item]:
    seats = select(Seat.panel_id, Person.name, Person.employer, Organisation.name.label("organisation"))
    seats = seats.join(Person, Person.id == Seat.expert_id).outerjoin(
        Organisation, Organisation.id == Person.organisation_id
    )
    experts: dict[int, list[str]] = {}
    for seat in session.execute(seats.where(Seat.panel_id.in_(ids)).order_by(Seat.id)):
        experts.setdefault(seat.panel_id, []).extend((seat.name, seat.employer or seat.organisation or ""))
    for row in session.execute(select(Panel.id, Panel.project_id, Panel.opinion).where(Panel.id.in_(ids))):
        yield Item("panel", row.id, [*experts.get(row.id, ()), row.opinion], row.project_id, "seats")


def _papers(session: Session, ids: Collection[int]) -> Iterator[Item]:
    """Yield the papers of projects; the papers of bids are sealed with them."""
    for row in session.scalars(select(Paper).where(Paper.id.in_(ids), Paper.project_id.is_not(None))):
        if not of_bid(row) and row.name != "notice":
            yield Item("paper", row.id, [row.title, row.number, row.code], row.project_id, part_of(row), exact=row.code)


def _plain(
    number: int,
    kind: str,
    part: str,
    *columns: InstrumentedAttribute[str],
    file: InstrumentedAttribute[Any] | None = None,
    only: ColumnElement[bool] | None = None,
    alike: Sequence[InstrumentedAttribute[Any]] = (),
) -> Source:
    """Return the source of rows that belong to a project, whose words are in these columns; by the first they come first.

    ``only`` says which rows are found, by the columns ``alike``.
    """
    model = (columns[0] if file is None else file).class_

    def items(session: Session, ids: Collection[int]) -> Iterator[Item]:
        query = select(model.id, model.project_id, *columns)
        if file is not None:
            query = query.add_columns(StoredFile.name).outerjoin(StoredFile, StoredFile.id == file)
        for row in session.execute(query.where(model.id.in_(ids), true() if only is None else only)):
            words = ["" if KEY.fullmatch(word or "") else word or "" for word in row[2:]]
            yield Item(kind, row.id, words, row.project_id, part, exact=words[0])

    return Source(number, model.id, items, (*columns, *([] if file is None else [file]), *alike))


NAMED = (Project.number, Project.title, Project.issuer_id)
PAID = LedgerEntry.kind != "issuer_payment"  # those are vouchers
ASKED = Change.status != "draft"
SOURCES: tuple[Source, ...] = (
    Source(PROJECT, Project.id, _projects, (*NAMED, Project.region, Project.domain)),
    Source(LISTING, Project.id, _listings, (*NAMED, Project.listed_at)),
    Source(DOCUMENT, DocumentVersion.document_id, _documents, (DocumentVersion.data, Bid.lead_id)),
    Source(4, Remark.id, _remarks, (Remark.text,)),
    _plain(5, "voucher", "vouchers", Voucher.number, Voucher.note),
    _plain(6, "voucher", "voucher_files", file=Voucher.file_id),
    _plain(7, "line", "money", LedgerEntry.note, file=LedgerEntry.file_id, only=PAID),
    _plain(8, "match", "money", CountyMatch.number, file=CountyMatch.file_id),
    _plain(9, "funding", "money", FundingDocument.number, file=FundingDocument.file_id),
    _plain(10, "finding", "findings", Finding.number, Finding.text, file=Finding.file_id),
    _plain(11, "termination", "termination", Termination.reason, file=Termination.audit_file_id),
    _plain(12, "ruling", "people", Ruling.number, Ruling.text, file=Ruling.file_id),
    _plain(13, "write_off", "termination", WriteOff.document, WriteOff.reason, file=WriteOff.file_id),
    _plain(14, "extension", "contract", Extension.cause, Extension.decision, file=Extension.audit_file_id),
    _plain(
        15, "change", "contract", Change.reason, Change.decision, file=Change.file_id, only=ASKED, alike=[Change.status]
    ),
    _plain(16, "objection", "objections", Objection.facts, Objection.finding),
    Source(PANEL, Panel.id, _panels, (Panel.opinion, Seat.expert_id)),
    Source(19, Paper.id, _papers, (Paper.title, Paper.number)),
    _plain(22, "objection", "objectors", Objection.name, Objection.contact, file=Objection.file_id),
    *OF_REGISTERS,
)


def entry_id(number: int, row_id: Any) -> Any:
    """Return the id of the entry of that row of the source with that number."""
    return row_id * STRIDE + number
