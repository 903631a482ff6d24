"""Actions on a project: one page to fill in, one page to confirm, one POST to ``perform()``."""

import secrets
from dataclasses import replace
from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from xtbang.actions.context import Context, Upload
from xtbang.actions.relations import relations
from xtbang.errors import Blocked, Stale
from xtbang.extensions import db
from xtbang.models import Project
from xtbang.queries.action_page import shown
from xtbang.queries.next_step import next_steps, what_follows
from xtbang.queries.rights.project_parts import sight_of
from xtbang.queries.rights.visibility import find
from xtbang.queries.timeline import audit_of, steps_of
from xtbang.rules.actor import WRITERS, Actor
from xtbang.rules.fields import FieldKind, FormDefinition
from xtbang.rules.forms import check, clean, keyed, readable
from xtbang.rules.policy import Action
from xtbang.rules.reasons import Reason, roots
from xtbang.web.frame.access import OFFICES, SIGNED_IN, access, actor
from xtbang.web.frame.filters import action_name, second
from xtbang.web.frame.inputs import by_field, file_facts, raw_values, take_uploads
from xtbang.web.frame.said import said_of as typed_texts
from xtbang.web.frame.shell import caller, engine, policy
from xtbang.web.office.queue import Queue, next_in_queue, shown_queue, tell_of_more
from xtbang.web.project.confirmation import amounts, asks_twice, consequences, said
from xtbang.web.project.page_counts import printed_pages
from xtbang.workflow.offers import Offer

actions = Blueprint("actions", __name__)

SCAN = "scan"  # the field of a stamped scan
DONE = {
    "moved": "“{name}”已办理。",
    "signed": "“{name}”已会签，会签齐后生效。",
    "done": "“{name}”已办理。",
    "repeated": "“{name}”此前已办理，没有重复执行。",
}
AWAITED = "“{name}”已提交，另一人复核后生效。"
RESULTS = {"number": "项目编号", "code": "异议回执码"}
AGAIN = "缺页或传错了文件的，请补齐后重新上传；确实齐全的，由办理部门打开核对。"


def visible_project(project_id: int, who: Actor) -> Project:
    """Return the project. Answer 404 when this person may not see it."""
    project = find(db.session, project_id, who.roles, who.person_id, who.organisation_id, who.region)
    if project is None:
        abort(404)
    return project


def reachable_project(project_id: int, who: Actor, trigger: str) -> Project:
    """Return the project if it is visible, or open to this action for this person (a bidder on a listed entry).

    Answer 404 for any other, and to everybody else for a draft that was never submitted.
    """
    project = db.session.get(Project, project_id)
    if project is None or trigger not in engine().policy.actions:
        abort(404)
    action = engine().action(project, trigger)
    mine, _conflict = relations(db.session, project, who)
    if project.number is not None and project.state in action.sources and (mine - {"public"}) & set(action.who):
        return project
    return visible_project(project_id, who)


@actions.route("/projects/<int:project_id>/actions/<trigger>", methods=["GET", "POST"])
@access(SIGNED_IN)
def act(project_id: int, trigger: str) -> Any:
    """Show the page of one action; a POST with ``confirmed`` performs it."""
    who = actor()
    project = reachable_project(project_id, who, trigger)
    offer = offer_of(project, who, trigger)
    if request.method == "POST":
        return _post(project, trigger, who, offer)
    if offer is None:
        reasons = engine().why_not(db.session, project, who, trigger)
        status = 409 if reasons and reasons[0].rule == "state" else 403
        return _page(project, trigger, who, None, {}, {"": [str(reason) for reason in reasons]}, status)
    if offer.signed:
        return _page(project, trigger, who, offer, keyed(offer.action.form, offer.signed.data), {}, 200)
    values = engine().prefilled(_context(project, who, offer), offer.action) | request.args.to_dict()
    return _page(project, trigger, who, offer, clean(_form(project, who, offer), values), {}, 200)


def offer_of(project: Project, who: Actor, trigger: str) -> Offer | None:
    """Return the engine's offer of that action to this person, or None."""
    return engine().offer(db.session, project, who, trigger)


def _context(project: Project, who: Actor, offer: Offer, uploads: dict[str, Upload] | None = None) -> Context:
    return engine().context(
        db.session, project, who, offer.role, offer.action, known=offer.known, uploads=uploads or {}
    )


def _consequences(project: Project, who: Actor, offer: Offer, values: dict[str, Any]) -> list[str]:
    context = _context(project, who, offer)
    context.data = readable(_form(project, who, offer), values)
    after = engine().state_after(context, offer.action)
    return consequences(engine().policy, project, offer, after)


def _form(project: Project, who: Actor, offer: Offer) -> FormDefinition:
    """Return the form with the data of the project; the plain form if that is blocked, since the offer is closed then."""
    try:
        return engine().form(_context(project, who, offer), offer.action)
    except Blocked:
        return offer.action.form


