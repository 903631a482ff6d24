"""Background jobs (后台任务): written in the transaction that asks for them, done by the worker."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from xtbang.models.base import Base

UNFINISHED = text("finished_at IS NULL")


class Job(Base):
    """One piece of work: waiting, running or finished."""

    __tablename__ = "job"
    __table_args__ = (
        Index("uq_job_unfinished", "kind", "key", unique=True, sqlite_where=UNFINISHED, postgresql_where=UNFINISHED),
        Index("ix_job_due", "next_try_at", sqlite_where=UNFINISHED, postgresql_where=UNFINISHED),
        Index("ix_job_key", "kind", "key"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String)  # see background.py::WORK
    key: Mapped[str] = mapped_column(String, default="")  # what it is about; only one of a kind and key is unfinished
    data: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    priority: Mapped[int] = mapped_column(default=0)  # the highest first
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))  # who asked; None: the schedule
    created_at: Mapped[datetime]
    next_try_at: Mapped[datetime]  # when it is due; while it runs, until when its worker is believed to be alive
    started_at: Mapped[datetime | None]
    worker: Mapped[str | None] = mapped_column(String)  # the process that has claimed it last (jobs/processes.py)
    tries: Mapped[int] = mapped_column(default=0)
    done: Mapped[int] = mapped_column(default=0)  # progress: so many
    total: Mapped[int] = mapped_column(default=0)  # of so many; 0 when that is not known
    cancelled_at: Mapped[datetime | None]  # when it was asked to stop
    finished_at: Mapped[datetime | None]
    result: Mapped[str] = mapped_column(Text, default="")  # in a sentence
    error: Mapped[str] = mapped_column(Text, default="")  # of the last try
    file_id: Mapped[int | None] = mapped_column(ForeignKey("stored_file.id"))  # what it made, to be downloaded
