"""One action for many projects, before it is done: who can, who cannot and why, what is filled in once and what for each."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from sqlalchemy.orm import Session

from xtbang.actions.context import Context, Upload
from xtbang.errors import Blocked
from xtbang.models import Project
from xtbang.rules.actor import Actor
from xtbang.rules.fields import Choice, Field, FieldKind, FormDefinition, Section
from xtbang.rules.forms import check, clean, keyed
from xtbang.rules.lives import Action
from xtbang.rules.reasons import Reason
from xtbang.workflow.offers import Asking, Offer

NOT_SHARED = (FieldKind.ROWS,)  # what is said row by row is about one project


@dataclass(frozen=True)
class Candidate:
    """One project for which a person wants to do something that is done for many."""

    project: Project
    offer: Offer | None
    form: FormDefinition  # with the choices of this project
    reasons: tuple[Reason, ...] = ()  # why it cannot be done
    hints: tuple[Reason, ...] = ()
    values: Mapping[str, Any] = field(default_factory=dict)  # of its form, once they are filled in
    wrong: tuple[Reason, ...] = ()  # what is wrong with what was filled in for it alone

    @property
    def able(self) -> bool:
        """Return whether no reason blocks it."""
        return not self.reasons


def candidates(
    asking: Asking, session: Session, actor: Actor, trigger: str, projects: Iterable[Project]
) -> list[Candidate]:
    """Return every project with the engine's offer of that action, or with all reasons against it; nothing is written."""
    return [_candidate(asking, session, actor, trigger, project) for project in projects]


def _candidate(asking: Asking, session: Session, actor: Actor, trigger: str, project: Project) -> Candidate:
    action = asking.action(project, trigger)
    offer = asking.offer(session, project, actor, trigger)
    if offer is None:
        return Candidate(project, None, action.form, asking.why_not(session, project, actor, trigger))
    if not offer.open:
        return Candidate(project, offer, action.form, offer.reasons, offer.hints)
    context = _context(asking, session, actor, offer, project)
    form = offer.form or action.form
    known = keyed(form, offer.signed.data) if offer.signed else asking.prefilled(context, action)
    return Candidate(project, offer, form, (), offer.hints, known)


def _context(asking: Asking, session: Session, actor: Actor, offer: Offer, project: Project, **more: Any) -> Context:
    return asking.context(session, project, actor, offer.role, offer.action, known=offer.known, **more)


def shared_form(action: Action, found: Sequence[Candidate]) -> FormDefinition:
    """Return the form that is filled in once for all; a choice is there if any of the projects has it.

    It is empty when all of them only wait for a further signature.
    """
    asked = [item for item in found if item.able and item.offer and not item.offer.signed]
    forms = [item.form for item in asked]
    fields = (field for field in (forms[0].fields if forms else ()) if is_shared(action, field))
    return replace(action.form, sections=(Section("", tuple(_united(field, forms) for field in fields)),))


def own_fields(action: Action, candidate: Candidate) -> tuple[Field, ...]:
    """Return the fields that are filled in for this project alone; none where another office has filled them in."""
    if not candidate.offer or candidate.offer.signed or not candidate.able:
        return ()
    return tuple(field for field in candidate.form.fields if field.key in action.each)


def alike_fields(action: Action, found: Sequence[Candidate]) -> tuple[Field, ...]:
    """Return the fields filled in for each project that may be filled in once for those that say nothing of their own.

    They are judgements in words or by choice; amounts, dates and numbers are of each project.
    """
    able = [item for item in found if own_fields(action, item)]
    if len(able) < 2:
        return ()
    alike = (FieldKind.CHOICE, FieldKind.LONG)
    return tuple(
        replace(one, required=False)
        for one in own_fields(action, able[0])
        if one.kind in alike and one.required and not one.options and not any(item.values.get(one.key) for item in able)
    )


def unchecked_lines(form: FormDefinition, found: Sequence[Candidate]) -> dict[int, list[str]]:
    """Return by project what the program has found true of other candidates and not of it, of choices made once for all."""
    missing: dict[int, list[str]] = {}
    for item in form.fields:
        if item.kind is FieldKind.CHOICES and item.prefill:
            told = {one.project.id: {*one.values.get(item.key, ())} for one in found if one.able}
            some = set[str]().union(*told.values())
            for one in found:
                lines = some & {*one.form.field(item.key).keys} - told.get(one.project.id, some)
                named = [choice.label for choice in item.choices if choice.key in lines]
                missing.setdefault(one.project.id, []).extend(named)
    return missing


def is_shared(action: Action, field: Field) -> bool:
    """Return whether a field is filled in once for all projects."""
    return field.key not in action.each and field.kind not in NOT_SHARED


def _united(field: Field, forms: Sequence[FormDefinition]) -> Field:
    if not field.options:
        return field
    every: dict[str, Choice] = {}
    for form in forms:
        every |= {choice.key: choice for other in form.fields if other.key == field.key for choice in other.choices}
    return replace(field, choices=tuple(every.values()))


def values_for(form: FormDefinition, shared: Mapping[str, Any], own: Mapping[str, Any]) -> dict[str, Any]:
    """Return the values of one project's form: of several choices made for all it is given those that it has."""
    every = dict(shared) | dict(own)
    for item in form.fields:
        if item.kind is FieldKind.CHOICES and item.options:
            every[item.key] = [key for key in every.get(item.key) or [] if key in item.keys]
    return clean(form, every)


def filled(
    asking: Asking,
    session: Session,
    actor: Actor,
    candidate: Candidate,
    shared: Mapping[str, Any],
    own: Mapping[str, Any],
    uploads: Mapping[str, Upload],
) -> Candidate:
    """Return the candidate with these values, and the reasons that block it then; nothing is written.

    What another office has filled in before stays as it is.
    """
    if not candidate.able or candidate.offer is None or candidate.offer.signed:
        return candidate
    offer, form = candidate.offer, candidate.form
    values = values_for(form, shared, own)
    wrong = check(form, values, complete=True)
    mine = tuple(reason for reason in wrong if reason.field.split(".")[0] in offer.action.each)
    if wrong:
        return replace(candidate, values=values, reasons=tuple(wrong), wrong=mine)
    context = _context(asking, session, actor, offer, candidate.project, uploads=uploads)
    try:
        against, hints = asking.asked_back(context, offer.action, values)
    except Blocked as blocked:
        against, hints = blocked.reasons, []
    return replace(candidate, values=values, reasons=tuple(against), hints=tuple(hints))
