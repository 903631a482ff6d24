"""Meetings (会次) as a list and one by one, for officers: a fixed number of queries for any number of rows."""

from collections.abc import Collection, Mapping
from typing import Any

from sqlalchemy import Row, and_, func, or_, select
from sqlalchemy.orm import Session

from xtbang.models import Meeting, MeetingItem, Paper, Project
from xtbang.queries.desk.groups import ENTRY, Statement, issuer
from xtbang.queries.shown import shown
from xtbang.queries.shown.documents import PaperShown

AT: Any = func.coalesce(Meeting.starts_at, Meeting.created_at)  # what a list is ordered by


def meetings(
    session: Session,
    kind: str = "",
    before: int | None = None,
    most: int = 20,
    only: Collection[int] | None = None,
) -> list[Row[Any]]:
    """Return the meetings (of that kind, or with these ids) with their number of projects, latest first; ``most + 1`` if there are more."""
    on_it = MeetingItem.meeting_id == Meeting.id, MeetingItem.left_at.is_(None)
    count = select(func.count(MeetingItem.id)).where(*on_it).correlate(Meeting).scalar_subquery()
    first = select(func.min(Project.title)).join(MeetingItem, MeetingItem.project_id == Project.id)
    columns = Meeting.id, Meeting.kind, Meeting.title, Meeting.starts_at, Meeting.place, Meeting.status
    query: Statement = select(
        *columns, count.label("count"), first.where(*on_it).correlate(Meeting).scalar_subquery().label("about")
    )
    if kind:
        query = query.where(Meeting.kind == kind)
    if only is not None:
        query = query.where(Meeting.id.in_(only))
    if before is not None and (last := session.get(Meeting, before)) is not None:
        at = last.starts_at or last.created_at
        query = query.where(or_(at > AT, and_(at == AT, Meeting.id < before)))
    return list(session.execute(query.order_by(AT.desc(), Meeting.id.desc()).limit(most + 1)))


def planned(session: Session, kinds: Collection[str]) -> list[Meeting]:
    """Return the planned meetings of these kinds, the next first; those without a time come last.

    What came into being with the panel of one project and has no time yet is not among them.
    """
    with_its_panel = select(MeetingItem.id).where(
        MeetingItem.meeting_id == Meeting.id, MeetingItem.joined_at == Meeting.created_at
    )
    query = select(Meeting).where(Meeting.status == "planned", Meeting.kind.in_(kinds))
    query = query.where(or_(Meeting.starts_at.is_not(None), ~with_its_panel.exists()))
    return list(session.scalars(query.order_by(Meeting.starts_at.is_(None), Meeting.starts_at, Meeting.id)))


def candidates(session: Session, kind: str, states: Collection[str], most: int = 100) -> list[Row[Any]]:
    """Return the projects in these states that are on no planned meeting of that kind, longest waiting first."""
    query: Statement = select(*ENTRY).join(issuer, issuer.id == Project.issuer_id)
    on_one = select(MeetingItem.id).join(Meeting).where(MeetingItem.project_id == Project.id)
    on_one = on_one.where(MeetingItem.left_at.is_(None), Meeting.kind == kind, Meeting.status == "planned")
    query = query.where(Project.state.in_(states), ~on_one.where(Meeting.starts_at.is_not(None)).exists())
    return list(session.execute(query.order_by(Project.state_since, Project.id).limit(most)))


def in_order(session: Session, meeting: Meeting) -> list[Row[Any]]:
    """Return the projects of a meeting in their order."""
    query: Statement = select(*ENTRY).join(issuer, issuer.id == Project.issuer_id)
    query = query.join(MeetingItem, MeetingItem.project_id == Project.id)
    query = query.where(MeetingItem.meeting_id == meeting.id, MeetingItem.left_at.is_(None))
    return list(session.execute(query.order_by(MeetingItem.position)))


def papers_of(session: Session, meeting: Meeting) -> Mapping[str, list[PaperShown]]:
    """Return the current papers of a meeting by name: the agenda, blank score sheets (评分表)."""
    query = select(Paper).where(Paper.state == "current", Paper.subject.in_(meeting.subjects))
    found: dict[str, list[PaperShown]] = {}
    for paper in session.scalars(query.order_by(Paper.id)):
        found.setdefault(paper.name, []).append(shown(PaperShown, paper))
    return found
