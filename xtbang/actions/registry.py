"""The functions that ``workflows/lifecycle.toml`` may name: guards, effects, lists of choices, values filled in."""

from collections.abc import Callable, Iterable
from typing import Any, TypeVar

from sqlalchemy.orm import Session

from xtbang.actions.context import Context
from xtbang.models import Event
from xtbang.rules.fields import Field
from xtbang.rules.reasons import Reason

Result = Callable[[Session, Event], dict[str, Any]]
Guard = Callable[[Context], Iterable[Reason]]
Effect = Callable[[Context], None]
Options = Callable[[Context], dict[str, str]]
Fields = Callable[[Context], tuple[Field, ...]]
Prefill = TypeVar("Prefill", bound=Callable[[Context], str | list[str]])
Revocation = Callable[[Context, Event], None]

GUARDS: dict[str, Guard] = {}
EFFECTS: dict[str, Effect] = {}
RESULTS: dict[str, Result] = {}  # trigger → what its effect answered, for a repeated request
OPTIONS: dict[str, Options] = {}
PREFILLS: dict[str, Callable[[Context], str | list[str]]] = {}  # a list for several choices
KNOWN: dict[str, Callable[[Context], bool]] = {}  # what the program can check of a checklist
CONSEQUENCES: dict[str, Effect] = {}  # what happens besides where an edition has no stage between
REVOCATIONS: dict[str, Revocation] = {}  # trigger of a decision → what its revocation takes back
REVOKED_PAPERS: dict[str, tuple[str, ...]] = {}  # trigger of a decision → names of the papers that it issues
AGAINST_REVOCATION: dict[str, Callable[[Context, Event], Iterable[Reason]]] = {}
LEADS_BACK: dict[str, Callable[[Context], str]] = {}  # trigger → the state that it leads to
FORMS: dict[str, Fields] = {}  # trigger → fields that depend on the project
FILLED: dict[str, Callable[[Context], dict[str, Any]]] = {}  # trigger → what stands in these fields when its page opens
ASKS_FORM: set[str] = set()  # guards that need a form that has been filled in


def guard(function: Guard) -> Guard:
    """Register a guard (条件) that needs no form data; it yields every reason against the action."""
    GUARDS[function.__name__] = function
    return function


def form_guard(function: Guard) -> Guard:
    """Register a guard about what was filled in; it runs only when something was."""
    ASKS_FORM.add(function.__name__)
    return guard(function)


def effect(function: Effect) -> Effect:
    """Register the effect (办理结果) of the trigger with the function's name."""
    EFFECTS[function.__name__] = function
    return function


def answered(*triggers: str) -> Callable[[Result], Result]:
    """Register the function that returns the ``result`` of these triggers from their event, for a repeated request."""

    def register(function: Result) -> Result:
        RESULTS.update(dict.fromkeys(triggers, function))
        return function

    return register


def consequence(function: Effect) -> Effect:
    """Register a further effect of a transition, for editions without the stage in which it would happen."""
    CONSEQUENCES[function.__name__] = function
    return function


def leads_back(trigger: str) -> Callable[[Callable[[Context], str]], Callable[[Context], str]]:
    """Register the function that says to which state an action leads; before it is filled in, the present one."""

    def register(function: Callable[[Context], str]) -> Callable[[Context], str]:
        LEADS_BACK[trigger] = function
        return function

    return register


def revocation(trigger: str, *papers: str) -> Callable[[Revocation], Revocation]:
    """Register what is taken back when a decision is revoked (撤销); the function gets the event of the decision.

    ``papers`` are the names of what it issues: they become void.
    """

    def register(function: Revocation) -> Revocation:
        REVOCATIONS[trigger], REVOKED_PAPERS[trigger] = function, papers
        return function

    return register


def against_revocation(
    trigger: str,
) -> Callable[[Callable[[Context, Event], Iterable[Reason]]], Callable[[Context, Event], Iterable[Reason]]]:
    """Register reasons against revoking a decision: what was done on the ground of it."""

    def register(
        function: Callable[[Context, Event], Iterable[Reason]],
    ) -> Callable[[Context, Event], Iterable[Reason]]:
        AGAINST_REVOCATION[trigger] = function
        return function

    return register


def options(function: Options) -> Options:
    """Register a list of choices that depends on the project: value → Chinese label."""
    OPTIONS[function.__name__] = function
    return function


def prefill(function: Prefill) -> Prefill:
    """Register the value that a field has when its page opens, under the function's name."""
    PREFILLS[function.__name__] = function
    return function


def known(function: Callable[[Context], bool]) -> Callable[[Context], bool]:
    """Register a fact that the program can check, for the lines of a checklist that say it (``[[known]]``)."""
    KNOWN[function.__name__] = function
    return function


def form_of_trigger(trigger: str) -> Callable[[Fields], Fields]:
    """Register fields that a trigger's form has in addition to those of ``lifecycle.toml``, such as a score sheet."""

    def register(function: Fields) -> Fields:
        FORMS[trigger] = function
        return function

    return register


def prefill_form(trigger: str) -> Callable[[Callable[[Context], dict[str, Any]]], Callable[[Context], dict[str, Any]]]:
    """Register what stands in several fields of a trigger's form when the page opens, those of `form_of_trigger` among them."""

    def register(function: Callable[[Context], dict[str, Any]]) -> Callable[[Context], dict[str, Any]]:
        FILLED[trigger] = function
        return function

    return register
