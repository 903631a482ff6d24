"""Whose turn it is and until when, in words."""

from datetime import date, datetime
from typing import Any

from xtbang.enums import ROLE_LABELS
from xtbang.models import Project
from xtbang.queries.project_facts import value_when
from xtbang.rules.dates import SHANGHAI
from xtbang.web.frame.filters import day, moment
from xtbang.web.frame.shell import policy

WINDOWS = ("揭榜截止", "公示截止", "征集截止")


def turn_of(project: Project, now: datetime, mine: int | None = None) -> str:
    """Whose turn it is, parties by their names; the reader's own organisation (``mine``) is 本单位."""
    bid = project.agreed_bid
    parties = {"issuer": project.issuer, "bidder": bid.lead if bid else None}
    words = []
    state = policy().states[project.state]
    for role in value_when(state.turn_when, state.turn, project, now):
        party = parties.get(role)
        if party is not None and party.id == mine:
            words.append("本单位")
        elif role == "bidder" and bid is None:
            words.append("有意揭榜的单位")
        else:
            words.append(f"{ROLE_LABELS[role]}（{party.name}）" if party else ROLE_LABELS[role])
    return "、".join(words)


def due_words(label: str, at: date | datetime | None, now: datetime) -> dict[str, Any]:
    """What is due, as the badge takes it: ``text``, ``days``; a window that has closed is over, not late."""
    if at is None:
        return {}
    on = at.astimezone(SHANGHAI).date() if isinstance(at, datetime) else at
    words = moment(at) if isinstance(at, datetime) else day(at)
    days = (on - now.astimezone(SHANGHAI).date()).days
    if label in WINDOWS and (at < now if isinstance(at, datetime) else days < 0):
        return {"text": f"{label}：{words}（已过）", "days": None}
    return {"text": f"{label}：{words}", "days": days}
