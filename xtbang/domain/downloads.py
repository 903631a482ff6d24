"""Downloads (下载): files that the worker makes for the person who asked, and that are deleted after a week."""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from hashlib import sha256

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from xtbang.actions import audit
from xtbang.errors import NotFound
from xtbang.jobs.job_table import enqueue, stop
from xtbang.models import Job, StoredFile
from xtbang.models.writing import writing
from xtbang.papers.store import FileStore
from xtbang.queries.caller import Caller

CASE_FILES = "case_files"
LIST = "list_file"
KINDS = (CASE_FILES, LIST)  # the jobs that make a file
KEPT = timedelta(days=7)


def ask_for_case_files(caller: Caller, project_ids: Sequence[int]) -> Job:
    """Request an archive of the case files of these projects; the same one only once at a time."""
    ids = sorted(set(project_ids))
    with writing(caller.session):
        key = f"{caller.actor.person_id}:{','.join(map(str, ids))}"
        job = enqueue(
            caller.session,
            CASE_FILES,
            caller.now,
            key=key,
            data={"projects": ids},
            person_id=caller.actor.person_id,
            total=len(ids),
        )
        caller.session.flush()
        audit.append(caller, f"job:{job.id}", trigger="export_case_files", data={"projects": ids})
    return job


def ask_for_list(caller: Caller, listing: str, chosen: Mapping[str, str]) -> Job:
    """Request a list as a file, as it is filtered; the same one only once at a time."""
    asked = json.dumps({"list": listing, **chosen}, sort_keys=True, ensure_ascii=False)
    with writing(caller.session):
        key = f"{caller.actor.person_id}:{sha256(asked.encode()).hexdigest()[:32]}"
        data = {"list": listing, "filters": dict(chosen)}
        job = enqueue(caller.session, LIST, caller.now, key=key, data=data, person_id=caller.actor.person_id)
        caller.session.flush()
        audit.append(caller, f"job:{job.id}", trigger="export_list", data=data)
    return job


def own_downloads(caller: Caller, most: int) -> Sequence[tuple[Job, StoredFile | None]]:
    """Return the downloads that the caller asked for, the newest first."""
    query = select(Job, StoredFile).outerjoin(StoredFile, StoredFile.id == Job.file_id)
    query = query.where(Job.person_id == caller.actor.person_id, Job.kind.in_(KINDS))
    return [(job, file) for job, file in caller.session.execute(query.order_by(Job.id.desc()).limit(most))]


def cancel_download(caller: Caller, job_id: int) -> bool:
    """Stop a download of one's own that is not finished; return whether it was one. Raise NotFound."""
    with writing(caller.session):
        job = caller.session.get(Job, job_id, with_for_update=True)
        if job is None or job.kind not in KINDS or job.person_id != caller.actor.person_id:
            raise NotFound(f"download {job_id}")
        return stop(job, caller.now)


def keep_download(
    session: Session,
    store: FileStore,
    job: Job,
    name: str,
    content: bytes,
    now: datetime,
    mime: str = "application/zip",
) -> None:
    """Store what a job made, for the person who asked for it; in place of what an interrupted try of it made."""
    digest = store.put(content)
    with writing(session):
        file = StoredFile(sha256=digest, name=name, mime=mime, size=len(content))
        file.uploaded_by_id, file.uploaded_at = job.person_id, now
        session.add(file)
        session.flush()
        row = session.get_one(Job, job.id)
        before, row.file_id = row.file_id, file.id
    _delete(session, store, [before] if before else [])


def delete_old_downloads(session: Session, store: FileStore, now: datetime) -> int:
    """Delete the downloads that were finished more than a week ago; return how many."""
    old = select(Job.file_id).where(Job.file_id.is_not(None), Job.finished_at < now - KEPT)
    ids = [file_id for file_id in session.scalars(old) if file_id]
    session.rollback()
    if ids:
        with writing(session):
            session.execute(update(Job).where(Job.file_id.in_(ids)).values(file_id=None))
        _delete(session, store, ids)
    return len(ids)


def _delete(session: Session, store: FileStore, ids: Sequence[int]) -> None:
    """Delete files to which no job refers any more, and their contents unless another row has the same."""
    for file_id in ids:
        with writing(session):
            file = session.get_one(StoredFile, file_id)
            digest = file.sha256
            session.delete(file)
            session.flush()
            left = session.scalar(select(func.count(StoredFile.id)).where(StoredFile.sha256 == digest))
        if not left:
            store.delete(digest)
