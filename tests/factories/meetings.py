"""Meetings put straight into the database (only tests may)."""

from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from xtbang.models import Meeting, MeetingItem, Project


def meeting_of(session: Session, kind: str, projects: list[Project], at: datetime, **values: Any) -> Meeting:
    """A planned meeting of these projects, made at that moment; inside ``writing()``."""
    row = Meeting(kind=kind, created_at=at, **{"title": "第一次会"} | values)
    row.items = [MeetingItem(project_id=project.id, position=n, joined_at=at) for n, project in enumerate(projects, 1)]
    session.add(row)
    session.flush()
    return row
