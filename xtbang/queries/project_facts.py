"""Facts about a project that ``workflows/lifecycle.toml`` may name, each a function of its row and the moment."""

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any

from xtbang.queries.rights.sealed_bids import unsealed
from xtbang.rules.policy import When

FACTS: dict[str, Callable[[Any, datetime], bool]] = {
    "supply": lambda project, _now: not project.kind.endswith("_demand"),
    "market": lambda project, _now: project.track == "market",
    "funded": lambda project, _now: project.track == "funded",
    "subsidy_fixed": lambda project, _now: project.subsidy_city is not None,
    "bids_sealed": lambda project, now: project.track == "funded" and not unsealed(project, now),
    "bids_open_for_choice": lambda project, now: project.track == "funded" and unsealed(project, now),
}


def value_when(cases: Iterable[When], otherwise: tuple[str, ...], project: Any, now: datetime) -> tuple[str, ...]:
    """Return the value of the first case whose fact holds for the project, else ``otherwise``."""
    return next((case.value for case in cases if FACTS[case.fact](project, now)), otherwise)