def _post(project: Project, trigger: str, who: Actor, offer: Offer | None) -> Any:
    sent = request
    fields = _form(project, who, offer).fields if offer else ()
    values = raw_values(fields, sent.form)
    files = sent.files if offer and offer.open else {}  # files are not stored for an action that is not possible
    scan_of = engine().action(project, trigger).scan_of
    scans = {SCAN: lambda: printed_pages(project, scan_of)} if scan_of else {}
    uploads, refused = take_uploads(fields, files, values, read=scans)
    for upload in uploads.values() if any(file.filename for file in sent.files.values()) else ():
        if upload.doubt and upload.codes:  # the person who can scan it again is here now
            flash(f"请核对刚上传的“{upload.name}”：{upload.doubt}。{AGAIN}", "warning")
    if refused:
        return _page(project, trigger, who, offer, values, by_field(refused), 422, uploads=uploads)
    if offer and "edit" in sent.form:
        return _page(project, trigger, who, offer, values, {}, 200, uploads=uploads)
    if offer and offer.open and "confirmed" not in sent.form and not offer.signed:
        form = _form(project, who, offer)
        values = clean(form, values)
        wrong = check(form, values, complete=True)
        if wrong and asks_twice(offer):
            context = _context(project, who, offer, uploads)
            wrong += engine().asked_back(context, offer.action, values, roots(wrong))[0]
            return _page(project, trigger, who, offer, values, by_field(wrong), 422, uploads=uploads)
        if not wrong:
            context = _context(project, who, offer, uploads)
            against, questions = engine().asked_back(context, offer.action, values)
            if against:
                return _refused(project, trigger, who, values, uploads, against)
            if asks_twice(offer) or set(questions) - set(offer.hints):
                offer = replace(offer, hints=tuple(questions))
                return _page(project, trigger, who, offer, values, {}, 200, uploads=uploads, confirming=True)
    return do(project, trigger, who, values, uploads)


def do(
    project: Project, trigger: str, who: Actor, values: dict[str, Any], uploads: dict[str, Upload] | None = None
) -> Any:
    """Perform the action and redirect to the project. On failure show the form with all errors and the submitted values.

    Answer 422 if all errors belong to fields, otherwise 409.
    """
    project_id = project.id
    seen = request.form.get("seen_version", type=int)
    key = request.form.get("request_key") or None
    action = engine().action(project, trigger)
    if seen is None and action.outdates:  # every page sends the version it shows
        return _stale(project_id, action, who, values, Stale([], project.version), uploads)
    try:
        outcome = engine().perform(
            db.session(), project_id, trigger, who, values, seen, request_key=key, uploads=uploads
        )
    except Stale as stale:
        return _stale(project_id, action, who, values, stale, uploads)
    except Blocked as blocked:
        return _refused(reachable_project(project_id, who, trigger), trigger, who, values, uploads, blocked.reasons)
    queued = "queue" in request.args  # the next page is about another project
    done = (AWAITED if outcome.kind == "signed" and action.second else DONE[outcome.kind]).format(name=action.name)
    flash(f"{_named(project_id)}{done}" if queued else done + _follows(project_id, action, outcome.kind), "success")
    for name, value in outcome.result.items():
        if name in RESULTS:
            flash(f"{RESULTS[name]}：{value}", "info")
    if "document" in outcome.result:
        return redirect(url_for("documents.edit", project_id=project_id, document_id=outcome.result["document"]))
    if "action" in outcome.result:
        return redirect(url_for("actions.act", project_id=project_id, trigger=outcome.result["action"]))
    if queued:
        return redirect(next_in_queue(caller(), project_id) or url_for("desk.home"))
    if not who.roles.isdisjoint(OFFICES):
        tell_of_more(caller(), trigger)
    return back(project_id, who)


def _named(project_id: int) -> str:
    project = db.session.get_one(Project, project_id)
    return f"{project.number or '草稿'} {project.title}："


def _follows(project_id: int, action: Action, outcome: str) -> str:
    """Return what comes after the action; what the person themself does next comes first."""
    asked, project = caller(), db.session.get(Project, project_id)
    if project is None or outcome == "signed":  # that the other bureau signs next is said already
        return ""
    step = next_steps(asked, [project_id]).get(project_id)
    if step and step.trigger != action.trigger:
        return f"下一步由您办理：{step.words}。"
    return what_follows(asked, project, action.trigger, sight_of(db.session, project, asked.actor).parts)


def _refused(
    project: Project,
    trigger: str,
    who: Actor,
    values: dict[str, Any],
    uploads: dict[str, Upload] | None,
    reasons: list[Reason],
) -> tuple[str, int]:
    """Show the form with the reasons: 422 if all belong to fields, otherwise 409; a refused file has to be chosen anew."""
    offer = offer_of(project, who, trigger)
    fields = _form(project, who, offer).fields if offer else ()
    keys = {field.key for field in fields}
    refused = {reason.field for reason in reasons}
    values |= {field.key: "" for field in fields if field.kind is FieldKind.FILE and field.key in refused}
    typed = all(reason.field.split(".")[0] in keys for reason in reasons)
    return _page(project, trigger, who, offer, values, by_field(reasons, keys), 422 if typed else 409, uploads=uploads)


