"""The facts of the papers of a meeting (会次): its agenda, its lists."""

from datetime import timedelta
from typing import Any

from xtbang.models import Meeting, Project
from xtbang.papers.facts.bid import iso, project_facts


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
