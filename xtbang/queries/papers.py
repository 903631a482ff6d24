"""Papers (文书) by id, papers and printed drafts by check code (校验码)."""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import Row, bindparam, select
from sqlalchemy.orm import Session

from xtbang.models import Document, EarlierPrint, Notice, Paper, Project, StoredFile
from xtbang.rules.dates import SHANGHAI
from xtbang.rules.quotation import quoted
from xtbang.rules.term import in_chinese

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
    """Return what is needed to send a paper: number, title, version, ``sha256`` (None until rendered), ``public``.

    ``public`` says whether it is the paper of a published notice.
    """
    return session.connection().execute(PRINTED, {"paper": paper_id}).first()


def is_draft(session: Session, code: str) -> bool:
    """Return whether that is the check code of a form in draft, as it would be printed now."""
    query = select(Document.id).join(Project, Project.form_id == Document.id)
    query = query.where(Document.code == code, Project.state == "draft")
    return session.scalar(query.limit(1)) is not None


def printed_before(session: Session, code: str, project_id: int | None = None) -> datetime | None:
    """Return the time in the footer of an earlier print of a form, of this project if one is given; None for others."""
    query = select(EarlierPrint.printed_at).where(EarlierPrint.code == code)
    if project_id is not None:
        query = query.join(Document, Document.id == EarlierPrint.document_id).where(Document.project_id == project_id)
    return session.scalars(query.limit(1)).first()


def else_in(session: Session, codes: Collection[str], expected: str, project_id: int) -> str:
    """Return why a scan is not of the paper with the code ``expected``, in one phrase; "" when nothing says so.

    ``codes`` are those that were read; without any, nothing can be said. The scan may also contain current papers of
    the same project as attachments, but no page of an older version.
    """
    if not codes:
        return ""
    attached = select(Paper.code).where(
        Paper.project_id == project_id, Paper.state == "current", Paper.code.in_(list(codes))
    )
    others = set(codes) - {expected} - set(session.scalars(attached))
    if not others and expected in codes:
        return ""
    paper = session.scalars(select(Paper).where(Paper.code.in_(list(others or codes))).limit(1)).first()
    if paper is None:
        for code in others or codes:
            if (when := printed_before(session, code, project_id)) is not None:
                at = when.astimezone(SHANGHAI)
                return f"这是{in_chinese(at.date())} {at:%H:%M} 那一稿的打印件，打印之后填报内容改动过"
        return "其校验码不属于本系统登记的文件，可能是修改前打印的旧稿"
    state = {"current": "", "superseded": "（已被新版本取代）", "cancelled": "（已作废）"}[paper.state]
    return f"其中有编号 {paper.number} 的{quoted(paper.title)}第 {paper.version} 版{state}"
