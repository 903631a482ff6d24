"""Changes of an organisation (变更): asked for by its manager, confirmed or refused, or recorded by the lead office.

Each command is one transaction with its event. What was signed or issued before keeps the name of its day.
"""

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

from sqlalchemy import select

from xtbang.actions import audit
from xtbang.actions.context import Upload, arriving, put_into_store
from xtbang.actions.notify import notify, to_bureaus, to_organisation, to_people, to_role
from xtbang.enums import CHANGE_LABELS, TAKING_BACK
from xtbang.errors import Blocked, Forbidden, NotFound, Stale
from xtbang.models import Organisation, OrganisationChange, Person, StoredFile
from xtbang.models.writing import writing
from xtbang.people.accounts import own_as_manager
from xtbang.people.change_forms import CHANGES, OF_THE_OFFICE, differences, labels
from xtbang.people.organisations import give_up_code
from xtbang.people.relying import tell_projects
from xtbang.queries.caller import Caller
from xtbang.queries.organisations import changed_to, open_change
from xtbang.rules.dates import day_of
from xtbang.rules.quotation import quoted
from xtbang.rules.reasons import Reason
from xtbang.rules.term import in_chinese


def ask_change(caller: Caller, seen: int, kind: str, values: Mapping[str, Any], upload: Upload) -> OrganisationChange:
    """Ask for a change of one's own organisation, as its manager. Raise Forbidden, Stale, Blocked."""
    with arriving([upload]), writing(caller.session):
        _manager, row = own_as_manager(caller)
        if row.status != "confirmed":
            raise Forbidden("单位确认之前，登记事项直接在“单位资料”中修改。")
        change = new_change(caller, row, seen, kind, values, upload)
        row.version += 1
        page, label = f"/admin/organisations/{row.id}", CHANGE_LABELS[kind]
        notify(caller, "ask_change", to_role("science"), link=page, name=row.name, change=label)
        record_event(caller, change, "ask_change", "applicant", change.reason)
    return change


def record_change(
    caller: Caller, organisation_id: int, seen: int, kind: str, values: Mapping[str, Any], upload: Upload
) -> OrganisationChange:
    """Record a change, as the lead office, and notify the organisation. Raise NotFound, Stale, Blocked."""
    with arriving([upload]), writing(caller.session):
        row = locked_organisation(caller, organisation_id)
        change = new_change(caller, row, seen, kind, values, upload)
        _confirm(caller, row, change)
    return change


def confirm_change(caller: Caller, organisation_id: int, seen: int) -> None:
    """Confirm the change that an organisation has asked for. Raise NotFound, Stale, Blocked."""
    with writing(caller.session):
        row = locked_organisation(caller, organisation_id)
        change = waiting_change(caller, row, seen)
        if against := list(_against(caller, row, change.kind, change.after, change.dated)):
            raise Blocked(against)
        _confirm(caller, row, change)


def refuse_change(caller: Caller, organisation_id: int, seen: int, reason: str) -> None:
    """Refuse the change that an organisation, or another officer, has asked for, with the reason. Raise NotFound, Stale, Blocked."""
    with writing(caller.session):
        row = locked_organisation(caller, organisation_id)
        change = waiting_change(caller, row, seen)
        decide_change(caller, change, "refused")
        change.refusal = reason
        row.version += 1
        label, of_office = CHANGE_LABELS[change.kind], change.kind in OF_THE_OFFICE
        told = to_people([caller.session.get_one(Person, change.asked_by_id)]) if of_office else to_organisation(row.id)
        link = f"/admin/organisations/{row.id}" if of_office else "/organisation"
        notify(caller, "refuse_change", told, link=link, change=label, reason=reason)
        record_event(caller, change, "refuse_change", "science", reason)


def new_change(
    caller: Caller, row: Organisation, seen: int, kind: str, values: Mapping[str, Any], upload: Upload
) -> OrganisationChange:
    """Return a change that waits to be confirmed, with its evidence. Raise Stale, Blocked."""
    if row.version != seen:
        raise Stale([], row.version)
    after, dated = differences(row, kind, values), date.fromisoformat(values["dated"])
    against = list(_against(caller, row, kind, after, dated))
    if open_change(caller.session, row.id):
        against.append(Reason("organisation.open_change", "这个单位已有一项变更等待确认，请先办理那一项。"))
    if against:
        raise Blocked(against)
    put_into_store([upload])
    change = OrganisationChange(
        organisation_id=row.id,
        kind=kind,
        status="asked",
        dated=dated,
        before={key: getattr(row, key) for key in after},
        after=after,
        former_name=row.name if "name" in after else "",
        former_uscc=row.uscc if "uscc" in after else "",
        reason=values["reason"],
        file_id=store_evidence(caller, upload, row.id).id,
        asked_at=caller.now,
        asked_by_id=caller.actor.person_id,
    )
    caller.session.add(change)
    caller.session.flush()
    return change


