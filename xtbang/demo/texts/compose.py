"""Full-length texts made of sentences: required and optional ones of a topic, and shared patterns around them."""

import random
from dataclasses import dataclass
from functools import lru_cache

from xtbang.demo.texts import sources
from xtbang.demo.texts.phrases import Slots
from xtbang.rules import wordcount

_TRIES = 60


@dataclass(frozen=True)
class Segment:
    """A position in a text that takes one of `options`: always, or only if there is room."""

    must: bool
    options: tuple[str, ...]


def plan(topic_lines: list[str], pattern: str, field: str, *, alone: bool = False) -> list[Segment]:
    """Return the segments of one text: patterns before, the topic's own lines, patterns after."""
    own = [Segment("~" not in line[:2], (line.replace("~", "", 1),)) for line in topic_lines]
    if alone:
        return own
    before, after = (
        [Segment(must, options) for must, options in sources.groups(pattern, field, place)] for place in sources.PLACES
    )
    return [*before, *own, *after]


def write(segments: list[Segment], slots: Slots, limit: int, rng: random.Random, *, whole: bool = False) -> str:
    """Return a text of 80–100 % of `limit` (字数) where the segments allow it, never more.

    `whole` uses as much as fits, for hand-written texts that are meant to be read in full.
    """
    best, best_size = "", -1
    target = limit if whole else int(limit * rng.uniform(0.86, 0.97))
    for _ in range(_TRIES):
        lines = [slots.fill(rng.choice(segment.options)) for segment in segments]
        sizes = [_size(line) for line in lines]
        chosen = {index for index, segment in enumerate(segments) if segment.must}
        size = sum(sizes[index] for index in chosen)
        spare = [index for index in range(len(segments)) if index not in chosen]
        if not whole or size + sum(sizes[index] for index in spare) > limit:
            rng.shuffle(spare)
        for index in spare:
            if size >= target:
                break
            if size + sizes[index] <= limit:
                chosen.add(index)
                size += sizes[index]
        if best_size < size <= limit:
            best, best_size = _join(lines, chosen), size
        if target <= best_size or (whole and len(chosen) == len(segments)):
            break
    if best_size < 0:
        raise ValueError(f"no text within {limit} 字")
    return best


def _join(lines: list[str], chosen: set[int]) -> str:
    text = ""
    for index in sorted(chosen):
        line = lines[index]
        text += "\n" + line[1:] if line.startswith("/") and text else line.lstrip("/")
    return text


@lru_cache(maxsize=65536)
def _size(line: str) -> int:
    return wordcount.count(line.removeprefix("/"))
