"""The case of a liability panel (责任论证) as its experts read it: allegation, evidence, the parties' statements."""

from dataclasses import dataclass, replace

from sqlalchemy import select
from sqlalchemy.orm import Session

from xtbang.models import Panel, PartyStatement, StoredFile
from xtbang.queries.shown.documents import FileShown, files_shown
from xtbang.queries.shown.prior_notices import StatementShown, statement_shown
from xtbang.rules.blind import name_without_reach, without_names


@dataclass(frozen=True)
class Case:
    """A case: who organises the panel, the allegation with its evidence, each statement with its evidence."""

    organiser: str
    allegation: str
    evidence: FileShown | None
    statements: tuple[tuple[StatementShown, FileShown | None], ...]


def case_of(session: Session, panel: Panel) -> Case | None:
    """Return the case of the panel; None for a panel of another kind, or one convened before cases were recorded.

    Telephones and e-mail addresses are hidden in texts and in the names of files; the names of the parties are shown.
    """
    if not panel.organiser:
        return None
    query = select(PartyStatement).where(PartyStatement.panel_id == panel.id, PartyStatement.voided_at.is_(None))
    said = list(session.scalars(query.order_by(PartyStatement.id)))
    wanted = [panel.evidence_id, *(row.file_id for row in said)]
    found = files_shown(session.scalars(select(StoredFile).where(StoredFile.id.in_([n for n in wanted if n]))))
    files = {number: replace(file, name=name_without_reach(file.name)) for number, file in found.items()}
    read = (replace(each, text=without_names(each.text)) for each in map(statement_shown, said))
    statements = tuple((each, files.get(each.file_id or 0)) for each in read)
    return Case(panel.organiser, without_names(panel.allegation), files.get(panel.evidence_id or 0), statements)
