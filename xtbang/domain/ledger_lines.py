"""Lines of the ledger (台账行): entered, taken back by another line (冲正), and the numbers that they hold."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import Row, Select, exists, or_, select
from sqlalchemy.orm import Session, aliased

from xtbang.actions.context import Context
from xtbang.domain.slip_sums import beyond_slip, slip_of
from xtbang.errors import Blocked
from xtbang.models import LedgerEntry, Project
from xtbang.rules.payment_number import number_key

MISTAKEN = "mistaken"  # of a reversal: what the line says never happened, so its number is free again
AGAIN = "~"  # between a number and how often it was entered
OTHER = aliased(LedgerEntry, name="other_line")
FREED = (  # built once: an import of many projects asks it several times for each line
    exists()
    .where(OTHER.reverses_id == LedgerEntry.id, OTHER.reversal == MISTAKEN)
    .correlate(LedgerEntry)
    .label("freed")
)
TAKEN_BACK = exists().where(OTHER.reverses_id == LedgerEntry.id).correlate(LedgerEntry).label("taken_back")


def key_of(project: Project, kind: str, source: str, number: str) -> str | None:
    """Return the key that no two ledger lines share; None for a line without a number."""
    owner = {"county": project.region, "issuer": str(project.issuer_id)}.get(source, "")
    return number_key(kind, source, owner, number)


def enter(
    context: Context,
    kind: str,
    source: str,
    amount: Decimal,
    dated: date,
    *,
    instalment: int | None = None,
    note: str = "",
    file_id: int | None = None,
    reverses: LedgerEntry | None = None,
    reversal: str = "",
) -> LedgerEntry:
    """Add a line to the ledger; ``amount`` in yuan, above 0. Raise LookupError outside an effect."""
    if context.event is None:
        raise LookupError("a ledger line needs its event")
    tried = (
        line
        for line in context.rows.of(LedgerEntry)
        if (line.kind, line.source, line.instalment, line.reverses_id) == (kind, source, instalment, None)
    )
    key = None if reverses else key_of(context.project, kind, source, note)
    slip = slip_of(context.session, key, lock=True)
    if slip and (against := list(beyond_slip(context.session, slip, amount, context.cite("money")))):
        raise Blocked(against)  # another project was first, in the same moment
    entry = LedgerEntry(
        project_id=context.project.id,
        kind=kind,
        source=source,
        instalment=instalment,
        amount=amount,
        dated=dated,
        note=note,
        file_id=file_id,
        event_id=context.event.id,
        recorded_at=context.now,
        number_key=None if slip else free_key(context, key),
        slip_id=slip.id if slip else None,
        attempt=sum(1 for _line in tried) + 1 if instalment else 1,
        reverses_id=reverses.id if reverses else None,
        reversal=reversal,
    )
    context.session.add(entry)
    context.session.flush()
    return entry


def reverse(context: Context, line: LedgerEntry, why: str, dated: date, file_id: int | None = None) -> LedgerEntry:
    """Take a line back (冲正) by another one that points to it. ``why`` is one of REVERSAL_LABELS."""
    known = context, line.kind, line.source, line.amount, dated
    return enter(*known, instalment=line.instalment, note=line.note, file_id=file_id, reverses=line, reversal=why)


def holders(session: Session, key: str | None) -> list[LedgerEntry]:
    """Return the lines that hold a number: those entered under it, but for those that were entered by mistake."""
    return [row.LedgerEntry for row in _entered_under(session, key) if not row.freed]


def reversed_line(context: Context, number: str, dated: date) -> LedgerEntry | None:
    """Return the project's reversed line with that number and day: entered again, it is the same payment."""
    lines = context.rows.of(LedgerEntry)
    gone = {line.reverses_id for line in lines}
    same = (line for line in lines if line.id in gone and (line.note, line.dated) == (number, dated))
    return next(same, None)


def free_key(context: Context, key: str | None) -> str | None:
    """Return the key for the next line with that number: another one than those of the project's own lines, as the guards
    allow them, and of lines that were taken back.

    While a line of another project stands it is the key of the first line, which the database refuses: that project was
    first, in the same moment.
    """
    before = _entered_under(context.session, key)
    free = all(row.taken_back or row.LedgerEntry.project_id == context.project.id for row in before)
    return f"{key}{AGAIN}{len(before) + 1}" if before and free else key


def _entered_under(session: Session, key: str | None) -> Sequence[Row[Any]]:
    """Return every line that was ever entered under a number, and whether it was taken back, and as a mistake."""
    if key is None:
        return []
    under = or_(LedgerEntry.number_key == key, LedgerEntry.number_key.startswith(f"{key}{AGAIN}", autoescape=True))
    query: Select[*tuple[Any, ...]] = select(LedgerEntry, FREED, TAKEN_BACK).where(under).order_by(LedgerEntry.id)
    found: Sequence[Row[Any]] = session.execute(query).all()
    return found
