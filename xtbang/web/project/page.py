"""The page of a project: everything about it that this person may see; its versions compared."""

from collections.abc import Iterable
from typing import Any

from flask import Blueprint, abort, render_template, url_for
from sqlalchemy import select

from xtbang.actions.documents import definition_of
from xtbang.domain.drafts import may_write
from xtbang.domain.score_sheets import BUREAUS
from xtbang.extensions import db
from xtbang.models import Acceptance, Document, DocumentVersion, Person, Project, Remark, Report, StoredFile
from xtbang.papers.facts.contract import signing_parties
from xtbang.queries.next_step import due_next
from xtbang.queries.project_page import Dossier, dossier
from xtbang.queries.rights.project_parts import Sight, sees_documents, sight_of
from xtbang.queries.rights.sealed_bids import hidden, is_own, unsealed, visible_to
from xtbang.queries.timeline import Step, audit_of, entered, events_of, steps_of
from xtbang.rules.actor import Actor
from xtbang.rules.compare import changes
from xtbang.rules.dates import SHANGHAI
from xtbang.rules.policy import Action
from xtbang.web.frame.access import SIGNED_IN, access, actor
from xtbang.web.frame.filters import action_name, day, label, moment
from xtbang.web.frame.inputs import stored_facts
from xtbang.web.frame.shell import caller, engine, policy
from xtbang.web.project.action_context import scores_of
from xtbang.web.project.actions import visible_project
from xtbang.web.project.funding import Money, money_of
from xtbang.web.project.sections import sections_of
from xtbang.web.project.turns import due_words, turn_of
from xtbang.workflow.offers import Offer

projects = Blueprint("projects", __name__)


@projects.get("/projects/<int:project_id>")
@access(SIGNED_IN)
def page(project_id: int) -> Any:
    """Facts, whose turn, actions with every reason, papers, money, people, events."""
    who, now = actor(), engine().clock()
    project = visible_project(project_id, who)
    sight = sight_of(db.session, project, who)
    found = dossier(db.session, project, sight, who, now)
    offers = engine().offers(db.session, project, who)
    events = events_of(db.session, project.id)
    due = due_next(caller(), [project.id], sight).get(project.id)
    moved = [
        event.from_state for event in events if event.outcome == "moved" and policy().states[event.from_state].path
    ]
    page = dict(
        project=project,
        sight=sight,
        found=found,
        now=now,
        today=now.astimezone(SHANGHAI).date(),
        dates={state: at.astimezone(SHANGHAI).date() for state, at in entered(events).items()},
        left_at=moved[-1] if moved and project.state != "draft" else "",
        turn=turn_of(project, now, sight.organisation_id),
        due=due_words(due, now),
        actions=panel_of(project, offers),
        writing=[*_own_bids(found, who), *writing(project, found)],
        money=_money(project, found, sight),
        values=_values(project, sight),
        own_bids=[bid for bid in found.bids if is_own(bid, who)],
        sealed=hidden(project, now),
        unsealed=unsealed(project, now),
        scores={panel.id: scores_of(project, panel) for panel in found.panels},
        parties=_parties(project, found),
        events=audit_of(events, project, sight, now, policy()) if "audit" in sight else [],
        steps=[_shown(step) for step in steps_of(events, project, sight, policy())] if "timeline" in sight else [],
        contacts=_contacts(project, found),
        labels=_field_labels(),
        may_print=bool(who.roles & set(BUREAUS)),
    )
    return render_template("project/page.html", sections=sections_of(project, sight, found, page), **page)


def _shown(step: Step) -> dict[str, str]:
    """Return a step as ``components/timeline.html`` shows it."""
    return {
        "when": moment(step.at),
        "iso": step.at.isoformat(),
        "title": action_name(step.trigger),
        "who": step.who or ("市科技局、市工信局" if step.role == "both" else label(step.role, "role")),
        "text": step.text,
        "tone": step.tone,
    }


# ---------------------------------------------------------------- whose turn, what may be done


def panel_of(project: Project, offers: Iterable[Offer]) -> list[dict[str, Any]]:
    """The actions for ``components/actions.panel``: those done by hand, and those whose document waits."""
    found = []
    for offer in offers:
        action = offer.action
        if not action.by_hand:
            continue
        kind = "danger" if action.danger else "primary" if onward(project, action) else ""
        hint = ""
        if offer.signed:
            hint = f"{offer.signed.person.name}已会签，等待您会签"
        found.append(
            {
                "label": action.name,
                "url": url_for("actions.act", project_id=project.id, trigger=action.trigger),
                "enabled": offer.open,
                "kind": kind,
                "reasons": offer.reasons,
                "hint": hint,
                "advice": list(offer.hints) if offer.open else [],
            }
        )
    return sorted(found, key=lambda item: {"primary": 0, "": 1, "danger": 2}[str(item["kind"])])


def _own_bids(found: Dossier, who: Actor) -> list[tuple[str, str]]:
    return [
        ("揭榜申请", url_for("applicant.bid", bid_id=bid.id))
        for bid in found.bids
        if bid.status == "draft" and is_own(bid, who)
    ]


def onward(project: Project, action: Action) -> bool:
    """Whether it takes the project further on its path, or back onto it."""
    order = list(policy().states)
    here = policy().states[project.state]
    return bool(action.to) and (order.index(action.to) > order.index(project.state) or not here.path)


