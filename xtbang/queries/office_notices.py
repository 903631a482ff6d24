"""Notices (公告) as lists for officers: a fixed number of queries for any number of rows."""

from collections.abc import Collection
from typing import Any

from sqlalchemy import ColumnElement, Row, and_, func, or_, select
from sqlalchemy.orm import Session, aliased, joinedload, selectinload

from xtbang.models import Bid, BidMember, Notice, NoticeItem, Paper, Project
from xtbang.queries.desk.groups import Statement


def drafts(session: Session) -> list[Row[Any]]:
    """Return the notices not published yet, oldest first, each with its number of projects and the ``first`` of them."""
    first = select(func.min(NoticeItem.project_id)).where(NoticeItem.notice_id == Notice.id).correlate(Notice)
    query = _notices().add_columns(first.scalar_subquery().label("first")).where(Notice.published_at.is_(None))
    return list(session.execute(query.order_by(Notice.created_at, Notice.id).limit(100)))


def published(
    session: Session,
    kind: str = "",
    before: int | None = None,
    most: int = 20,
    only: Collection[int] | None = None,
) -> list[Row[Any]]:
    """Return published notices (of that kind, or with these ids), newest first; ``most + 1`` rows when there are more."""
    query = _notices().where(Notice.status != "draft")
    if kind:
        query = query.where(Notice.kind == kind)
    if only is not None:
        query = query.where(Notice.id.in_(only))
    if before is not None:
        query = query.where(_before(before))
    return list(session.execute(query.order_by(Notice.published_at.desc(), Notice.id.desc()).limit(most + 1)))


def _before(notice_id: int) -> ColumnElement[bool]:
    """Return the condition for the notices after that one in a list of which the latest is first."""
    other = aliased(Notice)
    at = select(other.published_at).where(other.id == notice_id).scalar_subquery()
    return or_(Notice.published_at < at, and_(Notice.published_at == at, Notice.id < notice_id))


def _notices() -> Statement:
    named = select(func.count(NoticeItem.id)).where(NoticeItem.notice_id == Notice.id).correlate(Notice)
    columns = Notice.id, Notice.kind, Notice.number, Notice.title, Notice.status, Notice.published_at, Notice.created_at
    days = Notice.first_day, Notice.last_day, Notice.provisional
    return select(*columns, *days, named.scalar_subquery().label("count"))


def named(session: Session, notice: Notice) -> list[Project]:
    """Return the projects of a notice in its order, with all rows that their figures need."""
    query = select(Project).join(NoticeItem, NoticeItem.project_id == Project.id)
    query = query.where(NoticeItem.notice_id == notice.id).order_by(NoticeItem.id)
    bid = joinedload(Project.agreed_bid)
    members = bid.selectinload(Bid.members).joinedload(BidMember.organisation)
    return list(
        session.scalars(
            query.options(joinedload(Project.issuer), joinedload(Project.call), bid.joinedload(Bid.lead), members)
        )
    )


def paper_of(session: Session, notice: Notice) -> Paper | None:
    """Return the newest paper of the notice."""
    query = select(Paper).where(Paper.notice_id == notice.id).order_by(Paper.id.desc()).limit(1)
    return session.scalars(query).first()


def superseded(session: Session, notice: Notice) -> Row[Any] | None:
    """Return the notice that this one corrects."""
    query: Statement = select(Notice.id, Notice.title).where(Notice.superseded_by_id == notice.id).limit(1)
    return session.execute(query).first()


def with_items(session: Session, notice_id: int) -> Notice | None:
    """Return the notice with its items."""
    return session.get(Notice, notice_id, options=[selectinload(Notice.items)])
