"""The facts of a write-off (财政资金核销审批单)."""

from collections.abc import Sequence
from decimal import Decimal

from xtbang.models import Project, WriteOff
from xtbang.papers.facts.common import money, project
from xtbang.papers.facts.text import Facts
from xtbang.rules.edition import Edition
from xtbang.rules.recovery import SOURCES


def write_off(
    row: Project,
    edition: Edition,
    proposal: WriteOff,
    *,
    due: Decimal,
    recovered: Decimal,
    signed: Sequence[Facts],
    finance: str,
) -> Facts:
    """Return what was claimed, what came back and what is written off (yuan), by which paper, and who signed."""
    return {
        "project": project(row, edition),
        "source": SOURCES[proposal.source],
        "due": money(due),
        "recovered": money(recovered),
        "amount": money(proposal.amount),
        "document": proposal.document,
        "dated": proposal.dated.isoformat(),
        "reason": proposal.reason,
        "finance": finance,
        "signers": list(signed),
    }
