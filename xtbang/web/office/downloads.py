"""Downloads (下载): case files of projects and long lists, made by the worker on request."""

from typing import Any

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for

from xtbang.domain.downloads import KEPT, ask_for_case_files, cancel_download, own_downloads
from xtbang.models import Job, StoredFile
from xtbang.queries.rights.lists import OFFICES
from xtbang.queries.shown import shown
from xtbang.queries.shown.documents import FileShown
from xtbang.queries.shown.jobs import download_job
from xtbang.web.frame.access import SIGNED_IN, access, actor
from xtbang.web.frame.shell import caller
from xtbang.web.office.selection import selected
from xtbang.web.office.takeaways import entries_of
from xtbang.web.project.reached import visible_project

downloads = Blueprint("downloads", __name__)

SHOWN = 30
PROJECTS = 100  # of one archive


@downloads.get("/downloads")
@access(SIGNED_IN)
def index() -> Response:
    """Show one's own downloads: how far each is, and the file."""
    rows = own_downloads(caller(), SHOWN)
    lines = [(download_job(job), file and shown(FileShown, file), *_state(job, file)) for job, file in rows]
    page = Response(render_template("downloads/index.html", rows=lines, days=KEPT.days))
    if any(job.finished_at is None for job, _file in rows):
        page.headers["Refresh"] = "3"  # seconds
    return page


def _state(job: Job, file: StoredFile | None) -> tuple[str, str]:
    """Return the state in words, and its tone."""
    if job.finished_at is None:
        return "正在停止" if job.cancelled_at else "正在整理" if job.started_at else "排队等待", "wait"
    if file is not None:
        return "已完成", "done"
    return ("已取消", "muted") if job.cancelled_at else ("没有完成", "stop") if job.error else ("已到期", "muted")


@downloads.post("/downloads/<int:job_id>/cancel")
@access(SIGNED_IN)
def cancel(job_id: int) -> Any:
    """Stop a download that is being made."""
    if cancel_download(caller(), job_id):
        flash("已取消；正在整理的，整理完当前项目即停止。", "success")
    else:
        flash("这次下载已经结束，无须取消。", "info")
    return redirect(url_for("downloads.index"))


@downloads.post("/projects/<int:project_id>/case-file")
@access(SIGNED_IN)
def case_file(project_id: int) -> Any:
    """Request the case file of one project."""
    project = visible_project(project_id, actor())
    return _asked([project.id])


@downloads.route("/downloads/case-files", methods=["GET", "POST"])
@access(*OFFICES)
def case_files() -> Any:
    """Show the projects that were chosen in a list, and request their case files."""
    if request.method == "POST":
        return _asked(request.form.getlist("id", type=int)[:PROJECTS])
    chosen = selected(caller(), request, PROJECTS)
    if not 0 < len(chosen.ids) <= PROJECTS:
        flash(f"请选中 1 到 {PROJECTS} 个项目，再导出案卷。", "warning")
        return redirect(chosen.back)
    return render_template("downloads/case_files_new.html", rows=entries_of(caller(), chosen.ids), back=chosen.back)


def _asked(ids: list[int]) -> Any:
    ask_for_case_files(caller(), ids)
    flash("案卷正在后台整理，完成后在这里下载。可以离开本页，稍后再来。", "success")
    return redirect(url_for("downloads.index"))
