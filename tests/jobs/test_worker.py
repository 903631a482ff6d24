"""The threads beside the web server, and the papers they store."""

import signal
from collections.abc import Callable, Iterator
from threading import Event, Thread

import pytest
from flask import Flask
from huey import MemoryHuey
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.factories.site_projects import SiteProjectFactory
from xtbang.extensions import db
from xtbang.jobs.engine import Worker
from xtbang.jobs.paper_rendering import FIRST_PAUSE, NotStored, Renderer
from xtbang.models import Paper, StoredFile
from xtbang.rendering import render_and_store


@pytest.fixture
def begin() -> Iterator[Callable[[dict[str, Callable[[], int]]], Worker]]:
    """Start a worker; it is stopped after the test."""
    started: list[Worker] = []

    def start(works: dict[str, Callable[[], int]]) -> Worker:
        started.append(Worker(MemoryHuey(results=False), works))
        started[-1].start()
        return started[-1]

    yield start
    for worker in started:
        worker.stop()


Begin = Callable[[dict[str, Callable[[], int]]], Worker]


def test_a_work_that_fails_stops_no_other(begin: Begin) -> None:
    done = Event()

    def bad() -> int:
        raise RuntimeError("broken")

    def good() -> int:
        done.set()
        return 0

    begin({"bad": bad, "good": good})
    assert done.wait(10)


def test_a_work_that_hangs_stops_no_other(begin: Begin) -> None:
    done, released = Event(), Event()

    def hang() -> int:
        released.wait(60)
        return 0

    def good() -> int:
        done.set()
        return 0

    begin({"hang": hang, "good": good})
    assert done.wait(10)
    released.set()


def test_a_work_goes_on_while_there_is_more_and_rests_until_it_is_woken(begin: Begin) -> None:
    left, rested = [2], Event()

    def work() -> int:
        if left[0]:
            left[0] -= 1
            return 1
        rested.set()
        return 0

    worker = begin({"work": work})
    assert rested.wait(30)
    rested.clear()
    worker.wake()
    assert rested.wait(30)
    assert left == [0]


def test_the_server_keeps_its_own_answer_to_a_signal(begin: Begin) -> None:
    before = signal.getsignal(signal.SIGTERM)
    begin({})
    assert signal.getsignal(signal.SIGTERM) is before


@pytest.fixture
def factory(app: Flask, session: Session) -> SiteProjectFactory:
    return SiteProjectFactory(app, session)


def test_issued_papers_are_rendered_once_and_kept(factory: SiteProjectFactory, app: Flask, session: Session) -> None:
    factory.submitted(edition="2021")
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


def test_a_paper_that_cannot_be_rendered_is_passed_over(
    factory: SiteProjectFactory, app: Flask, session: Session
) -> None:
    factory.submitted(edition="2021")
    breaking = Breaking(app)
    rounds: list[Callable[[], int]] = [lambda: breaking.renderer.render_waiting(session)] * 3
    assert [work() for work in rounds] == [1, 1, 0]
    assert len(set(breaking.tried)) == len(breaking.tried) == 2


def test_what_failed_is_tried_again_after_ever_longer_pauses(
    factory: SiteProjectFactory, app: Flask, session: Session
) -> None:
    factory.submitted(edition="2021")
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


def test_two_who_ask_at_once_have_it_rendered_once(factory: SiteProjectFactory, app: Flask, session: Session) -> None:
    factory.submitted(edition="2021")
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
