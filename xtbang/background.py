"""What runs beside the pages: sending mails, storing papers, reminding."""

from datetime import date

from flask import Flask, render_template
from sqlalchemy.orm import Session

from xtbang.extensions import db
from xtbang.jobs.outbox import Server, send_waiting
from xtbang.jobs.rendering import Renderer
from xtbang.jobs.worker import Worker
from xtbang.models import Mail, Paper, StoredFile
from xtbang.models.writing import begin_write
from xtbang.papers.rendering import pdf_of
from xtbang.queries.reminders import due_mails
from xtbang.stages.context import SHANGHAI


def start_worker(app: Flask) -> Worker:
    """A thread that does all of it, over and over."""
    renderer = Renderer(lambda session, paper: keep(app, session, paper))
    reminded: set[date] = set()

    def remind() -> int:
        now = app.extensions["engine"].clock()
        today = now.astimezone(SHANGHAI).date()
        if today in reminded:
            return 0
        with app.app_context():
            written = due_mails(db.session(), now, app.config["SITE_URL"])
        reminded.add(today)
        return written

    def render() -> int:
        with app.app_context():
            return renderer.render_waiting(db.session())

    worker = Worker({"mail": lambda: send_mails(app), "papers": render, "reminders": remind})
    worker.start()
    return worker


def send_mails(app: Flask) -> int:
    """Send what is due; how many."""

    def body(mail: Mail) -> str:
        return render_template("mail/mail.txt", mail=mail)

    with app.app_context(), app.test_request_context(base_url=app.config["SITE_URL"]):
        clock = app.extensions["engine"].clock
        return send_waiting(db.session(), Server.from_config(app.config), body, clock, demo=app.config["DEMO"])


def keep(app: Flask, session: Session, paper: Paper) -> None:
    """Render an issued paper once and keep it; whoever was faster keeps the same bytes."""
    engine = app.extensions["engine"]
    content = pdf_of(paper, engine.site.url, engine.policy.editions)
    digest, paper_id = app.extensions["store"].put(content), paper.id
    begin_write(session)
    row = session.get_one(Paper, paper_id, with_for_update=True)
    if row.file_id is None:
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
    session.commit()
