"""The changes of a project's contract (变更) for its page: field by field, who has agreed, who has signed."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from xtbang.models import Change, Signature
from xtbang.queries.dossier import Dossier
from xtbang.queries.project_rows import ProjectRows
from xtbang.queries.rights.project_parts import Sight
from xtbang.rules.changes import DECIDERS, KINDS, fields_of
from xtbang.rules.compare import Change as Changed
from xtbang.rules.compare import changes
from xtbang.rules.edition import Edition


@dataclass(frozen=True)
class Signer:
    """A party of a contract or a supplement, and its signature: None while it has not signed."""

    name: str
    signed_on: date | None
    doubt: str  # why an officer has to look at its scan; "" when there is none, or when one has looked
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


def changes_of(edition: Edition, rows: ProjectRows, found: Dossier, sight: Sight) -> tuple[ChangeSaid, ...]:
    """Return the changes that were sent out, the newest first, with those personal data that the person sees."""
    sent, signatures = [row for row in rows.of(Change) if row.asked_at], rows.of(Signature)
    return tuple(_said(edition, row, found, sight, signatures) for row in reversed(sent))


def _said(edition: Edition, row: Change, found: Dossier, sight: Sight, signatures: Iterable[Signature]) -> ChangeSaid:
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
        items=tuple(changes(sight.shown(fields_of(edition, row.kind)), sight.read(row.old), sight.read(row.new))),
        in_force_on=row.in_force_on,
        signers=signers_of(row.signers, signatures, row.version_id),
        paper_id=paper.id if paper else None,
        paper_title=paper.title if paper else "",
        paper_number=paper.number if paper else "",
    )


def signers_of(
    parties: Mapping[str, str], signatures: Iterable[Signature], version_id: int | None
) -> tuple[Signer, ...]:
    """Return the parties of a contract or a supplement, by their names, with their signatures under that version."""
    signed = {row.party: row for row in signatures if row.version_id == version_id}
    return tuple(_signer(name, signed.get(party)) for party, name in parties.items())


def _signer(name: str, row: Signature | None) -> Signer:
    if row is None:
        return Signer(name, None, "", None)
    return Signer(name, row.signed_on, row.doubt if row.looked_at_by_id is None else "", row.file_id)
