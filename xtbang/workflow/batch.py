"""Batches (批量办理): one action for many projects, each in a transaction of its own, with the outcome of each recorded.

The same for an action on several rows of a register (`workflow/register_actions.py`).

A batch of n projects is n actions of the engine: the same guards, events, mails and papers. The request key of each is made
of batch and project, so a batch that was interrupted is continued, and nothing is done twice.
"""

import logging
import secrets
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from xtbang.actions import audit
from xtbang.actions.context import Upload, arriving, put_into_store
from xtbang.domain.shared_notices import publish_collected
from xtbang.errors import Blocked, Collision, Forbidden, NotFound, Refusal, Stale
from xtbang.jobs.job_table import enqueue
from xtbang.models import Batch, BatchItem, Person, Project
from xtbang.models.writing import writing
from xtbang.queries.batches import may_stop
from xtbang.queries.caller import Caller, actor_of
from xtbang.rules.actor import Actor
from xtbang.rules.dates import day_of
from xtbang.rules.reasons import Reason
from xtbang.workflow.engine import Engine
from xtbang.workflow.many import values_for
from xtbang.workflow.register_actions import REGISTER_ACTIONS

LOG = logging.getLogger("xtbang.workflow")
KIND = "batch"  # of the background job
AT_ONCE = 20  # so many are done while the page waits; more in the background
MOST = 500  # projects of one batch
FIELDS = ("sha256", "name", "mime", "size", "elsewhere", "doubt", "ours", "contacts")
CHANGED = "核对以后又有变化，没有办理，请按现在的情况重新核对。"
BROKEN = "程序出错，没有办理（错误编号 {number}），请再办一次；仍然如此，请把编号告诉系统维护人员。"
Report = Callable[[int, int], None]


@dataclass(frozen=True)
class Wanted:
    """A project of a new batch: the version that the person saw, and what is filled in for it alone."""

    project_id: int
    version: int
    data: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class WantedRow:
    """A row of a register of a new batch, with the mark of what the person saw."""

    subject_id: int
    seen: str


def start(
    engine: Engine,
    session: Session,
    actor: Actor,
    trigger: str,
    wanted: Sequence[Wanted | WantedRow],
    *,
    request_key: str,
    data: Mapping[str, Any] | None = None,
    uploads: Mapping[str, Upload] | None = None,
    again_of: int | None = None,
) -> int:
    """Record the batch and return its id; of more than `AT_ONCE` the worker does it, else `perform_many`.

    A repeated ``request_key`` returns the batch that has it. Raise Forbidden, and Blocked for none or too many.
    """
    role = _role_for(engine, actor, trigger)
    if not role or actor.person_id is None:
        raise Forbidden("这一事项不能由您批量办理。")
    if not 0 < len(wanted) <= MOST:
        raise Blocked([Reason("batch.size", f"一次可以办理 1 到 {MOST} 项，选中的有 {len(wanted)} 项。")])
    caller, files = engine.caller(session, actor), dict(uploads or {})
    with arriving(files.values()), writing(session):
        known = session.scalars(select(Batch).where(Batch.request_key == request_key)).first()
        if known is not None:
            if known.person_id != actor.person_id:
                raise Forbidden("请求编号已被使用，请刷新页面后重试。")
            return known.id
        put_into_store(files.values())
        batch = Batch(
            trigger=trigger,
            role=role,
            region=actor.region,
            organisation_id=actor.organisation_id,
            person_id=actor.person_id,
            address=actor.address,
            created_at=caller.now,
            request_key=request_key,
            data=dict(data or {}),
            files=[_packed(upload) for upload in files.values()],
            again_of_id=again_of,
        )
        batch.items = [_item(item, place) for place, item in enumerate(wanted)]
        session.add(batch)
        session.flush()
        chosen = "subjects" if trigger in REGISTER_ACTIONS else "projects"
        said = {"trigger": trigger, chosen: [item.subject_id or item.project_id for item in batch.items]}
        audit.append(caller, f"batch:{batch.id}", trigger="start_batch", role=role, data=said)
        if len(wanted) > AT_ONCE:
            enqueue(session, KIND, caller.now, key=str(batch.id), person_id=actor.person_id, total=len(wanted))
        return batch.id


def _role_for(engine: Engine, actor: Actor, trigger: str) -> str:
    """Return the role in which this person may do it for many; "" for none."""
    if deed := REGISTER_ACTIONS.get(trigger):
        return deed.role_of(actor)
    action = engine.policy.actions.get(trigger)
    return next((who for who in action.who if who in actor.roles), "") if action and action.many else ""


def _item(wanted: Wanted | WantedRow, place: int) -> BatchItem:
    if isinstance(wanted, WantedRow):
        return BatchItem(subject_id=wanted.subject_id, place=place, seen_version=0, seen=wanted.seen)
    return BatchItem(project_id=wanted.project_id, place=place, seen_version=wanted.version, data=dict(wanted.data))


