"""``workflows/`` → frozen dataclasses, once. Any unknown name stops the start with file, line and expectation."""

from pathlib import Path

import xtbang.stages  # noqa: F401 -- registers every guard, effect and list of choices
from xtbang.actions.registry import OPTIONS, PREFILLS
from xtbang.errors import DefinitionError
from xtbang.rules.crosschecks import CHECKS, COMPUTATIONS
from xtbang.rules.policy import Policy
from xtbang.workflow.editions import EditionReader
from xtbang.workflow.lifecycle import LifecycleReader


def load_policy(folder: Path) -> Policy:
    """Read ``lifecycle.toml``, ``editions/*.toml`` and ``forms/*.toml``; DefinitionError on anything unknown."""
    life = LifecycleReader(folder / "lifecycle.toml", CHECKS, COMPUTATIONS, OPTIONS, PREFILLS).lifecycle()
    editions = {}
    for path in sorted((folder / "editions").glob("*.toml")):
        editions[path.stem] = EditionReader(path, CHECKS, COMPUTATIONS, OPTIONS).edition(folder / "forms")
    if not editions:
        raise DefinitionError(folder / "editions", 0, "expected at least one edition, found none")
    on_path = tuple(state for state in life.states.values() if state.path)
    return Policy(life.states, life.actions, editions, on_path, life.due_dates, life.tasks)
