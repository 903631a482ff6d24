"""What machines ask: whether the process lives, can serve, its figures; the page 维护中; the log with its numbers."""

import json
import logging
import re
from pathlib import Path

import pytest
from flask import Flask, g
from flask.testing import FlaskClient
from prometheus_client.parser import text_string_to_metric_families
from sqlalchemy import text
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from tests.factories.people import PeopleFactory
from xtbang.config import maintenance_file
from xtbang.health.checks import CHECKS, Check, Trouble
from xtbang.logs import JsonFormatter, RequestFilter

pytestmark = pytest.mark.parametrize("app", ["sqlite"], indirect=True)
ELSEWHERE = {"REMOTE_ADDR": "203.0.113.9"}


def broken(key: str) -> Check:
    return Check(key, key, lambda _app: iter([Trouble("连接不上（password=geheim）。", "x")]), False, False)


def test_the_process_lives_without_a_database(app: Flask, client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sqlalchemy.engine.Engine.connect", lambda *_given, **_more: pytest.fail("asked"))
    answer = client.get("/healthz")
    assert (answer.status_code, answer.text) == (200, "ok\n") and "Set-Cookie" not in answer.headers


def test_readiness_is_that_of_database_tables_and_store_and_says_what_waits(
    app: Flask, client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    well = {key: Check(key, key, lambda _app: iter(()), False, False) for key in CHECKS}
    for key, check in well.items():
        monkeypatch.setitem(CHECKS, key, check)
    for wrong, status in (("", 200), ("database", 503), ("migrations", 503), ("store", 503), ("queue", 200)):
        app.extensions.pop("ready", None)
        with monkeypatch.context() as patch:
            if wrong:
                patch.setitem(CHECKS, wrong, broken(wrong))
            answer = client.get("/readyz", environ_base=ELSEWHERE)
            assert answer.status_code == status and (f"{wrong}: failed\n" in answer.text) == bool(wrong)
            assert "geheim" not in answer.text  # the public is told no more
            assert not wrong or "geheim" in client.get("/readyz").text


def test_figures_count_requests_by_route_and_status_and_tell_no_address(app: Flask, client: FlaskClient) -> None:
    client.get("/guide")
    client.get("/verify/secret-code")
    client.get("/nowhere/secret")
    client.delete("/guide")
    page = client.get("/metrics").text
    assert "secret" not in page.lower()
    found = {
        (sample.name, tuple(sorted(sample.labels.items()))): sample.value
        for family in text_string_to_metric_families(page)
        for sample in family.samples
    }
    labels = (("method", "GET"), ("route", "/guide"), ("status", "200"))
    assert found["xtbang_requests_total", labels] >= 1
    names = {name for name, _labels in found}
    assert {
        "xtbang_papers_waiting", "xtbang_papers_oldest_seconds", "xtbang_mails_waiting", "xtbang_mails_given_up",
        "xtbang_scans_waiting", "xtbang_jobs_given_up", "xtbang_database_wait_seconds_count", "xtbang_requests_active",
    } <= names  # fmt: skip


def test_refusals_by_a_limit_are_counted_with_its_name(app: Flask, client: FlaskClient, session: Session) -> None:
    PeopleFactory(session, app.extensions["engine"])
    session.rollback()
    for _ in range(11):
        answer = client.post("/account/sign-in", data={"email": "admin@example.com", "password": "wrong wrong"})
    assert answer.status_code == 429
    assert re.search(r'xtbang_throttle_refusals_total\{rule="login_here"\} [1-9]', client.get("/metrics").text)


@pytest.mark.parametrize(
    ("settings", "address", "token", "status"),
    [
        ({}, "127.0.0.1", "", 200),
        ({}, "203.0.113.9", "", 404),
        ({"METRICS_FROM": ("203.0.113.0/24",)}, "203.0.113.9", "", 200),
        ({"METRICS_FROM": ("203.0.113.0/24",)}, "127.0.0.1", "", 404),
        ({"METRICS_TOKEN": "geheim"}, "203.0.113.9", "geheim", 200),
        ({"METRICS_TOKEN": "geheim"}, "203.0.113.9", "falsch", 404),
        ({"METRICS_TOKEN": ""}, "203.0.113.9", "", 404),
        ({"SITE_URL": "https://x.cn", "PROXY": ""}, "127.0.0.1", "", 404),  # everybody comes from there
        ({"SITE_URL": "https://x.cn", "PROXY": "127.0.0.1"}, "127.0.0.1", "", 200),
    ],
)
def test_figures_are_for_named_addresses_or_a_token(
    settings: dict[str, object], address: str, token: str, status: int, app: Flask, client: FlaskClient
) -> None:
    app.config |= settings
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    assert client.get("/metrics", environ_base={"REMOTE_ADDR": address}, headers=headers).status_code == status


def test_during_maintenance_every_page_says_so_and_machines_are_answered(app: Flask, client: FlaskClient) -> None:
    path = maintenance_file(Path(app.config["INSTANCE"]))
    path.touch()
    try:
        for answer in (client.get("/"), client.post("/login", data={"email": "x"}), client.get("/static/style.css")):
            assert answer.status_code == 503 and answer.headers["Retry-After"] == "300"
            assert "系统维护中" in answer.text and "再提交一次" in answer.text
        draft = client.post("/projects/1/documents/1/draft", headers={"Accept": "application/json"})
        assert draft.status_code == 503 and draft.json["message"] == "系统正在维护，这次没有保存。"
        assert client.get("/healthz").status_code == 200
    finally:
        path.unlink()
    assert client.get("/").status_code == 200


def test_the_number_of_an_error_page_is_that_of_the_log_and_of_the_answer(
    app: Flask, client: FlaskClient, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.handler.addFilter(RequestFilter())
    try:
        with caplog.at_level(logging.INFO, "xtbang.web"):
            answer = client.get("/verify/nothing-secret/nowhere")
    finally:
        caplog.handler.filters.clear()
    (record,) = [one for one in caplog.records if one.name == "xtbang.web"]
    line = json.loads(JsonFormatter().format(record))
    number = answer.headers["X-Request-Number"]
    assert f"<code>{number}</code>" in answer.text
    assert line["request"] == number and number in line["message"] and "secret" not in json.dumps(line)


def test_a_log_line_names_the_person_also_where_the_database_cannot_be_asked(app: Flask, session: Session) -> None:
    people = PeopleFactory(session, app.extensions["engine"])
    person, number = people.people["science"], people.people["science"].id
    session.expire(person)
    session.expunge(person)
    record = logging.makeLogRecord({})
    with app.test_request_context("/"):
        g._login_user = person
        assert RequestFilter().filter(record)
    assert record.person == number


def test_an_error_of_the_database_does_not_repeat_what_was_typed(session: Session) -> None:
    with pytest.raises(OperationalError) as failure:
        session.execute(text("SELECT :typed FROM nowhere"), {"typed": "typed by somebody"})
    assert "typed by somebody" not in str(failure.value)
