"""Papers by their check codes."""

from collections.abc import Collection, Iterable

from sqlalchemy import select
from sqlalchemy.orm import Session

from xtbang.models import Paper


def strangers(session: Session, codes: Collection[str], expected: str, project_id: int) -> set[str]:
    """The codes of pages that do not belong in a scan of the paper ``expected``.

    A current paper of the same project may be scanned with it, as an attachment; an older version's page may not.
    """
    beside = select(Paper.code).where(
        Paper.project_id == project_id, Paper.state == "current", Paper.code.in_(list(codes))
    )
    return set(codes) - {expected} - set(session.scalars(beside))


def what_is(session: Session, codes: Iterable[str]) -> str:
    """What a paper with one of these codes is, in one phrase."""
    paper = session.scalars(select(Paper).where(Paper.code.in_(list(codes))).limit(1)).first()
    if paper is None:
        return "其校验码不属于本系统登记的文件，可能是修改前打印的旧稿"
    state = {"current": "", "superseded": "（已被新版本取代）", "cancelled": "（已作废）"}[paper.state]
    return f"其中有编号 {paper.number} 的“{paper.title}”第 {paper.version} 版{state}"
