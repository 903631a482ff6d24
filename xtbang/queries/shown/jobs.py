"""Background jobs as pages show them."""

from dataclasses import dataclass
from datetime import datetime

from xtbang.models import Job
from xtbang.queries.shown import shown


@dataclass(frozen=True)
class CaseFileJob:
    """The making of case files (案卷), as the person who asked for it sees it."""

    id: int
    projects: int
    created_at: datetime
    done: int  # projects so far
    total: int  # 0 when that is not known
    cancelled_at: datetime | None
    finished_at: datetime | None
    result: str
    error: str


@dataclass(frozen=True)
class JobShown:
    """A background job, as the administrator sees it."""

    id: int
    kind: str
    created_at: datetime
    next_try_at: datetime  # while it runs: until when its worker is believed to be alive
    started_at: datetime | None
    tries: int
    done: int
    total: int  # 0 when that is not known
    cancelled_at: datetime | None
    finished_at: datetime | None
    result: str
    error: str


def job_shown(row: Job) -> JobShown:
    """Return a job without its data."""
    return shown(JobShown, row)


def case_file_job(row: Job) -> CaseFileJob:
    """Return a job that makes case files."""
    return shown(CaseFileJob, row, projects=len(row.data["projects"]))
