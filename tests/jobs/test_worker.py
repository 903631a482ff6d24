"""The thread beside the web server, and the papers it stores."""

from collections.abc import Callable
from threading import Event, Thread

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.web.town import Town
from xtbang.background import render_and_store
from xtbang.extensions import db
from xtbang.jobs.paper_rendering import FIRST_PAUSE, NotStored, Renderer
from xtbang.jobs.worker import Worker
from xtbang.models import Paper, StoredFile


def test_a_task_that_fails_stops_no_other(caplog: pytest.LogCaptureFixture) -> None:
    done: list[str] = []

    def bad() -> int:
        raise RuntimeError("broken")

    def good() -> int:
        done.append("good")
        return 1

    assert Worker({"bad": bad, "good": good}).run_once() == 1
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
    assert worker.run_once() == 0


@pytest.fixture
def town(app: Flask, session: Session) -> Town:
    return Town(app, session)


def test_issued_papers_are_rendered_once_and_kept(town: Town, app: Flask, session: Session) -> None:
    town.submitted(edition="2021")
    number = len(session.scalars(select(Paper.id)).all())
    session.rollback()
    renderer = Renderer(lambda own, paper: render_and_store(app, own, paper), batch=100)
    with app.app_context():
        assert renderer.render_waiting(session) == number
        assert renderer.render_waiting(session) == 0
    for paper in session.scalars(select(Paper)):
        assert paper.file is not None
        assert app.extensions["store"].get(paper.file.sha256).startswith(b"%PDF")
    assert len(session.scalars(select(StoredFile)).all()) == number
    session.rollback()


class Breaking:
    """Keeps papers, or fails; counts both; its clock in our hand."""

    def __init__(self, app: Flask) -> None:
        self.app = app
        self.broken = True
        self.now = 1000.0
        self.tried: list[int] = []
        self.renderer = Renderer(self.keep, batch=1, clock=lambda: self.now)

    def keep(self, session: Session, paper: Paper) -> bytes:
        self.tried.append(paper.id)
        if self.broken:
            raise OSError("no space left on device")
        return render_and_store(self.app, session, paper)


def test_a_paper_that_cannot_be_rendered_is_passed_over(town: Town, app: Flask, session: Session) -> None:
    town.submitted(edition="2021")
    breaking = Breaking(app)
    rounds: list[Callable[[], int]] = [lambda: breaking.renderer.render_waiting(session)] * 3
    assert [work() for work in rounds] == [1, 1, 0]
    assert len(set(breaking.tried)) == len(breaking.tried) == 2


def test_what_failed_is_tried_again_after_ever_longer_pauses(town: Town, app: Flask, session: Session) -> None:
    town.submitted(edition="2021")
    number = session.scalars(select(Paper.id).where(Paper.name == "form")).one()
    session.rollback()
    breaking = Breaking(app)
    for pause in (FIRST_PAUSE, 2 * FIRST_PAUSE, 4 * FIRST_PAUSE):
        with pytest.raises(NotStored):
            breaking.renderer.stored_pdf(session, number)
        before = len(breaking.tried)
        breaking.now += pause - 1
        for _visitor in range(3):  # nobody makes it try again before the pause is over
            with pytest.raises(NotStored):
                breaking.renderer.stored_pdf(session, number)
        assert len(breaking.tried) == before
        breaking.now += 1
    breaking.broken = False
    with app.app_context():
        assert breaking.renderer.stored_pdf(session, number).startswith(b"%PDF")
        assert breaking.renderer.stored_pdf(session, number).startswith(b"%PDF")
    session.rollback()


def test_two_who_ask_at_once_have_it_rendered_once(town: Town, app: Flask, session: Session) -> None:
    town.submitted(edition="2021")
    number = session.scalars(select(Paper.id).where(Paper.name == "form")).one()
    session.rollback()
    begun, go_on = Event(), Event()
    rendered: list[int] = []

    def slow(own: Session, paper: Paper) -> bytes:
        if paper.file_id is None:
            rendered.append(paper.id)
            begun.set()
            assert go_on.wait(30)
        return render_and_store(app, own, paper)

    renderer, answers = Renderer(slow), list[bytes]()

    def ask() -> None:
        with app.app_context():
            answers.append(renderer.stored_pdf(db.session(), number))

    first, second = Thread(target=ask), Thread(target=ask)
    first.start()
    assert begun.wait(30)
    second.start()
    go_on.set()
    for thread in (first, second):
        thread.join(30)
    assert rendered == [number]
    assert len(answers) == 2
    assert answers[0] == answers[1]
