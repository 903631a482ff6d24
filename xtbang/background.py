"""The background jobs of the application: sending mails, rendering papers, reminders, backups, checks, expired uploads."""

import logging
from collections.abc import Callable, Iterable
from contextlib import closing
from dataclasses import replace
from datetime import datetime, time, timedelta
from functools import partial
from itertools import groupby
from pathlib import Path
from typing import Any

from flask import Flask
from sqlalchemy.orm import Session

from xtbang.actions.audit import broken
from xtbang.actions.mail_texts import letter
from xtbang.backup import back_up
from xtbang.case_archive import LARGEST, Makers, TooLarge, archive_of
from xtbang.config import in_maintenance
from xtbang.domain.downloads import CASE_FILES, LIST, delete_old_downloads, keep_download
from xtbang.domain.late_reading import KIND as LATE_READING
from xtbang.domain.late_reading import keep_reading, unread_scan
from xtbang.domain.reminders import write_reminders
from xtbang.extensions import db
from xtbang.health.alarms import write_alarms
from xtbang.health.checks import CHECKS, Result, results
from xtbang.jobs.channels import channels_from
from xtbang.jobs.engine import Worker, queue_for, wake_after_commits
from xtbang.jobs.job_table import Cancelled, Impossible, Progress, claim, enqueue_once, fail, finish
from xtbang.jobs.outbox import send_waiting
from xtbang.jobs.paper_rendering import Renderer
from xtbang.models import Paper, Person, StoredFile
from xtbang.models.writing import writing
from xtbang.papers.pdf.issued import order_of
from xtbang.papers.pdf.printer import Bounds, pdf_of_order
from xtbang.papers.scan.examine import examine
from xtbang.papers.workbook import XLSX, xlsx_of
from xtbang.people.attempts import delete_ended
from xtbang.people.kept import delete_expired
from xtbang.people.retention import erase_overdue, in_kinds
from xtbang.queries.audit import hidden_streams, in_chains
from xtbang.queries.caller import Caller, actor_of
from xtbang.queries.case_file import CaseItem, case_file
from xtbang.queries.rights.visibility import find
from xtbang.rules.actor import SYSTEM
from xtbang.rules.asked import Asked
from xtbang.rules.dates import SHANGHAI, day_of
from xtbang.sheets import LISTS
from xtbang.workflow.batch import KIND, perform_many
from xtbang.workflow.imports import KIND as IMPORT
from xtbang.workflow.imports import carry_out

LOG = logging.getLogger("xtbang.jobs")
BACKUP_AT = time(2)  # in Shanghai
MOST_NAMED = 20  # broken chains named in a result
ALARMS_EVERY = timedelta(minutes=15)
REPORTED = 1000  # events between two reports of progress


def worker_of(app: Flask) -> Worker:
    """Return the worker of this process. Raise SealError when there is a seal that cannot be used."""
    seal_of(app)
    renderer = renderer_of(app)

    def render() -> int:
        with app.app_context():
            return renderer.render_waiting(db.session())

    with app.app_context():
        url = db.engine.url
    works = {"mail": lambda: send_mails(app), "papers": render, "jobs": lambda: work_off(app)}
    resting = {name: partial(_unless_maintenance, app, work) for name, work in works.items()}
    return Worker(queue_for(url, app.config["SECRET_KEY"]), resting, lambda: by_the_clock(app))


def _unless_maintenance(app: Flask, work: Callable[[], int]) -> int:
    """Return how much was done: nothing while the site is being upgraded."""
    return 0 if in_maintenance(app.config["INSTANCE"]) else work()


def wake_for(worker: Worker) -> Callable[[], None]:
    """Start waking the worker after every commit of this process; return the function that ends this."""
    return wake_after_commits(db.session, worker.wake)


def work_off(app: Flask) -> int:
    """Run the most urgent job that is due; return 1, or 0 without any."""
    with app.app_context():
        engine, session = app.extensions["engine"], db.session()
        job = claim(session, engine.clock())
        if job is None:
            return 0
        with Session(db.engine) as own:
            try:
                result = WORK[job.kind](app, Progress(own, job, engine.clock))
            except Cancelled:
                finish(session, job.id, engine.clock(), error="已取消。")
            except Impossible as reason:
                finish(session, job.id, engine.clock(), error=str(reason))
            except Exception as error:
                session.rollback()
                LOG.exception("job %s (%s) failed", job.id, job.kind)
                fail(session, job, engine.clock(), str(error) or type(error).__name__)
            else:
                finish(session, job.id, engine.clock(), result)
        return 1


def by_the_clock(app: Flask) -> None:
    """Request the jobs that are due, delete refused forms and downloads whose time is over, send alarms. Called every minute."""
    if in_maintenance(app.config["INSTANCE"]):
        return
    schedule(app)
    delete_kept(app)
    delete_downloads(app)
    raise_alarms(app)