def back(project_id: int, who: Actor) -> Response:
    """Redirect to the project; experts to their reviews; if it is no longer visible, to one's own projects or desk."""
    if who.roles == {"expert"}:
        return redirect(url_for("expert.panels"))
    if find(db.session, project_id, who.roles, who.person_id, who.organisation_id, who.region):
        return redirect(url_for("projects.page", project_id=project_id))
    return redirect(url_for("applicant.mine" if who.roles & WRITERS else "desk.home"))


def home_of(project: Project, who: Actor) -> str:
    """Return the address to return to from the page of an action: the project, the reviews, or the public entry."""
    if who.roles == {"expert"}:
        return url_for("expert.panels")
    if find(db.session, project.id, who.roles, who.person_id, who.organisation_id, who.region) is None:
        return url_for("public.entry", number=project.number)
    return url_for("projects.page", project_id=project.id)


def _stale(
    project_id: int,
    action: Action,
    who: Actor,
    values: dict[str, Any],
    stale: Stale,
    uploads: dict[str, Upload] | None = None,
) -> tuple[str, int]:
    project = reachable_project(project_id, who, action.trigger)
    offer = offer_of(project, who, action.trigger)
    form = _form(project, who, offer) if offer else action.form
    page = render_template(
        "actions/stale.html",
        project=project,
        action=action,
        offer=offer,
        home=home_of(project, who),
        changes=_changes(project, who, stale),
        form=form,
        values=values,
        typed=said(form, clean(form, values)),
        files=file_facts(project.id, uploads or {}),
    )
    return page, 409


def _changes(project: Project, who: Actor, stale: Stale) -> list[dict[str, str]]:
    """Return the changes since the page was shown, as far as this person may see them."""
    sight, city = sight_of(db.session, project, who), policy().city
    if "audit" in sight:
        events = audit_of(stale.events, project, sight, engine().collected, policy())
        rows = [(e.at, e.trigger, f"{city.role_labels.get(e.role, '')} {e.actor_name}", e.reason) for e in events]
    else:
        steps = steps_of(stale.events, project, sight, policy())
        rows = [(s.at, s.trigger, s.who or city.role_labels.get(s.role, city.together), s.text) for s in steps]
    return [
        {"when": second(at), "iso": at.isoformat(), "title": action_name(trigger), "who": name, "text": text}
        for at, trigger, name, text in rows
    ]


def _address(project: Project, trigger: str, queue: Queue | None) -> str:
    """Return the address that the form is sent to, with the place in the queue."""
    place: dict[str, Any] = {"queue": queue.task.key, "at": queue.at, "done": queue.done} if queue else {}
    return url_for("actions.act", project_id=project.id, trigger=trigger, **place)


def _others(project: Project, who: Actor, action: Action) -> list[tuple[str, str]]:
    """Return the other actions of the same task that can be done instead: name and address."""
    found = queue.task.triggers if (queue := shown_queue(caller(), project)) else ()
    offers = [offer_of(project, who, trigger) for trigger in found if trigger != action.trigger]
    return [(one.action.name, _address(project, one.action.trigger, queue)) for one in offers if one and one.open]


def _typed(trigger: str) -> list[tuple[str, str]]:
    return typed_texts(list(request.form.items(multi=True)), "actions.act", {"trigger": trigger})


def _page(
    project: Project,
    trigger: str,
    who: Actor,
    offer: Offer | None,
    values: dict[str, Any],
    errors: dict[str, list[str]],
    status: int,
    uploads: dict[str, Upload] | None = None,
    confirming: bool = False,
) -> tuple[str, int]:
    action, queue = engine().action(project, trigger), shown_queue(caller(), project)
    form = _form(project, who, offer) if offer else action.form
    page = render_template(
        [f"actions/{trigger}.html", "actions/action.html"],
        project=project,
        action=action,
        offer=offer,
        home=home_of(project, who),
        form=form,
        values=values,
        errors=errors,
        confirming=confirming,
        typed=_typed(trigger) if offer is None else [],
        said=said(form, values) if confirming or (offer and offer.signed) else [],
        amounts_shown=amounts(form, values) if confirming or (offer and offer.signed) else [],
        asks_twice=offer is not None and asks_twice(offer),
        consequences=_consequences(project, who, offer, values) if offer and (confirming or offer.signed) else [],
        shown=shown(caller(), project, action) if offer else {},
        queue=queue,
        others=_others(project, who, action) if queue else [],
        here=_address(project, trigger, queue),
        files=file_facts(project.id, uploads or {}),
        request_key=request.form.get("request_key") or secrets.token_urlsafe(18),
    )
    return page, status
