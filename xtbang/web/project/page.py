"""The page of a project, with everything this person may see, and the comparison of versions."""

from collections.abc import Iterable, Sequence
from typing import Any

from flask import Blueprint, abort, render_template, url_for
from sqlalchemy import select

from xtbang.enums import BUREAU_ROLES
from xtbang.extensions import db
from xtbang.models import Document, DocumentVersion, Person, Project, Remark, StoredFile
from xtbang.queries.desk.waits import waits_of
from xtbang.queries.documents import definition_of
from xtbang.queries.next_step import next_steps
from xtbang.queries.project_page import ProjectPage, project_page, visible_rows
from xtbang.queries.rights.project_parts import Sight, sight_of
from xtbang.queries.shown import shown
from xtbang.queries.shown.documents import DocumentShown, FileShown, RemarkShown, VersionRead
from xtbang.queries.shown.project import project_head
from xtbang.queries.timeline import Step
from xtbang.rules.compare import changes
from xtbang.rules.fields import Field
from xtbang.rules.lives import Action
from xtbang.rules.reasons import Reason
from xtbang.web.applicant.next_steps import address
from xtbang.web.frame.access import SIGNED_IN, access, actor
from xtbang.web.frame.filters import action_name, day, label, moment
from xtbang.web.frame.inputs import facts_of, stored_facts
from xtbang.web.frame.shell import caller, engine, policy
from xtbang.web.project.known_figures import known_figures
from xtbang.web.project.reached import may_read_versions, rows_of, visible_project
from xtbang.web.project.sections import sections_of
from xtbang.web.project.turn_words import due_words, turn_of
from xtbang.workflow.offers import Offer

projects = Blueprint("projects", __name__)


@projects.get("/projects/<int:project_id>")
@access(SIGNED_IN)
def page(project_id: int) -> Any:
    """Show facts, whose turn it is, actions with every reason, papers, money, people, events."""
    asked = caller()
    rows = visible_rows(asked, project_id) or abort(404)
    project, shown = rows.project, project_page(asked, rows)
    offers = engine().offers(db.session, project, asked.actor, rows)
    waits = waits_of(asked, [project.id], (project.state,)).get(project.id, ()) if "money" in shown.sight else ()
    state, mine = policy().states[project.state], shown.sight.organisation_id is not None
    step = next_steps(asked, [project.id], (project.state,)).get(project.id) if mine else None
    return render_template(
        "project/page.html",
        **vars(shown) | {"due": due_words(shown.due, asked.now), "steps": [_shown(step) for step in shown.steps]},
        sections=sections_of(shown),
        now=asked.now,
        today=asked.today,
        ended_because=_reason_of_end(project, shown.steps),
        turn=turn_of(project, asked.collected, shown.sight.organisation_id, waits, step),
        step=step and (step.words, address(step)),
        waits=[wait.words for wait in waits],
        then=state.then if waits or (mine and state.final) else "",
        actions=panel_of(project, offers),
        writing=documents_to_write(shown),
        files=facts_of(shown.found.files.values()) if "form" in shown.sight else {},
        fields=_fields_of_actions(),
        words=_words_of_scores(project),
        may_print=bool(asked.actor.roles & set(BUREAU_ROLES)),
    )


def _reason_of_end(project: Project, steps: Iterable[Step]) -> str:
    """Return what ended a project whose state is final, and why; "" when the reader may not know the reason."""
    if not policy().states[project.state].final:
        return ""
    actions = policy().actions
    ends = (step for step in steps if step.trigger in actions and actions[step.trigger].to == project.state)
    return next((f"{actions[step.trigger].name}的理由：{step.text}" for step in ends if step.text), "")


def _shown(step: Step) -> dict[str, str]:
    """Return a step as ``components/timeline.html`` shows it."""
    return {
        "when": moment(step.at),
        "iso": step.at.isoformat(),
        "title": action_name(step.trigger),
        "who": step.who or (policy().city.bureaus if step.role == "both" else label(step.role, "role")),
        "text": step.text,
        "tone": step.tone,
    }


# ---------------------------------------------------------------- whose turn, what may be done


def panel_of(project: Project, offers: Iterable[Offer]) -> list[dict[str, Any]]:
    """Return the actions for ``components/actions.panel``: those done by hand that have something to act on."""
    found = []
    for offer in offers:
        action = offer.action
        if not action.by_hand or any(reason.nothing for reason in offer.reasons):
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
                "reasons": _counted(offer),
                "hint": hint,
                "advice": list(offer.hints) if offer.open else [],
            }
        )
    return sorted(found, key=lambda item: {"primary": 0, "": 1, "danger": 2}[str(item["kind"])])


