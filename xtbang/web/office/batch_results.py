"""The results of batches (批量办理): how far each is, what became of each project, and to stop one."""

from functools import partial
from typing import Any

from flask import Response, abort, flash, redirect, render_template, url_for

from xtbang.queries.batches import BatchPage, batch_page, batches_of
from xtbang.queries.rights.lists import OFFICES
from xtbang.web.frame.access import access, actor
from xtbang.web.frame.registers import listed
from xtbang.web.frame.shell import caller, policy
from xtbang.web.office.batches import batches
from xtbang.web.office.register_actions import subjects_of
from xtbang.web.project.confirmation import said
from xtbang.workflow.batch import cancel
from xtbang.workflow.register_actions import REGISTER_ACTIONS, name_of_action


@batches.get("/batches")
@access(*OFFICES, "admin")
def index() -> str:
    """Show the batches of this person and of the office, the newest first."""
    found = listed(partial(batches_of, caller()))
    names = {row.trigger: name_of_action(policy(), row.trigger) for row in found.rows}
    return render_template("batches/index.html", listed=found, names=names)


@batches.get("/batches/<int:batch_id>")
@access(*OFFICES, "admin")
def page(batch_id: int) -> Response:
    """Show how far a batch is and what became of each project or row."""
    found = batch_page(caller(), batch_id)
    if found is None:
        abort(404)
    trigger = found.batch.trigger
    deed = REGISTER_ACTIONS.get(trigger)
    form, roles = (deed.form, deed.roles) if deed else (policy().actions[trigger].form, policy().actions[trigger].who)
    subjects = subjects_of(deed, [row.subject_id for row in found.rows]) if deed else []
    shown = Response(
        render_template(
            "batches/page.html",
            found=found,
            batch=found.batch,
            name=name_of_action(policy(), trigger),
            subjects={row.id: row for row in subjects},
            said=said(form, found.batch.data),
            files={packed["sha256"]: packed for packed in found.batch.files},
            again=_again(found) if found.left and not actor().roles.isdisjoint(roles) else "",
        )
    )
    if found.running:
        shown.headers["Refresh"] = "3"  # seconds
    return shown


def _again(found: BatchPage) -> str:
    """Return the address where the rest of a batch is done once more."""
    number, trigger = found.batch.id, found.batch.trigger
    if trigger in REGISTER_ACTIONS:
        return url_for("batches.register", trigger=trigger, again=number)
    return url_for("batches.new", trigger=trigger, again=number)


@batches.post("/batches/<int:batch_id>/cancel")
@access(*OFFICES, "admin")
def stop(batch_id: int) -> Any:
    """Stop a batch before its next project."""
    if cancel(caller(), batch_id):
        flash("已停止。已经办理的保持不变，其余的没有办理，可以再办一次。", "success")
    else:
        flash("这一批已经办完或者已经停止。", "info")
    return redirect(url_for("batches.page", batch_id=batch_id))
