"""The papers of what was chosen in a list, as one PDF: forms of projects, notices, papers of meetings."""

from collections.abc import Callable, Sequence
from io import BytesIO
from typing import Any

from flask import Response, abort, current_app, flash, redirect, request, url_for
from sqlalchemy import Row, Select, select

from xtbang.extensions import db
from xtbang.jobs.paper_rendering import NotStored
from xtbang.models import Meeting, Paper, Project
from xtbang.queries.caller import Caller
from xtbang.queries.desk.groups import ENTRY, Statement, issuer
from xtbang.queries.papers import printed
from xtbang.queries.rights.files import may_open_paper
from xtbang.queries.rights.lists import OFFICES, SEE_OFFICE_WORK, seen_by
from xtbang.rendering import renderer_of
from xtbang.sheets import LISTS
from xtbang.web.frame.access import access
from xtbang.web.frame.file_names import sent_as
from xtbang.web.frame.inputs import asked as asked_filters
from xtbang.web.frame.list_files import filters_of
from xtbang.web.frame.places import place
from xtbang.web.frame.shell import caller
from xtbang.web.office.batches import batches
from xtbang.web.office.selection import selected

FORMS = 50  # papers of one PDF, and rows whose papers are asked for


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
    return _sent(ids, "项目表", chosen.back)


@batches.get("/batches/papers/<listing>")
@access(*SEE_OFFICE_WORK)
def print_papers(listing: str) -> Any:
    """Send the current papers of the chosen notices or meetings as one PDF, those that the reader may open."""
    about, title = PAPERS.get(listing) or abort(404)
    chosen = request.args.getlist("id", type=int)
    if request.args.get("all"):
        chosen = LISTS[listing].ids(caller(), asked_filters(), FORMS + 1)
    back = url_for(listing, **filters_of(request.args))
    if not 0 < len(chosen) <= FORMS:
        flash(f"请选中 1 到 {FORMS} 项，再合并打印。", "warning")
        return redirect(back)
    asked, papers = caller(), [paper for number in chosen for paper in db.session.scalars(about(number))]
    ids = [paper.id for paper in papers if _is_public(paper) or may_open_paper(asked, paper)]
    if not 0 < len(ids) <= FORMS:
        said = f"选中的共有 {len(ids)} 份文书，一次至多合并 {FORMS} 份，请少选几项。" if ids else "选中的还没有文书。"
        flash(said, "warning")
        return redirect(back)
    return _sent(ids, title, back)


def _is_public(paper: Paper) -> bool:
    found = printed(db.session(), paper.id)
    return found is not None and bool(found.public)


def _of_notice(number: int) -> Select[Any]:
    return select(Paper).where(Paper.notice_id == number, Paper.state == "current").order_by(Paper.id)


def _of_meeting(number: int) -> Select[Any]:
    subjects = Meeting(id=number).subjects
    return select(Paper).where(Paper.subject.in_(subjects), Paper.state == "current").order_by(Paper.id)


PAPERS: dict[str, tuple[Callable[[int], Select[Any]], str]] = {
    "notices_admin.index": (_of_notice, "公告"),
    "meetings.index": (_of_meeting, "会次文书"),
}


def _sent(paper_ids: Sequence[int], title: str, back: str) -> Any:
    """Send these papers as one PDF; lead back where one of them cannot be opened yet."""
    try:
        with place():
            content = _joined(paper_ids)
    except NotStored:
        flash("其中有文书正在归档，暂时打不开，请稍后再试。", "warning")
        return redirect(back)
    name = sent_as(f"{title} {len(paper_ids)} 份.pdf", inline=True)
    return Response(content, mimetype="application/pdf", headers=name)


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
