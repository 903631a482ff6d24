"""Organisations by their present and former names and codes, and what has changed of them."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, and_, func, or_, select, union_all
from sqlalchemy.orm import Session

from xtbang.enums import CHANGE_LABELS, INHERITED
from xtbang.models import (
    Addressee,
    Bid,
    BidMember,
    Event,
    Organisation,
    OrganisationChange,
    Paper,
    PartyStatement,
    PriorNotice,
    Project,
    Restriction,
    StoredFile,
)
from xtbang.queries.shown.documents import FileShown, files_shown
from xtbang.rules.quotation import quoted
from xtbang.rules.search_words import as_compared
from xtbang.rules.term import in_chinese
from xtbang.rules.uscc import compact


def named(organisation: Any, search: str) -> ColumnElement[bool]:
    """Return the condition that an organisation's name, present or former, has that part; ``organisation`` may be an alias."""
    former = select(OrganisationChange.organisation_id).where(
        OrganisationChange.status == "confirmed", OrganisationChange.former_name.icontains(search, autoescape=True)
    )
    return or_(organisation.name.icontains(search, autoescape=True), organisation.id.in_(former))


def named_or_coded(search: str) -> ColumnElement[bool]:
    """Return the condition for a part of the name or the beginning of the code, present or former."""
    code = compact(search)
    former = select(OrganisationChange.organisation_id).where(
        OrganisationChange.status == "confirmed", OrganisationChange.former_uscc.startswith(code, autoescape=True)
    )
    return or_(
        named(Organisation, search), Organisation.uscc.startswith(code, autoescape=True), Organisation.id.in_(former)
    )


def organisation_with(session: Session, uscc: str) -> Organisation | None:
    """Return the organisation with that code, or None."""
    return session.scalars(select(Organisation).where(Organisation.uscc == compact(uscc))).first()


def known_as(session: Session, organisation_ids: Collection[int]) -> set[str]:
    """Return the present and former names and codes of these organisations."""
    changed = OrganisationChange.organisation_id.in_(organisation_ids), OrganisationChange.status == "confirmed"
    former = (
        select(column).where(*changed) for column in (OrganisationChange.former_name, OrganisationChange.former_uscc)
    )
    present = (
        select(column).where(Organisation.id.in_(organisation_ids)) for column in (Organisation.name, Organisation.uscc)
    )
    return set(session.scalars(union_all(*present, *former))) - {""}


def compared_names(session: Session, organisation_ids: Collection[int]) -> set[str]:
    """Return `known_as` of these organisations, each name `as_compared` with one that was typed."""
    return set(map(as_compared, known_as(session, organisation_ids)))


def ids_of(session: Session, called: Collection[str]) -> set[int]:
    """Return the ids of the organisations that have, or had, one of these names or codes."""
    former = select(OrganisationChange.organisation_id).where(
        OrganisationChange.status == "confirmed",
        or_(OrganisationChange.former_name.in_(called), OrganisationChange.former_uscc.in_(called)),
    )
    present = select(Organisation.id).where(or_(Organisation.name.in_(called), Organisation.uscc.in_(called)))
    return set(session.scalars(union_all(present, former)))


def changes_of(session: Session, organisation_id: int) -> Sequence[OrganisationChange]:
    """Return every change that was asked for or recorded, the newest first."""
    own = OrganisationChange.organisation_id == organisation_id, OrganisationChange.kind != INHERITED
    query = select(OrganisationChange).where(*own)
    return session.scalars(query.order_by(OrganisationChange.id.desc())).all()


def open_change(session: Session, organisation_id: int) -> OrganisationChange | None:
    """Return the change that waits to be confirmed; an organisation has one at a time."""
    query = select(OrganisationChange).where(OrganisationChange.status == "asked")
    return session.scalars(query.where(OrganisationChange.organisation_id == organisation_id)).first()


def with_open_change(session: Session, most: int = 50) -> Sequence[Organisation]:
    """Return the organisations with a change that waits to be confirmed, the oldest first."""
    query = select(Organisation).join(OrganisationChange, OrganisationChange.organisation_id == Organisation.id)
    query = query.where(OrganisationChange.status == "asked").order_by(OrganisationChange.id)
    return session.scalars(query.limit(most)).all()


def party_in(organisation_id: int) -> ColumnElement[bool]:
    """Return the condition for projects that were handed in and are not over, in which the organisation is a party."""
    members = select(BidMember.bid_id).where(BidMember.organisation_id == organisation_id)
    agreed = select(Bid.id).where(or_(Bid.lead_id == organisation_id, Bid.id.in_(members)))
    party = or_(Project.issuer_id == organisation_id, Project.agreed_bid_id.in_(agreed))
    return and_(Project.number.is_not(None), Project.closed_at.is_(None), party)


