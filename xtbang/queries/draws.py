"""Draws of experts (抽取专家) done once more from their events: the same seed and circles give the same people."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from xtbang.models import Event, Person
from xtbang.rules.drawing import drawn, lot

TRIGGER = "draw_experts"


@dataclass(frozen=True)
class Repeated:
    """A draw of one kind of expert, as it was recorded and as it comes out once more."""

    kind: str
    wanted: int
    seed: str
    circles: list[list[int]]
    excluded: list[tuple[int, str]]  # person, reason
    recorded: list[int]
    again: list[int]

    @property
    def agrees(self) -> bool:
        """Return whether the same people come out."""
        return self.recorded == self.again


def draw_event(session: Session, event_id: int) -> Event | None:
    """Return the event of a draw with that id; None when it is no draw."""
    event = session.get(Event, event_id)
    return event if event is not None and event.trigger == TRIGGER else None


def repeat(event: Event) -> Iterator[Repeated]:
    """Yield the draw of each kind once more."""
    seed = event.data["seed"]
    for kind, said in event.data["kinds"].items():
        reasons = said.get("excluded") or [(person, why) for person, _project, why in said.get("excluded_for", [])]
        excluded = [(person, why) for person, why in reasons]
        again = drawn(seed, said["circles"], said["wanted"])
        yield Repeated(kind, said["wanted"], seed, said["circles"], excluded, said["drawn"], again)


def names_in(session: Session, draws: list[Repeated]) -> dict[int, str]:
    """Return the names of all people of these draws by their ids."""
    ids = {person for draw in draws for circle in draw.circles for person in circle}
    ids |= {person for draw in draws for person, _why in draw.excluded}
    return {person: name for person, name in session.execute(select(Person.id, Person.name).where(Person.id.in_(ids)))}


def lines_of(event: Event, draws: list[Repeated], names: dict[int, str]) -> Iterator[str]:
    """Yield a report of the draw in Chinese, line by line."""
    about: Any = event.data.get("project_id") or "、".join(map(str, event.data.get("projects", [])))
    yield f"操作记录 {event.id}（{event.stream}，{event.actor_name}），项目 {about}，种子 {event.data['seed']}"
    for draw in draws:
        yield f"{draw.kind}专家 {draw.wanted} 名"
        for place, circle in enumerate(draw.circles, 1):
            for person in sorted(circle, key=lambda number: lot(draw.seed, number)):
                mark = "中签" if person in draw.recorded else "　　"
                yield f"  第 {place} 圈 {mark} {person} {names.get(person, '')} {lot(draw.seed, person)[:16]}"
        for person, why in draw.excluded:
            yield f"  排除　　　 {person} {names.get(person, '')}：{why}"
        yield (
            "  重算结果与记录一致。"
            if draw.agrees
            else f"  重算结果与记录不一致：记录 {draw.recorded}，重算 {draw.again}。"
        )
