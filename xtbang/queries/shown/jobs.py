"""Background jobs as pages show them."""

from dataclasses import dataclass
from datetime import datetime

from xtbang.models import Job
from xtbang.queries.shown import shown


@dataclass(frozen=True)
class DownloadJob:
    """The making of a file to be downloaded, as the person who asked for it sees it."""

    id: int
    kind: str
    projects: int  # of case files
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


def download_job(row: Job) -> DownloadJob:
    """Return a job that makes a file to be downloaded."""
    return shown(DownloadJob, row, projects=len(row.data.get("projects", ())))