def running_projects(session: Session, organisation_id: int) -> Sequence[Project]:
    """Return its unfinished projects."""
    return session.scalars(select(Project).where(party_in(organisation_id)).order_by(Project.id)).all()


def changed_to(change: OrganisationChange, was: str, labels: Mapping[str, str]) -> str:
    """Return a change in one sentence; ``was`` is the name before it."""
    day = in_chinese(change.dated)
    if "back_from" in change.after:
        of, to = CHANGE_LABELS[change.after["of"]], quoted(change.after["back_from"])
        return f"{quoted(was)}的{of}登记有误，予以撤销，转到{to}的事项转回（{day}）。"
    if change.kind == "dissolution":
        return f"{quoted(was)}已于{day}注销。"
    if "successor" in change.after:
        how = f"{quoted(was)}已于{day}并入" if change.kind == "merger" else f"{quoted(was)}已于{day}分立，有关项目由"
        return f"{how}{quoted(change.after['successor'])}{'' if change.kind == 'merger' else '承继'}。"
    if "predecessor" in change.after:
        return f"承继{quoted(change.after['predecessor'])}的项目（{CHANGE_LABELS[change.kind]}，{day}）。"
    if change.kind == "rename":
        return f"{quoted(was)}已于{day}更名为{quoted(change.after['name'])}。"
    if not change.after:
        return f"{quoted(was)}的注销登记已撤销（{day}）。"
    parts = [f"{labels[key]}由{quoted(change.before[key])}变更为{quoted(value)}" for key, value in change.after.items()]
    return f"{quoted(was)}{'，'.join(parts)}（{day}）。"


def open_restriction_notice(session: Session, organisation_id: int) -> PriorNotice | None:
    """Return the open prior notice (告知书) of a restriction outside a project, or None."""
    return next((row for row in restriction_notices(session, organisation_id) if row.status == "open"), None)


def restriction_notices(session: Session, organisation_id: int) -> list[PriorNotice]:
    """Return the prior notices (告知书) of restrictions outside projects that are addressed to it, newest first."""
    query = select(PriorNotice).join(Addressee).where(Addressee.organisation_id == organisation_id)
    return list(session.scalars(query.where(PriorNotice.project_id.is_(None)).order_by(PriorNotice.id.desc())))


def statements_on(session: Session, notice: PriorNotice) -> list[PartyStatement]:
    """Return what was stated on a prior notice, oldest first, without what was taken back."""
    said = select(PartyStatement).where(PartyStatement.prior_notice_id == notice.id, PartyStatement.voided_at.is_(None))
    return list(session.scalars(said.order_by(PartyStatement.id)))


def files_of_statements(session: Session, said: Iterable[PartyStatement]) -> dict[int, FileShown]:
    """Return the files of these statements by their id."""
    ids = [row.file_id for row in said if row.file_id]
    return files_shown(session.scalars(select(StoredFile).where(StoredFile.id.in_(ids)))) if ids else {}


def told_until(session: Session, row: Restriction) -> date | None:
    """Return the latest last day that a prior notice of this office has named, at least the present one.

    None for what another authority has decided: that is recorded as its document says.
    """
    last = select(func.max(PriorNotice.restrict_until)).where(PriorNotice.status == "used")
    of_project = and_(PriorNotice.project_id.is_not(None), PriorNotice.project_id == row.project_id)
    told = session.scalar(last.where(or_(PriorNotice.restriction_id == row.id, of_project)))
    if told is None and row.project_id is None and not _recorded_as_own(session, row):
        return None
    return max(row.ends_on, told or row.ends_on)


def _recorded_as_own(session: Session, row: Restriction) -> bool:
    """Return whether it was recorded as decided here, before there were notices of it."""
    events = select(Event).where(Event.stream == f"organisation:{row.organisation_id}", Event.trigger == "restrict")
    of_it = (event.data for event in session.scalars(events) if event.data.get("restriction") == row.id)
    return any(data.get("ground") == "own" for data in of_it)


def paper_of_notice(notice: PriorNotice) -> ColumnElement[bool]:
    """Return the condition for the paper of a prior notice outside a project, whose owner is its addressee."""
    owner = Paper.owner_id == notice.addressees[0].organisation_id
    return and_(
        Paper.project_id.is_(None), Paper.name == "restriction_notice", owner, Paper.made_at == notice.issued_at
    )


def papers_of_notice(session: Session, notice: PriorNotice) -> list[tuple[int, str]]:
    """Return id and title of the paper of a prior notice outside a project, and of the decision that rests on it."""
    subject = f"organisation:{notice.addressees[0].organisation_id}:{notice.restriction_id}"
    decided = and_(Paper.project_id.is_(None), Paper.subject == subject, Paper.made_at == notice.ended_at)
    query = select(Paper.id, Paper.title).where(or_(paper_of_notice(notice), decided)).order_by(Paper.id)
    return [(row.id, row.title) for row in session.execute(query)]
