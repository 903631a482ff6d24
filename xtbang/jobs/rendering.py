"""Rendering papers ahead of time: whatever was issued and is not in the store yet."""

import logging
from collections.abc import Callable

from sqlalchemy import select
from sqlalchemy.orm import Session

from xtbang.models import Paper

LOG = logging.getLogger("xtbang.jobs")


class Renderer:
    """Renders one paper after the other, the newest first; one that failed is left until the next start."""

    def __init__(self, keep: Callable[[Session, Paper], object], batch: int = 2) -> None:
        self.keep = keep  # renders a paper and stores it, in a transaction of its own
        self.batch = batch
        self.failed: set[int] = set()

    def render_waiting(self, session: Session) -> int:
        """Render at most ``batch`` papers; how many were tried."""
        query = select(Paper.id).where(Paper.file_id.is_(None), Paper.id.not_in(self.failed))
        waiting = session.scalars(query.order_by(Paper.id.desc()).limit(self.batch)).all()
        for paper_id in waiting:
            try:
                self.keep(session, session.get_one(Paper, paper_id))
            except Exception:
                session.rollback()
                self.failed.add(paper_id)
                LOG.exception("paper %s could not be rendered", paper_id)
        session.rollback()
        return len(waiting)
