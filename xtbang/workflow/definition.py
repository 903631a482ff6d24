"""``workflows/`` → frozen dataclasses, read once. Mistakes in the files stop the start, all reported together."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from itertools import pairwise
from pathlib import Path
from typing import TypeVar

import xtbang.stages  # noqa: F401  (the functions that the files name)
from xtbang.actions.registry import OPTIONS, PREFILLS
from xtbang.errors import DefinitionError, Mistake
from xtbang.rules.city import City
from xtbang.rules.crosschecks import CHECKS, COMPUTATIONS
from xtbang.rules.edition import Edition
from xtbang.rules.edition_facts import EDITION_FACTS
from xtbang.rules.life import life_of, together
from xtbang.rules.lives import Life
from xtbang.rules.policy import Policy
from xtbang.rules.tasks import DueDate, Task
from xtbang.workflow.city import CityReader
from xtbang.workflow.editions import EditionReader
from xtbang.workflow.form_reader import FormReader
from xtbang.workflow.lifecycle import Lifecycle, LifecycleReader
from xtbang.workflow.words import Words, WordsReader

Item = TypeVar("Item", DueDate, Task)


@dataclass(frozen=True)
class Reading:
    """The contents of ``workflows/``, with every mistake in them."""

    city: City | None  # None: its file has a mistake
    life: Lifecycle
    words: Words
    editions: dict[str, Edition]  # without those that have a mistake, in their own file or in one of their forms
    files: tuple[str, ...]  # the names of all editions that have a file
    life_mistakes: tuple[Mistake, ...]  # in what every project lives by: the city and the life
    mistakes: tuple[Mistake, ...]  # all of them


def read_folder(folder: Path) -> Reading:
    """Return what ``city.toml``, ``lifecycle.toml``, ``editions/*.toml`` and ``forms/*.toml`` say, and what is wrong with them."""
    city_reader = CityReader(folder / "city.toml")
    city = city_reader.city()
    places = city.places if city else None  # unknown where the file has mistakes
    stored = WordsReader(folder / "stored_words.toml")
    words = stored.words()
    reader = LifecycleReader(folder / "lifecycle.toml", CHECKS, COMPUTATIONS, OPTIONS, PREFILLS, words)
    reader.city = city
    life = reader.lifecycle()
    cited = city_reader.cited if city else None  # unknown where the file has mistakes
    forms = {
        path.stem: FormReader(path, CHECKS, COMPUTATIONS, OPTIONS, None, words, places)
        for path in _files(folder / "forms")
    }
    for form in forms.values():
        form.read()
    cites = city.cites if city else {}
    whole = None if reader.mistakes else Life(life.states, life.actions)
    editions = [EditionReader(path, forms, cited, places, cites, whole) for path in _files(folder / "editions")]
    read = [(edition, edition.edition()) for edition in editions]
    _in_order([(reader, found) for reader, found in read if found])
    mistakes = [*_names(folder), *city_reader.mistakes, *reader.mistakes]
    mistakes += [mistake for file in (*editions, *forms.values()) for mistake in file.mistakes]
    if not mistakes:
        asked = [*(action.form for action in life.actions.values()), *(form.form for form in forms.values())]
        stored.compare(field for form in asked for field in form.fields)
    mistakes += stored.mistakes
    if not editions and not mistakes:
        mistakes.append(Mistake(folder / "editions", 0, "没有版本：至少要有一个 .toml 文件。"))
    sound = [edition for _, edition in read if edition and all(forms[form.key].sound for form in edition.every_form)]
    return Reading(
        city,
        life,
        words,
        {edition.key: edition for edition in sound},
        tuple(edition.path.stem for edition in editions),
        (*city_reader.mistakes, *reader.mistakes),
        tuple(mistakes),
    )


def _in_order(read: list[tuple[EditionReader, Edition]]) -> None:
    """Add a mistake for each edition that comes into force before an older one."""
    dated = [(reader, edition.starts_on) for reader, edition in read if edition.starts_on]
    for (older, before), (reader, starts) in pairwise(dated):
        if before and starts and starts < before:
            reader.starts_before(older.path.stem, before)


def load_policy(folder: Path) -> Policy:
    """Return the policy of a folder. Raise DefinitionError with every mistake in it."""
    reading = read_folder(folder)
    if reading.mistakes:
        raise DefinitionError(list(reading.mistakes))
    return policy_of(reading, reading.editions.values())


def policy_of(reading: Reading, editions: Iterable[Edition]) -> Policy:
    """Return the policy of city and life as read and these editions, the oldest first. Raise DefinitionError."""
    city, life = reading.city, reading.life
    if city is None:
        raise DefinitionError(list(reading.mistakes))
    whole = Life(life.states, life.actions)
    ordered = sorted(editions, key=lambda edition: (edition.name, edition.revision))
    known = {edition.key: edition for edition in ordered}
    lives = [life_of(whole, edition) for edition in ordered]
    every = together(whole, lives) if ordered else whole
    return Policy(
        city,
        every.states,
        every.actions,
        known,
        every.path,
        tuple(_there(due, every) for due in life.due_dates if _wanted(due, ordered)),
        tuple(_called(task, lives) for task in _tasks(life, every, ordered)),
        life.known_lines,
        partial(life_of, whole),
    )


def _wanted(item: DueDate | Task, editions: Iterable[Edition]) -> bool:
    """Return whether an edition has what the due date or the task is about."""
    return not item.only_if or any(EDITION_FACTS[item.only_if](edition) for edition in editions)


def _there(item: Item, life: Life) -> Item:
    """Return a due date or a task without the states that no edition has."""
    return replace(item, states=tuple(state for state in item.states if state in life.states))


def _tasks(life: Lifecycle, every: Life, editions: Iterable[Edition]) -> Iterator[Task]:
    """Yield the tasks that an edition has, each with the actions that an edition has."""
    for task in life.tasks:
        there = replace(_there(task, every), deeds=tuple(deed for deed in task.deeds if deed.trigger in every.actions))
        lost = set(task.triggers) and not set(there.triggers) & every.actions.keys()
        if _wanted(task, editions) and not lost:
            yield there


def _called(task: Task, lives: Iterable[Life]) -> Task:
    """Return a task whose title names the state in which it waits as the editions call it."""
    names = (life.states[state].name for life in lives for state in task.states if state in life.states)
    return replace(task, title=task.title.replace("{state}", "、".join(dict.fromkeys(names))))


def _files(folder: Path) -> list[Path]:
    return sorted(folder.glob("*.toml"))


def _names(folder: Path) -> Iterator[Mistake]:
    """Yield files whose names look like ours but that are not read, such as ``2026.toml.txt``."""
    for path in sorted((folder / "editions").glob("*")) + sorted((folder / "forms").glob("*")):
        if path.suffix != ".toml" and path.name.lower().endswith((".toml", ".toml.txt")):
            yield Mistake(path, 0, f"这个文件不会被读取：文件名应为 {path.name.split('.')[0]}.toml。")
