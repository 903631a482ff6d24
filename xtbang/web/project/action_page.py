"""The page of an action: its form, what a second look confirms, and what has changed where it is out of date."""

import secrets
from typing import Any

from flask import render_template, request, url_for

from xtbang.actions.context import Context, Upload
from xtbang.errors import Stale
from xtbang.extensions import db
from xtbang.models import Document, Project, StoredFile
from xtbang.queries.action_page import shown
from xtbang.queries.blind import title_for
from xtbang.queries.project_rows import ProjectRows
from xtbang.queries.rights.document_writers import may_write
from xtbang.queries.rights.project_parts import sight_of
from xtbang.queries.shown.project import OfferShown, parties_shown, project_head, signed_shown
from xtbang.queries.timeline import audit_of, steps_of
from xtbang.rules.actor import Actor
from xtbang.rules.fields import FormDefinition
from xtbang.rules.forms import clean, readable
from xtbang.rules.lives import Action
from xtbang.web.frame.filters import action_name, second
from xtbang.web.frame.inputs import facts_of, file_facts, new_files
from xtbang.web.frame.said import said_of as typed_texts
from xtbang.web.frame.shell import caller, engine, policy
from xtbang.web.office.desk_order import chosen_on_desk
from xtbang.web.office.queue import Queue, shown_queue
from xtbang.web.project.concerned import Concerned, concerned
from xtbang.web.project.confirmation import amounts, asks_twice, consequences, said
from xtbang.web.project.known_figures import known_figures
from xtbang.web.project.reached import home_of, reachable_project, rows_of
from xtbang.workflow.offers import Offer


def offer_of(project: Project, who: Actor, trigger: str, rows: ProjectRows | None = None) -> Offer | None:
    """Return the engine's offer of that action to this person, or None; ``rows`` are those of the project that are read already."""
    return engine().offer(db.session, project, who, trigger, rows or rows_of(project))


def context_of(project: Project, who: Actor, offer: Offer, uploads: dict[str, Upload] | None = None) -> Context:
    """Return the context in which this person would perform the action, before anything is filled in."""
    return engine().context(
        db.session, project, who, offer.role, offer.action, known=offer.known, uploads=uploads or {}
    )


def _consequences(project: Project, who: Actor, offer: Offer, values: dict[str, Any]) -> list[str]:
    context = context_of(project, who, offer)
    context.data = readable(form_of(offer), values)
    after = engine().state_after(context, offer.action)
    return consequences(engine().policy, project, offer, after)


def offer_shown(offer: Offer) -> OfferShown:
    """Return the offer as pages show it."""
    signed = signed_shown(offer.signed) if offer.signed else None
    return OfferShown(offer.role, offer.reasons, offer.hints, offer.open, signed, offer.last)


def form_of(offer: Offer) -> FormDefinition:
    """Return the form with the data of the project; the plain form if that could not be made: the offer is closed then."""
    return offer.form or offer.action.form


def _title(project: Project, who: Actor) -> str:
    """Return the title of the project; to an expert of a blind panel without names."""
    if "expert" not in who.roles:
        return project.title
    return title_for(db.session(), policy(), project, who.person_id)


def action_page(
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
    """Show the form with values and errors, or what it says once more before it is done (`confirming`)."""
    action, queue = engine().action(project, trigger), shown_queue(caller(), project)
    form = form_of(offer) if offer else action.form
    about = concerned(context_of(project, who, offer), offer, values) if offer else []
    refused = about[0].action if confirming and about else None  # its page shows what is refused
    rows = (offer and offer.known) or rows_of(project)
    beside = shown(caller(), rows, action) if offer else {}
    beside |= shown(caller(), rows, refused) if refused else {}
    read = beside.get("read")
    page = render_template(
        [f"actions/{refused.trigger if refused else trigger}.html", "actions/action.html"],
        project=project_head(project),
        title=_title(project, who),
        action=action,
        offer=offer and offer_shown(offer),
        home=home_of(project, who),
        parties=parties_shown(project) if confirming or (offer and offer.signed) or not form.fields else None,
        form=form,
        values=values,
        errors=errors,
        confirming=confirming,
        typed=_typed(trigger) if offer is None else [],
        said=said(form, values) if confirming or (offer and offer.signed) else [],
        amounts_shown=amounts(form, values, policy().edition(project.edition))
        if confirming or (offer and offer.signed)
        else [],
        asks_twice=offer is not None and asks_twice(offer),
        consequences=_consequences(project, who, offer, values) if offer and (confirming or offer.signed) else [],
        shown=beside,
        concerned=about,
        about=about[0] if refused else Concerned(action.name, [], action=action, values=values),
        written=_written(project, who, beside, values),
        known=known_figures(rows, db.session.get(Document, read)) if read else None,
        queue=queue,
        desk=url_for("desk.home", group=queue.task.key, **chosen_on_desk()) if queue else "",
        others=_others(rows, who, action, queue) if queue else [],
        address=_address(project, trigger, queue),
        files=facts_of(rows.of(StoredFile)) | new_files(uploads or {}),
        request_key=request.form.get("request_key") or secrets.token_urlsafe(18),
    )
    return page, status


def _written(project: Project, who: Actor, beside: dict[str, Any], values: dict[str, Any]) -> int | None:
    """Return the id of the document that the action is about, if this person may write in it: that of a report once it is chosen."""
    chosen = (row.document_id for row in beside.get("reports", ()) if str(row.id) == values.get("report"))
    asked = beside.get("editable") or next(chosen, None)
    document = db.session.get(Document, asked) if asked else None
    return document.id if document and may_write(policy(), project, document, who) else None


def stale_page(
    project_id: int,
    action: Action,
    who: Actor,
    values: dict[str, Any],
    stale: Stale,
    uploads: dict[str, Upload] | None = None,
) -> tuple[str, int]:
    """Show what has changed since the page was opened, with what was filled in: 409."""
    project = reachable_project(project_id, who, action.trigger)
    offer = offer_of(project, who, action.trigger)
    form = form_of(offer) if offer else action.form
    page = render_template(
        "actions/stale.html",
        project=project_head(project),
        action=action,
        offer=offer and offer_shown(offer),
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
    place: dict[str, Any] = (
        {"queue": queue.task.key, "at": queue.at, "done": queue.done, **chosen_on_desk()} if queue else {}
    )
    return url_for("actions.act", project_id=project.id, trigger=trigger, **place)


def _others(rows: ProjectRows, who: Actor, action: Action, queue: Queue) -> list[tuple[str, str]]:
    """Return the other actions of the same task that can be done instead: name and address."""
    others = (trigger for trigger in queue.task.triggers if trigger != action.trigger)
    offers = [offer_of(rows.project, who, trigger, rows) for trigger in others]
    return [(one.action.name, _address(rows.project, one.action.trigger, queue)) for one in offers if one and one.open]


def _typed(trigger: str) -> list[tuple[str, str]]:
    return typed_texts(list(request.form.items(multi=True)), "actions.act", {"trigger": trigger})
