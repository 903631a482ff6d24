"""The prior notice (告知书) of a restriction outside a project: issued by the lead office, served, answered and decided on by the bureaus."""

import secrets
from typing import Any

from flask import abort, flash, redirect, render_template, request, url_for
from sqlalchemy import select

from xtbang.actions.context import Upload
from xtbang.enums import BUREAU_ROLES
from xtbang.errors import Blocked
from xtbang.extensions import db
from xtbang.models import PartyStatement, Person, PriorNotice, Restriction
from xtbang.people.restriction_notices import reasons_to_tell, serve, tell, withdraw_notice
from xtbang.people.restriction_statements import ANSWERS, STATEMENT, enter, entered_on, take_back
from xtbang.people.restrictions import decide, decision_reasons
from xtbang.queries.organisations import files_of_statements, papers_of_notice
from xtbang.queries.shown.prior_notices import CHANNELS, prior_notice_shown
from xtbang.rules.fields import Field, FieldKind, FormDefinition, choices, one_section
from xtbang.rules.forms import check, clean
from xtbang.rules.service import MANNERS
from xtbang.rules.term import in_chinese
from xtbang.web.admin.home import admin, at_home
from xtbang.web.admin.restrictions import WHAT
from xtbang.web.frame.access import access, actor
from xtbang.web.frame.inputs import by_field, new_files, raw_values, take_uploads
from xtbang.web.frame.shell import caller, policy


def _form(key: str, title: str, *fields: Field) -> FormDefinition:
    return one_section(key, title, fields, title)


TELL = _form(
    "tell_restriction",
    "出具限制申报告知书",
    *WHAT[:3],
    Field("reason", "查明的事实", FieldKind.LONG, limit=800),
    Field("evidence", "证据", FieldKind.LONG, limit=800),
)
DEEDS = {
    "serve": _form(
        "serve_restriction_notice",
        "登记送达",
        Field("manner", "送达方式", FieldKind.CHOICE, choices=choices(MANNERS)),
        Field("dated", "送达日期", FieldKind.DATE, hint="公告送达的填发布之日，满三十日视为送达"),
    ),
    "enter": _form(
        "enter_restriction_statement",
        "登记陈述、申辩",
        *STATEMENT.fields,
        Field("channel", "提出的方式", FieldKind.CHOICE, choices=choices({k: v for k, v in CHANNELS.items() if k != "site"})),
        Field("received_on", "收到日期", FieldKind.DATE),
    ),
    "retract": _form("withdraw_restriction_notice", "撤回告知书", Field("reason", "理由", FieldKind.LONG, limit=300)),
    "decide": _form(
        "restrict",
        "作出限制申报的决定",
        Field("ends_on", "截止日期", FieldKind.DATE, hint="含当日；不晚于告知的日期"),
        Field(
            "considered", "陈述、申辩的复核情况", FieldKind.LONG, limit=800, required=False,
            hint="哪些采纳、哪些不采纳和理由；没有陈述、申辩的不填",
        ),
    ),
}  # fmt: skip
DONE = {
    "takeback": "登记已收回，不再计入，并已通知该单位。",
    "serve": "送达已登记，并已通知该单位陈述、申辩的期限。",
    "enter": "陈述、申辩已登记，并已通知该单位。",
    "retract": "告知书已撤回，并已通知该单位。",
    "decide": "限制申报的决定已作出，并已通知该单位。",
}


@admin.route("/admin/restrictions/tell", methods=["GET", "POST"])
@access("science")
def restriction_tell() -> Any:
    """Show the form of a prior notice, of a new restriction or (``restriction``) a longer one; on POST issue it."""
    number = request.args.get("restriction", type=int)
    row = db.session.get(Restriction, number) if number else None
    if number and row is None:
        abort(404)
    if request.method == "GET":
        first = row.starts_on if row else caller().today
        typed = {
            "uscc": row.organisation.uscc if row else request.args.get("uscc", "")[:30],
            "starts_on": first.isoformat(),
        }
        return _tell(row, clean(TELL, typed), {}, 200)
    values = clean(TELL, raw_values(TELL.fields, request.form)) | {"restriction": str(number or "")}
    wrong = check(TELL, values, complete=True) or reasons_to_tell(caller(), values)
    if wrong:
        return _tell(row, values, by_field(wrong), 422)
    notice_id = tell(caller(), values, request.form.get("request_key", "")[:64])
    flash("告知书已出具，并已通知该单位；送达后请登记送达。", "success")
    return redirect(url_for("admin.restriction_notice", notice_id=notice_id))


