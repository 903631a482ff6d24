"""Server and worker are killed again and again while people save, hand in, sign, pay and correct."""

import os
import random
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from decimal import Decimal
from functools import partial
from http.client import HTTPException
from threading import Event

import pytest
from sqlalchemy import select

from tests.faults.installation import Installation
from tests.support.serving import PATIENCE
from tests.support.visitor import Form, Visitor
from xtbang.models import Document, LedgerEntry, Paper
from xtbang.models import Event as Recorded
from xtbang.queries.ledger import balances

pytestmark = [pytest.mark.faults, pytest.mark.timeout(1800)]
KILLS = int(os.environ.get("XTBANG_KILLS", "50"))
DEEDS, MOMENT, PATIENT = (1, 6), 0.3, 30.0  # after so many deeds, and up to so many seconds, a server is killed
HALF = Decimal(200_000)  # yuan: the first instalment of the city


@dataclass
class Deeds:
    """What one group of people does, form after form: each is sent until it is answered, the same one again if need be."""

    over: Event
    done: Counter[str] = field(default_factory=Counter)
    lost: int = 0  # forms whose answer did not come

    def do(self, name: str, visitor: Visitor, fill: Callable[[], Form]) -> None:
        """Do one thing."""
        form: Form | None = None
        end = time.monotonic() + PATIENCE
        while True:
            try:
                form = form or fill()
                answer = visitor.send(form)
                break
            except (OSError, HTTPException) as gone:
                self.lost += form is not None and not isinstance(gone, ConnectionRefusedError)
                assert time.monotonic() < end
                time.sleep(0.05)
        assert answer.status in (302, 303) and answer.leads_to.startswith("/projects/"), (name, answer)
        self.done[name] += 1


def act(deeds: Deeds, visitor: Visitor, project: int, trigger: str, **values: str) -> None:
    """An action of a project."""
    page = f"/projects/{project}/actions/{trigger}"
    deeds.do(trigger, visitor, lambda: visitor.filled(page, confirmed="1", **values))


def save(deeds: Deeds, visitor: Visitor, project: int, form: int) -> None:
    """Save the draft with a number that grows in one of its texts."""
    page = f"/projects/{project}/documents/{form}"
    while not deeds.over.is_set():
        text = f"第{deeds.done['save'] + 1}次"
        deeds.do("save", visitor, partial(visitor.filled, page, background=text))


def hand_in(deeds: Deeds, applicant: Visitor, officer: Visitor, project: int) -> None:
    """Hand in, send back, and so on."""
    while not deeds.over.is_set():
        act(deeds, applicant, project, "submit")
        act(deeds, officer, project, "send_back", reason="联系电话有误", correct_by="2024-12-20")


def pay(deeds: Deeds, people: dict[str, Visitor], project: int) -> None:
    """The order is signed by three, paid by a fourth, and taken back by two, and so on."""
    while not deeds.over.is_set():
        for who in ("science", "industry", "finance2"):
            act(deeds, people[who], project, "approve_payment")
        values = {"amount": "20", "paid_on": "2024-11-20", "note": f"拨{deeds.done['disburse_first']}"}
        act(deeds, people["finance"], project, "disburse_first", **values)
        back = {"cause": "returned", "dated": "2024-11-20", "reason": "银行退回"}
        act(deeds, people["finance"], project, "reverse_line", **back)
        act(deeds, people["science"], project, "reverse_line")


def wait_for_deeds(groups: list[Deeds], more: int) -> None:
    """Return when so many more have been done, or after a while."""
    wanted, end = sum(one.done.total() for one in groups) + more, time.monotonic() + PATIENT
    while sum(one.done.total() for one in groups) < wanted and time.monotonic() < end:
        time.sleep(0.01)


def test_whatever_was_answered_is_there_once(installation: Installation, say: Callable[[str], None]) -> None:
    """After so many kills at random moments."""
    funded, luck, over = installation.projects["funded"], random.Random(11), Event()
    apart = "postgresql" in installation.url
    server = installation.server(XTBANG_EMBEDDED_WORKER="0" if apart else "1")

    names = ("issuer", "rival", "science", "industry", "finance", "finance2")
    people = {name: installation.visitor(server, name) for name in names}
    officer = installation.visitor(server, "science2")
    groups = [Deeds(over) for _ in range(3)]
    with ThreadPoolExecutor(3) as pool:
        going = [
            pool.submit(save, groups[0], people["rival"], installation.projects["draft"], installation.forms["draft"]),
            pool.submit(hand_in, groups[1], people["issuer"], officer, installation.projects["entry"]),
            pool.submit(pay, groups[2], people, funded),
        ]
        try:
            for _ in range(KILLS):
                worker = installation.worker() if apart else None
                wait_for_deeds(groups, luck.randint(*DEEDS))
                time.sleep(luck.uniform(0, MOMENT))
                server.kill()
                if worker:
                    worker.kill()
                    worker.wait(PATIENCE)
                if any(one.done() for one in going):
                    break
                server.start()
        finally:
            over.set()
        if server.process.poll() is not None:
            server.start()
        for one in going:
            one.result()
    server.stop()
    saved, entered, paid = groups
    count_lines(installation, paid.done["disburse_first"], paid.done["reverse_line"])
    with installation.session() as session:
        draft = session.get_one(Document, installation.forms["draft"])
        assert draft.draft["background"] == f"第{saved.done['save']}次"
        for name, group in (("entry", entered), ("funded", paid)):
            number = installation.projects[name]
            events = Counter(session.scalars(select(Recorded.trigger).where(Recorded.project_id == number)))
            assert {trigger: events[trigger] for trigger in group.done} == group.done
        forms = select(Paper.version).where(Paper.project_id == installation.projects["entry"], Paper.name == "form")
        handed_in = entered.done["submit"]
        assert session.scalars(forms.order_by(Paper.id)).all() == list(range(1, handed_in + 1))
        assert session.scalars(forms.where(Paper.state == "current")).all() == [handed_in]
    installation.check()
    done = sum((one.done for one in groups), Counter[str]())
    assert min(done.values()) > 0 and len(done) == 6
    say(f"{KILLS} kills, {sum(one.lost for one in groups)} forms sent again; done and there once: {dict(done)}")


def count_lines(installation: Installation, paid: int, signed: int) -> None:
    """Every payment stands in the ledger once, and what two people took back stands against it."""
    number = installation.projects["funded"]
    with installation.session() as session:
        query = select(LedgerEntry).where(LedgerEntry.project_id == number, LedgerEntry.source == "city")
        lines = session.scalars(query.order_by(LedgerEntry.id)).all()
        assert len(lines) == paid + signed // 2
        assert len({line.note for line in lines}) == paid
        city = balances(session, number).paid["city"]
    assert city == HALF * (paid - signed // 2)