def schedule(app: Flask) -> None:
    """Request the reminders of today, the backup of the night if a folder is set, and the erasing of the month; each once."""
    with app.app_context():
        now: datetime = app.extensions["engine"].clock()
        local = now.astimezone(SHANGHAI)
        enqueue_once(db.session(), "reminders", now, f"{local.date()}")
        enqueue_once(db.session(), "retention", now, f"{local:%Y-%m}")
        if app.config["BACKUP_FOLDER"]:
            night = (local - timedelta(hours=BACKUP_AT.hour)).date()
            enqueue_once(db.session(), "backup", now, f"{night}")


def remind(app: Flask, _progress: Progress) -> str:
    """Write the reminders of today."""
    caller: Caller = app.extensions["engine"].caller(db.session(), SYSTEM)
    return f"写入 {write_reminders(caller)} 封提醒邮件。"


def erase(app: Flask, _progress: Progress) -> str:
    """Erase the personal data whose time is over."""
    done = erase_overdue(app.extensions["engine"].caller(db.session(), SYSTEM))
    return f"{in_kinds(done)}。" if any(done.values()) else "没有期满的个人信息。"


def make_backup(app: Flask, _progress: Progress) -> str:
    """Make a backup in the folder of the settings. Raise BackupError."""
    made = back_up(app, Path(app.config["BACKUP_FOLDER"]))
    return f"{Path(made.path).name}，{'核验没有通过' if made.faults else '核验已通过'}。"


def check_chains(app: Flask, progress: Progress) -> str:
    """Check the chain of every stream of events; return which are broken. Chains that would tell of bids are not counted."""
    streams, events = 0, 0
    wrong: list[str] = []
    hidden = hidden_streams(db.session(), app.extensions["engine"].collected)
    with closing(in_chains(db.session(), "")) as chains:
        for stream, found in groupby(chains, key=lambda event: event.stream):
            chain = list(found)
            wrong += [stream] if broken(chain) else []
            if stream in hidden:
                continue
            streams, before, events = streams + 1, events, events + len(chain)
            if events // REPORTED > before // REPORTED:
                progress.report(events)
    progress.note(broken=wrong)
    if wrong:
        named = "、".join(wrong[:MOST_NAMED])
        return f"有 {len(wrong)} 个对象的记录被改动过或者缺失：{named}。请保留数据库备份，联系系统维护人员。"
    return f"{streams} 个对象的 {events} 条记录和未公开揭榜情况的项目的全部记录，没有发现改动。"


def read_scan(app: Flask, progress: Progress) -> str:
    """Examine a scan that was taken unread. Raise RuntimeError while others are still being read: it is tried again."""
    caller: Caller = app.extensions["engine"].caller(db.session(), SYSTEM)
    document_id = int(progress.job.key)
    file = unread_scan(caller, document_id)
    if file is None:
        return "扫描件已另行上传或核对。"
    content, site = app.extensions["store"].get(file.sha256), caller.site
    caller.session.expunge(file)
    caller.session.rollback()
    scan = examine(content, file.mime, (site.url, *site.former))
    if not (scan.pages or scan.codes or scan.trouble):
        raise RuntimeError("同时读取的扫描件过多，稍后再读。")
    note = keep_reading(caller, document_id, file, scan)
    return (
        "扫描件已读取，与填报内容一致。"
        if note == "read"
        else f"扫描件由人工核对：{note}"
        if note
        else "扫描件已另行上传。"
    )


def do_batch(app: Flask, progress: Progress) -> str:
    """Perform the rest of the batch that the job names; its page has the outcome of each project."""
    batch_id = int(progress.job.key)
    perform_many(app.extensions["engine"], db.session(), batch_id, progress.report)
    return f"批量办理第 {batch_id} 号，结果见该页。"


def do_import(app: Flask, progress: Progress) -> str:
    """Enter the table that the job names, whole or not at all; its page has the reasons where it was refused."""
    row = carry_out(app.extensions["engine"], db.session(), int(progress.job.key))
    return f"第 {row.id} 号导入，结果见该页。"


def make_case_files(app: Flask, progress: Progress) -> str:
    """Make the archive of case files that a person asked for. Raise Impossible."""
    job, session, engine = progress.job, db.session(), app.extensions["engine"]
    person = session.get_one(Person, job.person_id)
    caller: Caller = engine.caller(session, actor_of(person, today=day_of(engine.clock())))
    ids: list[int] = job.data["projects"]
    who = caller.actor
    found = (find(session, number, who.roles, who.person_id, who.organisation_id, who.region) for number in ids)
    files = [case_file(caller, project) for project in found if project is not None]
    if not files:
        raise Impossible("所选项目现在不对您开放，没有导出。")
    session.rollback()

    def read(item: CaseItem) -> bytes:
        if item.paper_id:
            return renderer_of(app).stored_pdf(session, item.paper_id)
        content: bytes = app.extensions["store"].get(item.sha256)
        return content

    makers = Makers(
        read,
        lambda order: pdf_of_order(order, Bounds.from_config(app.config)),
        lambda template, context: app.jinja_env.get_template(template).render(context),
    )
    try:
        content = archive_of(caller, files, makers, lambda done: progress.report(done, len(files)))
    except TooLarge:
        raise Impossible(f"文件合计超过 {LARGEST // 1024**2} MB，没有导出，请分几次导出。") from None
    name = f"案卷 {files[0].folder}.zip" if len(files) == 1 else f"案卷 {len(files)} 个项目 {caller.today}.zip"
    keep_download(session, app.extensions["store"], job, name, content, caller.now)
    return f"已整理 {len(files)} 个项目。"


