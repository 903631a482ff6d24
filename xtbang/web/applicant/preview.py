"""The printed draft of a document.

A complete form is printed to be stamped: it has its check code and is the same file that is issued when it is
submitted. Every other draft is marked 草稿 (draft): its final paper is printed and stamped later.
"""

from typing import Any

from flask import current_app
from sqlalchemy import select

from xtbang.actions.context import Context
from xtbang.actions.documents import next_number
from xtbang.domain.printed_forms import form_code, form_facts, keep_pages, printed_at
from xtbang.domain.spending import beside
from xtbang.extensions import db
from xtbang.models import Bid, Document, Project, Report
from xtbang.papers.codes import verify_url
from xtbang.papers.errors import TooHeavy, Unprintable
from xtbang.papers.facts import common as facts
from xtbang.papers.facts.bid import bid_head, project_facts
from xtbang.papers.pdf.issued import order_from
from xtbang.papers.pdf.meta import PaperMeta
from xtbang.papers.pdf.pdfium import page_count
from xtbang.papers.pdf.printer import Bounds, pdf_of_order
from xtbang.rules.actor import SYSTEM
from xtbang.rules.fields import FormDefinition
from xtbang.rules.forms import check, longest_fields, worded
from xtbang.rules.quotation import quoted
from xtbang.stages.contracting import contract_facts
from xtbang.web.frame.shell import caller, engine, policy


class UnprintableDraft(Exception):
    """The draft cannot be printed: it has characters that no font has, or is too long; the sentence says which."""


def draft_context(project: Project) -> Context:
    """Return the context of a project for checks by the system itself."""
    return engine().context(db.session, project, SYSTEM, "system", policy().handed_in_by("form"))


def draft_pdf(project: Project, document: Document, definition: FormDefinition) -> bytes:
    """Return the PDF of a draft; the same draft gives the same bytes. Raise UnprintableDraft.

    Of what is printed to be stamped, the number of pages is noted.
    """
    context = draft_context(project)
    stamped = document.kind == "form" and not check(definition, document.draft, complete=True)
    code = form_code(context, project) if stamped else ""
    meta = PaperMeta(
        name=definition.title,
        number=project.number or "",
        version=next_number(db.session, document),
        made_at=printed_at(project, document),
        code=code,
        verify_url=verify_url(engine().site.url, code) if code else "",
        state="" if code else "草稿",
    )
    given = _facts(context, document, definition)
    order = order_from(document.kind, given, meta=meta, policy=policy(), watermark=not code)
    try:
        content = pdf_of_order(order, Bounds.from_config(current_app.config))
    except TooHeavy as error:
        most = "、".join(
            f"{quoted(label)}（{size} 个字符）" for label, size in longest_fields(definition, document.draft)
        )
        text = f"这份草稿过长，排版超出了系统允许的时间或内存，无法打印。最长的是{most}，请删减后再打印；填报内容没有丢失。"
        raise UnprintableDraft(text) from error
    except Unprintable as error:
        raise UnprintableDraft(f"{error}。请改用通用规范汉字后再打印，填报内容没有丢失。") from error
    if code:
        keep_pages(caller(), document.id, code, page_count(content))
    return content


def _facts(context: Context, document: Document, definition: FormDefinition) -> dict[str, Any]:
    if document.kind == "contract":
        return contract_facts(context)
    if document.kind == "form":
        return form_facts(context.edition, context.project, document)
    filled = {
        "definition": document.definition,
        "edition": context.edition.key,
        "values": worded(definition, document.draft),
    }
    return filled | _head(context, document)


def _head(context: Context, document: Document) -> dict[str, Any]:
    """Return the data of a draft that the program already has: the project, the bidder, the due date of the report."""
    project = context.project
    if document.kind == "bid":
        return bid_head(db.session.scalars(select(Bid).where(Bid.document_id == document.id)).one())
    if document.kind == "application":
        return {"project": project_facts(project)}
    if document.kind == "report":
        due = db.session.scalars(select(Report.due_on).where(Report.document_id == document.id)).first()
        known = {"project": facts.project(project, context.edition), "due_on": facts.iso(due)}
        return known | {"beside": beside(context, document)}
    if document.kind == "acceptance":
        return {"project": facts.project(project, context.edition), "beside": beside(context, document)}
    return {}
