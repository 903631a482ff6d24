"""Imports (导入) of past projects: the template, the check of a table, signing, and what became of it."""

from functools import partial
from typing import Any

from flask import Blueprint, Response, abort, flash, redirect, render_template, request, url_for
from sqlalchemy import select
from werkzeug.datastructures import FileStorage

from xtbang.domain.imports import REVOKED
from xtbang.enums import BUREAU_ROLES, IMPORT_LABELS
from xtbang.errors import Blocked
from xtbang.extensions import db
from xtbang.models import Call
from xtbang.papers.import_template import template_of
from xtbang.papers.spreadsheet import UnreadableSheet, cells_of
from xtbang.papers.workbook import XLSX
from xtbang.queries.imports import ZERO, one_import, waits_until
from xtbang.queries.imports import imports as every_import
from xtbang.queries.rights.lists import SEE_IMPORTS, SEE_OFFICE_WORK
from xtbang.rules.edition import Edition
from xtbang.rules.fields import Field, FieldKind, FormDefinition, choices, one_section
from xtbang.rules.forms import check, clean
from xtbang.rules.import_table import Fault, Reading, has_heads
from xtbang.rules.reasons import Reason
from xtbang.web.frame.access import access, actor
from xtbang.web.frame.file_names import sent_as
from xtbang.web.frame.inputs import by_field, raw_values
from xtbang.web.frame.registers import listed
from xtbang.web.frame.scanning import against_table
from xtbang.web.frame.shell import caller, engine, policy
from xtbang.workflow.imports import AT_ONCE, MOST, carry_out, drop, edition_of, examine, hand_in, sign, table_form

imports = Blueprint("imports", __name__)
LONGEST_REASON = 300  # characters

LARGEST = 5 * 1024 * 1024  # bytes
SAID = 200  # faults on the page
SHOWN = 200  # lines on the page of an import
TONES = {"open": "wait", "waiting": "wait", "done": "done", "refused": "stop", "withdrawn": "muted"}
STATUS = {key: (label, TONES[key]) for key, label in IMPORT_LABELS.items()}


@imports.get("/imports")
@access(*SEE_IMPORTS)
def index() -> str:
    """Show the imports, and the templates of the editions."""
    editions = policy().taken(caller().today)
    found = listed(partial(every_import, db.session()))
    return render_template("imports/index.html", listed=found, editions=editions, status=STATUS)


@imports.get("/imports/template/<edition>")
@access(*SEE_IMPORTS)
def template(edition: str) -> Response:
    """Send the table to fill in for projects of an edition."""
    if edition not in policy().names:
        abort(404)
    found = policy().newest(edition, caller().today)
    content = template_of(table_form(engine(), db.session(), actor(), found), MOST)
    headers = sent_as(f"历年项目导入模板（{found.name}版）.xlsx")
    return Response(content, mimetype=XLSX, headers=headers)


@imports.route("/imports/new", methods=["GET", "POST"])
@access(*BUREAU_ROLES)
def new() -> Any:
    """Show the form; on POST check the table, and hand it in when it has no fault."""
    form, reading, status = _form(), Reading((), ()), 200
    values: dict[str, Any] = {}
    errors: dict[str, list[str]] = {}
    if request.method == "POST":
        values, status = clean(form, raw_values(form.fields, request.form)), 422
        wrong = [*check(form, values, complete=True), *_either(values)]
        content = _content(request.files.get("table"), wrong)
        if not wrong:
            reading = _read(content, edition_of(caller(), values))
            if not reading.faults:
                try:
                    row = hand_in(caller(), values, _name(request.files["table"]), content, reading)
                except Blocked as blocked:
                    wrong = blocked.reasons
                else:
                    flash(f"{len(reading.lines)} 个项目核对无误，已提交；其他部门会签后导入。", "success")
                    return redirect(url_for("imports.page", import_id=row.id))
        errors = by_field(wrong)
    page = render_template(
        "imports/new.html",
        form=form,
        values=values,
        errors=errors,
        faults=reading.faults[:SAID],
        number=len(reading.faults),
        lines=len({fault.line for fault in reading.faults}),
        read=len(reading.lines),
        most=MOST,
    )
    return page, status


@imports.get("/imports/<int:import_id>")
@access(*SEE_IMPORTS)
def page(import_id: int) -> Any:
    """Show one import with its lines, its signatures and its outcome."""
    return _page(import_id)


