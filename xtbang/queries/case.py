"""The case of a liability panel (责任论证) as its experts read it: allegation, evidence, the parties' statements."""

from collections.abc import Collection
from dataclasses import dataclass, replace

from sqlalchemy import select
from sqlalchemy.orm import Session

from xtbang.models import Panel, PartyStatement, StoredFile
from xtbang.queries.shown.documents import FileShown, files_shown
from xtbang.queries.shown.prior_notices import StatementShown, statement_shown
from xtbang.rules.blind import HIDDEN, without_names


@dataclass(frozen=True)
class Case:
    """A case: who organises the panel, the allegation with its evidence, each statement with its evidence."""

    organiser: str
    allegation: str
    evidence: FileShown | None
    statements: tuple[tuple[StatementShown, FileShown | None], ...]


def case_of(session: Session, panel: Panel, names: Collection[str] = ()) -> Case | None:
    """Return the case of the panel; None for a panel of another kind, or one convened before cases were recorded.

    Texts say no telephones and addresses; on a blind panel (盲审) neither these ``names``, and there are no files.
    """
    if not panel.organiser:
        return None
    query = select(PartyStatement).where(PartyStatement.panel_id == panel.id, PartyStatement.voided_at.is_(None))
    said = list(session.scalars(query.order_by(PartyStatement.id)))
    wanted = [panel.evidence_id, *(row.file_id for row in said)]
    shown = select(StoredFile).where(StoredFile.id.in_([n for n in wanted if n and not panel.blind]))
    files = files_shown(session.scalars(shown))
    read = (
        replace(each, name=HIDDEN if panel.blind else each.name, text=without_names(each.text, names))
        for each in map(statement_shown, said)
    )
    statements = tuple((each, files.get(each.file_id or 0)) for each in read)
    return Case(panel.organiser, without_names(panel.allegation, names), files.get(panel.evidence_id or 0), statements)
