"""The engine: ``perform()`` is the only way a project changes; ``offers()`` tells beforehand what it would answer."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from sqlalchemy import ColumnElement, bindparam, or_, select, update
from sqlalchemy.orm import Session, joinedload

from xtbang.actions import audit
from xtbang.actions.asked_papers import keep_papers
from xtbang.actions.context import Context, Upload, arriving, put_into_store, stored
from xtbang.actions.notify import tell_parties
from xtbang.actions.registry import CONSEQUENCES, EFFECTS, RESULTS
from xtbang.actions.relations import relations
from xtbang.actions.room import room_reasons
from xtbang.domain.countersigning import ask_for_signatures
from xtbang.domain.payment_approvals import review_approvals
from xtbang.errors import Blocked, Collision, Forbidden, NotFound, Stale
from xtbang.models import Countersignature, Event, Person, Project, StoredFile
from xtbang.models.writing import writing
from xtbang.queries.caller import actor_of
from xtbang.queries.next_step import told_to_parties
from xtbang.queries.project_rows import ProjectRows
from xtbang.rules.actor import SYSTEM, Actor
from xtbang.rules.dates import day_of
from xtbang.rules.fields import FieldKind, FormDefinition
from xtbang.rules.forms import check, clean, keyed, readable
from xtbang.rules.lives import Action
from xtbang.rules.quotation import quoted
from xtbang.rules.reasons import Reason, roots
from xtbang.workflow.offers import CONFLICT, Asking


@dataclass(frozen=True)
class Outcome:
    """The result of an action."""

    kind: str  # moved, signed, done, repeated
    project_id: int
    state: str
    event_id: int
    result: dict[str, Any] = field(default_factory=dict)


OPEN = (Countersignature.project_id == bindparam("project"), Countersignature.status == "open")
CANCEL = update(Countersignature).where(*OPEN).values(status="cancelled")
BEGUN = select(Countersignature.trigger).where(*OPEN)
PERSON = (joinedload(Person.roles), joinedload(Person.deputising))


class Engine(Asking):
    """The policy at work, with a clock and the values of the installation."""

    def perform(
        self,
        session: Session,
        project_id: int,
        trigger: str,
        actor: Actor,
        data: Mapping[str, Any] | None = None,
        seen_version: int | None = None,
        *,
        request_key: str | None = None,
        uploads: Mapping[str, Upload] | None = None,
    ) -> Outcome:
        """Perform one action in one transaction, or nothing at all.

        Raises NotFound, Forbidden (not this person's action), Stale (someone was faster), Blocked (with all reasons).
        A repeated ``request_key`` does nothing and returns the first answer. On return the mails are in the outbox.
        """
        action = self.policy.actions.get(trigger)
        if action is None:
            raise NotFound(f"unknown trigger {trigger}")

        def attempt() -> Outcome:
            with writing(session):
                return self._perform(session, project_id, action, actor, data or {}, seen_version, request_key, uploads)

        with arriving((uploads or {}).values()):
            try:
                return attempt()
            except Collision:  # another project was first: now the guards can give the reason
                return attempt()

    def perform_within(self, session: Session, project_id: int, trigger: str, actor: Actor) -> Outcome:
        """Perform one action within the writing transaction that is open; what was signed before says what is filled in.

        Raises as `perform`.
        """
        return self._perform(session, project_id, self.policy.actions[trigger], actor, {}, None, None, None)

    def _perform(
        self,
        session: Session,
        project_id: int,
        action: Action,
        actor: Actor,
        data: Mapping[str, Any],
        seen_version: int | None,
        request_key: str | None,
        uploads: Mapping[str, Upload] | None,
    ) -> Outcome:
        locked = select(Project).where(Project.id == project_id).with_for_update()
        project = session.scalars(locked.execution_options(populate_existing=True)).first()
        if done := self._repeated(session, request_key, actor, project_id, action):
            return done
        if project is None:
            raise NotFound(f"project {project_id}")
        if actor.person_id is not None:
            person = session.get_one(Person, actor.person_id, options=PERSON)
            actor = actor_of(person, actor.address, day_of(self.clock()), actor.arrived)
        action = self.action(project, action.trigger)
        role = self._role(session, project, actor, action)
        if action.outdates and seen_version is not None and seen_version != project.version:
            raise Stale(self._since(session, project, seen_version), project.version)
        context = self.context(session, project, actor, role, action, uploads=uploads or {})
        self.state_after(context, action)
        return self._decide(context, action, data, request_key)

    def _decide(self, context: Context, action: Action, data: Mapping[str, Any], request_key: str | None) -> Outcome:
        signed = self._signed(context, action)
        first = self.first(context, signed)
        form = self.form(context, action)
        context.data = keyed(form, first.data) if first else clean(form, data)
        wrong = [] if first else check(form, context.data, complete=True)
        wrong += self._attach(context, form)
        if wrong:  # the guards still run; what cannot be read is missing for them
            context.data = readable(form, context.data)
        against, _hints = self.guards(context, action, filled=True, wrong=roots(wrong))
        arrived = [context.uploads[digest] for digest in context.files if digest in context.uploads]
        reasons = wrong + against + (self._against_signing(context, action) if action.signed else [])
        reasons += room_reasons(context.session, context.project.id, arrived)
        if reasons:
            raise Blocked(reasons)
        put_into_store(arrived)
        if action.signed and len(signed) + 1 < self.needed(action):
            return self._sign(context, action, signed, request_key)
        for item in signed:
            item.status = "used"
        return self._do(context, action, request_key)

    def _do(self, context: Context, action: Action, request_key: str | None) -> Outcome:
        project, session = context.project, context.session
        after, version = self.state_after(context, action), project.version + action.outdates
        if moves := after != project.state:
            project.state_since = context.now
            self._cancel_signatures(context)
        outcome = "moved" if moves else "done"
        context.event = self._event(context, action, version, outcome, after, request_key)
        with session.no_autoflush:
            project.state, project.version = after, version  # flushed with the facts that the new state requires
            EFFECTS[action.trigger](context)
            if action.then:
                CONSEQUENCES[action.then](context)
            keep_papers(context, action)
        session.flush()
        review_approvals(context)
        if not context.follow:
            words = told_to_parties(context, project, action.trigger) if context.to_parties else ""
            tell_parties(context, words)
        else:
            following = self.action(project, context.follow)
            inner = self.context(
                session,
                project,
                replace(SYSTEM, address=context.actor.address, arrived=context.actor.arrived),
                "system",
                following,
            )
            inner.to_parties = context.to_parties  # whose mails say what comes after both actions
            against, _hints = self.guards(inner, following, filled=False)
            if against:
                raise Blocked(against)
            return replace(self._do(inner, following, None), result=context.result)
        return Outcome(outcome, project.id, after, context.event.id, context.result)

    def _sign(
        self, context: Context, action: Action, signed: Sequence[Countersignature], request_key: str | None
    ) -> Outcome:
        """Record a countersignature that is not the last, and ask for the next: pages opened before become stale."""
        project = context.project
        version = project.version + 1
        signature = Countersignature(
            project_id=project.id,
            trigger=action.trigger,
            role=context.role,
            person_id=context.actor.person_id,
            at=context.now,
            data=context.data,
        )
        context.session.add(signature)
        event = self._event(context, action, version, "signed", project.state, request_key)
        project.version = version
        ask_for_signatures(context, action, [*signed, signature])
        roles = [item.role for item in (*signed, signature)]
        told = {} if action.second else {"awaited": context.policy.city.awaited(roles, action.who)}
        return Outcome("signed", project.id, project.state, event.id, told)

    def _cancel_signatures(self, context: Context) -> None:
        context.session.connection().execute(CANCEL, {"project": context.project.id})

    def _event(
        self, context: Context, action: Action, version: int, outcome: str, to: str, request_key: str | None
    ) -> Event:
        project = context.project
        return audit.append(
            context,
            f"project:{project.id}",
            trigger=action.trigger,
            project_id=project.id,
            project_version=version,
            role=context.role,
            outcome=outcome,
            from_state=project.state,
            to_state=to,
            reason=str(context.data.get("reason", "")),
            data={key: value for key, value in context.data.items() if key not in action.personal},
            files=sorted(context.files),
            request_key=request_key,
        )

    def _role(self, session: Session, project: Project, actor: Actor, action: Action) -> str:
        mine, conflict = relations(session, project, actor)
        doers = self.doers(action, self._begun(session, project))
        role = self.acting_role(session, project, actor, action, doers, mine, ProjectRows(session, project))
        if not role:
            raise Forbidden(CONFLICT if conflict else f"{quoted(action.name)}不由您办理。")
        return role

    def _begun(self, session: Session, project: Project) -> list[str]:
        """Return the actions that wait for a further signature."""
        return list(session.connection().scalars(BEGUN, {"project": project.id}))

    def _repeated(
        self, session: Session, request_key: str | None, actor: Actor, project_id: int, action: Action
    ) -> Outcome | None:
        if not request_key:
            return None
        event = session.scalars(select(Event).where(Event.request_key == request_key)).first()
        if event is None:
            return None
        if (event.actor_id, event.project_id, event.trigger) != (actor.person_id, project_id, action.trigger):
            raise Forbidden("请求编号已被使用，请刷新页面后重试。")
        result = RESULTS[action.trigger](session, event) if action.trigger in RESULTS else {}
        return Outcome("repeated", project_id, event.to_state, event.id, result)

    def _since(self, session: Session, project: Project, seen_version: int) -> list[Event]:
        query = select(Event).where(Event.project_id == project.id, Event.project_version > seen_version)
        return list(session.scalars(query.order_by(Event.id)))

    def _attach(self, context: Context, form: FormDefinition) -> list[Reason]:
        """Find or create the row of every file that the form names."""
        reasons = []
        for item in form.fields:
            digest = context.data.get(item.key)
            if item.kind is not FieldKind.FILE or not digest:
                continue
            row = self._known_file(context, digest)
            if row is None:
                reasons.append(Reason("file", f"{quoted(item.label)}的文件没有收到，请重新上传。", field=item.key))
            else:
                context.files[digest] = row
        if context.files:
            context.session.flush()
        return reasons

    def _brought_by(self, context: Context) -> ColumnElement[bool]:
        """Return the condition for files of the actor, their organisation, the first signatory; the public has none."""
        signed = self._signed(context, self.action(context.project, context.trigger))
        people = {context.actor.person_id, *(item.person_id for item in signed)} - {None}
        ours = StoredFile.uploaded_by_id.in_(people)
        if context.actor.organisation_id is None:
            return ours
        return or_(ours, StoredFile.organisation_id == context.actor.organisation_id)

    def _known_file(self, context: Context, digest: str) -> StoredFile | None:
        """Return the row of an upload of this request, or of a file in the project that the actor may use.

        A digest alone proves nothing. The second signatory uses the files of the first.
        """
        upload = context.uploads.get(digest)
        if upload is None:
            query = select(StoredFile).where(StoredFile.sha256 == digest, StoredFile.project_id == context.project.id)
            query = query.where(self._brought_by(context)).order_by(StoredFile.id)
            return context.session.scalars(query.limit(1)).first()
        row = stored(context, upload, context.project.id)
        context.session.add(row)
        return row