def _page(import_id: int, typed: str = "", wrong: str = "") -> Response:
    """Return the page of one import; of a refused reason its text and the fault. Abort with 404."""
    found = one_import(db.session(), import_id)
    if found is None:
        abort(404)
    row, lines = found
    who, begins = actor(), waits_until(caller(), import_id)
    if "county" in who.roles and who.roles.isdisjoint(SEE_OFFICE_WORK):
        lines = [line for line in lines if line.values["region"] == who.region]
    signed = {(item["role"], item["person_id"]) for item in row.signatures}
    role = policy().city.office_of(who.roles)
    answer = Response(
        render_template(
            "imports/page.html",
            row=row,
            lines=lines,
            state=STATUS[row.status],
            bureau=bool(role),
            may_sign=bool(role) and not policy().city.has_signed(signed, role, who.person_id),
            mine=row.asked_by_id == who.person_id,
            sums={
                name: sum((getattr(line, name) for line in lines), ZERO)
                for name in ("total", "granted", "paid", "back")
            },
            revocable=[line.project_id for line in lines if line.project_id and line.state != REVOKED],
            in_background=row.size > AT_ONCE,
            begins=begins,
            shown=SHOWN,
            typed=typed,
            wrong=wrong,
        ),
        422 if wrong else 200,
    )
    if row.status == "waiting" and not begins:
        answer.headers["Refresh"] = "3"  # seconds
    return answer


@imports.post("/imports/<int:import_id>/sign")
@access(*BUREAU_ROLES)
def confirm(import_id: int) -> Any:
    """Sign an import; with the last signature its projects come in."""
    try:
        if sign(engine(), db.session(), actor(), import_id):
            carry_out(engine(), db.session(), import_id)
    except Blocked as blocked:
        flash(str(blocked), "error")
    return redirect(url_for("imports.page", import_id=import_id))


@imports.post("/imports/<int:import_id>/drop")
@access(*BUREAU_ROLES)
def refuse(import_id: int) -> Any:
    """Withdraw one's own import, or refuse another's; with the reason."""
    reason = request.form.get("reason", "").strip()
    if not reason:
        return _page(import_id, wrong="请写明不予会签或者撤回的理由。")
    if len(reason) > LONGEST_REASON:
        return _page(import_id, reason, f"理由共 {len(reason)} 个字符，最多 {LONGEST_REASON} 个，请删减。")
    drop(caller(), import_id, reason)
    flash("这次导入没有生效，理由已记录。", "success")
    return redirect(url_for("imports.page", import_id=import_id))


# ---------------------------------------------------------------- the form and the table


def _form() -> FormDefinition:
    calls = db.session.execute(select(Call.id, Call.title, Call.code).order_by(Call.id.desc())).all()
    known = {str(number): f"{title}（{code}）" for number, title, code in calls}
    editions = {edition.name: f"{edition.label}：{edition.title}" for edition in policy().taken(caller().today)}
    fields = (
        Field(
            "call",
            "项目所属批次",
            FieldKind.CHOICE,
            required=False,
            choices=choices(known),
            hint="系统里有这个批次的选它",
        ),
        Field("year", "立项年度", FieldKind.WHOLE, required=False, hint="系统里没有这个批次的填写，例如 2021"),
        Field("edition", "适用版本", FieldKind.CHOICE, required=False, choices=choices(editions), hint="同上"),
    )
    return one_section("import", "导入历年项目", fields)


def _either(values: dict[str, Any]) -> list[Reason]:
    """Return a reason unless there is a call, or a year with an edition."""
    if values["call"]:
        return []
    missing = [key for key in ("year", "edition") if not values[key]]
    if missing:
        return [Reason("import.call", "请选择批次；系统里没有的，填写立项年度和适用版本。", field=missing[0])]
    if isinstance(values["year"], int) and not 2015 <= values["year"] <= caller().today.year:
        return [Reason("import.year", f"立项年度在 2015 到 {caller().today.year} 之间。", field="year")]
    return []


def _name(file: FileStorage) -> str:
    return (file.filename or "").rpartition("/")[2][:200]


def _content(file: FileStorage | None, wrong: list[Reason]) -> bytes:
    """Return the bytes of the file that was sent; the reasons against it join ``wrong``."""
    content = file.read(LARGEST + 1) if file else b""
    if not content:
        wrong.append(Reason("import.file", "请选择填好的表格（xlsx）。", field="table"))
    elif len(content) > LARGEST:
        wrong.append(Reason("import.file", "表格超过 5 MB，请分成几张导入。", field="table"))
    elif against := against_table(content):
        wrong.append(Reason("import.file", against, field="table"))
    return content


def _read(content: bytes, edition: Edition) -> Reading:
    form = table_form(engine(), db.session(), actor(), edition)
    try:
        cells = cells_of(content, partial(has_heads, form))
    except UnreadableSheet as error:
        return Reading((), (Fault(0, "", str(error)),))
    return examine(engine(), db.session(), actor(), edition, cells)
