"""The facts of the opinion on a midterm check (中期检查意见书); see `xtbang.papers.facts.common`."""

from datetime import date

from xtbang.models import Midterm, Project
from xtbang.papers.facts.common import moment, project
from xtbang.papers.facts.text import Facts
from xtbang.rules.edition import Edition


def midterm_opinion(
    row: Project, edition: Edition, check: Midterm, *, until: date | None, panel: Facts | None, signed: list[Facts]
) -> Facts:
    """Return the facts of the opinion: what was handed in, the panel if there was one, the outcome.

    With ``until`` the project has to be mended by that day, otherwise it has passed.
    """
    article = edition.midterm.article if edition.midterm else ""
    return {
        "project": project(row, edition),
        "requested_at": moment(check.requested_at) if check.requested_at else "",
        "text": check.text,
        "panel": panel,
        "until": until.isoformat() if until else "",
        "opinion": check.findings,
        "signers": signed,
        "article": edition.cite_in_full(article)[0],
    }
