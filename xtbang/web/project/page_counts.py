"""The number of pages that a stamped scan should have: those of the printed paper, noted when it was printed."""

from flask import current_app
from sqlalchemy import select

from xtbang.domain.printed_forms import pages_of_print
from xtbang.extensions import db
from xtbang.models import Paper, Project
from xtbang.papers.pdf.pdfium import page_count
from xtbang.web.frame.shell import caller


def printed_pages(project: Project, document: str) -> int | None:
    """Return the number of pages of the printed form or contract whose scan is uploaded.

    Nothing is printed to find out: None for what has not been printed as it is now, 0 without such a paper.
    """
    if document != "contract":
        return pages_of_print(caller(), project) if project.form else 0
    query = select(Paper).where(Paper.project_id == project.id, Paper.name == "contract", Paper.state == "current")
    paper = db.session.scalars(query).first()
    if paper is None:
        return 0
    return page_count(current_app.extensions["store"].get(paper.file.sha256)) if paper.file else None
