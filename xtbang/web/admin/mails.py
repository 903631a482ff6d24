"""Mails (邮件记录): sent ones, failed ones with the error; failed ones can be sent again."""

from typing import Any

from flask import current_app, flash, redirect, render_template, request, url_for
from sqlalchemy import select

from xtbang.extensions import db
from xtbang.jobs.outbox import DELAYS, mail_state
from xtbang.models import Mail
from xtbang.people.mails import FAILED, RETRIED, mails_asked
from xtbang.people.mails import retry_mails as put_back
from xtbang.queries.shown.mails import mail_sent
from xtbang.web.admin.home import admin
from xtbang.web.frame.access import access
from xtbang.web.frame.inputs import asked
from xtbang.web.frame.registers import listed, of_statement
from xtbang.web.frame.shell import caller

STATES = {"failed": "发送失败", "waiting": "待发送", "sent": "已发送"}


@admin.get("/admin/mails")
@access("admin")
def mails() -> str:
    """Show the newest first, without their text. Bidders are not shown before the bids are opened."""
    state, search = request.args.get("state", ""), asked().words()
    found = listed(of_statement(db.session(), mails_asked(caller(), asked()), Mail.id), id_of=lambda row: row.Mail.id)
    return render_template(
        "admin/mails.html",
        listed=found.shown(lambda row: (mail_sent(row.Mail), row.name, *mail_state(row.Mail))),
        state=state,
        state_choices=STATES,
        search=search,
        failed=db.session.scalar(select(Mail.id).where(*FAILED).limit(1)) is not None,
        most=RETRIED,
        tries=len(DELAYS) + 1,
        serverless=not current_app.config["SMTP_HOST"],
    )


@admin.post("/admin/mails/retry")
@access("admin")
def retry_mails() -> Any:
    """Send one failed mail (``mail``) again, or all of them."""
    count = put_back(caller(), request.form.get("mail", type=int))
    if count:
        flash(f"{count} 封邮件已放回待发队列，稍后自动发送。", "success")
    else:
        flash("没有需要重发的邮件：可能已由他人重发，或已经送达。", "info")
    return redirect(url_for("admin.mails", state=request.form.get("state") or None))
