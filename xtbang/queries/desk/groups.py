"""What the groups of the desk (待办) are made of: plain columns, conditions that several of them share."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Literal

from sqlalchemy import ColumnElement, Row, Select, and_, exists, func, null, select, true
from sqlalchemy.orm import aliased

from xtbang.models import (
    Acceptance,
    Bid,
    BidMember,
    Countersignature,
    DocumentVersion,
    Organisation,
    Project,
    Signature,
)
from xtbang.rules.dates import SHANGHAI

Statement = Select[*tuple[Any, ...]]
Opens = Literal["project", "document", "notice", "seat", "bid", "organisation", "mail"]

issuer = aliased(Organisation, name="issuer")
ENTRY = (
    Project.id,
    Project.number,
    Project.kind,
    Project.title,
    Project.state,
    Project.track,
    Project.region,
    Project.domain,
    Project.planned_total,
    Project.subsidy_city,
    Project.state_since,
    issuer.name.label("issuer"),
)


@dataclass(frozen=True)
class Reader:
    """Who asks, as plain values, and by which clock."""

    person_id: int | None
    roles: frozenset[str]
    organisation_id: int | None
    region: str | None
    now: datetime

    @property
    def today(self) -> date:
        """The date in Shanghai."""
        return self.now.astimezone(SHANGHAI).date()


@dataclass(frozen=True)
class Thresholds:
    """The numbers of the editions that decide whether something is ready."""

    scores: Mapping[tuple[str, str], int] = field(default_factory=dict)  # (edition, kind of panel) → sheets needed
    payment: Mapping[str, tuple[int, int]] = field(default_factory=dict)  # edition → issuer's share as a fraction


def silent(_row: Row[Any]) -> str:
    """No note."""
    return ""


@dataclass(frozen=True)
class Group:
    """One kind of thing that waits. The query selects ``ENTRY`` (or ``id``, ``title``), ``due`` and ``since``."""

    key: str
    title: str
    query: Statement
    trigger: str = ""  # the action that is next; "": the page offers several; "*": the row names it
    opens: Opens = "project"
    note: Callable[[Row[Any]], str] = silent


def entries(*more: Any, due: Any = None, since: Any = Project.state_since) -> Statement:
    """Projects as cards; the earliest due first, then those that wait longest."""
    shown = (null() if due is None else due).label("due"), since.label("since")
    query: Statement = select(*ENTRY, *shown, *more).join(issuer, issuer.id == Project.issuer_id)
    first = () if due is None else (due.asc().nulls_last(),)
    return query.order_by(*first, since, Project.id)


def has(model: Any, *conditions: ColumnElement[bool]) -> ColumnElement[bool]:
    """The project has such a row beside it."""
    return exists().where(model.project_id == Project.id, *conditions).correlate(Project)


def signature_open(*conditions: ColumnElement[bool]) -> ColumnElement[bool]:
    """Some transition of the project is signed by one bureau and waits for the other."""
    return has(Countersignature, Countersignature.status == "open", *conditions)


def clear(reader: Reader) -> ColumnElement[bool]:
    """The project is not one of an organisation the reader belongs to: nobody decides on their own."""
    mine = reader.organisation_id
    if mine is None:
        return true()
    return and_(Project.issuer_id != mine, ~led_by(mine), ~member_is(mine))


def led_by(organisation_id: int) -> ColumnElement[bool]:
    """The agreed bidder is that organisation."""
    bid = exists().where(Bid.id == Project.agreed_bid_id, Bid.lead_id == organisation_id)
    return bid.correlate(Project)


def member_is(organisation_id: int) -> ColumnElement[bool]:
    """That organisation is in the agreed bidder's consortium."""
    member = exists().where(BidMember.bid_id == Project.agreed_bid_id, BidMember.organisation_id == organisation_id)
    return member.correlate(Project)


def last_rectification() -> ColumnElement[bool]:
    """Of the requests for acceptance that were answered with 限期整改, the last one."""
    newest = select(func.max(Acceptance.id)).where(Acceptance.project_id == Project.id, Acceptance.status == "rectify")
    return Acceptance.id == newest.correlate(Project).scalar_subquery()


def contract_version() -> Any:
    """The number in the table of the newest issued version of the contract; NULL before there is one."""
    newest = select(DocumentVersion.id).where(DocumentVersion.document_id == Project.contract_id)
    return newest.order_by(DocumentVersion.number.desc()).limit(1).correlate(Project).scalar_subquery()


def signed(*conditions: ColumnElement[bool]) -> ColumnElement[bool]:
    """Such a signature lies under the newest version of the contract."""
    return has(Signature, Signature.version_id == contract_version(), *conditions)
