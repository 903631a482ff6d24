"""``workflows/`` → frozen dataclasses, read once. Mistakes in the files stop the start, all reported together."""

from collections.abc import Iterator
from pathlib import Path

import xtbang.stages  # noqa: F401  (the functions that the files name)
from xtbang.actions.registry import OPTIONS, PREFILLS
from xtbang.errors import DefinitionError, Mistake
from xtbang.rules.crosschecks import CHECKS, COMPUTATIONS
from xtbang.rules.policy import Policy
from xtbang.workflow.editions import EditionReader
from xtbang.workflow.forms import FormReader
from xtbang.workflow.lifecycle import LifecycleReader


def load_policy(folder: Path) -> Policy:
    """Return the policy of ``lifecycle.toml``, ``editions/*.toml`` and ``forms/*.toml``. Raise DefinitionError."""
    mistakes = [*_names(folder)]
    reader = LifecycleReader(folder / "lifecycle.toml", CHECKS, COMPUTATIONS, OPTIONS, PREFILLS)
    life = reader.lifecycle()
    mistakes += reader.mistakes
    cited = None if reader.found.faults else life.cited  # unknown where the file cannot be read
    forms = {path.stem: FormReader(path, CHECKS, COMPUTATIONS, OPTIONS) for path in _files(folder / "forms")}
    for form in forms.values():
        form.read()
    editions = {}
    for path in _files(folder / "editions"):
        reader_of_edition = EditionReader(path, forms, cited)
        if edition := reader_of_edition.edition():
            editions[path.stem] = edition
        mistakes += reader_of_edition.mistakes
    mistakes += [mistake for form in forms.values() for mistake in form.mistakes]
    if not editions and not mistakes:
        mistakes.append(Mistake(folder / "editions", 0, "没有版本：至少要有一个 .toml 文件。"))
    if mistakes:
        raise DefinitionError(mistakes)
    on_path = tuple(state for state in life.states.values() if state.path)
    return Policy(life.states, life.actions, editions, on_path, life.due_dates, life.tasks)


def _files(folder: Path) -> list[Path]:
    return sorted(folder.glob("*.toml"))


def _names(folder: Path) -> Iterator[Mistake]:
    """Yield files whose names look like ours but that are not read, such as ``2026.toml.txt``."""
    for path in sorted((folder / "editions").glob("*")) + sorted((folder / "forms").glob("*")):
        if path.suffix != ".toml" and path.name.lower().endswith((".toml", ".toml.txt")):
            yield Mistake(path, 0, f"这个文件不会被读取：文件名应为 {path.name.split('.')[0]}.toml。")
