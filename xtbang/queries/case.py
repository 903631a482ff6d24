"""The case of a liability panel (责任论证) as its experts read it: allegation, evidence, the parties' statements."""

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from xtbang.models import Panel, PartyStatement, StoredFile
from xtbang.queries.shown.documents import FileShown, files_shown
from xtbang.queries.shown.prior_notices import StatementShown, statement_shown


@dataclass(frozen=True)
class Case:
    """A case: who organises the panel, the allegation with its evidence, each statement with its evidence."""

    organiser: str
    allegation: str
    evidence: FileShown | None
    statements: tuple[tuple[StatementShown, FileShown | None], ...]


def case_of(session: Session, panel: Panel) -> Case | None:
    """Return the case of the panel; None for a panel of another kind, or one convened before cases were recorded."""
    if not panel.organiser:
        return None
    query = select(PartyStatement).where(PartyStatement.panel_id == panel.id, PartyStatement.voided_at.is_(None))
    said = list(session.scalars(query.order_by(PartyStatement.id)))
    wanted = [panel.evidence_id, *(row.file_id for row in said)]
    files = files_shown(session.scalars(select(StoredFile).where(StoredFile.id.in_([n for n in wanted if n]))))
    statements = tuple((statement_shown(row), files.get(row.file_id or 0)) for row in said)
    return Case(panel.organiser, panel.allegation, files.get(panel.evidence_id or 0), statements)
