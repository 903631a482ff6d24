"""Lines of the ledger (台账明细) of many projects: the rows that add up to a figure of a page of money, and their sum."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Self

from sqlalchemy import ColumnElement, Row, and_, case, extract, false, func, or_, select
from sqlalchemy.orm import Session

from xtbang.models import CollectiveSlip, LedgerEntry, LedgerTotal, PaymentApproval, Project, ReceivingAccount
from xtbang.queries.desk.groups import Statement, issuer, unindexed
from xtbang.queries.ledger import ADDS, ZERO
from xtbang.queries.paging import paged
from xtbang.queries.search import found_by
from xtbang.rules.asked import Asked


@dataclass(frozen=True)
class LineFilters:
    """The lines that are shown; an empty filter matches everything."""

    of: str = ""  # a figure of `ADDS`
    region: str = ""
    year: int | None = None
    call: int | None = None
    project: int | None = None
    search: str = ""

    @classmethod
    def of_address(cls, asked: Asked) -> Self:
        """Return the filters in an address."""
        ids = {key: asked.number(key) for key in ("year", "call", "project")}
        return cls(asked.text("of", ADDS), asked.text("region"), search=asked.words(), **ids)

    def conditions(self, session: Session) -> Iterator[ColumnElement[bool]]:
        """Yield the filters as conditions on ``LedgerEntry`` joined with ``Project`` and its issuer."""
        if self.of:
            yield or_(false(), *(_is(kind, sources) for kind, sources, _sign in ADDS.get(self.of, ())))
        if self.region:
            yield Project.region == self.region
        if self.year is not None:
            yield extract("year", LedgerEntry.dated) == self.year
        if self.call is not None:
            yield Project.call_id == self.call
        if self.project is not None:
            yield Project.id == self.project
        if self.search:
            slip = select(CollectiveSlip.id).where(CollectiveSlip.id == LedgerEntry.slip_id)
            slip = slip.where(CollectiveSlip.number.contains(self.search, autoescape=True))
            under = slip.correlate(LedgerEntry).exists()  # the list is joined with the slips, too
            receipt = LedgerEntry.note.contains(self.search, autoescape=True)
            yield or_(found_by(session, self.search), receipt, under)

    @property
    def counted(self) -> Any:
        """Return what a line adds to the figure, in yuan: what is subtracted from it is below 0."""
        taken = [_is(kind, sources) for kind, sources, sign in ADDS.get(self.of, ()) if sign < 0]
        return case((or_(false(), *taken), -LedgerEntry.net), else_=LedgerEntry.net)


def _is(kind: str, sources: tuple[str, ...]) -> ColumnElement[bool]:
    return and_(LedgerEntry.kind == kind, LedgerEntry.source.in_(sources))


def ledger_lines(
    session: Session,
    seen: ColumnElement[bool],
    filters: LineFilters,
    before: int | None = None,
    most: int = 50,
    only: Collection[int] | None = None,
) -> list[Row[Any]]:
    """Return lines (those with these ids), newest first, each with what it adds (``counted``, yuan), its project, receipt, payee and account.

    ``most + 1`` rows when there are more.
    """
    line = LedgerEntry.id, LedgerEntry.kind, LedgerEntry.source, LedgerEntry.instalment, LedgerEntry.dated
    reason = LedgerEntry.reverses_id, LedgerEntry.reversal, LedgerEntry.recorded_at
    receipt = func.coalesce(CollectiveSlip.number, LedgerEntry.note).label("receipt")
    project = Project.id.label("project_id"), Project.number, Project.title, Project.region, Project.edition
    approval = select(PaymentApproval.relied_on["payee"]).where(
        PaymentApproval.project_id == LedgerEntry.project_id, PaymentApproval.instalment == LedgerEntry.instalment
    )
    newest = approval.order_by(PaymentApproval.id.desc()).limit(1).correlate(LedgerEntry)
    query: Statement = select(
        *line,
        *reason,
        receipt,
        filters.counted.label("counted"),
        *project,
        issuer.name.label("issuer"),
        case((LedgerEntry.kind == "instalment", newest.scalar_subquery())).label("payee"),
    )
    query = _of(session, query, seen, filters).outerjoin(CollectiveSlip, CollectiveSlip.id == LedgerEntry.slip_id)
    return list(session.execute(paged(query.order_by(LedgerEntry.id.desc()), LedgerEntry.id, before, most, only)))


def every_ledger_line(
    session: Session, seen: ColumnElement[bool], filters: LineFilters, page: int = 500
) -> Iterator[Row[Any]]:
    """Yield all lines, newest first, read in pages."""
    before = None
    while rows := ledger_lines(session, seen, filters, before, page):
        yield from rows[:page]
        if len(rows) <= page:
            return
        before = rows[page - 1].id


def sum_of_lines(
    session: Session, seen: ColumnElement[bool], filters: LineFilters, region: str | None
) -> tuple[int, Decimal]:
    """Return how many lines there are and what they add up to, in yuan; ``region`` is the only one that is seen.

    The sums of a figure, a region and a year are stored.
    """
    if filters == LineFilters(of=filters.of, region=filters.region, year=filters.year):
        return _stored(session, filters, region)
    query: Statement = select(func.count(LedgerEntry.id), func.sum(filters.counted))
    number, total = session.execute(_of(session, query, seen, filters)).one()
    return number, total or ZERO


def _stored(session: Session, filters: LineFilters, region: str | None) -> tuple[int, Decimal]:
    query = select(LedgerTotal.kind, LedgerTotal.source, func.sum(LedgerTotal.lines), func.sum(LedgerTotal.amount))
    for column, value in (
        (LedgerTotal.region, region),
        (LedgerTotal.region, filters.region or None),
        (LedgerTotal.year, filters.year),
    ):
        query = query if value is None else query.where(column == value)
    signs = {(kind, source): sign for kind, sources, sign in ADDS.get(filters.of, ()) for source in sources}
    found = [
        (lines, amount * signs.get((kind, source), 1))
        for kind, source, lines, amount in session.execute(query.group_by(LedgerTotal.kind, LedgerTotal.source))
        if not filters.of or (kind, source) in signs
    ]
    return sum(lines for lines, _amount in found), sum((amount for _lines, amount in found), ZERO)


def _of(session: Session, query: Statement, seen: ColumnElement[bool], filters: LineFilters) -> Statement:
    few = filters.call is not None or filters.project is not None or filters.search
    # else the lines are read in their order until the page is full, not those of every project of a region
    project_id = LedgerEntry.project_id if few else unindexed(LedgerEntry.project_id)
    query = query.select_from(LedgerEntry).join(Project, Project.id == project_id)
    return query.join(issuer, issuer.id == Project.issuer_id).where(seen, *filters.conditions(session))


def accounts_at(session: Session) -> list[ReceivingAccount]:
    """Return every receiving account of a treasury, the one in force last behind the earlier ones."""
    return list(session.scalars(select(ReceivingAccount).order_by(ReceivingAccount.since, ReceivingAccount.id)))


def account_for(accounts: list[ReceivingAccount], row: Row[Any]) -> dict[str, str]:
    """Return name, bank and account of who got the money of a line: the payee of an instalment, the treasury that got it back."""
    if row.payee:
        return {key: row.payee.get(key) or "" for key in ("name", "bank_name", "bank_account")}
    back = row.kind in ("recovered", "surplus")
    region = row.region if row.source == "county" else ""
    own = [item for item in accounts if (item.source, item.region) == (row.source, region) and item.since <= row.dated]
    if not back or not own:
        return {"name": "", "bank_name": "", "bank_account": ""}
    return {key: getattr(own[-1], key) for key in ("name", "bank_name", "bank_account")}
