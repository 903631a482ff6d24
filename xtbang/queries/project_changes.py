"""The changes of a project's contract (变更) for its page: field by field, who has agreed, who has signed."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime

from xtbang.models import Change
from xtbang.queries.dossier import Dossier
from xtbang.rules.changes import DECIDERS, KINDS, fields_of
from xtbang.rules.compare import Change as Changed
from xtbang.rules.compare import changes
from xtbang.rules.edition import Edition


@dataclass(frozen=True)
class Signer:
    """A party of a supplement, and its signature: None while it has not signed."""

    name: str
    signed_on: date | None
    doubtful: bool  # an officer has to look at its scan
    file_id: int | None


@dataclass(frozen=True)
class ChangeSaid:
    """One change as the page says it."""

    what: str
    side: str  # who asked: issuer, bidder
    status: str
    asked_at: datetime | None
    decided_by: str
    reason: str
    decision: str
    file_id: int | None
    items: tuple[Changed, ...]
    in_force_on: date | None
    signers: tuple[Signer, ...]
    paper_id: int | None  # of the supplement
    paper_title: str
    paper_number: str


def changes_of(edition: Edition, rows: Iterable[Change], found: Dossier) -> tuple[ChangeSaid, ...]:
    """Return the changes that were sent out, the newest first."""
    return tuple(_said(edition, row, found) for row in reversed([row for row in rows if row.asked_at]))


def _said(edition: Edition, row: Change, found: Dossier) -> ChangeSaid:
    paper = next((paper for paper in found.papers if paper.subject == f"change:{row.id}"), None)
    return ChangeSaid(
        what=KINDS[row.kind],
        side=row.side,
        status=row.status,
        asked_at=row.asked_at,
        decided_by=DECIDERS[row.decided_by],
        reason=row.reason,
        decision=row.decision,
        file_id=row.file_id,
        items=tuple(changes(fields_of(edition, row.kind), row.old, row.new)),
        in_force_on=row.in_force_on,
        signers=tuple(_signers(row, found)),
        paper_id=paper.id if paper else None,
        paper_title=paper.title if paper else "",
        paper_number=paper.number if paper else "",
    )


def _signers(row: Change, found: Dossier) -> Iterator[Signer]:
    signed = {item.party: item for item in found.signatures if item.version_id == row.version_id}
    for party, name in row.signers.items():
        own = signed.get(party)
        if own is None:
            yield Signer(name, None, False, None)
        else:
            yield Signer(name, own.signed_on, bool(own.doubt) and own.looked_at_by_id is None, own.file_id)
