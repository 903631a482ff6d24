"""Do what an administrator or auditor asks of the background jobs: check the audit trail, stop a job, try one again."""

from sqlalchemy import select

from xtbang.actions import audit
from xtbang.errors import NotFound
from xtbang.jobs.job_table import enqueue, stop
from xtbang.models import Job
from xtbang.models.writing import writing
from xtbang.queries.caller import Caller


def ask_for_check(caller: Caller) -> None:
    """Request the verification of the whole audit trail (操作记录); one at a time."""
    with writing(caller.session):
        enqueue(caller.session, "check_chains", caller.now, person_id=caller.actor.person_id, priority=1)


def cancel_job(caller: Caller, job_id: int) -> bool:
    """Stop a job that is not finished; return whether it was one. One that runs stops at its next report of progress.

    Raise NotFound.
    """
    with writing(caller.session):
        job = _job(caller, job_id)
        if not stop(job, caller.now):
            return False
        audit.append(caller, f"job:{job.id}", trigger="cancel_job", role="admin", data={"kind": job.kind})
        return True


def retry_job(caller: Caller, job_id: int) -> bool:
    """Run a job again that was given up or stopped; return whether it was one. Raise NotFound."""
    session = caller.session
    with writing(session):
        job = _job(caller, job_id)
        same = select(Job.id).where(Job.kind == job.kind, Job.key == job.key, Job.finished_at.is_(None)).limit(1)
        if job.finished_at is None or not job.error or session.scalar(same):
            return False
        job.finished_at = job.cancelled_at = job.started_at = None
        job.next_try_at, job.tries, job.error, job.done = caller.now, 0, "", 0
        audit.append(caller, f"job:{job.id}", trigger="retry_job", role="admin", data={"kind": job.kind})
        return True


def _job(caller: Caller, job_id: int) -> Job:
    job = caller.session.get(Job, job_id, with_for_update=True)
    if job is None:
        raise NotFound(f"job {job_id}")
    return job
