"""Two servers on one PostgreSQL: what is counted is counted by both, what is done is done once, and one takes over from the other."""

import re
import signal
import socket
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from http.client import HTTPConnection, HTTPException
from threading import Event
from urllib.parse import urlencode

import pytest
from aiosmtpd.controller import Controller
from sqlalchemy import Engine, create_engine, select
from sqlalchemy.orm import Session

from tests.jobs.test_outbox import Sink
from tests.support.databases import create_tables
from tests.support.postgres import PostgresServer
from tests.support.serving import PATIENCE, Sent, Server, ask, environment, free_port
from xtbang.models import Job, Mail, Organisation
from xtbang.models.writing import writing
from xtbang.rules.uscc import make

pytestmark = pytest.mark.postgres
MAILS = 12
REGISTERED = "/register/received"


@dataclass
class Pair:
    """Both servers, each of which also works in the background, their database and the mail server of both."""

    servers: list[Server]
    database: Engine
    sink: Sink

    def form(self, number: int, address: str) -> tuple[str, str]:
        """The cookie and the token of a form of one of the servers."""
        page = ask(self.servers[number].port, address)
        token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page.body.decode())
        assert token
        return "; ".join(value.partition(";")[0] for value in page.headers.get_all("Set-Cookie", [])), token[1]

    def post(self, number: int, address: str, cookie: str, form: dict[str, str]) -> Sent:
        """What a server answers to a form, wherever its page came from."""
        return ask(self.servers[number].port, address, cookie, urlencode(form))


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory, postgres_server: PostgresServer) -> Iterator[Pair]:
    """As behind a proxy: one key, one database, an instance folder for each machine."""
    folder = tmp_path_factory.mktemp("two")
    url = postgres_server.create_database("xtbang_two")
    database = create_engine(url)
    create_tables(database)
    sink = Sink()
    port = free_port()
    smtp = Controller(sink, hostname="127.0.0.1", port=port)
    smtp.start()
    shared = {"DATABASE_URL": url, "XTBANG_SECRET_KEY": "one for both", "XTBANG_FILES": str(folder / "files")}
    shared |= {"XTBANG_SMTP_HOST": "127.0.0.1", "XTBANG_SMTP_PORT": str(port)}
    servers = [Server(environment(folder / name, **shared), folder / f"{name}.log") for name in ("one", "other")]
    try:
        with ThreadPoolExecutor() as both:
            list(both.map(Server.start, servers))
        yield Pair(servers, database, sink)
    finally:
        for server in servers:
            server.stop()
        smtp.stop()
    database.dispose()
    postgres_server.drop_database("xtbang_two")


def test_ten_wrong_passwords_are_ten_whichever_server_is_asked(pair: Pair) -> None:
    cookie, token = pair.form(0, "/account/sign-in")
    guess = {"csrf_token": token, "email": "somebody@example.com", "password": "guessed", "scripted": "1"}
    statuses = [pair.post(number % 2, "/account/sign-in", cookie, guess).status for number in range(12)]
    assert statuses == [200] * 10 + [429] * 2


def test_a_form_that_both_servers_are_sent_at_once_counts_once_and_every_mail_goes_out_once(pair: Pair) -> None:
    """The mails wait when both are woken by what they were sent; today's reminders were written by one of them."""
    with Session(pair.database) as session, writing(session):
        session.add_all(
            Mail(address=f"reader{number}@example.com", subject="通知", body="正文", created_at=datetime.now(UTC))
            for number in range(MAILS)
        )
    cookie, token = pair.form(0, "/register")
    form = {
        "csrf_token": token, "name": "湘潭新公司", "uscc": make("91430300MA4T00001"), "kind": "企业",
        "region": "雨湖区", "address": "示例路1号", "postcode": "411100", "legal_name": "龙䶮", "title": "部长",
        "legal_phone": "0731-58570302", "person_name": "喆堃", "mobile": "13800000001",
        "email": "new@example.com", "password": "correct horse battery", "password_again": "correct horse battery",
    }  # fmt: skip
    with ThreadPoolExecutor() as at_once:
        answers = list(at_once.map(lambda number: pair.post(number % 2, "/register", cookie, form), range(4)))
    assert [sent.status // 100 for sent in answers] == [3] * 4
    assert [pair.post(number, "/register", cookie, form).headers["Location"] for number in (0, 1)] == [REGISTERED] * 2
    with Session(pair.database) as session:
        assert session.scalars(select(Organisation.name)).all() == ["湘潭新公司"]
        end = time.monotonic() + PATIENCE
        while session.scalar(select(Mail.id).where(Mail.sent_at.is_(None)).limit(1)) and time.monotonic() < end:
            session.rollback()
            time.sleep(0.1)
        sent = Counter(address for addresses, _mail in pair.sink.mails for address in addresses)
        assert sent == {f"reader{number}@example.com": 1 for number in range(MAILS)}
        jobs = session.execute(select(Job.kind, Job.tries).order_by(Job.kind)).all()
        assert jobs == [("reminders", 1), ("retention", 1)]


def test_a_server_that_is_told_to_stop_finishes_what_has_begun_and_the_other_takes_over(pair: Pair) -> None:
    """Visitors ask as a proxy does, which goes to the other server when one refuses the connection."""
    one, over, asked = pair.servers[0], Event(), [0]

    def visit() -> list[int]:
        found = []
        while not over.is_set():
            try:
                found.append(ask(one.port, "/").status)
            except ConnectionRefusedError:
                found.append(ask(pair.servers[1].port, "/").status)
            asked[0] += 1
        return found

    def wait_for(more: int) -> None:
        end, wanted = time.monotonic() + PATIENCE, asked[0] + more
        while asked[0] < wanted and time.monotonic() < end:
            time.sleep(0.02)

    with ThreadPoolExecutor() as visitors:
        visits = [visitors.submit(visit) for _visitor in range(3)]
        try:
            begun = HTTPConnection("127.0.0.1", one.port, timeout=PATIENCE)
            begun.putrequest("POST", "/account/sign-in")
            begun.putheader("Content-Length", "9")
            begun.endheaders()
            idle = socket.create_connection(("127.0.0.1", one.port), timeout=PATIENCE)
            wait_for(20)
            one.process.send_signal(signal.SIGTERM)
            wait_for(20)
            assert one.process.poll() is None, "it waits for the form of which only the head has arrived"
            assert idle.recv(1) == b"", "who has nothing to ask is sent away"
            begun.send(b"email=a%4")
            answer = begun.getresponse()
            assert (answer.status, answer.getheader("Connection")) == (400, "close")
            assert one.process.wait(PATIENCE) == 0
            wait_for(10)
            one.start()
            wait_for(20)
        except HTTPException as error:
            raise AssertionError(one.log.read_text()) from error
        finally:
            over.set()
        found = Counter(status for visited in visits for status in visited.result())
    idle.close()
    assert set(found) == {200} and found[200] >= 70
