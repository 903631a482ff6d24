"""The prior notice (告知书) of a restriction, for the organisation that it is addressed to: it reads it and states its case."""

from typing import Any

from flask import abort, flash, redirect, render_template, request, url_for
from sqlalchemy import select

from xtbang.actions.context import Upload
from xtbang.errors import Blocked
from xtbang.extensions import db
from xtbang.models import Addressee, PartyStatement, PriorNotice
from xtbang.people.restriction_statements import STATEMENT, state
from xtbang.queries.organisations import files_of_statements, papers_of_notice
from xtbang.queries.shown.prior_notices import prior_notice_shown
from xtbang.rules.forms import check, clean
from xtbang.web.account.organisation import own
from xtbang.web.account.pages import account
from xtbang.web.frame.access import SIGNED_IN, access
from xtbang.web.frame.inputs import by_field, new_files, raw_values, take_uploads
from xtbang.web.frame.shell import caller


@account.route("/organisation/notices/<int:notice_id>", methods=["GET", "POST"])
@access(SIGNED_IN)
def restriction_notice(notice_id: int) -> Any:
    """Show a notice to the people of its organisation; on POST submit their statement. Answer 404 to others."""
    _me, organisation = own()
    query = select(PriorNotice).join(Addressee).where(PriorNotice.id == notice_id, PriorNotice.project_id.is_(None))
    row = db.session.scalars(query.where(Addressee.organisation_id == organisation.id)).first() or abort(404)
    if request.method == "GET":
        return _page(row, {}, {}, 200)
    typed = raw_values(STATEMENT.fields, request.form)
    uploads, refused = take_uploads(STATEMENT.fields, request.files, typed)
    values = clean(STATEMENT, typed)
    if wrong := [*refused, *check(STATEMENT, values, complete=True)]:
        return _page(row, values, by_field(wrong), 422, uploads)
    try:
        state(caller(), notice_id, values, uploads.get(values["file"]))
    except Blocked as blocked:
        return _page(row, values, by_field(blocked.reasons), 409, uploads)
    flash("意见已提交。", "success")
    return redirect(url_for("account.restriction_notice", notice_id=notice_id))


def _page(
    row: PriorNotice,
    values: dict[str, Any],
    errors: dict[str, list[str]],
    status: int,
    uploads: dict[str, Upload] | None = None,
) -> tuple[str, int]:
    said = db.session.scalars(select(PartyStatement).where(PartyStatement.prior_notice_id == row.id)).all()
    until = row.addressees[0].answer_until
    page = render_template(
        "account/restriction_notice.html",
        notice=prior_notice_shown(row, said),
        files=files_of_statements(db.session(), said),
        chosen=new_files(uploads or {}),
        papers=papers_of_notice(db.session(), row),
        form=STATEMENT,
        values=values,
        errors=errors,
        may=row.status == "open" and (until is None or until >= caller().today or bool(values)),
    )
    return page, status
