"""The background jobs of the application: the worker, what it is asked to do by the clock, mails, alarms, expired uploads."""

import logging
from collections.abc import Callable, Iterable
from datetime import datetime, time, timedelta
from functools import partial

from flask import Flask
from sqlalchemy.orm import Session

from xtbang.actions.mail_texts import letter
from xtbang.config import in_maintenance
from xtbang.domain.downloads import delete_old_downloads
from xtbang.extensions import db
from xtbang.health.alarms import write_alarms
from xtbang.health.checks import CHECKS, Result, results
from xtbang.job_work import WORK
from xtbang.jobs.channels import channels_from
from xtbang.jobs.engine import Worker, queue_for, wake_after_commits
from xtbang.jobs.job_table import Cancelled, Impossible, Progress, claim, enqueue_once, fail, finish, take_back
from xtbang.jobs.outbox import send_waiting
from xtbang.people.attempts import delete_ended
from xtbang.people.kept import delete_expired
from xtbang.queries.statistics.kept import STATISTICS, large_parts
from xtbang.rendering import renderer_of, seal_of
from xtbang.rules.actor import SYSTEM
from xtbang.rules.dates import SHANGHAI

LOG = logging.getLogger("xtbang.jobs")
BACKUP_AT = time(2)  # in Shanghai
ALARMS_EVERY = timedelta(minutes=15)


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
    """Request the jobs that are due and those of killed processes, delete expired uploads and downloads, send alarms. Called every minute."""
    if in_maintenance(app.config["INSTANCE"]):
        return
    take_up(app)
    schedule(app)
    delete_kept(app)
    delete_downloads(app)
    raise_alarms(app)


def take_up(app: Flask) -> int:
    """Make the jobs due that a killed process of this machine was running; return how many."""
    with app.app_context():
        taken = take_back(db.session(), app.extensions["engine"].clock())
    if taken:
        LOG.warning("%s jobs of a process that has ended go on", taken)
    return taken


def schedule(app: Flask) -> None:
    """Request the reminders and the statistics of today, the backup of the night if a folder is set, and the erasing of the month; each once."""
    with app.app_context():
        now: datetime = app.extensions["engine"].clock()
        local = now.astimezone(SHANGHAI)
        enqueue_once(db.session(), "reminders", now, f"{local.date()}")
        enqueue_once(db.session(), "retention", now, f"{local:%Y-%m}")
        for call_id in large_parts(db.session()):
            enqueue_once(db.session(), STATISTICS, now, f"{call_id}:{local.date()}")
        if app.config["BACKUP_FOLDER"]:
            night = (local - timedelta(hours=BACKUP_AT.hour)).date()
            enqueue_once(db.session(), "backup", now, f"{night}")


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