def _against(caller: Caller, row: Organisation, kind: str, after: Mapping[str, Any], dated: date) -> Iterator[Reason]:
    """Yield every reason against a change: nothing changes, a code that is taken, a day to come, an organisation that is gone."""
    if row.dissolved_on and kind not in ("revival", TAKING_BACK):
        yield Reason("organisation.dissolved", f"{quoted(row.name)}已登记注销，不再登记变更。")
    if kind == "revival" and not row.dissolved_on:
        yield Reason("organisation.dissolved", f"{quoted(row.name)}没有登记注销。")
    if CHANGES[kind] and not after:
        key = next(iter(labels(caller.policy.city))) if kind == "correction" else ""
        yield Reason("organisation.unchanged", "填写的内容与现在登记的相同，没有需要变更的。", field=key)
    if dated > caller.today:
        yield Reason("organisation.dated", "日期不能晚于今天。", field="dated")
    if "uscc" in after:
        other = caller.session.scalars(select(Organisation).where(Organisation.uscc == after["uscc"])).first()
        if other is not None and other.id != row.id and other.status != "refused":
            text = f"这个代码已由{quoted(other.name)}登记；确属本单位的，请核对两家的证照后先更正对方。"
            yield Reason("organisation.uscc", text, field="uscc")


def early(row: Organisation, dated: date) -> str:
    """Return what is odd about a change before the organisation was registered here, whose data were given then; "" when nothing is."""
    registered = day_of(row.created_at)
    if dated >= registered:
        return ""
    return f"日期{in_chinese(dated)}早于该单位在本系统注册的日期{in_chinese(registered)}，注册时的资料应已是变更以后的，请核对。"


def _confirm(caller: Caller, row: Organisation, change: OrganisationChange) -> None:
    session, was = caller.session, row.name
    if "uscc" in change.after:
        give_up_code(session, change.after["uscc"])
    for key, value in change.after.items():
        setattr(row, key, value)
    if change.kind == "rename":
        row.renamed_at = caller.now
    if change.kind in ("dissolution", "revival"):
        row.dissolved_on = change.dated if change.kind == "dissolution" else None
    row.version += 1
    decide_change(caller, change, "confirmed")
    session.flush()
    said = changed_to(change, was, labels(caller.policy.city))
    told = to_organisation(row.id)
    notify(caller, "confirm_change", told, link="/organisation", change=CHANGE_LABELS[change.kind], said=said)
    record_event(caller, change, f"change_{change.kind}", "science", change.reason)
    tell_projects(caller, row, f"change_{change.kind}", said)


def decide_change(caller: Caller, change: OrganisationChange, status: str) -> None:
    """Record that the change was confirmed or refused, now and by which person."""
    change.status, change.decided_at, change.decided_by_id = status, caller.now, caller.actor.person_id


def record_event(caller: Caller, change: OrganisationChange, trigger: str, role: str, reason: str) -> None:
    """Append the event of a change to the stream of its organisation."""
    stream, file = f"organisation:{change.organisation_id}", caller.session.get_one(StoredFile, change.file_id)
    data = {"change": change.id, "dated": change.dated.isoformat(), "before": change.before, "after": change.after}
    known = {"name": change.organisation.name} | data
    audit.append(caller, stream, trigger=trigger, role=role, reason=reason, data=known, files=[file.sha256])


def store_evidence(caller: Caller, upload: Upload, organisation_id: int) -> StoredFile:
    """Return the new row of a file that proves a change of an organisation."""
    row = StoredFile(
        sha256=upload.sha256,
        name=upload.name,
        mime=upload.mime,
        size=upload.size,
        organisation_id=organisation_id,
        uploaded_by_id=caller.actor.person_id,
        uploaded_at=caller.now,
    )
    caller.session.add(row)
    caller.session.flush()
    return row


def waiting_change(caller: Caller, row: Organisation, seen: int) -> OrganisationChange:
    """Return the change of the organisation that waits to be confirmed. Raise Stale, Blocked."""
    change = open_change(caller.session, row.id)
    if row.version != seen:
        raise Stale([], row.version)
    if change is None:
        raise Blocked([Reason("organisation.decided", "这个单位没有等待确认的变更。")])
    return change


def ask_another_person(caller: Caller, row: Organisation, change: OrganisationChange) -> None:
    """Record that a succession, or its taking back, waits for another person of the bureaus, and notify them."""
    row.version += 1
    link, label = f"/admin/organisations/{row.id}", CHANGE_LABELS[change.kind]
    kind = "ask_taking_back" if change.kind == TAKING_BACK else "ask_succession"
    record_event(caller, change, kind, "science", change.reason)
    notify(caller, kind, to_bureaus(), link=link, name=row.name, change=label)


def against_one_person(caller: Caller, change: OrganisationChange) -> Iterator[Reason]:
    """Yield a reason where the person who asked for the change would confirm it."""
    if change.asked_by_id == caller.actor.person_id:
        yield Reason("organisation.two_people", f"{CHANGE_LABELS[change.kind]}由您提出，须由另一人确认。")


def locked_organisation(caller: Caller, organisation_id: int) -> Organisation:
    """Return the organisation, locked. Raise NotFound."""
    row = caller.session.get(Organisation, organisation_id, with_for_update=True, populate_existing=True)
    if row is None:
        raise NotFound(f"organisation {organisation_id}")
    return row
