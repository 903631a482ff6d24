"""Imports (导入): a table of past projects is checked, handed in, signed by every office, and comes in whole or not at all.

Each line becomes a project by the action `import_project` of the engine, with its guards, its event and the signatures of the
offices; all lines are one transaction.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, time, timedelta
from hashlib import sha256
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from xtbang.actions import audit
from xtbang.actions.context import Context
from xtbang.actions.notify import notify, to_bureaus, to_people
from xtbang.domain.frozen_editions import freeze
from xtbang.domain.imports import draft_of_line, open_draft
from xtbang.domain.ledger_lines import key_of
from xtbang.domain.slip_sums import slip_of
from xtbang.errors import Blocked, Forbidden, NotFound
from xtbang.jobs.job_table import enqueue
from xtbang.models import Call, Countersignature, Person, Project, ProjectImport
from xtbang.models.writing import writing
from xtbang.queries.caller import Caller, actor_of
from xtbang.rules.actor import Actor
from xtbang.rules.dates import SHANGHAI, day_of
from xtbang.rules.edition import Edition
from xtbang.rules.fields import FormDefinition
from xtbang.rules.import_table import COME_BACK, Fault, Reading, columns_of, label_of, read_table
from xtbang.rules.reasons import Reason, roots
from xtbang.workflow.engine import Engine

TRIGGER = "import_project"
KIND = "import"  # of the background job
AT_ONCE = 20  # so many come in while the page waits; more in the background
MOST = 2000  # lines of one table
BY_DAY = (
    200  # lines that SQLite enters at once, having one writer for which others wait ten seconds; more come in at night
)
NIGHT = time(1)  # in Shanghai
NOT_STORED = 0  # the number of a table that is only checked
OFFICES_ALONE = "历年项目由{}导入。"


def table_form(engine: Engine, session: Session, actor: Actor, edition: Edition) -> FormDefinition:
    """Return the columns of the table for projects of an edition."""
    draft = ProjectImport(edition=edition.key)
    values = {"kind": "", "title": "", "domain": "", "region": ""}
    context = _context(engine, session, actor, draft, {"line": 0, "values": values})
    form = engine.form(context, engine.policy.actions[TRIGGER])
    return columns_of(form, len(edition.instalments), bool(edition.county_ratio.value))


def examine(
    engine: Engine, session: Session, actor: Actor, edition: Edition, cells: Sequence[Sequence[str]]
) -> Reading:
    """Return the lines of a table, and every fault of them, as written and by the guards; nothing is stored."""
    reading = read_table(table_form(engine, session, actor, edition), cells)
    if len(reading.lines) > MOST:
        text = f"一张表最多 {MOST} 个项目，现有 {len(reading.lines)} 个，请分成几张导入。"
        return Reading(reading.lines, (Fault(0, "", text),))
    wrong = {fault.line for fault in reading.faults}
    draft = ProjectImport(id=NOT_STORED, edition=edition.key)
    lines = [{"line": line.number, "values": line.values} for line in reading.lines if line.number not in wrong]
    faults = [fault for line in lines for fault in _against(engine, session, actor, draft, line)]
    faults += _slips_twice(session, engine, actor, draft, lines)
    return Reading(reading.lines, tuple(sorted((*reading.faults, *faults), key=lambda fault: fault.line)))


def _context(engine: Engine, session: Session, actor: Actor, row: ProjectImport, line: Mapping[str, Any]) -> Context:
    caller = engine.caller(session, actor)
    with session.no_autoflush:
        project = draft_of_line(caller, row, line)
    action = engine.policy.actions[TRIGGER]
    return engine.context(session, project, actor, _role(caller), action, data=dict(line["values"]))


def _against(
    engine: Engine, session: Session, actor: Actor, row: ProjectImport, line: Mapping[str, Any]
) -> Iterator[Fault]:
    context, action = _context(engine, session, actor, row, line), engine.policy.actions[TRIGGER]
    reasons, _hints = engine.guards(context, action, filled=True, wrong=roots(()))
    yield from _faults(action.form, line, reasons)


def _faults(form: FormDefinition, line: Mapping[str, Any], reasons: Sequence[Reason]) -> Iterator[Fault]:
    for reason in reasons:
        yield Fault(line["line"], label_of(form, line["values"], reason.field), str(reason))


def _slips_twice(
    session: Session, engine: Engine, actor: Actor, row: ProjectImport, lines: Sequence[Mapping[str, Any]]
) -> Iterator[Fault]:
    """Yield a fault for each number of a payment that stands twice in the table, unless it is a declared collective slip."""
    seen: dict[str, int] = {}
    form = engine.policy.actions[TRIGGER].form
    for line in lines:
        project = _context(engine, session, actor, row, line).project
        for place, payment in enumerate(line["values"]["payments"]):
            kind = "recovered" if payment["instalment"] == COME_BACK else "instalment"
            key = key_of(project, kind, payment["source"], payment["note"])
            if key is None or slip_of(session, key):
                continue
            if key in seen:
                column = label_of(form, line["values"], f"payments.{place}.note")
                text = f"凭证号 {payment['note']} 在第 {seen[key]} 行已填；一张凭证付多个项目的，先由财政登记汇总凭证。"
                yield Fault(line["line"], column, text)
            seen.setdefault(key, line["line"])


# ---------------------------------------------------------------- handing in and signing


def edition_of(caller: Caller, values: Mapping[str, Any]) -> Edition:
    """Return the edition that the projects come under: that of the call that is chosen, else the one that is chosen."""
    call = caller.session.get(Call, int(values["call"])) if values["call"] else None
    return caller.policy.newest(call.edition if call else values["edition"], caller.today)


def hand_in(
    caller: Caller, values: Mapping[str, Any], file_name: str, content: bytes, reading: Reading
) -> ProjectImport:
    """Record a table without faults, with the first signature; ``values`` are those of the form of the page, checked.

    Without a call one of that year is made for past projects. One transaction with its event; the other offices get a mail.
    Raise Forbidden, and Blocked for the same file twice.
    """
    if reading.faults:
        raise ValueError("a table with faults is not handed in")
    session, role = caller.session, _role(caller)
    digest = sha256(content).hexdigest()
    with writing(session):
        if _standing(session, digest):
            raise Blocked([Reason("import.twice", "这份文件已经导入，或者正在等待会签。", field="file")])
        edition = freeze(caller, edition_of(caller, values))
        call = session.get(Call, int(values["call"])) if values["call"] else _call_of_year(caller, values, edition)
        row = ProjectImport(
            call=call,
            edition=edition.key,
            file_name=file_name,
            sha256=digest,
            lines=[{"line": line.number, "values": line.values} for line in reading.lines],
            signatures=[_signature(caller, role)],
            status="open",
            asked_at=caller.now,
            asked_by_id=caller.actor.person_id,
        )
        session.add(row)
        session.flush()
        said = {"file": file_name, "sha256": digest, "call": row.call.title, "lines": len(row.lines)}
        audit.append(caller, f"import:{row.id}", trigger="hand_in_import", role=role, data=said)
        notify(caller, "ask_import", to_bureaus(), link=f"/imports/{row.id}", call=row.call.title, lines=len(row.lines))
    return row


def _standing(session: Session, digest: str) -> bool:
    stands = ProjectImport.status.in_(("open", "waiting"))
    return session.scalars(select(ProjectImport.id).where(ProjectImport.sha256 == digest, stands)).first() is not None


def _call_of_year(caller: Caller, values: Mapping[str, Any], edition: Edition) -> Call:
    """Return the call that holds the past projects of that year and edition; it is never published."""
    year = int(values["year"])
    code = f"{year}-import-{edition.name}"[:20]
    known = caller.session.scalars(select(Call).where(Call.code == code)).first()
    if known is not None:
        return known
    call = Call(
        code=code,
        title=f"{year}年度{caller.policy.city.scheme}项目（历年导入）",
        edition=edition.name,
        kinds=list(edition.forms),
        opens_at=datetime.combine(datetime(year, 1, 1).date(), time(), SHANGHAI),
        closes_at=datetime.combine(datetime(year, 12, 31).date(), time(23, 59), SHANGHAI),
        created_by_id=caller.actor.person_id,
    )
    caller.session.add(call)
    caller.session.flush()
    audit.append(caller, f"call:{call.id}", trigger="create_call", role=_role(caller), data={"title": call.title})
    return call


def sign(engine: Engine, session: Session, actor: Actor, import_id: int) -> bool:
    """Sign an import for the actor's office; with the last signature it comes in. Return whether it is to be done at once.

    What has more than `AT_ONCE` lines is done by the worker. Raise NotFound, Forbidden, Blocked.
    """
    caller = engine.caller(session, actor)
    role, city = _role(caller), caller.policy.city
    with writing(session):
        row = _open(caller, import_id)
        given = [(item["role"], item["person_id"]) for item in row.signatures]
        if city.has_signed(given, role, actor.person_id) or actor.person_id in {person for _role, person in given}:
            awaited = city.awaited(each for each, _person in given)
            raise Blocked([Reason("countersign", f"您或者本局已经会签，等待{awaited}会签。")])
        row.signatures = [*row.signatures, _signature(caller, role)]
        audit.append(caller, f"import:{row.id}", trigger="sign_import", role=role)
        if not city.all_signed([*given, (role, actor.person_id)]):
            return False
        row.status, at_once = "waiting", len(row.lines) <= AT_ONCE
        if not at_once:
            begins, about = begins_at(caller, len(row.lines)), {"person_id": actor.person_id, "total": len(row.lines)}
            enqueue(session, KIND, caller.now, key=str(row.id), next_try_at=begins, **about)
        return at_once


def begins_at(caller: Caller, lines: int) -> datetime:
    """Return when the worker enters a table of so many lines that is signed now: at once, or in the night to come."""
    if lines <= BY_DAY or caller.session.get_bind().dialect.name != "sqlite":
        return caller.now
    return datetime.combine(caller.today + timedelta(days=1), NIGHT, SHANGHAI)


def drop(caller: Caller, import_id: int, reason: str) -> None:
    """Withdraw an import that waits (who handed it in) or refuse it (anybody else). Raise NotFound, Forbidden, Blocked."""
    role = _role(caller)
    with writing(caller.session):
        row = _open(caller, import_id)
        mine = row.asked_by_id == caller.actor.person_id
        row.status, row.decision, row.decided_at = "withdrawn" if mine else "refused", reason, caller.now
        trigger = "withdraw_import" if mine else "refuse_import"
        audit.append(caller, f"import:{row.id}", trigger=trigger, role=role, reason=reason)
        if not mine:
            _tell(caller, row)


def carry_out(engine: Engine, session: Session, import_id: int) -> ProjectImport:
    """Enter every line of a table that all offices have signed, or none; the reasons against it are its decision then."""
    row = session.get(ProjectImport, import_id)
    if row is None:
        raise NotFound(f"import {import_id}")
    if row.status != "waiting":
        return row
    last = row.signatures[-1]
    actor = actor_of(session.get_one(Person, last["person_id"]), today=day_of(engine.clock()))
    caller = engine.caller(session, actor)
    try:
        with writing(session):
            _bring_in(engine, caller, import_id)
    except Blocked as blocked:
        with writing(session):
            row = session.get_one(ProjectImport, import_id)
            row.status, row.decision, row.decided_at = "refused", "\n".join(map(str, blocked.reasons)), caller.now
            audit.append(caller, f"import:{row.id}", trigger="refuse_import", role=last["role"], reason=row.decision)
            _tell(caller, row)
    return session.get_one(ProjectImport, import_id)


def _bring_in(engine: Engine, caller: Caller, import_id: int) -> None:
    session, against = caller.session, list[Reason]()
    row = session.get_one(ProjectImport, import_id, with_for_update=True)
    *before, last = row.signatures
    for line in row.lines:
        project = open_draft(caller, row, line)
        for given in before:
            _keep_signature(caller, project, given, line["values"])
        try:
            engine.perform_within(session, project.id, TRIGGER, caller.actor)
        except Blocked as blocked:
            against += [replace(reason, text=f"第 {line['line']} 行：{reason.text}") for reason in blocked.reasons]
    if against:
        raise Blocked(against)
    row.status, row.decided_at = "done", caller.now
    audit.append(caller, f"import:{row.id}", trigger="finish_import", role=last["role"], data={"lines": len(row.lines)})
    _tell(caller, row)


def _keep_signature(caller: Caller, project: Project, given: Mapping[str, Any], values: Mapping[str, Any]) -> None:
    """Record what another office has signed for the whole table as its signature under this project."""
    role, person_id = given["role"], given["person_id"]
    signed = Countersignature(project_id=project.id, trigger=TRIGGER, role=role, person_id=person_id, data=dict(values))
    signed.at = datetime.fromisoformat(given["at"])
    caller.session.add(signed)
    project.version += 1
    audit.append(
        replace(caller, actor=actor_of(caller.session.get_one(Person, person_id), today=caller.today)),
        f"project:{project.id}",
        trigger=TRIGGER,
        project_id=project.id,
        project_version=project.version,
        role=role,
        outcome="signed",
        from_state=project.state,
        to_state=project.state,
        data=dict(values),
    )


def _tell(caller: Caller, row: ProjectImport) -> None:
    """Send the outcome of an import to everyone who has signed it."""
    signed = caller.session.scalars(select(Person).where(Person.id.in_([item["person_id"] for item in row.signatures])))
    link, title = f"/imports/{row.id}", row.call.title
    done, reason = row.status == "done", row.decision[:500]
    notify(caller, "import_decided", to_people(list(signed)), link=link, call=title, done=done, reason=reason)


def _signature(caller: Caller, role: str) -> dict[str, Any]:
    who = caller.actor
    return {"role": role, "person_id": who.person_id, "name": who.name, "at": caller.now.isoformat()}


def _role(caller: Caller) -> str:
    """Return the office for which the person acts. Raise Forbidden for a person of none."""
    city = caller.policy.city
    role = city.office_of(caller.actor.roles)
    if not role:
        raise Forbidden(OFFICES_ALONE.format(city.together))
    return role


def _open(caller: Caller, import_id: int) -> ProjectImport:
    row = caller.session.get(ProjectImport, import_id, with_for_update=True)
    if row is None:
        raise NotFound(f"import {import_id}")
    if row.status != "open":
        raise Blocked([Reason("import.decided", "这次导入已经办理，请查看最新的记录。")])
    return row
