"""Say in words whose turn it is and until when."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from xtbang.models import Project
from xtbang.queries.desk.due_dates import Due
from xtbang.queries.next_step import Step, turn_words
from xtbang.rules.dates import day_of
from xtbang.rules.lives import Wait
from xtbang.web.frame.filters import day, moment
from xtbang.web.frame.shell import policy


def turn_of(
    project: Project, collected: datetime, mine: int | None = None, waits: Iterable[Wait] = (), step: Step | None = None
) -> str:
    """Return whose turn it is, in words; see `turn_words`."""
    return turn_words(project, collected, policy(), mine, waits, step)


def due_words(due: Due | None, now: datetime) -> dict[str, Any]:
    """Return a due date for the badge: ``text``, ``days``; a bid window that has closed is over, not late."""
    if due is None:
        return {}
    text = f"{due.about.label}：{moment(due.at) if due.at else day(due.on)}"
    days = (due.on - day_of(now)).days
    if due.about.over and (due.at < now if due.at else days < 0):
        return {"text": f"{text}（已过）", "days": None}
    return {"text": text, "days": days}
