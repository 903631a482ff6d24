"""The number of pages that a stamped scan should have: those of the printed paper."""

from flask import current_app
from sqlalchemy import select

from xtbang.extensions import db
from xtbang.models import Paper, Project
from xtbang.papers.errors import PaperError, TooHeavy
from xtbang.papers.pdf.issued import order_of
from xtbang.papers.pdf.printer import Bounds, pdf_of_order
from xtbang.web.applicant.preview import UnprintableDraft, draft_pdf
from xtbang.web.frame.places import Crowded, place
from xtbang.web.frame.shell import engine, policy


def printed_pages(project: Project, document: str) -> int | None:
    """Return the number of pages of the printed form or contract whose scan is uploaded.

    Return 0 if there is no such paper or it cannot be printed, None if the number is not available now.
    """
    try:
        content = _contract(project) if document == "contract" else _form(project)
    except (Crowded, TooHeavy):
        return None
    except (PaperError, UnprintableDraft):
        return 0
    if not content:
        return 0
    from xtbang.papers.pdf.pdfium import page_count  # imported here: no other page needs PDFium

    return page_count(content)


def _contract(project: Project) -> bytes:
    query = select(Paper).where(Paper.project_id == project.id, Paper.name == "contract", Paper.state == "current")
    paper = db.session.scalars(query).first()
    if paper is None:
        return b""
    if paper.file:
        kept: bytes = current_app.extensions["store"].get(paper.file.sha256)
        return kept
    with place():
        order = order_of(paper, engine().site.url, policy())
        return pdf_of_order(order, Bounds.from_config(current_app.config))


def _form(project: Project) -> bytes:
    document = project.form
    if document is None:
        return b""
    with place():
        return draft_pdf(project, document, policy().edition(project.edition).forms[project.kind])
