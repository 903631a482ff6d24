"""Frozen values that pages show of a prior notice (告知书): whom it reached when, and what each party has stated."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from xtbang.models import Addressee, PartyStatement, PriorNotice
from xtbang.queries.shown import shown
from xtbang.rules.service import MANNERS, notice_title

CHANNELS = {"site": "网上提交", "letter": "来信", "by_hand": "当面递交", "email": "电子邮件", "oral": "口头（笔录）"}


@dataclass(frozen=True)
class StatementShown:
    """A statement of a party in its own case."""

    name: str
    panel_id: int | None
    kind: str
    text: str
    file_id: int | None
    channel: str
    received_on: date
    voided_at: datetime | None


def statement_shown(row: PartyStatement) -> StatementShown:
    """Return a statement."""
    return shown(StatementShown, row, name=row.organisation.name, channel=CHANNELS[row.channel])


@dataclass(frozen=True)
class AddresseeShown:
    """An addressee of a prior notice, and the service on it."""

    name: str
    restricted: bool
    manner: str
    dated: date | None
    served_on: date | None
    answer_until: date | None
    file_id: int | None
    statements: tuple[StatementShown, ...]


@dataclass(frozen=True)
class PriorNoticeShown:
    """A prior notice (告知书)."""

    title: str
    reason: str
    evidence: str
    file_id: int | None
    restrict_from: date | None  # of a restriction outside a project
    restrict_until: date | None
    due: Mapping[str, Any]  # treasury → 万元
    issued_at: datetime
    status: str
    ended_at: datetime | None
    addressees: tuple[AddresseeShown, ...]


def prior_notice_shown(
    row: PriorNotice, statements: Iterable[PartyStatement], only: Collection[int] | None = None
) -> PriorNoticeShown:
    """Return a notice with the statements on it; with ``only`` those of these organisations alone."""
    said = [each for each in statements if each.prior_notice_id == row.id]

    def of(one: Addressee) -> tuple[StatementShown, ...]:
        readable = only is None or one.organisation_id in only
        return tuple(statement_shown(each) for each in said if readable and each.organisation_id == one.organisation_id)

    found = tuple(
        shown(AddresseeShown, one, name=one.organisation.name, manner=MANNERS.get(one.manner, ""), statements=of(one))
        for one in row.addressees
    )
    title = notice_title(restricts=row.restrict_until is not None, completed=row.after_completion)
    return shown(PriorNoticeShown, row, title=title, addressees=found)
