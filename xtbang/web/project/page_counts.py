"""The number of pages that a stamped scan should have: those of the printed paper, noted when it was printed."""

from flask import current_app

from xtbang.domain.printed_forms import pages_of_print
from xtbang.extensions import db
from xtbang.models import Project
from xtbang.papers.pdf.pdfium import page_count
from xtbang.queries.signing import paper_to_sign
from xtbang.web.frame.shell import caller


def printed_pages(project: Project, document: str) -> int | None:
    """Return the number of pages of the printed form, contract or supplement whose scan is uploaded.

    Nothing is printed to find out: None for what has not been printed as it is now, 0 without such a paper.
    """
    if document != "contract":
        return pages_of_print(caller(), project) if project.form else 0
    paper = paper_to_sign(db.session(), project)
    if paper is None:
        return 0
    return page_count(current_app.extensions["store"].get(paper.file.sha256)) if paper.file else None
