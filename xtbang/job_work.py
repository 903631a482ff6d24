"""The work of each kind of background job: a function that does it and returns the sentence for its page."""

from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from itertools import groupby
from pathlib import Path
from typing import Any

from flask import Flask
from sqlalchemy import update

from xtbang.actions.audit import broken
from xtbang.backup import back_up
from xtbang.case_archive import LARGEST, Makers, TooLarge, archive_of
from xtbang.domain.downloads import CASE_FILES, LIST, keep_download
from xtbang.domain.late_reading import KIND as LATE_READING
from xtbang.domain.late_reading import keep_reading, unread_scan
from xtbang.domain.reminders import write_reminders
from xtbang.extensions import db
from xtbang.jobs.job_table import Impossible, Progress
from xtbang.models import Job, Person
from xtbang.models.writing import writing
from xtbang.papers.pdf.printer import Bounds, pdf_of_order
from xtbang.papers.scan.examine import PATIENT, examine
from xtbang.papers.workbook import XLSX, xlsx_of
from xtbang.people.retention import erase_overdue, in_kinds
from xtbang.queries.audit import hidden_streams, in_chains
from xtbang.queries.caller import Caller, actor_of
from xtbang.queries.case_file import CaseItem, case_file
from xtbang.queries.rights.visibility import find
from xtbang.queries.statistics import OF_CALL
from xtbang.queries.statistics.chart import Question
from xtbang.queries.statistics.kept import STATISTICS, large_parts, may_open, plain, reader_of
from xtbang.rendering import renderer_of
from xtbang.rules.actor import SYSTEM
from xtbang.rules.asked import Asked
from xtbang.rules.dates import day_of
from xtbang.sheets import LISTS
from xtbang.workflow.batch import KIND, perform_many
from xtbang.workflow.imports import KIND as IMPORT
from xtbang.workflow.imports import carry_out

MOST_NAMED = 20  # broken chains named in a result
REPORTED = 1000  # events between two reports of progress


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
    scan = examine(content, file.mime, (site.url, *site.former), PATIENT)
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
        content = archive_of(
            caller, files, makers, lambda done: progress.report(done, len(files)), sm3=app.config["SM3"]
        )
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
    sheet = listed.sheet(caller, Asked(job.data["filters"]))
    rows = list(sheet.rows)
    content = xlsx_of(replace(sheet, rows=rows))
    session.rollback()
    name = f"{sheet.title} {caller.today}.xlsx"
    keep_download(session, app.extensions["store"], job, name, content, caller.now, XLSX)
    return f"{sheet.title}，{len(rows)} 行。"


def make_statistics(app: Flask, progress: Progress) -> str:
    """Make the charts of a call with very many entries, for each part of them that is as large; those of days before are dropped."""
    job, session, engine = progress.job, db.session(), app.extensions["engine"]
    call_id = int(job.key.partition(":")[0])
    parts = large_parts(session).get(call_id, [])
    made: dict[str, list[dict[str, Any]]] = {}
    for done, part in enumerate(parts, 1):
        question = Question.by(engine.caller(session, reader_of(part)), call_id)
        made[part] = [plain(maker(question)) for key, maker in OF_CALL.items() if may_open(key, question.caller.actor)]
        session.rollback()
        progress.report(done, len(parts))
    progress.note(charts=made)
    with writing(session):
        before = update(Job).where(Job.kind == STATISTICS, Job.key.startswith(f"{call_id}:"), Job.id < job.id)
        session.execute(before.values(data={}))
    return "统计已更新。"


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
    STATISTICS: make_statistics,
}
