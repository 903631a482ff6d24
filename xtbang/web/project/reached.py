"""The project that a page is about: who may see it or act on it, and where its pages lead back to."""

from flask import abort, redirect, url_for
from sqlalchemy import func, select
from sqlalchemy.orm import joinedload
from werkzeug.wrappers import Response

from xtbang.actions.relations import relations
from xtbang.extensions import db
from xtbang.models import Acceptance, Bid, BidMember, Document, DocumentVersion, Project, Report
from xtbang.queries.project_rows import ProjectRows
from xtbang.queries.rights.project_parts import Sight, sees_documents, sight_of
from xtbang.queries.rights.sealed_bids import visible_to
from xtbang.queries.rights.visibility import find
from xtbang.rules.actor import WRITERS, Actor
from xtbang.web.frame.shell import engine

WITH_MAIN = (  # what nearly every guard asks about, in one row with the project
    joinedload(Project.issuer),
    joinedload(Project.call),
    joinedload(Project.form),
    joinedload(Project.application),
    joinedload(Project.contract),
    joinedload(Project.agreed_bid).options(
        joinedload(Bid.lead), joinedload(Bid.document), joinedload(Bid.members).joinedload(BidMember.organisation)
    ),
)


def rows_of(project: Project) -> ProjectRows:
    """Return the rows of the project for a page about it, which shares them among all that it asks."""
    return ProjectRows(db.session(), project, together=True)


def _visible(project_id: int, who: Actor) -> Project | None:
    return find(db.session, project_id, who.roles, who.person_id, who.organisation_id, who.region, WITH_MAIN)


def visible_project(project_id: int, who: Actor) -> Project:
    """Return the project. Answer 404 when this person may not see it."""
    project = _visible(project_id, who)
    if project is None:
        abort(404)
    return project


def reachable_project(project_id: int, who: Actor, trigger: str) -> Project:
    """Return the project if it is visible, or open to this action for this person (a bidder on a listed entry).

    Answer 404 for any other, and to everybody else for a draft that was never submitted.
    """
    project = db.session.get(Project, project_id, options=WITH_MAIN)
    if project is None or trigger not in engine().policy.actions:
        abort(404)
    action = engine().action(project, trigger)
    mine, _conflict = relations(db.session, project, who)
    if project.number is not None and project.state in action.sources and (mine - {"public"}) & set(action.who):
        return project
    return visible_project(project_id, who)


def may_read_versions(project: Project, document: Document, sight: Sight, who: Actor) -> bool:
    """Return whether the frozen versions of a document may be read."""
    if document.kind == "report":
        query = select(Report.id).where(Report.document_id == document.id)
        return "reports" in sight and db.session.scalar(query) is not None
    if document.kind == "acceptance":
        query = select(Acceptance.id).where(Acceptance.document_id == document.id)
        return "acceptance" in sight and db.session.scalar(query) is not None
    bids = visible_to(db.session, project, who, engine().collected) if document.kind == "bid" else []
    return document.id in sees_documents(sight, project, bids)


def to_newest_version(project_id: int, document_id: int, who: Actor) -> Response:
    """Redirect to the newest version of a document that was handed in. Answer 404 when this person may not read it."""
    project, document = visible_project(project_id, who), db.session.get(Document, document_id)
    newest = db.session.scalar(
        select(func.max(DocumentVersion.number)).where(DocumentVersion.document_id == document_id)
    )
    if document is None or document.project_id != project.id or newest is None:
        abort(404)
    if not may_read_versions(project, document, sight_of(db.session, project, who), who):
        abort(404)
    return redirect(url_for("projects.compare", project_id=project_id, document_id=document_id, number=newest))


def back(project_id: int, who: Actor) -> Response:
    """Redirect to the project; experts to their reviews; if it is no longer visible, to one's own projects or desk."""
    if who.roles == {"expert"}:
        return redirect(url_for("expert.panels"))
    if _visible(project_id, who):
        return redirect(url_for("projects.page", project_id=project_id))
    return redirect(url_for("applicant.mine" if who.roles & WRITERS else "desk.home"))


def home_of(project: Project, who: Actor) -> str:
    """Return the address to return to from the page of an action: the project, the reviews, or the public entry."""
    if who.roles == {"expert"}:
        return url_for("expert.panels")
    if _visible(project.id, who) is None:
        return url_for("public.entry", number=project.number)
    return url_for("projects.page", project_id=project.id)