def perform_many(engine: Engine, session: Session, batch_id: int, report: Report = lambda done, total: None) -> None:
    """Perform the rest of a batch, one by one, until it is cancelled; ``report`` gets how many are done."""
    deed = _Deed.of(engine, session, batch_id)
    if deed is None:
        return
    for place, item_id in enumerate(deed.waiting, start=deed.total - len(deed.waiting)):
        session.rollback()
        if session.scalar(select(Batch.cancelled_at).where(Batch.id == batch_id)) is not None:
            break
        deed.do(item_id)
        report(place + 1, deed.total)
    with writing(session):
        publish_collected(engine.caller(session, deed.actor), batch_id)
        session.get_one(Batch, batch_id).finished_at = engine.clock()


def uploads_of(files: Iterable[Any]) -> dict[str, Upload]:
    """Return the files that the projects of a batch share, by digest, from ``files`` of the batch."""
    return {packed["sha256"]: _unpacked(packed) for packed in files}


def cancel(caller: Caller, batch_id: int) -> bool:
    """Stop a batch before its next project; return whether anything was left to stop. Raise NotFound."""
    session = caller.session
    with writing(session):
        batch = session.scalars(select(Batch).where(Batch.id == batch_id, may_stop(caller)).with_for_update()).first()
        if batch is None:
            raise NotFound(f"batch {batch_id}")
        if batch.finished_at is not None or batch.cancelled_at is not None:
            return False
        batch.cancelled_at = caller.now
        audit.append(caller, f"batch:{batch.id}", trigger="cancel_batch", role=batch.role)
        return True


@dataclass
class _Deed:
    """The action of a batch, read once; each item is read again when its turn comes."""

    engine: Engine
    session: Session
    batch_id: int
    trigger: str
    actor: Actor
    role: str
    data: dict[str, Any]
    uploads: dict[str, Upload]
    waiting: list[int]
    total: int

    @classmethod
    def of(cls, engine: Engine, session: Session, batch_id: int) -> "_Deed | None":
        batch = session.get(Batch, batch_id, populate_existing=True)
        if batch is None or batch.finished_at is not None:
            return None
        uploads = uploads_of(batch.files)
        waiting = [item.id for item in batch.items if item.status == "waiting"]
        actor = actor_of(session.get_one(Person, batch.person_id), batch.address, day_of(engine.clock()))
        total = len(batch.items)
        return cls(
            engine, session, batch.id, batch.trigger, actor, batch.role, dict(batch.data), uploads, waiting, total
        )

    def do(self, item_id: int) -> None:
        """Perform it for one project or row and record the outcome."""
        item = self.session.get_one(BatchItem, item_id)
        if item.project_id is not None:
            perform = partial(self._perform, item.project_id, dict(item.data), item.seen_version)
        else:
            perform = partial(self._perform_on_row, item.subject_id or 0, item.seen)
        status, outcome, reasons = self._outcome(perform, item.project_id or item.subject_id)
        with writing(self.session):
            row = self.session.get_one(BatchItem, item_id, with_for_update=True)
            if row.status == "waiting":
                row.status, row.outcome, row.reasons, row.at = status, outcome, reasons, self.engine.clock()

    def _outcome(self, perform: Callable[[], str], about: int | None) -> tuple[str, str, list[str]]:
        try:
            done = perform()
        except Stale:
            return "again", "", [CHANGED]
        except Collision as collision:
            return "again", "", [str(reason) for reason in collision.reasons]
        except Blocked as blocked:
            return "refused", "", [str(reason) for reason in blocked.reasons]
        except Forbidden as forbidden:  # by now; a colleague can do it again
            return "again", "", [str(forbidden)]
        except NotFound:
            return "refused", "", ["已不存在。"]
        except Refusal as refusal:
            return "refused", "", [str(refusal)]
        except Exception:
            number = secrets.token_hex(4)
            LOG.exception("%s: %s of %s in batch %s", number, self.trigger, about, self.batch_id)
            self.session.rollback()
            return "again", "", [BROKEN.format(number=number)]
        return "done", done, []

    def _perform(self, project_id: int, own: dict[str, Any], seen: int) -> str:
        return self.engine.perform(
            self.session,
            project_id,
            self.trigger,
            self.actor,
            self._values(project_id, own),
            seen,
            request_key=f"batch:{self.batch_id}:{project_id}",
            uploads=self.uploads,
        ).kind

    def _perform_on_row(self, subject_id: int, seen: str) -> str:
        deed = REGISTER_ACTIONS[self.trigger]
        person = self.session.get_one(Person, self.actor.person_id)
        actor = actor_of(person, self.actor.address, day_of(self.engine.clock()))
        if not deed.role_of(actor):
            raise Forbidden("这一事项现在不能由您办理。")
        deed.do(self.engine.caller(self.session, actor), subject_id, seen, self.data)
        return "done"

    def _values(self, project_id: int, own: dict[str, Any]) -> dict[str, Any]:
        project = self.session.get(Project, project_id)
        if project is None:
            raise NotFound(f"project {project_id}")
        action = self.engine.action(project, self.trigger)
        context = self.engine.context(self.session, project, self.actor, self.role, action)
        return values_for(self.engine.form(context, action), self.data, own)


def _packed(upload: Upload) -> dict[str, Any]:
    return {name: getattr(upload, name) for name in FIELDS} | {"codes": sorted(upload.codes)}


def _unpacked(packed: Mapping[str, Any]) -> Upload:
    """Return the upload; its content is in the store already."""
    return Upload(**{name: packed[name] for name in FIELDS}, codes=frozenset(packed["codes"]))