def make_list(app: Flask, progress: Progress) -> str:
    """Write the list that a person asked for as xlsx, as it is filtered. Raise Impossible."""
    job, session, engine = progress.job, db.session(), app.extensions["engine"]
    person = session.get_one(Person, job.person_id)
    caller: Caller = engine.caller(session, actor_of(person, today=day_of(engine.clock())))
    listed = LISTS.get(job.data["list"])
    if listed is None or not listed.open_to(caller.actor):
        raise Impossible("这个列表现在不对您开放，没有导出。")
    sheet = listed.make(caller, Asked(job.data["filters"]))
    rows = list(sheet.rows)
    content = xlsx_of(replace(sheet, rows=rows))
    session.rollback()
    name = f"{sheet.title} {caller.today}.xlsx"
    keep_download(session, app.extensions["store"], job, name, content, caller.now, XLSX)
    return f"{sheet.title}，{len(rows)} 行。"


WORK: dict[str, Callable[[Flask, Progress], str]] = {
    "reminders": remind,
    "retention": erase,
    "backup": make_backup,
    "check_chains": check_chains,
    LATE_READING: read_scan,
    KIND: do_batch,
    CASE_FILES: make_case_files,
    LIST: make_list,
    IMPORT: do_import,
}


def raise_alarms(app: Flask) -> int:
    """Send the administrators what is wrong, and what is not any more, by mail; return how many mails.

    The checks are asked every quarter of an hour, and never in a demo.
    """
    now: datetime = app.extensions["engine"].clock()
    if app.config["DEMO"]:
        return 0
    looked = app.extensions.get("alarms_looked_at")
    if looked and now - looked < ALARMS_EVERY:
        return 0
    app.extensions["alarms_looked_at"] = now
    return mail_alarms(app, results(app, [key for key, one in CHECKS.items() if one.alarms]))


def mail_alarms(app: Flask, found: Iterable[Result]) -> int:
    """Send the administrators those of these results that raise alarms; return how many mails."""
    found = [one for one in found if one.check.alarms]
    with app.app_context():
        return write_alarms(app.extensions["engine"].caller(db.session(), SYSTEM), found)


def send_mails(app: Flask) -> int:
    """Send the mails that are due by the channels of the settings; return how many."""
    with app.app_context():
        channels = channels_from(app.config, partial(letter, app.extensions["engine"].policy.city))
        return send_waiting(db.session(), channels, app.extensions["engine"].clock)


def delete_kept(app: Flask) -> int:
    """Delete refused forms and pending uploads that are older than a day, and ended counts; return how many of the first two."""
    with app.app_context():
        delete_ended(db.session())
        return delete_expired(db.session(), app.extensions["pending"], app.extensions["engine"].clock())


def delete_downloads(app: Flask) -> int:
    """Delete the downloads that are older than a week; return how many."""
    with app.app_context():
        return delete_old_downloads(db.session(), app.extensions["store"], app.extensions["engine"].clock())


def seal_of(app: Flask) -> Any:
    """Return the bureau's seal, loaded once per process; None without a certificate. Raise SealError."""
    if app.config["SEAL_CERTIFICATE"] and "seal" not in app.extensions:
        from xtbang.papers.seal import seal_from_config  # imports pyHanko, needed only with a seal

        app.extensions["seal"] = seal_from_config(app.config, app.extensions["engine"].policy.city)
    return app.extensions.get("seal")


def renderer_of(app: Flask) -> Renderer:
    """Return the renderer of this process, which the worker and the pages share."""
    made = Renderer(lambda session, paper: render_and_store(app, session, paper))
    found: Renderer = app.extensions.setdefault("renderer", made)
    return found


def render_and_store(app: Flask, session: Session, paper: Paper) -> bytes:
    """Render an issued paper, seal it if our office issues it, store it and return the PDF.

    A paper is stored only once: a stored one is returned as it is. Raise the errors of rendering, signing, store and
    database; `renderer_of` handles them and remembers failures.
    """
    if paper.file is not None:
        stored: bytes = app.extensions["store"].get(paper.file.sha256)
        return stored
    engine, seal = app.extensions["engine"], seal_of(app)
    order = order_of(paper, engine.site.url, engine.policy)
    content = pdf_of_order(order, Bounds.from_config(app.config))
    if seal:
        content = seal.apply(paper, content)
    digest, paper_id = app.extensions["store"].put(content), paper.id
    with writing(session):
        row = session.get_one(Paper, paper_id, with_for_update=True)
        if row.file_id is not None:
            kept: bytes = app.extensions["store"].get(session.get_one(StoredFile, row.file_id).sha256)
            return kept
        file = StoredFile(
            sha256=digest,
            name=f"{row.title}.pdf",
            mime="application/pdf",
            size=len(content),
            project_id=row.project_id,
            uploaded_at=engine.clock(),
        )
        session.add(file)
        session.flush()
        row.file_id = file.id
    return content