def _tell(
    row: Restriction | None, values: dict[str, Any], errors: dict[str, list[str]], status: int
) -> tuple[str, int]:
    page = render_template(
        "admin/restriction_tell.html",
        form=TELL,
        values=values,
        errors=errors,
        lengthened=row and (row.organisation.name, row.starts_on, row.ends_on),
        request_key=f"tell-{secrets.token_urlsafe(24)}",
    )
    return page, status


@admin.get("/admin/restrictions/notices/<int:notice_id>")
@access(*BUREAU_ROLES, "auditor", "admin")
def restriction_notice(notice_id: int) -> Any:
    """Show the notice with its service, the statements and what can be done."""
    return _page(notice_id, "", {}, {}, 200)


@admin.post("/admin/restrictions/notices/<int:notice_id>/<deed>")
@access(*BUREAU_ROLES)
def restriction_notice_deed(notice_id: int, deed: str) -> Any:
    """Serve the notice, enter a statement, withdraw it, or decide, which is shown once more before."""
    form = _deeds(_notice(notice_id)).get(deed) or abort(404)
    typed = raw_values(form.fields, request.form)
    uploads, refused = take_uploads(form.fields, request.files, typed)
    values = clean(form, typed)
    if "again" in request.form:
        return _page(notice_id, deed, values, {}, 200)
    if wrong := [*refused, *check(form, values, complete=True)]:
        return _page(notice_id, deed, values, by_field(wrong), 422, uploads=uploads)
    try:
        if deed == "decide":
            if against := decision_reasons(caller(), _notice(notice_id), values):
                raise Blocked(against)
            if "confirmed" not in request.form or not request.form.get("request_key"):
                return _page(notice_id, deed, values, {}, 200, confirming=True)
            decide(caller(), notice_id, values, request.form["request_key"][:64])
        elif deed == "enter":
            enter(caller(), notice_id, values, uploads.get(values["file"]))
        else:
            {"serve": serve, "takeback": take_back, "retract": withdraw_notice}[deed](caller(), notice_id, values)
    except Blocked as blocked:
        return _page(notice_id, deed, values, by_field(blocked.reasons), 409, uploads=uploads)
    flash(DONE[deed], "success")
    return redirect(url_for("admin.restriction_notice", notice_id=notice_id))


def _deeds(row: PriorNotice) -> dict[str, FormDefinition]:
    """Return what can be done about a notice; a statement is taken back where an office has entered one."""
    entered = {
        str(said.id): f"{in_chinese(said.received_on)}{CHANNELS[said.channel]}：{said.text or ANSWERS[said.kind]}"[:80]
        for said in entered_on(caller(), row)
    }
    which = Field("statement", "哪一项登记", FieldKind.CHOICE, choices=choices(entered))
    why = Field("reason", "理由", FieldKind.LONG, limit=300)
    taken_back = {"takeback": _form("take_back_restriction_statement", "收回陈述、申辩的登记", which, why)}
    return DEEDS | (taken_back if entered else {})


def _notice(notice_id: int) -> PriorNotice:
    row = db.session.get(PriorNotice, notice_id)
    if row is None or row.project_id is not None:
        abort(404)
    return row


def _page(
    notice_id: int,
    deed: str,
    values: dict[str, Any],
    errors: dict[str, list[str]],
    status: int,
    confirming: bool = False,
    uploads: dict[str, Upload] | None = None,
) -> tuple[str, int]:
    row = _notice(notice_id)
    one, me = row.addressees[0], actor()
    said = db.session.scalars(select(PartyStatement).where(PartyStatement.prior_notice_id == row.id)).all()
    issued = db.session.get(Person, row.issued_by_id) if row.issued_by_id else None
    prefilled = {"decide": {"ends_on": row.restrict_until.isoformat() if row.restrict_until else ""}}
    page = render_template(
        "admin/restriction_notice.html",
        notice=prior_notice_shown(row, said),
        number=row.id,
        papers=papers_of_notice(db.session(), row),
        longer=row.restriction_id is not None and row.status == "open",
        issued_by=issued.name if issued else "",
        may=not me.roles.isdisjoint(policy().city.roles) and row.status == "open",
        home=at_home(),
        own=row.issued_by_id == me.person_id,
        starts_on=max(row.restrict_from or caller().today, caller().today),
        forms={key: (form, values if key == deed else prefilled.get(key, {})) for key, form in _deeds(row).items()},
        files=files_of_statements(db.session(), said),
        chosen=new_files(uploads or {}),
        deed=deed,
        errors=errors,
        confirming=confirming and values,
        request_key=f"decide-{secrets.token_urlsafe(24)}",
        uscc=one.organisation.uscc,
    )
    return page, status
