"""我的事项: the entries of an organisation, its bids, the invitations it has to answer, the calls that are open."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.orm import Session, joinedload

from xtbang.models import (
    Acceptance,
    Bid,
    BidMember,
    Call,
    Document,
    DocumentVersion,
    Notice,
    NoticeItem,
    Project,
    Report,
    Signature,
    Termination,
    Voucher,
)

FINAL = ("closed", "terminated", "rejected", "withdrawn")
PAGE = 30


@dataclass
class Beside:
    """What decides the next step of many projects; each by project id."""

    notice_ends: dict[int, date] = field(default_factory=dict)
    reports: dict[int, Report] = field(default_factory=dict)  # the next one that is not handed in
    rectify: dict[int, date] = field(default_factory=dict)  # until when, as the last 限期整改 says
    acceptances: dict[int, int] = field(default_factory=dict)  # document of the request being written
    recover_by: dict[int, date] = field(default_factory=dict)
    submitted_bids: dict[int, int] = field(default_factory=dict)  # says nothing about sealed ones: see `choosing`
    contract: dict[int, int] = field(default_factory=dict)  # newest issued version
    signed: set[int] = field(default_factory=set)  # by the organisation, that version
    open_vouchers: set[int] = field(default_factory=set)
    accepted: dict[int, Decimal] = field(default_factory=dict)  # what vouchers prove, in yuan


def entries(session: Session, organisation_id: int, done: bool, before: int | None = None) -> list[Project]:
    """The organisation's projects as issuer or agreed bidder, newest first, one page and one more."""
    members = select(BidMember.bid_id).where(BidMember.organisation_id == organisation_id)
    agreed = select(Bid.id).where(or_(Bid.lead_id == organisation_id, Bid.id.in_(members)), Bid.status == "agreed")
    ours = or_(Project.issuer_id == organisation_id, Project.agreed_bid_id.in_(agreed))
    finished: ColumnElement[bool] = Project.state.in_(FINAL)
    query = select(Project).where(ours, finished if done else ~finished)
    if before is not None:
        query = query.where(Project.id < before)
    query = query.options(
        joinedload(Project.call),
        joinedload(Project.issuer),
        joinedload(Project.form),
        joinedload(Project.agreed_bid).joinedload(Bid.lead),
    )
    return list(session.scalars(query.order_by(Project.id.desc()).limit(PAGE + 1)))


def bids(session: Session, organisation_id: int) -> list[Bid]:
    """Its own bids that were not agreed to, and those it is a member of, newest first."""
    members = select(BidMember.bid_id).where(BidMember.organisation_id == organisation_id)
    query = select(Bid).where(or_(Bid.lead_id == organisation_id, Bid.id.in_(members)), Bid.status != "agreed")
    loaded = joinedload(Bid.project).joinedload(Project.issuer)
    query = query.options(loaded, joinedload(Bid.lead), joinedload(Bid.document))
    return list(session.scalars(query.order_by(Bid.id.desc()).limit(PAGE)))


def invitations(session: Session, organisation_id: int) -> list[BidMember]:
    """The drafts of bids that name it as a member and wait for its word."""
    outdated = or_(BidMember.confirmed_draft.is_(None), BidMember.confirmed_draft != Document.draft_version)
    query = select(BidMember).join(Bid).join(Document, Document.id == Bid.document_id)
    query = query.join(Project, Project.id == Bid.project_id)
    query = query.where(
        BidMember.organisation_id == organisation_id, Bid.status == "draft", Project.state == "listing", outdated
    )
    query = query.options(
        joinedload(BidMember.bid).joinedload(Bid.lead), joinedload(BidMember.bid).joinedload(Bid.project)
    )
    return list(session.scalars(query.order_by(BidMember.id)))


def open_calls(session: Session, now: datetime) -> list[Call]:
    """The published calls that take entries now, the one that closes first on top."""
    query = select(Call).where(Call.published_at.is_not(None), Call.opens_at <= now, Call.closes_at >= now)
    return list(session.scalars(query.order_by(Call.closes_at, Call.id)))


def beside(session: Session, projects: Collection[int], organisation_id: int) -> Beside:
    """The facts beside the projects of one page, one query for each kind."""
    found = Beside()
    if not projects:
        return found

    def of(model: Any, *conditions: ColumnElement[bool]) -> Sequence[Any]:
        query = select(model).where(model.project_id.in_(projects), *conditions)
        return session.scalars(query.order_by(model.id)).all()

    notices = select(NoticeItem.project_id, func.max(Notice.last_day)).join(Notice)
    notices = notices.where(
        NoticeItem.project_id.in_(projects), Notice.kind == "publicity", Notice.status == "published"
    )
    found.notice_ends = {key: day for key, day in _pairs(session, notices.group_by(NoticeItem.project_id)) if day}
    for report in sorted(of(Report, Report.submitted_at.is_(None)), key=lambda item: item.due_on, reverse=True):
        found.reports[report.project_id] = report
    for item in of(Acceptance):
        if item.status == "draft":
            found.acceptances[item.project_id] = item.document_id
        elif item.rectify_by:
            found.rectify[item.project_id] = item.rectify_by
    found.recover_by = {item.project_id: item.recover_by for item in of(Termination)}
    bids = select(Bid.project_id, func.count()).where(Bid.project_id.in_(projects), Bid.status == "submitted")
    found.submitted_bids = dict(_pairs(session, bids.group_by(Bid.project_id)))
    issued = select(Project.id, func.max(DocumentVersion.id)).join(
        DocumentVersion, DocumentVersion.document_id == Project.contract_id
    )
    found.contract = dict(_pairs(session, issued.where(Project.id.in_(projects)).group_by(Project.id)))
    ours = of(Signature, Signature.organisation_id == organisation_id)
    found.signed = {item.project_id for item in ours if item.version_id == found.contract.get(item.project_id)}
    for item in of(Voucher, Voucher.status != "refused"):
        if item.status == "open":
            found.open_vouchers.add(item.project_id)
        else:
            found.accepted[item.project_id] = found.accepted.get(item.project_id, Decimal(0)) + item.amount
    return found


def _pairs(session: Session, query: Any) -> list[tuple[Any, Any]]:
    rows: Sequence[Any] = session.execute(query).all()
    return [(row[0], row[1]) for row in rows]
