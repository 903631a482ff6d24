"""The known figures of each amount in a report or a request for acceptance, wherever it is read: budget, payments, the last report."""

from xtbang.domain.spending import Figures, figures
from xtbang.models import Document
from xtbang.queries.project_rows import ProjectRows
from xtbang.rules.actor import SYSTEM
from xtbang.web.frame.shell import engine, policy


def known_figures(rows: ProjectRows, document: Document | None) -> Figures | None:
    """Return the known figures of a document's amounts; None for a document that says nothing of spending."""
    if document is None or document.kind not in ("report", "acceptance"):
        return None
    context = engine().context(
        rows.session, rows.project, SYSTEM, "system", policy().handed_in_by(document.kind), known=rows
    )
    return figures(context, document)
