"""The thread beside the web server, and the papers it stores."""

from collections.abc import Callable
from threading import Event

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.web.town import Town
from xtbang.background import keep
from xtbang.jobs.rendering import Renderer
from xtbang.jobs.worker import Worker
from xtbang.models import Paper, StoredFile


def test_a_task_that_fails_stops_no_other(caplog: pytest.LogCaptureFixture) -> None:
    done: list[str] = []

    def bad() -> int:
        raise RuntimeError("broken")

    def good() -> int:
        done.append("good")
        return 1

    assert Worker({"bad": bad, "good": good}).once() == 1
    assert done == ["good"]
    assert "task bad failed" in caplog.text


def test_it_goes_on_while_there_is_work_and_then_rests_until_it_is_stopped() -> None:
    left, rested = [3], Event()

    def work() -> int:
        if left[0]:
            left[0] -= 1
            return 1
        rested.set()
        return 0

    worker = Worker({"work": work}, pause=60)
    worker.start()
    assert rested.wait(10)
    worker.stop(timeout=10)
    assert left == [0]
    assert worker.once() == 0


@pytest.fixture
def town(app: Flask, session: Session) -> Town:
    return Town(app, session)


def test_issued_papers_are_rendered_once_and_kept(town: Town, app: Flask, session: Session) -> None:
    town.submitted(edition="2021")
    number = len(session.scalars(select(Paper.id)).all())
    session.rollback()
    renderer = Renderer(lambda own, paper: keep(app, own, paper), batch=100)
    with app.app_context():
        assert renderer.render_waiting(session) == number
        assert renderer.render_waiting(session) == 0
    for paper in session.scalars(select(Paper)):
        assert paper.file is not None
        assert app.extensions["store"].get(paper.file.sha256).startswith(b"%PDF")
    assert len(session.scalars(select(StoredFile)).all()) == number
    session.rollback()


def test_a_paper_that_cannot_be_rendered_is_passed_over(town: Town, session: Session) -> None:
    town.submitted(edition="2021")
    tried: list[int] = []

    def fail(_session: Session, paper: Paper) -> None:
        tried.append(paper.id)
        raise ValueError("no glyph")

    renderer = Renderer(fail, batch=1)
    rounds: list[Callable[[], int]] = [lambda: renderer.render_waiting(session)] * 3
    assert [work() for work in rounds] == [1, 1, 0]
    assert len(set(tried)) == len(tried) == 2
