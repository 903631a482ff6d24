"""Papers by their numbers, papers and drafts that were printed by their check codes."""

from collections.abc import Collection
from typing import Any

from sqlalchemy import Row, bindparam, select
from sqlalchemy.orm import Session

from xtbang.models import Document, Notice, Paper, Project, StoredFile

PRINTED = (
    select(
        Paper.number,
        Paper.title,
        Paper.version,
        StoredFile.sha256,
        Notice.published_at.is_not(None).label("public"),
    )
    .outerjoin(StoredFile, StoredFile.id == Paper.file_id)
    .outerjoin(Notice, Notice.id == Paper.notice_id)
    .where(Paper.id == bindparam("paper"))
)


def printed(session: Session, paper_id: int) -> Row[*tuple[Any, ...]] | None:
    """What sending a paper asks for: number, title, version, ``sha256`` (None until it is rendered) and whether it is
    ``public``, the paper of a published notice."""
    return session.connection().execute(PRINTED, {"paper": paper_id}).first()


def is_draft(session: Session, code: str) -> bool:
    """Whether a form that has not been handed in, or was returned, would be printed with that code now."""
    query = select(Document.id).join(Project, Project.form_id == Document.id)
    query = query.where(Document.code == code, Project.state == "draft")
    return session.scalar(query.limit(1)) is not None


def else_in(session: Session, codes: Collection[str], expected: str, project_id: int) -> str:
    """What makes a scan one of something else than the paper ``expected``, in one phrase; "" when nothing does.

    ``codes`` are those that were read; of none, nothing can be said. A current paper of the same project may be scanned
    with it, as an attachment; a page of an older version may not.
    """
    if not codes:
        return ""
    beside = select(Paper.code).where(
        Paper.project_id == project_id, Paper.state == "current", Paper.code.in_(list(codes))
    )
    others = set(codes) - {expected} - set(session.scalars(beside))
    if not others and expected in codes:
        return ""
    paper = session.scalars(select(Paper).where(Paper.code.in_(list(others or codes))).limit(1)).first()
    if paper is None:
        return "其校验码不属于本系统登记的文件，可能是修改前打印的旧稿"
    state = {"current": "", "superseded": "（已被新版本取代）", "cancelled": "（已作废）"}[paper.state]
    return f"其中有编号 {paper.number} 的“{paper.title}”第 {paper.version} 版{state}"
