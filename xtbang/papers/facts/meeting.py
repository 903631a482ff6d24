"""The facts of the papers of a meeting (会次): its agenda, its lists."""

from collections.abc import Iterable
from datetime import timedelta
from decimal import Decimal
from typing import Any

from xtbang.models import Meeting, MeetingSeat, Project
from xtbang.papers.facts.bid import iso, project_facts
from xtbang.rules.money import in_words


def agenda_facts(meeting: Meeting, projects: list[Project]) -> dict[str, Any]:
    """Return the facts of the agenda (议程): the projects in order, each with its starting time."""
    if meeting.starts_at is None:
        raise ValueError("a meeting without a time has no agenda")
    minutes = meeting.minutes or 0
    return {
        "title": meeting.title,
        "place": meeting.place,
        "starts_at": iso(meeting.starts_at),
        "minutes": minutes,
        "items": [
            project_facts(project)
            | {"position": place + 1, "at": iso(meeting.starts_at + timedelta(minutes=minutes * place))}
            for place, project in enumerate(projects)
        ],
    }


def head(meeting: Meeting, kind: str) -> dict[str, Any]:
    """Return what every list of a meeting has at its top; ``kind`` is the kind of meeting in words."""
    return {"title": meeting.title, "kind": kind, "place": meeting.place, "starts_at": iso(meeting.starts_at)}


def expert_facts(seat: MeetingSeat) -> dict[str, Any]:
    """Return an invited expert as lists of a meeting name one."""
    return {"name": seat.expert.name, "kind": seat.kind, "organisation": seat.expert.works_at}


def sign_in_facts(meeting: Meeting, kind: str, seats: Iterable[MeetingSeat], projects: list[Project]) -> dict[str, Any]:
    """Return the facts of the sign-in sheet (签到表): experts, and the parties of each project."""
    rows = [project_facts(project) for project in projects]
    return head(meeting, kind) | {"experts": [expert_facts(seat) for seat in seats], "projects": rows}


def fee_facts(meeting: Meeting, kind: str, seats: Iterable[MeetingSeat]) -> dict[str, Any]:
    """Return the facts of the list of fees (专家评审费发放表): the experts who have signed in, each with the amount."""
    paid = [(seat, seat.fee or Decimal(0)) for seat in seats]
    rows = [expert_facts(seat) | {"fee": f"{fee:,.2f}"} for seat, fee in paid]
    total = sum((fee for _seat, fee in paid), Decimal(0))
    return head(meeting, kind) | {"experts": rows, "total": f"{total:,.2f}", "words": in_words(total)}


def record_facts(
    meeting: Meeting, kind: str, experts: Iterable[MeetingSeat], rows: Iterable[tuple[Project, dict[str, str]]]
) -> dict[str, Any]:
    """Return the facts of the summary (汇总表) and of the minutes (纪要): each project with what was decided about it."""
    items = [project_facts(project) | said for project, said in rows]
    return head(meeting, kind) | {"experts": [expert_facts(seat) for seat in experts], "items": items}