def writing(project: Project, found: Dossier) -> list[tuple[str, str]]:
    """The documents this person can write in now: (what, address)."""
    kinds = [kind for kind in policy().states[project.state].documents if kind != "bid"]
    documents = {document.id: document for document in found.documents.values()}
    if project.contract and project.contract_id not in documents:
        documents[project.contract.id] = project.contract
    for number in (project.form_id, project.application_id):
        if number and number not in documents:
            documents[number] = db.session.get_one(Document, number)
    shown, who = [], caller()
    for document in documents.values():
        if document.kind in kinds and may_write(who, project, document):
            name = definition_of(policy().edition(project.edition), project, document).title
            due = next((report.due_on for report in found.reports if report.document_id == document.id), None)
            label = f"{name}（{day(due)}到期）" if due else name
            shown.append((label, url_for("documents.edit", project_id=project.id, document_id=document.id)))
    return shown


# ---------------------------------------------------------------- parts


def _money(project: Project, found: Dossier, sight: Sight) -> Money | None:
    if "money" not in sight:
        return None
    newest = found.newest(project.application_id)
    version = db.session.get(DocumentVersion, newest.id) if newest else None
    return money_of(project, policy().edition(project.edition), version.data if version else None, found.balances)


def _values(project: Project, sight: Sight) -> dict[str, Any]:
    """The newest form, in full or only what is public."""
    query = select(DocumentVersion).where(DocumentVersion.document_id == project.form_id)
    version = db.session.scalars(query.order_by(DocumentVersion.number.desc()).limit(1)).first()
    return {
        "definition": policy().edition(project.edition).forms[project.kind],
        "data": version.data if version else {},
        "version": version,
        "public": "form" not in sight,
        "files": stored_facts(project.id) if "form" in sight else {},
    }


def _parties(project: Project, found: Dossier) -> list[dict[str, Any]]:
    """Who signs the contract, and what each has handed in under its newest version."""
    newest = found.newest(project.contract_id)
    if newest is None or project.agreed_bid is None:
        return []
    signed = {row.party: row for row in found.signatures if row.version_id == newest.id}
    return [
        {
            "name": name,
            "signature": signed.get(party),
            "file": found.files.get(signed[party].file_id) if party in signed else None,
        }
        for party, name in signing_parties(project).items()
    ]


def _contacts(project: Project, found: Dossier) -> list[tuple[str, Any, list[Person]]]:
    """(what they are here, organisation, its people) of everyone who has a hand in it."""
    if not found.people:
        return []
    bid = project.agreed_bid
    organisations = [("发榜方", project.issuer)]
    if bid:
        organisations.append(("揭榜方", bid.lead))
        organisations += [("联合体成员", member.organisation) for member in bid.members]
    if project.agency:
        organisations.append(("第三方专业机构", project.agency))
    return [(what, row, [p for p in found.people if p.organisation_id == row.id]) for what, row in organisations]


def _field_labels() -> dict[str, dict[str, str]]:
    """Trigger → key → label, for the values in the audit trail."""
    return {
        trigger: {field.key: field.label for field in action.form.fields}
        for trigger, action in policy().actions.items()
    }


# ---------------------------------------------------------------- versions


@projects.get("/projects/<int:project_id>/documents/<int:document_id>/versions/<int:number>")
@access(SIGNED_IN)
def compare(project_id: int, document_id: int, number: int) -> Any:
    """One frozen version, field by field beside the one before it, with the remarks that stand between them."""
    who = actor()
    project = visible_project(project_id, who)
    sight = sight_of(db.session, project, who)
    document = db.session.get(Document, document_id)
    if document is None or document.project_id != project.id or not _may_read(project, document, sight, who):
        abort(404)
    query = select(DocumentVersion).where(DocumentVersion.document_id == document.id).order_by(DocumentVersion.number)
    versions = {version.number: version for version in db.session.scalars(query)}
    if number not in versions:
        abort(404)
    version, previous = versions[number], versions.get(number - 1)
    definition = definition_of(policy().edition(project.edition), project, document)
    changed = changes(definition, previous.data, version.data) if previous else []
    return render_template(
        "project/compare.html",
        project=project,
        document=document,
        definition=definition,
        version=version,
        previous=previous,
        numbers=sorted(versions),
        changes=changed,
        changed=sorted({change.key.split(".")[0] for change in changed}),
        remarks=_remarks(previous, sight) if previous else [],
        later_remarks=_remarks(version, sight),
        files=stored_facts(project.id),
        scan=db.session.get(StoredFile, version.scan_id) if version.scan_id else None,
        by=db.session.get(Person, version.frozen_by_id) if version.frozen_by_id else None,
    )


def _remarks(version: DocumentVersion, sight: Sight) -> list[Remark]:
    if "remarks" not in sight:
        return []
    query = select(Remark).where(Remark.version_id == version.id).order_by(Remark.id)
    return list(db.session.scalars(query))


def _may_read(project: Project, document: Document, sight: Sight, who: Actor) -> bool:
    """Whether the frozen versions of a document may be read."""
    if document.kind == "report":
        query = select(Report.id).where(Report.document_id == document.id)
        return "reports" in sight and db.session.scalar(query) is not None
    if document.kind == "acceptance":
        query = select(Acceptance.id).where(Acceptance.document_id == document.id)
        return "acceptance" in sight and db.session.scalar(query) is not None
    bids = visible_to(db.session, project, who, engine().clock()) if document.kind == "bid" else []
    return document.id in sees_documents(sight, project, bids)
