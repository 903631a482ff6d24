"""The room that a project has in the store."""

from collections.abc import Iterable

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from xtbang.actions.context import Upload
from xtbang.models import StoredFile
from xtbang.rules.reasons import Reason

ROOM = 1024  # MB of a project's uploads; a life with every scan that may be asked for takes about 150
MEGABYTE = 1024 * 1024


def room_reasons(session: Session, project_id: int, uploads: Iterable[Upload]) -> list[Reason]:
    """Return the reason against uploads that a project has no room for; none where nothing new arrives."""
    new = sum(upload.size for upload in uploads if upload.arrival)
    if not new:
        return []
    sizes = select(func.coalesce(func.sum(StoredFile.size), 0)).where(StoredFile.project_id == project_id)
    taken = session.scalar(sizes) or 0
    if taken + new <= ROOM * MEGABYTE:
        return []
    left = max(0, ROOM - taken // MEGABYTE)
    text = f"一个项目的附件合计最多 {ROOM} MB，这个项目还可以上传 {left} MB，请压缩后再上传。"
    return [Reason("room", text)]
