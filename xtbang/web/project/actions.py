"""Actions on a project: one page to fill in, one page to confirm, one POST to ``perform()``."""

from dataclasses import replace
from typing import Any

from flask import Blueprint, flash, redirect, request, url_for

from xtbang.actions.context import Upload
from xtbang.errors import Blocked, Stale
from xtbang.extensions import db
from xtbang.models import Project
from xtbang.queries.next_step import next_steps, told_to_parties, what_follows
from xtbang.queries.rights.lists import OFFICES
from xtbang.queries.rights.project_parts import sight_of
from xtbang.rules.actor import Actor
from xtbang.rules.fields import FieldKind
from xtbang.rules.forms import check, clean, keyed
from xtbang.rules.lives import Action
from xtbang.rules.quotation import quoted
from xtbang.rules.reasons import Reason, roots
from xtbang.web.frame.access import SIGNED_IN, access, actor
from xtbang.web.frame.inputs import by_field, raw_values, take_uploads
from xtbang.web.frame.shell import caller, engine, policy
from xtbang.web.office.queue import next_in_queue, tell_of_more
from xtbang.web.project.action_page import action_page, context_of, form_of, offer_of, stale_page
from xtbang.web.project.confirmation import asks_twice
from xtbang.web.project.page_counts import printed_pages
from xtbang.web.project.reached import back, reachable_project, rows_of
from xtbang.workflow.engine import Outcome
from xtbang.workflow.offers import Offer

actions = Blueprint("actions", __name__)

SCAN = "scan"  # the field of a stamped scan
DONE = {
    "moved": "{name}已办理。",
    "signed": "{name}已会签，等待{awaited}会签，会签齐后生效。",
    "done": "{name}已办理。",
    "repeated": "{name}此前已办理，没有重复执行。",
}
AWAITED = "{name}已提交，另一人复核后生效。"
RESULTS = {"number": "项目编号", "code": "异议回执码"}
AGAIN = "缺页或传错了文件的，请补齐后重新上传；确实齐全的，由办理部门打开核对。"


@actions.route("/projects/<int:project_id>/actions/<trigger>", methods=["GET", "POST"])
@access(SIGNED_IN)
def act(project_id: int, trigger: str) -> Any:
    """Show the page of one action; a POST with ``confirmed`` performs it."""
    who = actor()
    project = reachable_project(project_id, who, trigger)
    rows = rows_of(project)
    offer = offer_of(project, who, trigger, rows)
    if request.method == "POST":
        return _post(project, trigger, who, offer)
    if offer is None:
        reasons = engine().why_not(db.session, project, who, trigger, rows)
        status = 409 if reasons and reasons[0].rule == "state" else 403
        return action_page(project, trigger, who, None, {}, {"": [str(reason) for reason in reasons]}, status)
    if offer.signed:
        values = keyed(offer.action.form, offer.signed.data)
        return action_page(project, trigger, who, _asked_again(project, who, offer, values), values, {}, 200)
    values = engine().prefilled(context_of(project, who, offer), offer.action) | request.args.to_dict()
    return action_page(project, trigger, who, offer, clean(form_of(offer), values), {}, 200)


def _asked_again(project: Project, who: Actor, offer: Offer, values: dict[str, Any]) -> Offer:
    """Return the offer of a further signature with every reason against it now, and what is to be checked."""
    against, hints = engine().asked_back(context_of(project, who, offer), offer.action, values)
    return replace(offer, reasons=tuple(dict.fromkeys((*offer.reasons, *against))), hints=tuple(hints))


def _post(project: Project, trigger: str, who: Actor, offer: Offer | None) -> Any:
    sent = request
    fields = form_of(offer).fields if offer else ()
    values = raw_values(fields, sent.form)
    files = sent.files if offer and offer.open else {}  # files are not stored for an action that is not possible
    scan_of = engine().action(project, trigger).scan_of
    scans = {SCAN: lambda: printed_pages(project, scan_of)} if scan_of else {}
    uploads, refused = take_uploads(fields, files, values, read=scans)
    for upload in uploads.values() if any(file.filename for file in sent.files.values()) else ():
        if upload.doubt and upload.codes:  # the person who can scan it again is here now
            flash(f"请核对刚上传的{quoted(upload.name)}：{upload.doubt}。{AGAIN}", "warning")
    if refused:
        return action_page(project, trigger, who, offer, values, by_field(refused), 422, uploads=uploads)
    if offer and "edit" in sent.form:
        return action_page(project, trigger, who, offer, values, {}, 200, uploads=uploads)
    if offer and offer.open and "confirmed" not in sent.form and not offer.signed:
        form = form_of(offer)
        values = clean(form, values)
        wrong = check(form, values, complete=True)
        if wrong and asks_twice(offer):
            context = context_of(project, who, offer, uploads)
            wrong += engine().asked_back(context, offer.action, values, roots(wrong))[0]
            return action_page(project, trigger, who, offer, values, by_field(wrong), 422, uploads=uploads)
        if not wrong:
            context = context_of(project, who, offer, uploads)
            against, questions = engine().asked_back(context, offer.action, values)
            if against:
                return _refused(project, trigger, who, values, uploads, against)
            if asks_twice(offer) or set(questions) - set(offer.hints):
                offer = replace(offer, hints=tuple(questions))
                return action_page(project, trigger, who, offer, values, {}, 200, uploads=uploads, confirming=True)
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
        return stale_page(project_id, action, who, values, Stale([], project.version), uploads)
    try:
        outcome = engine().perform(
            db.session(), project_id, trigger, who, values, seen, request_key=key, uploads=uploads
        )
    except Stale as stale:
        return stale_page(project_id, action, who, values, stale, uploads)
    except Blocked as blocked:
        return _refused(reachable_project(project_id, who, trigger), trigger, who, values, uploads, blocked.reasons)
    queued = "queue" in request.args  # the next page is about another project
    done = (AWAITED if outcome.kind == "signed" and action.second else DONE[outcome.kind]).format(
        name=quoted(action.name), awaited=outcome.result.get("awaited", "")
    )
    flash(f"{_named(project_id)}{done}" if queued else done + _follows(project_id, action, outcome), "success")
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


def _follows(project_id: int, action: Action, outcome: Outcome) -> str:
    """Return what comes after the action; what the person themself does next comes first."""
    asked, project = caller(), db.session.get(Project, project_id)
    if project is None or outcome.kind == "signed" or {"document", "action"} & outcome.result.keys():
        return ""  # who signs next is said already, and what is filled in next is the page that opens
    step = next_steps(asked, [project_id]).get(project_id)
    if step and step.trigger != action.trigger:
        return f"下一步由您办理：{step.words}。"
    sight = sight_of(db.session, project, asked.actor)
    told = what_follows(asked, project, action.trigger, sight.parts)
    ended = sight.organisation_id is not None and policy().states[project.state].final
    return told + (told_to_parties(asked, project, action.trigger) if ended else "")


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
    fields = form_of(offer).fields if offer else ()
    keys = {field.key for field in fields}
    refused = {reason.field for reason in reasons}
    values |= {field.key: "" for field in fields if field.kind is FieldKind.FILE and field.key in refused}
    typed = all(reason.field.split(".")[0] in keys for reason in reasons)
    return action_page(
        project, trigger, who, offer, values, by_field(reasons, keys), 422 if typed else 409, uploads=uploads
    )
