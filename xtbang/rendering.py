"""Rendering and storing issued papers, with the seal of the bureau where there is one."""

from typing import Any

from flask import Flask
from sqlalchemy.orm import Session

from xtbang.jobs.paper_rendering import Renderer
from xtbang.models import Paper, StoredFile
from xtbang.models.writing import writing
from xtbang.papers.pdf.issued import order_of
from xtbang.papers.pdf.printer import Bounds, pdf_of_order


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
