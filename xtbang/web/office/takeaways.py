"""Downloads for an officer of the projects that were chosen in a list: a spreadsheet of them, their forms as one PDF."""

from collections.abc import Sequence
from io import BytesIO
from typing import Any

from flask import Response, current_app, flash, redirect, request, url_for
from sqlalchemy import Row, select

from xtbang.extensions import db
from xtbang.jobs.paper_rendering import NotStored
from xtbang.models import Paper, Project
from xtbang.queries.caller import Caller
from xtbang.queries.desk.groups import ENTRY, Statement, issuer
from xtbang.queries.rights.files import may_open_paper
from xtbang.queries.rights.lists import OFFICES, seen_by
from xtbang.rendering import renderer_of
from xtbang.sheets.office import chosen_projects
from xtbang.web.frame.access import access
from xtbang.web.frame.exports import file_of
from xtbang.web.frame.file_names import sent_as
from xtbang.web.frame.list_files import filters_of
from xtbang.web.frame.places import place
from xtbang.web.frame.shell import caller
from xtbang.web.office.batches import batches
from xtbang.web.office.selection import page_of, selected

ROWS = 5000  # of a spreadsheet
FORMS = 50  # of one PDF


@batches.get("/batches/export")
@access(*OFFICES)
def export() -> Any:
    """Send the chosen projects as a spreadsheet; the whole list, as it is filtered, where none is chosen."""
    chosen = selected(caller(), request, ROWS)
    if not chosen.ids:
        return redirect(
            url_for("downloads.list_file", listing=page_of(request.args), ending="xlsx", **filters_of(request.args))
        )
    return file_of(chosen_projects(caller(), chosen.ids[:ROWS]), "xlsx")


def entries_of(asked: Caller, ids: Sequence[int]) -> list[Row[Any]]:
    """Return the entries with these ids that the caller may see, in their order."""
    query: Statement = select(*ENTRY).join(issuer, issuer.id == Project.issuer_id).where(Project.id.in_(ids))
    rows: dict[int, Row[Any]] = {row.id: row for row in asked.session.execute(query.where(seen_by(asked.actor)))}
    return [rows[number] for number in ids if number in rows]


@batches.get("/batches/print")
@access(*OFFICES)
def print_forms() -> Any:
    """Send the current forms of the chosen projects as one PDF, those that the reader may open."""
    asked = caller()
    chosen = selected(asked, request, FORMS)
    query = select(Paper).where(Paper.project_id.in_(chosen.ids), Paper.name == "form", Paper.state == "current")
    papers = [paper for paper in db.session.scalars(query) if may_open_paper(asked, paper)]
    order = {number: at for at, number in enumerate(chosen.ids)}
    ids = [paper.id for paper in sorted(papers, key=lambda paper: order[paper.project_id or 0])]
    if not ids or len(chosen.ids) > FORMS:
        flash(f"请选中 1 到 {FORMS} 个已提交项目表的项目，再合并打印。", "warning")
        return redirect(chosen.back)
    try:
        with place():
            content = _joined(ids)
    except NotStored:
        flash("其中有文书正在归档，暂时打不开，请稍后再试。", "warning")
        return redirect(chosen.back)
    return Response(content, mimetype="application/pdf", headers=sent_as(f"项目表 {len(ids)} 份.pdf", inline=True))


def _joined(paper_ids: Sequence[int]) -> bytes:
    """Return the papers one after the other; each is stored if it was not yet. Raise NotStored."""
    import pikepdf  # imported here to keep the start fast

    joined, file = pikepdf.new(), BytesIO()
    for paper_id in paper_ids:
        content = renderer_of(current_app).stored_pdf(db.session(), paper_id)
        with pikepdf.open(BytesIO(content)) as one:
            joined.pages.extend(one.pages)
    joined.save(file)
    return file.getvalue()
