"""Background jobs: asked for, done once, tried again, stopped; the reminders and the backup of the day."""

import os
import subprocess
import sys
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.factories.records import NOW, RecordFactory
from tests.web.test_pages_admin_audit import break_chain, write_bids
from xtbang.background import schedule, take_up, work_off
from xtbang.domain.job_requests import ask_for_check, cancel_job, retry_job
from xtbang.job_work import WORK
from xtbang.jobs.job_table import CLAIM, DELAYS, Cancelled, Progress, claim, finish
from xtbang.jobs.processes import this_process
from xtbang.models import Event, Job, Person

LogIn = Callable[[Person], FlaskClient]


def minute(app: Flask) -> int:
    """Do what the worker does every minute; return how many jobs were run."""
    schedule(app)
    return work_off(app)


@pytest.fixture
def records(app: Flask, session: Session) -> RecordFactory:
    """Everyone of the offices, and nothing left to do today."""
    engine = app.extensions["engine"]
    engine.clock = lambda: NOW
    made = RecordFactory(session, engine)
    schedule(app)
    while work_off(app):
        continue
    session.rollback()
    return made


def checks(session: Session) -> list[Job]:
    session.rollback()
    return list(session.scalars(select(Job).where(Job.kind == "check_chains").order_by(Job.id)))


def test_the_reminders_of_a_day_are_written_once(records: RecordFactory, app: Flask, session: Session) -> None:
    assert minute(app) == 0
    app.extensions["engine"].clock = lambda: NOW + timedelta(days=1)
    assert [minute(app), minute(app)] == [1, 0]
    session.rollback()
    assert len(session.scalars(select(Job.id).where(Job.kind == "reminders")).all()) == 2


def test_a_check_says_how_many_records_are_whole(
    records: RecordFactory, app: Flask, session: Session, login: LogIn
) -> None:
    auditor = login(records.people["auditor"])
    for _click in range(2):
        assert auditor.post("/admin/audit/check").status_code == 302
    [job] = checks(session)
    assert work_off(app) == 1
    assert checks(session)[0].result.endswith("没有发现改动。")
    assert "核验操作记录" in auditor.get("/admin/jobs").text
    assert job.person_id == records.people["auditor"].id


def test_a_job_is_claimed_by_one_worker_until_it_shows_no_sign_of_life(
    records: RecordFactory, session: Session
) -> None:
    ask_for_check(records.caller("auditor"))
    first = claim(session, NOW)
    assert first is not None
    assert claim(session, NOW + CLAIM - timedelta(seconds=1)) is None
    again = claim(session, NOW + CLAIM)  # its worker was killed
    assert again is not None
    assert again.id == first.id


def ended_process() -> str:
    """The name of a process of this machine that has ended."""
    program = "from xtbang.jobs.processes import this_process; print(this_process())"
    return subprocess.run([sys.executable, "-c", program], capture_output=True, check=True, text=True).stdout.strip()


def test_what_a_killed_process_was_running_goes_on_at_the_next_start_and_once(
    records: RecordFactory, app: Flask, session: Session
) -> None:
    machine, number, _word = this_process().rsplit(" ", 2)
    killed = [ended_process(), f"{machine} {number} 0123abcd"]  # the second had the number that this one has
    alive = [this_process(), f"{machine} {os.getppid()} 0123abcd", f"elsewhere pid:[1] {2**22 + 1} 0123abcd"]
    for worker in (*killed, *alive):
        ask_for_check(records.caller("auditor"))
        job = claim(session, NOW)
        assert job is not None
        with records.writing():
            session.get_one(Job, job.id).worker = worker
        assert take_up(app) == (worker in killed), worker
        again = claim(session, NOW)
        assert (again.id if again else None) == (job.id if worker in killed else None), worker
        with records.writing():
            session.get_one(Job, job.id).worker = killed[0]
        assert take_up(app) == (worker not in killed), "what ended two processes waits until its claim is over"
        finish(session, job.id, NOW)
        assert take_up(app) == 0


def test_the_most_urgent_job_is_done_first(records: RecordFactory, session: Session) -> None:
    ask_for_check(records.caller("auditor"))
    with records.writing():
        session.add(Job(kind="backup", priority=2, created_at=NOW, next_try_at=NOW))
    found = [claim(session, NOW), claim(session, NOW)]
    assert [job.kind for job in found if job] == ["backup", "check_chains"]


def test_what_failed_is_tried_again_and_at_last_given_up(
    records: RecordFactory, app: Flask, session: Session, login: LogIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    def break_off(_app: Flask, _progress: Progress) -> str:
        raise OSError("no space left on device")

    monkeypatch.setitem(WORK, "check_chains", break_off)
    ask_for_check(records.caller("admin"))
    now = NOW
    for delay in DELAYS:
        app.extensions["engine"].clock = lambda: now  # noqa: B023  (asked before the next round)
        assert work_off(app) == 1
        now += delay
    assert work_off(app) == 1
    admin = login(records.people["admin"])
    assert "1 项没有完成" in admin.get("/admin").text
    [job] = checks(session)
    page = admin.get("/admin/jobs").text
    assert "没有完成" in page
    assert "no space left on device" in page
    assert retry_job(records.caller("admin", now), job.id)
    assert not retry_job(records.caller("admin", now), job.id)
    assert "没有失败的任务" in admin.get("/admin").text


def test_a_waiting_job_is_stopped_at_once_and_a_running_one_at_its_next_report(
    records: RecordFactory, app: Flask, session: Session
) -> None:
    admin = records.caller("admin")
    ask_for_check(admin)
    [waiting] = checks(session)
    assert cancel_job(admin, waiting.id)
    assert work_off(app) == 0
    ask_for_check(admin)
    running = claim(session, NOW)
    assert running is not None
    assert cancel_job(admin, running.id)
    with pytest.raises(Cancelled):
        Progress(session, running, lambda: NOW).report(1000)
    assert len(session.scalars(select(Event).where(Event.trigger == "cancel_job")).all()) == 2
    session.rollback()


def test_the_backup_of_the_night_is_made_where_a_folder_is_set(
    records: RecordFactory, app: Flask, session: Session, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    made: list[Path] = []
    monkeypatch.setitem(WORK, "backup", lambda app, _progress: made.append(Path(app.config["BACKUP_FOLDER"])) or "")
    app.config["BACKUP_FOLDER"] = str(tmp_path)
    assert [minute(app), minute(app)] == [1, 0]
    assert made == [tmp_path]


def test_a_check_names_the_object_whose_records_were_changed(
    records: RecordFactory, app: Flask, session: Session
) -> None:
    with records.writing():
        project = records.project("execution")
        write_bids(records, project, 1)
    break_chain(records, f"stream = 'project:{project.id}' AND sequence = 1")
    ask_for_check(records.caller("auditor"))
    work_off(app)
    assert checks(session)[-1].result.startswith(f"有 1 个对象的记录被改动过或者缺失：project:{project.id}。")
