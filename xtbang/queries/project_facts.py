"""Facts about a project that ``workflows/lifecycle.toml`` may name, each a function of its row and of the moment
up to which everything has arrived (`Caller.collected`).
"""

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any

from xtbang.queries.rights.sealed_bids import unsealed
from xtbang.rules.lives import State, When

FACTS: dict[str, Callable[[Any, datetime], bool]] = {
    "supply": lambda project, _collected: not project.kind.endswith("_demand"),
    "market": lambda project, _collected: project.track == "market",
    "funded": lambda project, _collected: project.track == "funded",
    "subsidy_fixed": lambda project, _collected: project.subsidy_city is not None,
    "completed": lambda project, _collected: project.completed_at is not None,
    "bids_sealed": lambda project, collected: project.track == "funded" and not unsealed(project, collected),
    "bids_open_for_choice": lambda project, collected: project.track == "funded" and unsealed(project, collected),
}


def value_when(cases: Iterable[When], otherwise: tuple[str, ...], project: Any, collected: datetime) -> tuple[str, ...]:
    """Return the value of the first case whose fact holds for the project, else ``otherwise``."""
    return next((case.value for case in cases if FACTS[case.fact](project, collected)), otherwise)


def name_of(state: State, project: Any, collected: datetime) -> str:
    """Return the name of a project's state as it is called for this project."""
    return value_when(state.name_when, (state.name,), project, collected)[0]
