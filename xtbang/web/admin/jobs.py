"""Background jobs (后台任务): progress and results; jobs are stopped and tried again here."""

from datetime import datetime
from typing import Any

from flask import flash, redirect, render_template, url_for
from sqlalchemy import select

from xtbang.domain.job_requests import ask_for_check
from xtbang.domain.job_requests import cancel_job as cancel
from xtbang.domain.job_requests import retry_job as retry
from xtbang.enums import JOB_LABELS
from xtbang.extensions import db
from xtbang.models import Job, Person
from xtbang.queries.shown.jobs import job_shown
from xtbang.web.admin.home import admin
from xtbang.web.frame.access import access, actor
from xtbang.web.frame.registers import listed, of_statement
from xtbang.web.frame.shell import caller, engine


@admin.get("/admin/jobs")
@access("admin", "auditor")
def jobs() -> str:
    """Show the jobs, the newest first."""
    query = select(Job, Person.name).outerjoin(Person, Person.id == Job.person_id).order_by(Job.id.desc())
    found, now = listed(of_statement(db.session(), query, Job.id), id_of=lambda row: row.Job.id), engine().clock()
    return render_template(
        "admin/jobs.html",
        listed=found.shown(lambda row: (job_shown(row.Job), row.name, *_state(row.Job, now))),
        labels=JOB_LABELS,
        decides="admin" in actor().roles,
    )


def _state(job: Job, now: datetime) -> tuple[str, str]:
    """Return the state in words, and its tone."""
    if job.finished_at:
        if job.cancelled_at:
            return "已取消", "muted"
        return ("没有完成", "stop") if job.error else ("已完成", "done")
    if job.cancelled_at:
        return "正在停止", "wait"
    if job.error:
        return "等待重试", "wait"
    return ("正在进行", "info") if job.started_at and job.next_try_at > now else ("排队等待", "wait")


@admin.post("/admin/audit/check")
@access("admin", "auditor")
def check_chains() -> Any:
    """Request the verification of the whole audit trail."""
    ask_for_check(caller())
    flash("核验全部操作记录已经排入后台任务，完成后结果显示在这里。", "success")
    return redirect(url_for("admin.jobs"))


@admin.post("/admin/jobs/<int:job_id>/cancel")
@access("admin")
def cancel_job(job_id: int) -> Any:
    """Stop a job that is not finished."""
    if cancel(caller(), job_id):
        flash("任务已取消；正在进行的，办到下一步时停止。", "success")
    else:
        flash("这项任务已经结束，无法取消。", "info")
    return redirect(url_for("admin.jobs"))


@admin.post("/admin/jobs/<int:job_id>/retry")
@access("admin")
def retry_job(job_id: int) -> Any:
    """Request once more a job that was not done."""
    if retry(caller(), job_id):
        flash("任务已重新排队。", "success")
    else:
        flash("这项任务没有失败，无须重做。", "info")
    return redirect(url_for("admin.jobs"))
