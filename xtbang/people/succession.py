"""Mergers and divisions (合并、分立): another organisation takes over projects, bids, debts and restrictions.

One person of the lead office asks, another one of the bureaus confirms.

Contracts, papers and frozen documents stay as they were signed; each project gets an event.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from xtbang.actions import audit
from xtbang.actions.context import Upload, arriving
from xtbang.actions.notify import notify, to_organisation
from xtbang.enums import INHERITED
from xtbang.errors import Blocked
from xtbang.models import (
    Bid,
    BidMember,
    Change,
    ChangeMember,
    Document,
    Organisation,
    OrganisationChange,
    Paper,
    Person,
    Project,
    Restriction,
    Signature,
    StoredFile,
)
from xtbang.models.change import UNDER_WAY
from xtbang.models.person import acts_for_organisation
from xtbang.models.writing import writing
from xtbang.people.inherited_notices import inherit_notices
from xtbang.people.moved import Moved, hand_on_change
from xtbang.people.organisation_changes import (
    against_one_person,
    ask_another_person,
    decide_change,
    locked_organisation,
    new_change,
    record_event,
    waiting_change,
)
from xtbang.people.parts import Part, parts_of
from xtbang.people.relying import tell_project
from xtbang.queries.caller import Caller, bureau_role
from xtbang.queries.organisations import changed_to, organisation_with
from xtbang.rules.quotation import quoted
from xtbang.rules.reasons import Reason


@dataclass(frozen=True)
class Succession:
    """From whom to whom, what, by which kind of change."""

    kind: str
    old: Organisation
    new: Organisation
    parts: Sequence[Part]


def ask_succession(
    caller: Caller, organisation_id: int, seen: int, kind: str, values: Mapping[str, Any], upload: Upload
) -> OrganisationChange:
    """Ask that another organisation takes over all (merger) or the chosen ``parts`` (division). Raise NotFound, Stale, Blocked."""
    with arriving([upload]), writing(caller.session):
        old = locked_organisation(caller, organisation_id)
        found, against = _examined(caller, old, kind, values)
        if against or found is None:
            raise Blocked(against)
        change = new_change(caller, old, seen, kind, values, upload)
        change.after = {"successor": found.new.name, "uscc": found.new.uscc, "parts": values.get("parts") or []}
        ask_another_person(caller, old, change)
    return change


def confirm_succession(caller: Caller, organisation_id: int, seen: int) -> None:
    """Confirm it as another person: everything goes over, with an event on each project. Raise NotFound, Stale, Blocked."""
    with writing(caller.session):
        old = locked_organisation(caller, organisation_id)
        change = waiting_change(caller, old, seen)
        found, against = _examined(caller, old, change.kind, _asked(change))
        against += against_one_person(caller, change)
        if against or found is None:
            raise Blocked(against)
        _conclude(caller, found, _take_over(caller, found), change)


def what_goes_over(caller: Caller, change: OrganisationChange) -> list[str]:
    """Return what goes over when that merger or division is confirmed, in words; without what is sealed."""
    found, _against = _examined(caller, change.organisation, change.kind, _asked(change))
    return [part.label for part in found.parts if not part.sealed] if found else []


def _asked(change: OrganisationChange) -> dict[str, Any]:
    """Return what was filled in when it was asked for."""
    known = {"successor": change.after["uscc"], "successor_name": change.after["successor"]}
    return known | {"parts": change.after["parts"], "dated": change.dated.isoformat()}


def against_succession(caller: Caller, old: Organisation, kind: str, values: Mapping[str, Any]) -> list[Reason]:
    """Return every reason against a succession as it was filled in."""
    return _examined(caller, old, kind, values)[1]


def _examined(
    caller: Caller, old: Organisation, kind: str, values: Mapping[str, Any]
) -> tuple[Succession | None, list[Reason]]:
    """Return the succession, None where the successor is not registered, and every reason against it."""
    new = organisation_with(caller.session, values["successor"])
    against = list(_against_successor(caller, old, new, values))
    parts = parts_of(caller, old.id)
    if kind == "division":
        parts = [part for part in parts if part.key in values["parts"] and not part.sealed]
    found = Succession(kind, old, new, parts) if new else None
    return found, against + (list(_against_parts(caller, found)) if found else [])


def _against_successor(
    caller: Caller, old: Organisation, new: Organisation | None, values: Mapping[str, Any]
) -> Iterator[Reason]:
    if old.dissolved_on:
        yield Reason("organisation.dissolved", f"{quoted(old.name)}已登记注销，不再登记变更。")
    if date.fromisoformat(values["dated"]) > caller.today:
        yield Reason("organisation.dated", "日期不能晚于今天。", field="dated")
    if new is None:
        yield Reason("succession.unknown", "承继单位还没有在本系统注册，请先由该单位注册并经确认。", field="successor")
    elif new.id == old.id:
        yield Reason("succession.same", "承继单位不能是本单位自己。", field="successor")
    elif new.status != "confirmed" or new.dissolved_on:
        yield Reason("succession.unconfirmed", f"承继单位{quoted(new.name)}尚未确认或者已注销。", field="successor")
    elif new.name != values["successor_name"]:
        text = f"这个代码登记的单位名称是{quoted(new.name)}，与所填名称不一致，请核对。"
        yield Reason("succession.name", text, field="successor_name")


def _against_parts(caller: Caller, found: Succession) -> Iterator[Reason]:
    """Yield reasons where the successor would be both parties of a project, or would lead two bids for it.

    A sealed bid is no reason, which would tell that it exists: it stays with the old organisation and cannot be chosen.
    """
    if found.kind == "division" and not found.parts:
        yield Reason("succession.nothing", "请至少选择一项由承继单位承继。", field="parts")
    own = {part.project.id: part for part in parts_of(caller, found.new.id) if part.member is None}
    for part in found.parts:
        other = None if part.sealed else own.get(part.project.id)
        live = part.bid is not None and part.bid.status != "draft"
        if other and "issuer" in (other.key.partition(":")[0], part.key.partition(":")[0]) and (live or other.bid):
            text = f"承继后{quoted(found.new.name)}既是发榜方又是揭榜方：{part.label}。请先在该项目中办理撤回、解除或者终止。"
            yield Reason("succession.both_parties", text)
        elif other and other.bid and live and part.member is None and other.bid.id != (part.bid.id if part.bid else 0):
            text = f"两个单位对同一项目都有揭榜申请：{part.label}。请先撤回其中一份，或者待选定之后再登记。"
            yield Reason("succession.two_bids", text)


def _take_over(caller: Caller, found: Succession) -> Moved:
    session, old, new = caller.session, found.old, found.new
    touched, moved = sorted({part.project.id for part in found.parts}), Moved(new.id)
    session.execute(select(Project.id).where(Project.id.in_(touched)).order_by(Project.id).with_for_update())
    for part in found.parts:
        kind, project = part.key.partition(":")[0], part.project
        if kind in ("issuer", "agency"):
            moved.put(project, Project.issuer_id if kind == "issuer" else Project.agency_id, project.id)
        elif part.member is not None and part.bid is not None:
            _replace_member(caller, moved, part, new)
        elif part.bid is not None and project.issuer_id != new.id and not _has_bid(caller, project.id, new.id):
            moved.put(part.bid, Bid.lead_id, project.id)
    session.flush()
    for column in (Document.organisation_id, StoredFile.organisation_id, Paper.owner_id):
        moved.put_all(session, column, old.id, new.id, [column.class_.project_id.in_(touched)])
    mine = [Signature.project_id.in_(touched)]
    moved.put_all(session, Signature.party, f"member:{old.id}", f"member:{new.id}", mine)
    _take_over_changes(caller, moved, touched, old, new)
    session.flush()
    session.expire_all()
    return moved


def _take_over_changes(
    caller: Caller, moved: Moved, touched: Sequence[int], old: Organisation, new: Organisation
) -> None:
    """Let the successor agree and sign in the changes of contracts that are under way, in the place of a member."""
    joins = Change.members.any(ChangeMember.organisation_id == old.id)
    changes = select(Change).where(or_(Change.project_id.in_(touched), joins), Change.status.in_(UNDER_WAY))
    for change in caller.session.scalars(changes):
        moved.changes.append(change.id)
        hand_on_change(change, old, new)
        for member in change.members:
            if member.organisation_id == old.id:
                moved.put(member, ChangeMember.organisation_id, change.project_id)


def _replace_member(caller: Caller, moved: Moved, part: Part, new: Organisation) -> None:
    """Make the successor the member, unless it leads the bid or is a member already."""
    bid, member = part.bid, part.member
    if bid is None or member is None:
        return
    if new.id in {bid.lead_id, *(other.organisation_id for other in bid.members)}:
        moved.take_out(caller.session, member, bid.project_id)
    else:
        moved.put(member, BidMember.organisation_id, bid.project_id)


def _has_bid(caller: Caller, project_id: int, organisation_id: int) -> bool:
    query = select(Bid.id).where(Bid.project_id == project_id, Bid.lead_id == organisation_id)
    return caller.session.scalars(query).first() is not None


def _conclude(caller: Caller, found: Succession, moved: Moved, given: OrganisationChange) -> None:
    """Record the change of both organisations, restrictions and accounts, an event on each project, the mails."""
    session, old, new = caller.session, found.old, found.new
    projects = sorted({part.project.id for part in found.parts})
    decide_change(caller, given, "confirmed")
    given.after = given.after | {"projects": projects}
    known = {
        key: getattr(given, key)
        for key in (
            "kind",
            "status",
            "dated",
            "reason",
            "file_id",
            "asked_at",
            "asked_by_id",
            "decided_at",
            "decided_by_id",
        )
    } | {"before": {}}
    taken = OrganisationChange(
        organisation_id=new.id,
        after={"predecessor": old.name, "uscc": old.uscc, "projects": projects},
        former_name=old.name,
        former_uscc=old.uscc,
        **known,
    )
    session.add_all((taken, *_inherited(session, found, known)))
    new.renamed_at, old.version, new.version = caller.now, old.version + 1, new.version + 1
    session.flush()
    bound = _restrict(caller, found)
    moved.restrictions += bound.values()
    inherit_notices(caller, found.kind, old, new, moved, bound)
    if found.kind == "merger":
        old.dissolved_on = given.dated
        _move_people(caller, moved, old, new)
    given.moved = moved.stored()
    trigger, said = f"change_{found.kind}", changed_to(given, old.name, {})
    for change in (given, taken):
        record_event(caller, change, trigger, bureau_role(caller), change.reason)
    told = to_organisation(new.id), to_organisation(old.id)
    notify(caller, "confirm_change", *told, link="/organisation", change="单位承继", said=said)
    _tell(caller, found, trigger, said)


def _inherited(session: Session, found: Succession, known: Mapping[str, Any]) -> Iterator[OrganisationChange]:
    """Yield the former names and codes of the predecessor, by which the successor is found from now on, too."""
    change = OrganisationChange
    named = select(change.former_name, change.former_uscc).where(change.organisation_id == found.old.id)
    for name, uscc in session.execute(named.where(change.status == "confirmed").order_by(change.id)).all():
        if name or uscc:
            of_old = {"organisation_id": found.new.id, "former_name": name, "former_uscc": uscc, "after": {}}
            yield OrganisationChange(**{**known, **of_old, "kind": INHERITED})


def _tell(caller: Caller, found: Succession, trigger: str, said: str) -> None:
    for project_id in sorted({part.project.id for part in found.parts}):
        project = caller.session.get_one(Project, project_id)
        secret = all(part.sealed for part in found.parts if part.project.id == project_id)
        tell_project(caller, project, found.new.id, trigger, said, secret)


def _restrict(caller: Caller, found: Succession) -> dict[int, int]:
    """Let every restriction bind the successor too, one that is over for its clean years; return its own by the id of the old one."""
    bound = {}
    query = select(Restriction).where(Restriction.organisation_id == found.old.id, Restriction.lifted_at.is_(None))
    for row in caller.session.scalars(query).all():
        own = Restriction(
            organisation_id=found.new.id,
            project_id=row.project_id,
            starts_on=row.starts_on,
            ends_on=row.ends_on,
            reason=f"承继{quoted(found.old.name)}：{row.reason}",
            created_at=caller.now,
            created_by_id=caller.actor.person_id,
        )
        caller.session.add(own)
        caller.session.flush()
        bound[row.id] = own.id
    return bound


def _move_people(caller: Caller, moved: Moved, old: Organisation, new: Organisation) -> None:
    """Let the people of the absorbed organisation act for the successor, without the rights of a manager."""
    query = select(Person).where(Person.organisation_id == old.id, acts_for_organisation())
    for person in caller.session.scalars(query).all():
        moved.managers += [person.id] if person.manager else []
        moved.put(person, Person.organisation_id, "")
        person.manager = False
        data = {"name": person.name, "organisation": new.name}
        audit.append(caller, f"person:{person.id}", trigger="edit_person", role=bureau_role(caller), data=data)
