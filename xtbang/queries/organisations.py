"""Organisations by their present and former names and codes, and what has changed of them."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, and_, or_, select, union_all
from sqlalchemy.orm import Session

from xtbang.enums import CHANGE_LABELS
from xtbang.models import Bid, BidMember, Organisation, OrganisationChange, Project
from xtbang.rules.quotation import quoted
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
    query = select(OrganisationChange).where(OrganisationChange.organisation_id == organisation_id)
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
