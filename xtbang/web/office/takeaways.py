"""Downloads for an officer of the projects that were chosen in a list: a spreadsheet of them, their forms as one PDF."""

from collections.abc import Iterator, Sequence
from io import BytesIO
from typing import Any

from flask import Response, current_app, flash, redirect, request
from sqlalchemy import Row, select

from xtbang.background import renderer_of
from xtbang.enums import KIND_LABELS
from xtbang.extensions import db
from xtbang.jobs.paper_rendering import NotStored
from xtbang.models import Paper, Project
from xtbang.queries.assignments import officers_of
from xtbang.queries.caller import Caller
from xtbang.queries.desk.groups import ENTRY, Statement, issuer
from xtbang.queries.rights.files import may_open_paper
from xtbang.queries.rights.visibility import visible
from xtbang.rules.dates import day_of
from xtbang.web.frame.access import OFFICES, access
from xtbang.web.frame.exports import xlsx_file
from xtbang.web.frame.file_names import sent_as
from xtbang.web.frame.places import place
from xtbang.web.frame.shell import caller, policy
from xtbang.web.office.batches import batches
from xtbang.web.office.selection import selected

ROWS = 5000  # of a spreadsheet
FORMS = 50  # of one PDF
HEADS = "编号 名称 类别 单位 县市区（园区） 领域 环节 拟投入（万元） 市级补助（万元） 等待（天） 承办人".split()


@batches.get("/batches/export")
@access(*OFFICES)
def export() -> Any:
    """Send the chosen projects as a spreadsheet."""
    chosen = selected(caller(), request, ROWS)
    if not chosen.ids:
        flash("请先选中项目，再导出。", "warning")
        return redirect(chosen.back)
    return xlsx_file("揭榜挂帅项目", HEADS, _lines(chosen.ids[:ROWS]))


def entries_of(asked: Caller, ids: Sequence[int]) -> list[Row[Any]]:
    """Return the entries with these ids that the caller may see, in their order."""
    who = asked.actor
    query: Statement = select(*ENTRY).join(issuer, issuer.id == Project.issuer_id).where(Project.id.in_(ids))
    seen = visible(who.roles, who.person_id, who.organisation_id, who.region)
    rows: dict[int, Row[Any]] = {row.id: row for row in asked.session.execute(query.where(seen))}
    return [rows[number] for number in ids if number in rows]


def _lines(ids: Sequence[int]) -> Iterator[Sequence[Any]]:
    asked = caller()
    rows = entries_of(asked, ids)
    officers = officers_of(asked, {row.id for row in rows})
    for row in rows:
        state = policy().life(row.edition).states[row.state]
        amounts = (row.planned_total, row.subsidy_city)
        yield (
            row.number or "",
            row.title,
            KIND_LABELS.get(row.kind, row.kind),
            row.issuer,
            row.region or "",
            row.domain or "",
            state.name,
            *(None if amount is None else amount.scaleb(-4) for amount in amounts),
            None if state.final else (asked.today - day_of(row.state_since)).days,
            officers.get(row.id, ""),
        )


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
