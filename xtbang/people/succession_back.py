"""The taking back of a merger or division that was recorded by mistake (撤销承继登记): one person of the lead office asks, another one of the bureaus confirms.

What went over returns, unless something has been done on it since: that stays with the successor, and the page names it.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from xtbang.actions import audit
from xtbang.actions.context import Upload, arriving
from xtbang.actions.notify import notify, to_organisation
from xtbang.enums import CHANGE_LABELS, INHERITED, SUCCESSIONS, TAKING_BACK
from xtbang.errors import Blocked, NotFound
from xtbang.models import (
    Document,
    Event,
    Organisation,
    OrganisationChange,
    Person,
    PriorNotice,
    Project,
    Restriction,
)
from xtbang.models.writing import writing
from xtbang.people.moved import Moved, put_back
from xtbang.people.organisation_changes import (
    against_one_person,
    ask_another_person,
    decide_change,
    locked_organisation,
    new_change,
    record_event,
    waiting_change,
)
from xtbang.people.parts import parts_of
from xtbang.people.relying import tell_project
from xtbang.people.restriction_notices import withdraw
from xtbang.queries.caller import Caller, bureau_role
from xtbang.queries.organisations import changed_to
from xtbang.rules.dates import day_of
from xtbang.rules.quotation import quoted
from xtbang.rules.reasons import Reason
from xtbang.rules.term import in_chinese

SLIGHT = ("remind", "assign_officer")  # what is done about a project without touching it


@dataclass(frozen=True)
class TakenBack:
    """The projects of a succession that return, and those that stay, with the reason."""

    given: OrganisationChange
    old: Organisation
    new: Organisation
    moved: Moved
    returning: tuple[Project, ...]
    staying: Mapping[Project, str]
    sealed: frozenset[int]  # ids of projects of which others may not know yet

    @property
    def said(self) -> dict[str, list[str]]:
        """Return what goes back and what stays, in words; without what is sealed."""
        return {
            "returning": [_named(row) for row in self.returning if row.id not in self.sealed],
            "staying": [f"{_named(row)}：{why}" for row, why in self.staying.items() if row.id not in self.sealed],
        }


def what_goes_back(caller: Caller, old: Organisation) -> TakenBack | None:
    """Return what returns when the latest merger or division of the organisation is taken back; None when there is none."""
    given = _latest(caller, old.id)
    if given is None:
        return None
    moved = Moved(**given.moved or {})
    new = caller.session.get_one(Organisation, moved.to)
    why = {**_filled_in(caller, given, moved), **_done_since(caller, given, moved), **_gone_on(caller, given, moved)}
    rows = {row.id: row for row in caller.session.scalars(select(Project).where(Project.id.in_(moved.projects)))}
    return TakenBack(
        given,
        old,
        new,
        moved,
        tuple(rows[number] for number in moved.projects if number not in why),
        {rows[number]: why[number] for number in moved.projects if number in why},
        frozenset(part.project.id for part in parts_of(caller, new.id) if part.sealed),
    )


def ask_taking_back(
    caller: Caller, organisation_id: int, seen: int, values: Mapping[str, Any], upload: Upload
) -> OrganisationChange:
    """Ask that the latest succession be taken back, with the reason and evidence. Raise NotFound, Stale, Blocked."""
    with arriving([upload]), writing(caller.session):
        row = locked_organisation(caller, organisation_id)
        found = what_goes_back(caller, row)
        if found is None:
            raise NotFound(f"succession of organisation {organisation_id}")
        if against := list(_against(found)):
            raise Blocked(against)
        change = new_change(caller, row, seen, TAKING_BACK, values, upload)
        change.after = {"of": found.given.kind, "back_from": found.new.name}
        ask_another_person(caller, row, change)
    return change


def confirm_taking_back(caller: Caller, organisation_id: int, seen: int) -> None:
    """Confirm it as another person: what went over returns, the successor is free of it. Raise NotFound, Stale, Blocked."""
    with writing(caller.session):
        row = locked_organisation(caller, organisation_id)
        change, found = waiting_change(caller, row, seen), what_goes_back(caller, row)
        if found is None:
            raise NotFound(f"succession of organisation {organisation_id}")
        if against := [*_against(found), *against_one_person(caller, change)]:
            raise Blocked(against)
        _take_back(caller, change, found)


def _latest(caller: Caller, organisation_id: int) -> OrganisationChange | None:
    query = select(OrganisationChange).where(
        OrganisationChange.organisation_id == organisation_id,
        OrganisationChange.kind.in_(SUCCESSIONS),
        OrganisationChange.status == "confirmed",
    )
    rows = caller.session.scalars(query.order_by(OrganisationChange.id.desc()))
    return next((row for row in rows if row.moved is not None), None)


def _against(found: TakenBack) -> Iterator[Reason]:
    if found.new.dissolved_on:
        text = f"承继单位{quoted(found.new.name)}此后已并入其他单位或者注销，请先撤销那一项登记。"
        yield Reason("succession.gone_on", text)


def _done_since(caller: Caller, given: OrganisationChange, moved: Moved) -> dict[int, str]:
    """Return project → what was done on it first since the succession."""
    done = select(Event).where(Event.project_id.in_(moved.projects), Event.at > given.decided_at)
    done = done.where(Event.trigger.in_(set(caller.policy.actions) - set(SLIGHT)))
    names = caller.policy.actions
    return {
        event.project_id: f"{in_chinese(day_of(event.at))}已办理{quoted(names[event.trigger].name)}"
        for event in caller.session.scalars(done.order_by(Event.id.desc()))
        if event.project_id
    }


def _filled_in(caller: Caller, given: OrganisationChange, moved: Moved) -> dict[int, str]:
    """Return project → the day on which the successor has written in a draft of it."""
    written = select(Document).where(Document.project_id.in_(moved.projects), Document.organisation_id == moved.to)
    rows = caller.session.scalars(written.where(Document.draft_at > given.decided_at).order_by(Document.id))
    return {row.project_id: f"{in_chinese(day_of(row.draft_at))}已修改材料" for row in rows if row.draft_at}


def _gone_on(caller: Caller, given: OrganisationChange, moved: Moved) -> dict[int, str]:
    """Return project → the organisation that has taken it over from the successor since."""
    later = select(OrganisationChange).where(
        OrganisationChange.organisation_id == moved.to,
        OrganisationChange.kind.in_(SUCCESSIONS),
        OrganisationChange.status == "confirmed",
        OrganisationChange.decided_at > given.decided_at,
    )
    rows = [row for row in caller.session.scalars(later) if row.moved is not None]
    return {number: f"此后已由{quoted(row.after['successor'])}承继" for row in rows for number in row.after["projects"]}


def _named(row: Project) -> str:
    return f"{row.number or '草稿'} {row.title or '未命名'}"


def _take_back(caller: Caller, change: OrganisationChange, found: TakenBack) -> None:
    session, old, new = caller.session, found.old, found.new
    numbers = [row.id for row in found.returning]
    session.execute(select(Project.id).where(Project.id.in_(numbers)).order_by(Project.id).with_for_update())
    groups = {"", *map(str, numbers), *_open_notices(caller, found)}
    put_back(session, found.moved, old, new, groups)
    session.flush()
    session.expire_all()
    _free_of_restrictions(caller, found)
    _people_return(caller, found)
    if found.given.kind == "merger":
        old.dissolved_on = None
    both = select(OrganisationChange).where(
        OrganisationChange.organisation_id.in_((old.id, new.id)),
        OrganisationChange.kind.in_((found.given.kind, INHERITED)),
        OrganisationChange.decided_at == found.given.decided_at,
    )
    for row in session.scalars(both).all():
        row.status = "taken_back"
    change.after = change.after | {"projects": numbers, "kept": [row.id for row in found.staying]}
    decide_change(caller, change, "confirmed")
    old.version, new.version = old.version + 1, new.version + 1
    session.flush()
    said = changed_to(change, old.name, {})
    record_event(caller, change, f"change_{TAKING_BACK}", bureau_role(caller), change.reason)
    data = {"name": new.name, "change": change.id, "projects": numbers}
    stream, trigger = f"organisation:{new.id}", f"change_{TAKING_BACK}"
    audit.append(caller, stream, trigger=trigger, role=bureau_role(caller), reason=change.reason, data=data)
    told, label = (to_organisation(old.id), to_organisation(new.id)), CHANGE_LABELS[TAKING_BACK]
    notify(caller, "confirm_change", *told, link="/organisation", change=label, said=said)
    for project in found.returning:
        tell_project(caller, project, old.id, trigger, said, secret=project.id in found.sealed)


def _open_notices(caller: Caller, found: TakenBack) -> list[str]:
    """Return the groups of the prior notices that are still open; the successor's own notice is withdrawn."""
    session, moved = caller.session, found.moved
    for number in moved.told:
        notice = session.get_one(PriorNotice, number)
        if notice.status == "open":
            withdraw(caller, notice, f"{CHANGE_LABELS[TAKING_BACK]}：{quoted(found.old.name)}")
    handed_on = [group.partition(":")[2] for group in moved.rows if group.startswith("notice:")]
    still = [
        row for row in map(lambda number: session.get_one(PriorNotice, int(number)), handed_on) if row.status == "open"
    ]
    for notice in still:
        notice.restriction_id = moved.lengthened.get(str(notice.id))
    session.flush()
    return [f"notice:{notice.id}" for notice in still]


def _free_of_restrictions(caller: Caller, found: TakenBack) -> None:
    """End the restrictions that bind the successor for the predecessor, unless one was decided on anew since."""
    decided = select(PriorNotice.restriction_id).where(PriorNotice.status == "used")
    rows = select(Restriction).where(
        Restriction.id.in_(found.moved.restrictions),
        Restriction.id.not_in(decided.where(PriorNotice.restriction_id.is_not(None))),
    )
    for row in caller.session.scalars(rows.where(Restriction.lifted_at.is_(None))).all():
        row.lifted_at = caller.now


def _people_return(caller: Caller, found: TakenBack) -> None:
    """Record in the history of each account that it acts for its organisation again, and set its manager."""
    numbers = found.moved.rows.get("", {}).get("person.organisation_id", [])
    query = select(Person).where(Person.id.in_(numbers), Person.organisation_id == found.old.id)
    for person in caller.session.scalars(query).all():
        person.manager = person.id in found.moved.managers
        data = {"name": person.name, "organisation": found.old.name}
        audit.append(caller, f"person:{person.id}", trigger="edit_person", role="science", data=data)
