"""The server behind a proxy and without one: whose address the audit trail and the throttle are told; its log as JSON."""

import json
import re
from collections.abc import Callable, Iterator
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import urlencode

import pytest
from sqlalchemy import create_engine, text

from tests.support.databases import create_tables
from tests.support.serving import PATIENCE, Server, environment
from xtbang.models.writing import prepare_engine
from xtbang.rules.uscc import make

CLAIMED = "203.0.113.7"
Serve = Callable[[str], int]


@pytest.fixture
def database(tmp_path: Path) -> str:
    """An empty one."""
    url = f"sqlite:///{tmp_path / 'served.db'}"
    filler = create_engine(url)
    prepare_engine(filler)
    create_tables(filler)
    filler.dispose()
    return url


@pytest.fixture
def serve(tmp_path: Path, database: str) -> Iterator[Serve]:
    """``serve("127.0.0.1")`` behind that proxy, ``serve("")`` without; answers the port."""
    started: list[Server] = []

    def start(proxy: str) -> int:
        settings = environment(tmp_path, DATABASE_URL=database, XTBANG_PROXY=proxy, XTBANG_LOG="json")
        started.append(Server(settings, tmp_path / "log").start())
        return started[-1].port

    yield start
    for made in started:
        made.stop()


def register(port: int, number: int) -> None:
    """An organisation, as a proxy would hand it on."""
    forwarded = {"X-Forwarded-For": CLAIMED, "X-Forwarded-Proto": "http"}
    connection = HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
    connection.request("GET", "/register", headers=forwarded)
    answer = connection.getresponse()
    token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', answer.read().decode())
    cookie = (answer.getheader("Set-Cookie") or "").partition(";")[0]
    assert token
    form = {
        "csrf_token": token[1], "name": f"湘潭新{number}公司", "uscc": make(f"91430300MA4T{number:05d}"), "kind": "企业",
        "region": "雨湖区", "address": "示例路1号", "postcode": "411100", "legal_name": "龙䶮", "title": "部长",
        "legal_phone": "0731-58570302", "person_name": "喆堃", "mobile": "13800000001",
        "email": f"new{number}@example.com", "password": "correct horse battery",
        "password_again": "correct horse battery",
    }  # fmt: skip
    headers = forwarded | {"Content-Type": "application/x-www-form-urlencoded", "Cookie": cookie}
    connection.request("POST", "/register", urlencode(form), headers)
    answer = connection.getresponse()
    assert answer.status == 302, answer.read().decode()
    connection.close()


def addresses(database: str) -> list[str]:
    """Of every event."""
    reader = create_engine(database)
    with reader.connect() as connection:
        found = [row[0] for row in connection.execute(text("SELECT address FROM event ORDER BY id"))]
    reader.dispose()
    return found


def test_only_the_proxy_that_was_named_is_believed(serve: Serve, database: str) -> None:
    """One server after the other on one database: the visitor's own address comes from the named proxy alone."""
    register(serve("127.0.0.1"), 1)
    register(serve(""), 2)
    register(serve("10.1.1.1"), 3)
    assert addresses(database) == [CLAIMED, "127.0.0.1", "127.0.0.1"]


def test_the_log_is_json_from_its_first_line(serve: Serve, tmp_path: Path) -> None:
    port = serve("")
    connection = HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
    connection.request("GET", "/nowhere")
    assert connection.getresponse().status == 404
    connection.close()
    lines = [json.loads(line) for line in (tmp_path / "log").read_text(encoding="utf-8").splitlines()]
    assert lines[0]["message"] == f"http://127.0.0.1:{port}" and len(lines) > 1
