"""The things that an action refuses, revokes, takes back or rules on: said in full before it is done."""

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from xtbang.actions.context import Context
from xtbang.domain.revocation import named, papers_on
from xtbang.domain.taking_back import records_of
from xtbang.models import Countersignature, Event, Ruling
from xtbang.rules.dates import day_of
from xtbang.rules.forms import keyed
from xtbang.rules.lives import Action
from xtbang.rules.quotation import quoted
from xtbang.rules.term import in_chinese
from xtbang.web.frame.shell import engine
from xtbang.web.project.confirmation import amounts, said
from xtbang.workflow.offers import Offer

MOST = 3  # things that are said before one of them is chosen


@dataclass(frozen=True)
class Concerned:
    """One thing that is refused, revoked or taken back, or that a ruling is about."""

    title: str
    said: list[dict[str, Any]]  # as `web.project.confirmation.said`
    amounts: list[dict[str, str]] = field(default_factory=list)
    void: tuple[str, ...] = ()  # the titles of the papers that become void with it
    action: Action | None = None  # that waits for a signature: its page shows what it is about
    values: Mapping[str, Any] = field(default_factory=dict)  # what was filled in for it


def concerned(context: Context, offer: Offer, values: Mapping[str, Any]) -> list[Concerned]:
    """Return what the action is about: the chosen thing, before the choice all of them where they are few."""
    chooses = next((item for item in offer.action.form.fields if item.options in READERS), None)
    if chooses is None:
        return []
    filled = (offer.form or offer.action.form).field(chooses.key)
    choices = [choice.key for choice in filled.choices]
    chosen = [str(values[chooses.key])] if values.get(chooses.key) else choices if len(choices) <= MOST else []
    return list(READERS[chooses.options](context, chosen))


def _waiting(context: Context, keys: Collection[str]) -> Iterator[Concerned]:
    """Yield the actions under which these signatures stand, with what was filled in."""
    for row in context.rows.of(Countersignature):
        if str(row.id) in keys:
            action = engine().action(context.project, row.trigger)
            own = engine().context(context.session, context.project, context.actor, context.role, action)
            form = engine().form(own, action)
            values = keyed(form, row.data)
            title = (
                f"{action.name}：{row.person.name}于{in_chinese(day_of(row.at))}{'提交' if action.second else '会签'}"
            )
            yield Concerned(
                title, said(form, values), amounts(form, values, context.edition), action=action, values=values
            )


def _decisions(context: Context, keys: Collection[str]) -> Iterator[Concerned]:
    """Yield these decisions, each with what was filled in, where it led, and the papers that rest on it."""
    states = context.life.states
    for event in context.rows.of(Event):
        if str(event.id) in keys:
            action = context.life.actions[event.trigger]
            moved = {
                "label": "项目环节",
                "value": f"由{states[event.from_state].name}转入{states[event.to_state].name}",
                "file": False,
            }
            yield Concerned(
                f"{quoted(named(context, event))}，{in_chinese(day_of(event.at))}作出",
                [moved, *said(action.form, event.data)],
                amounts(action.form, event.data, context.edition),
                tuple(paper.title for paper in papers_on(context.session, event)),
            )


def _ruled(context: Context, keys: Collection[str]) -> Iterator[Concerned]:
    rulings = [row for row in context.rows.of(Ruling) if str(row.id) in keys]
    yield from _decisions(context, {str(row.decision_id) for row in rulings})


def _records(context: Context, keys: Collection[str]) -> Iterator[Concerned]:
    for key, record in records_of(context).items():
        if key in keys:
            yield Concerned(record.name, [{"label": "登记的内容", "value": record.said, "file": False}])


# the choices among which the thing is (`actions/registry.py::OPTIONS`): what is said of it
READERS: Mapping[str, Callable[[Context, Collection[str]], Iterator[Concerned]]] = {
    "open_signatures": _waiting,
    "revocable_decisions": _decisions,
    "reviewable_decisions": _decisions,
    "recorded_rulings": _ruled,
    "rulings_to_execute": _ruled,
    "records_to_take_back": _records,
}
