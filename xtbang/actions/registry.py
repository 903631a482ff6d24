"""The functions that ``workflows/lifecycle.toml`` may name: guards (needs), effects (triggers), lists of choices."""

from collections.abc import Callable, Iterable

from xtbang.actions.context import Context
from xtbang.rules.fields import Field
from xtbang.rules.reasons import Reason

Guard = Callable[[Context], Iterable[Reason]]
Effect = Callable[[Context], None]
Options = Callable[[Context], dict[str, str]]
Fields = Callable[[Context], tuple[Field, ...]]

GUARDS: dict[str, Guard] = {}
EFFECTS: dict[str, Effect] = {}
OPTIONS: dict[str, Options] = {}
PREFILLS: dict[str, Callable[[Context], str]] = {}
FORMS: dict[str, Fields] = {}  # trigger → fields that only the program knows
ASKS_FORM: set[str] = set()  # guards that can only judge what has been filled in


def guard(function: Guard) -> Guard:
    """A guard that can be asked before anything is filled in; yields every reason against."""
    GUARDS[function.__name__] = function
    return function


def form_guard(function: Guard) -> Guard:
    """A guard about what was filled in; asked only when something was."""
    ASKS_FORM.add(function.__name__)
    return guard(function)


def effect(function: Effect) -> Effect:
    """What a trigger of the same name does."""
    EFFECTS[function.__name__] = function
    return function


def options(function: Options) -> Options:
    """Choices that only the program knows: value → label in Chinese."""
    OPTIONS[function.__name__] = function
    return function


def prefill(function: Callable[[Context], str]) -> Callable[[Context], str]:
    """Register what stands in a field when the page opens, under the function's name."""
    PREFILLS[function.__name__] = function
    return function


def form_of_trigger(trigger: str) -> Callable[[Fields], Fields]:
    """Fields that a trigger's form has besides those of ``lifecycle.toml``: a scoring sheet, the bids of a member."""

    def register(function: Fields) -> Fields:
        FORMS[trigger] = function
        return function

    return register
