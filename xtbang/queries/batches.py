"""Ask for batches (批量办理) and their results: those of the caller and of the same office."""

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import ColumnElement, Row, and_, func, or_, select

from xtbang.enums import BATCH_ITEM_LABELS
from xtbang.models import Batch, BatchItem, Job, Person, Project
from xtbang.queries.caller import Caller
from xtbang.queries.desk.groups import ENTRY, Statement, issuer
from xtbang.queries.paging import paged
from xtbang.queries.shown import shown
from xtbang.rules.fields import FieldKind
from xtbang.rules.money import yuan_from_wan

BOUND = frozenset({"county", "agency"})  # roles whose people see only what is their own region's or organisation's


@dataclass(frozen=True)
class BatchShown:
    """A batch: who asked for which action when, with which values and files."""

    id: int
    trigger: str
    person: str
    created_at: datetime
    cancelled_at: datetime | None
    data: dict[str, Any]
    files: list[Any]


@dataclass(frozen=True)
class BatchPage:
    """A batch with what became of each project, or of each row of a register."""

    batch: BatchShown
    rows: list[Row[Any]]  # columns of an entry, None for a row of a register, and those of the item
    counts: dict[str, int]  # by status
    running: bool
    stoppable: bool  # by the caller
    money: str = ""  # the key of the amount that is filled in for each project

    def amount_of(self, row: Row[Any]) -> Decimal | None:
        """Return the amount that was filled in for a project, else what the project is about, in yuan."""
        given = row.data.get(self.money)
        return yuan_from_wan(given) if given else row.listed_amount

    @property
    def handled(self) -> int:
        """Return how many have an outcome."""
        return len(self.rows) - self.counts["waiting"]

    @property
    def left(self) -> int:
        """Return how many can be tried once more: those to be repeated, and those that were not reached."""
        return 0 if self.running else self.counts["again"] + self.counts["waiting"]


def may_read(caller: Caller) -> ColumnElement[bool]:
    """Return the condition for batches of the caller and of the office that the caller belongs to; auditors read all."""
    return or_(may_stop(caller), Batch.id.is_not(None)) if "auditor" in caller.actor.roles else may_stop(caller)


def may_stop(caller: Caller) -> ColumnElement[bool]:
    """Return the condition for batches of the caller and of the office that the caller belongs to."""
    who = caller.actor
    ways = [Batch.person_id == who.person_id]
    ways.append(Batch.role.in_(who.roles - BOUND))
    if "county" in who.roles and who.region:
        ways.append(and_(Batch.role == "county", Batch.region == who.region))
    if "agency" in who.roles and who.organisation_id:
        ways.append(and_(Batch.role == "agency", Batch.organisation_id == who.organisation_id))
    return or_(*ways)


def batch_page(caller: Caller, batch_id: int) -> BatchPage | None:
    """Return a batch with its projects or rows; None when it is not there for the caller."""
    session = caller.session
    found = session.execute(select(Batch, may_stop(caller)).where(Batch.id == batch_id, may_read(caller))).first()
    if found is None:
        return None
    batch, own = found
    asked: tuple[Any, ...] = (
        BatchItem.subject_id,
        BatchItem.status,
        BatchItem.outcome,
        BatchItem.reasons,
        BatchItem.data,
    )
    query: Statement = (
        select(*ENTRY, *asked).select_from(BatchItem).outerjoin(Project, BatchItem.project_id == Project.id)
    )
    query = query.outerjoin(issuer, issuer.id == Project.issuer_id).where(BatchItem.batch_id == batch.id)
    rows = list(session.execute(query.order_by(BatchItem.place)))
    counted = Counter(row.status for row in rows)
    job = select(Job.id).where(Job.kind == "batch", Job.key == str(batch.id), Job.finished_at.is_(None))
    stopped = batch.finished_at is not None or batch.cancelled_at is not None
    running = not stopped and session.scalar(job.limit(1)) is not None
    return BatchPage(
        shown(BatchShown, batch, person=batch.person.name),
        rows,
        {status: counted[status] for status in BATCH_ITEM_LABELS},
        running,
        running and bool(own),
        _money(caller, batch.trigger),
    )


def _money(caller: Caller, trigger: str) -> str:
    action = caller.policy.actions.get(trigger)
    own = (action.form.field(key) for key in action.each) if action else ()
    return next((item.key for item in own if item.kind is FieldKind.MONEY), "")


def batches_of(caller: Caller, before: int | None, size: int, only: Collection[int] | None = None) -> list[Row[Any]]:
    """Return batches (those with these ids) with their person's name and the numbers of projects and of done ones, the newest first; one more than ``size``."""
    total = select(func.count(BatchItem.id)).where(BatchItem.batch_id == Batch.id).correlate(Batch)
    done = total.where(BatchItem.status == "done")
    columns = Batch.id, Batch.trigger, Batch.created_at, Batch.cancelled_at, Batch.finished_at
    counts = total.scalar_subquery().label("total"), done.scalar_subquery().label("done")
    query: Statement = select(*columns, Person.name, *counts)
    query = query.join(Person, Person.id == Batch.person_id).where(may_read(caller))
    return list(caller.session.execute(paged(query.order_by(Batch.id.desc()), Batch.id, before, size, only)))


def left_of(caller: Caller, batch_id: int) -> list[int]:
    """Return the projects, or rows of a register, of a batch that can be tried once more, in their order; none of a batch of others."""
    about: ColumnElement[int] = func.coalesce(BatchItem.project_id, BatchItem.subject_id)
    query = select(about).join(Batch, Batch.id == BatchItem.batch_id).where(may_read(caller))
    query = query.where(Batch.id == batch_id, BatchItem.status.in_(("again", "waiting")))
    return list(caller.session.scalars(query.order_by(BatchItem.place)))
