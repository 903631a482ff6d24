"""The written content of ``data/*.toml`` as frozen values, loaded once."""

import tomllib
from functools import cache
from importlib.resources import files
from typing import Any

from xtbang.demo.texts.model import Indicator, Task, Topic

_FILES = {
    "tech_demand": ("demands_hand_1", "demands_hand_2", "demands_a"),
    "tech_supply": ("supplies",),
    "scene_demand": ("scenes_demand",),
    "scene_supply": ("scenes_supply",),
}
PLACES = ("before", "after")


@cache
def load(name: str) -> dict[str, Any]:
    """Return the content of ``data/<name>.toml``."""
    text = files(__package__).joinpath("data", f"{name}.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)


@cache
def topics(kind: str | None = None) -> tuple[Topic, ...]:
    """Return every topic of a kind, hand-written ones mixed in by number; of all kinds when none is given."""
    if kind is None:
        return tuple(topic for each in _FILES for topic in topics(each))
    rows = [row for name in _FILES[kind] for row in load(name)["topic"]]
    return tuple(sorted((_topic(kind, row) for row in rows), key=lambda topic: topic.id))


def topic_by_id(topic_id: str) -> Topic:
    """Return the topic of that id. Raise KeyError when there is none."""
    for topic in topics():
        if topic.id == topic_id:
            return topic
    raise KeyError(topic_id)


def groups(pattern: str, field: str, place: str) -> list[tuple[bool, tuple[str, ...]]]:
    """Return the sentence patterns of a field: (must be used, alternatives), in order."""
    return [
        (bool(row.get("must")), tuple(say.lstrip("~") for say in row["say"]))
        for row in load(pattern).get(field, ())
        if row.get("place", "after") == place
    ]


def _topic(kind: str, row: dict[str, Any]) -> Topic:
    domain = row["domain"]
    pair = (domain, "其他") if isinstance(domain, str) else domain
    return Topic(
        id=row["id"],
        kind=kind,
        title=row["title"],
        object=row["object"],
        industry=row["industry"],
        issuer=row["issuer"],
        tags=tuple(row["tags"]),
        domain_2021=pair[0],
        domain_2024=pair[1],
        sites=tuple(row["sites"]),
        tasks=tuple(Task(*text.split("|")) for text in row["tasks"]),
        indicators=tuple(Indicator(*text.split("|")) for text in row["indicators"]),
        data=row,
    )
