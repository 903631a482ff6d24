"""The background jobs of the application: sending mails, rendering papers, sending reminders."""

from datetime import date
from typing import Any

from flask import Flask
from sqlalchemy.orm import Session

from xtbang.actions.mail_texts import letter
from xtbang.domain.reminders import write_reminders
from xtbang.extensions import db
from xtbang.jobs.channels import channels_from
from xtbang.jobs.outbox import send_waiting
from xtbang.jobs.paper_rendering import Renderer
from xtbang.jobs.worker import Worker
from xtbang.models import Paper, StoredFile
from xtbang.models.writing import writing
from xtbang.papers.pdf.issued import order_of
from xtbang.papers.pdf.printer import Bounds, pdf_of_order
from xtbang.queries.caller import Caller
from xtbang.rules.actor import SYSTEM


def start_worker(app: Flask) -> Worker:
    """Start the thread that runs all jobs, and return it. Raise SealError when there is a seal that cannot be used."""
    seal_of(app)
    renderer = renderer_of(app)
    reminded: set[date] = set()

    def remind() -> int:
        with app.app_context():
            caller: Caller = app.extensions["engine"].caller(db.session(), SYSTEM)
            if caller.today in reminded:
                return 0
            written = write_reminders(caller)
        reminded.add(caller.today)
        return written

    def render() -> int:
        with app.app_context():
            return renderer.render_waiting(db.session())

    worker = Worker({"mail": lambda: send_mails(app), "papers": render, "reminders": remind})
    worker.start()
    return worker


def send_mails(app: Flask) -> int:
    """Send the mails that are due by the channels of the settings; return how many."""
    with app.app_context():
        channels = channels_from(app.config, letter)
        return send_waiting(db.session(), channels, app.extensions["engine"].clock)


def seal_of(app: Flask) -> Any:
    """Return the bureau's seal, loaded once per process; None without a certificate. Raise SealError."""
    if app.config["SEAL_CERTIFICATE"] and "seal" not in app.extensions:
        from xtbang.papers.seal import seal_from_config  # imports pyHanko, needed only with a seal

        app.extensions["seal"] = seal_from_config(app.config)
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
    order = order_of(paper, engine.site.url, engine.policy.editions)
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
