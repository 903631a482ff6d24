"""Decide who may write in a document (form, bid, application, contract, report, request for acceptance)."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from xtbang.models import Acceptance, Bid, Document, Project, Report
from xtbang.rules.actor import WRITERS, Actor
from xtbang.rules.policy import Policy


def bid_of(session: Session, document: Document) -> Bid:
    """Return the bid that a document belongs to."""
    return session.scalars(select(Bid).where(Bid.document_id == document.id)).one()


def handed_in(session: Session, document: Document) -> bool:
    """Return whether a bid, report or request was submitted: the next one has a document of its own."""
    if document.kind == "bid":
        return bid_of(session, document).status != "draft"
    if document.kind == "report":
        return session.scalar(select(Report.submitted_at).where(Report.document_id == document.id)) is not None
    if document.kind == "acceptance":
        return session.scalar(select(Acceptance.status).where(Acceptance.document_id == document.id)) != "draft"
    return False


def may_write(policy: Policy, project: Project, document: Document, actor: Actor) -> bool:
    """Return whether the person may write in the document in this state, unless it was submitted (`handed_in`)."""
    if document.kind not in policy.life(project.edition).states[project.state].documents:
        return False
    if document.kind in ("application", "contract") and getattr(project, f"{document.kind}_id") != document.id:
        return False  # belongs to a released bid
    if document.organisation_id is None:
        return "science" in actor.roles
    if document.kind == "acceptance":
        lead = project.agreed_bid.lead_id if project.agreed_bid else None  # the bidder evaluates itself
        return "applicant" in actor.roles and lead is not None and actor.organisation_id == lead
    return bool(actor.roles & WRITERS) and actor.organisation_id == document.organisation_id


def may_read_draft(policy: Policy, project: Project, document: Document, actor: Actor) -> bool:
    """Return whether the person belongs to the party that reads the other party's draft before it goes out."""
    if (
        document.kind not in ("application", "acceptance")
        or document.kind not in policy.states[project.state].documents
    ):
        return False
    parties = {project.issuer_id, project.agreed_bid.lead_id if project.agreed_bid else None}
    return "applicant" in actor.roles and actor.organisation_id is not None and actor.organisation_id in parties
