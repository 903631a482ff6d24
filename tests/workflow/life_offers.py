"""Whoever is offered something does it with right values, and who has to sign after them does: so every action is reached."""

from random import Random

from tests.workflow.filling import SCAN, fill
from tests.workflow.life_database import Life, policy
from tests.workflow.life_laws import SECOND, WHO
from xtbang.errors import Refusal
from xtbang.rules.fields import FieldKind
from xtbang.rules.lives import Action

KEPT = 0.8  # of what the page fills in by itself


def open_to(life: Life, person: str) -> list[str]:
    """What this person is offered, and nothing stands against."""
    project = life.project
    offers = life.engine.offers(life.session, project, life.actor(person)) if project and person != "public" else []
    return sorted(offer.action.trigger for offer in offers if offer.open and offer.role)


def accept(life: Life, person: str, trigger: str, rng: Random, *, alone: bool = False) -> None:
    """Do it with right values; unless ``alone``, those who have to sign or to confirm it do so as well."""
    values = _values(life, person, trigger, rng)
    _perform(life, person, trigger, values)
    action = policy().actions[trigger]
    if alone or not (action.both or action.second):
        return
    for other in sorted({*WHO[trigger][1], *SECOND.get(trigger, ())} - {person}):
        if trigger in open_to(life, other):
            try:
                _perform(life, other, trigger, values if action.both else {})
            except Refusal:
                life.session.rollback()


def _perform(life: Life, person: str, trigger: str, values: dict[str, object]) -> None:
    project = life.project
    version, actor = project.version if project else None, life.actor(person)
    life.session.rollback()
    life.engine.perform(life.session, life.project_id, trigger, actor, values, version, uploads={SCAN.sha256: SCAN})


def _values(life: Life, person: str, trigger: str, rng: Random) -> dict[str, object]:
    """Something right for every field, and what the page fills in by itself."""
    project, actor = life.project, life.actor(person)
    assert project is not None
    offer = life.engine.offer(life.session, project, actor, trigger)
    if offer is None or offer.form is None:
        return {}
    action: Action = offer.action
    context = life.engine.context(life.session, project, actor, offer.role, action)
    known = life.engine.prefilled(context, action)
    many = {
        field.key for field in offer.form.fields if field.kind is FieldKind.CHOICES
    }  # all of them, not those ticked
    kept = {key: value for key, value in known.items() if value and key not in many and rng.random() < KEPT}
    return fill(offer.form, rng, life.today, life.amounts(), wild=0) | kept