def _counted(offer: Offer) -> list[Reason]:
    """Return the reasons against an offer; those about fields of the document that it hands in as their number."""
    rest = [reason for reason in offer.reasons if not (offer.action.hands_in and reason.field)]
    number = len(offer.reasons) - len(rest)
    return [Reason("F.left", f"填报内容还有 {number} 处须填写或改正。"), *rest] if number else rest


def onward(project: Project, action: Action) -> bool:
    """Return whether the action moves the project forward on its path, or back onto it."""
    order = list(policy().states)
    here = policy().states[project.state]
    return bool(action.to) and (order.index(action.to) > order.index(project.state) or not here.path)


def documents_to_write(shown: ProjectPage) -> list[tuple[str, str]]:
    """Return the documents this person can write in now: (name, address)."""
    drafts = [bid for bid in shown.found.own_bids if bid.status == "draft"]
    found = [("揭榜申请", url_for("applicant.bid", bid_id=bid.id)) for bid in drafts]
    for item in shown.writable:
        label = f"{item.title}（{day(item.due)}到期）" if item.due else item.title
        found.append((label, url_for("documents.edit", project_id=shown.project.id, document_id=item.document_id)))
    return found


def _words_of_scores(project: Project) -> dict[str, str]:
    """Return key → words for what an event keeps of a score sheet, of a bid or of a report."""
    sheets = policy().edition(project.edition).sheets.values()
    criteria = {criterion.key: criterion.label for sheet in sheets for criterion in sheet.criteria}
    return criteria | {"comment": "评审意见", "bid": "揭榜申请", "report": "执行情况报告"}


def _fields_of_actions() -> dict[str, dict[str, Field]]:
    """Return trigger → key → field, for the values in the audit trail."""
    return {trigger: {field.key: field for field in action.form.fields} for trigger, action in policy().actions.items()}


# ---------------------------------------------------------------- versions


@projects.get("/projects/<int:project_id>/documents/<int:document_id>/versions/<int:number>")
@access(SIGNED_IN)
def compare(project_id: int, document_id: int, number: int) -> Any:
    """Show one frozen version compared with the previous one, field by field, with the remarks made between them."""
    who = actor()
    project = visible_project(project_id, who)
    sight = sight_of(db.session, project, who)
    document = db.session.get(Document, document_id)
    if document is None or document.project_id != project.id or not may_read_versions(project, document, sight, who):
        abort(404)
    query = select(DocumentVersion).where(DocumentVersion.document_id == document.id).order_by(DocumentVersion.number)
    versions = {version.number: version for version in db.session.scalars(query)}
    if number not in versions:
        abort(404)
    version, previous = versions[number], versions.get(number - 1)
    definition = sight.shown(definition_of(policy().edition(project.edition), project, document))
    remarks = _remarks([version, *([previous] if previous else [])], sight)
    changed = changes(definition, sight.read(previous.data), sight.read(version.data)) if previous else []
    return render_template(
        "project/compare.html",
        project=project_head(project),
        document=shown(DocumentShown, document),
        definition=definition,
        version=shown(VersionRead, version, data=sight.read(version.data)),
        previous=previous and shown(VersionRead, previous, data=sight.read(previous.data)),
        numbers=sorted(versions),
        changes=changed,
        changed=sorted({change.key.split(".")[0] for change in changed}),
        remarks=remarks.get(number - 1, []),
        later_remarks=remarks.get(number, []),
        files=stored_facts(project.id),
        known=known_figures(rows_of(project), document),
        scan=_scan(version),
        by=_name(version.frozen_by_id),
    )


def _scan(version: DocumentVersion) -> FileShown | None:
    scan = db.session.get(StoredFile, version.scan_id) if version.scan_id else None
    return shown(FileShown, scan) if scan else None


def _name(person_id: int | None) -> str:
    return db.session.scalar(select(Person.name).where(Person.id == person_id)) or ""


def _remarks(versions: Sequence[DocumentVersion], sight: Sight) -> dict[int, list[RemarkShown]]:
    """Return the remarks made about these versions, by number of the version, as far as the person sees them."""
    if "remarks" not in sight:
        return {}
    numbers, found = {version.id: version.number for version in versions}, dict[int, list[RemarkShown]]()
    for row in db.session.scalars(select(Remark).where(Remark.version_id.in_(numbers)).order_by(Remark.id)):
        found.setdefault(numbers[row.version_id], []).append(shown(RemarkShown, row))
    return found
