"""The papers of what was chosen in a list, as one PDF: forms of projects, notices, papers of meetings."""

from collections.abc import Sequence
from io import BytesIO
from typing import Any

from flask import Response, abort, current_app, flash, redirect, request, url_for
from sqlalchemy import ColumnElement, Row, and_, select
from sqlalchemy.orm import defer, joinedload

from xtbang.extensions import db
from xtbang.jobs.paper_rendering import NotStored
from xtbang.models import Meeting, Paper, Project
from xtbang.papers.store import Damaged
from xtbang.queries.caller import Caller
from xtbang.queries.desk.groups import ENTRY, Statement, issuer
from xtbang.queries.rights.files import open_papers
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
PAPERS = {"notices_admin.index": "公告", "meetings.index": "会次文书"}  # the title of the PDF, by the list of the rows


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
    papers = _open(asked, and_(Paper.project_id.in_(chosen.ids), Paper.name == "form"))
    order = {number: at for at, number in enumerate(chosen.ids)}
    papers.sort(key=lambda paper: order[paper.project_id or 0])
    if not papers or len(chosen.ids) > FORMS:
        flash(f"请选中 1 到 {FORMS} 个已提交项目表的项目，再合并打印。", "warning")
        return redirect(chosen.back)
    return _sent(papers, "项目表", chosen.back)


@batches.get("/batches/papers/<listing>")
@access(*SEE_OFFICE_WORK)
def print_papers(listing: str) -> Any:
    """Send the current papers of the chosen notices or meetings as one PDF, those that the reader may open."""
    title, of_notices = PAPERS.get(listing) or abort(404), listing == "notices_admin.index"
    chosen = request.args.getlist("id", type=int)
    if request.args.get("all"):
        chosen = LISTS[listing].ids(caller(), asked_filters(), FORMS + 1)
    back = url_for(listing, **filters_of(request.args))
    if not 0 < len(chosen) <= FORMS:
        flash(f"请选中 1 到 {FORMS} 项，再合并打印。", "warning")
        return redirect(back)
    papers = _open(caller(), Paper.notice_id.in_(chosen) if of_notices else Paper.subject.in_(_subjects(chosen)))
    order = {about: at for at, number in enumerate(chosen) for about in (number, *_subjects([number]))}
    papers.sort(key=lambda paper: (order[paper.notice_id if of_notices else paper.subject], paper.id))
    if not 0 < len(papers) <= FORMS:
        count = len(papers)
        said = f"选中的共有 {count} 份文书，一次至多合并 {FORMS} 份，请少选几项。" if count else "选中的还没有文书。"
        flash(said, "warning")
        return redirect(back)
    return _sent(papers, title, back)


def _subjects(meeting_ids: Sequence[int]) -> list[str]:
    return [subject for number in meeting_ids for subject in Meeting(id=number).subjects]


def _open(asked: Caller, which: ColumnElement[bool]) -> list[Paper]:
    """Return the current papers of which that holds and that the caller may open, with their files."""
    query = select(Paper).where(which, Paper.state == "current").options(joinedload(Paper.file), defer(Paper.data))
    return open_papers(asked, db.session.scalars(query).all())


def _sent(papers: Sequence[Paper], title: str, back: str) -> Any:
    """Send these papers as one PDF; lead back where one of them cannot be opened yet."""
    try:
        with place():
            content = _joined([(paper.id, paper.file.sha256 if paper.file else "") for paper in papers])
    except NotStored:
        flash("其中有文书正在归档，暂时打不开，请稍后再试。", "warning")
        return redirect(back)
    name = sent_as(f"{title} {len(papers)} 份.pdf", inline=True)
    return Response(content, mimetype="application/pdf", headers=name)


def _joined(papers: Sequence[tuple[int, str]]) -> bytes:
    """Return these papers (id, digest) one after the other; each is stored if it was not yet. Raise NotStored."""
    import pikepdf  # imported here to keep the start fast

    joined, file = pikepdf.new(), BytesIO()
    for paper_id, digest in papers:
        try:
            content = current_app.extensions["recent"].get(digest) if digest else None
        except (FileNotFoundError, Damaged) as error:
            current_app.logger.exception("the file of paper %s", paper_id)
            raise NotStored(f"paper {paper_id} cannot be read") from error
        content = content or renderer_of(current_app).stored_pdf(db.session(), paper_id)
        with pikepdf.open(BytesIO(content)) as one:
            joined.pages.extend(one.pages)
    joined.save(file)
    return file.getvalue()
