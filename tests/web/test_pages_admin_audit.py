"""管理: the trail is searched and its chains are checked."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import text
from sqlalchemy.orm import Session

from tests.web.counting import counted
from tests.web.office import NOW, TODAY, Office
from xtbang.models import Person
from xtbang.stages import audit
from xtbang.stages.context import Actor
from xtbang.web import admin_audit

LogIn = Callable[[Person], FlaskClient]


@pytest.fixture
def office(app: Flask, session: Session) -> Office:
    app.extensions["engine"].clock = lambda: NOW
    return Office(session)


def write_events(office: Office, count: int, **values: Any) -> None:
    with office.writing() as session:
        for _number in range(count):
            actor = Actor.of(office.people["science"], "192.0.2.9")
            audit.append(session, "call:1", actor, **({"trigger": "edit_call", "now": NOW, "role": "science"} | values))


def test_the_trail_is_searched(office: Office, login: LogIn) -> None:
    with office.writing() as session:
        project = office.project("solicitation")
        audit.append(
            session, f"project:{project.id}", Actor.of(office.people["issuer"], "192.0.2.1"), trigger="submit", now=NOW,
            role="issuer", project_id=project.id, from_state="draft", to_state="solicitation", outcome="moved",
        )  # fmt: skip
        audit.append(
            session, f"person:{office.people['leader'].id}", Actor.of(office.people["admin"]), trigger="edit_person",
            now=NOW - timedelta(days=40), role="admin", data={"name": "李局", "roles": ["leader"]},
        )  # fmt: skip
    auditor = login(office.people["auditor"])
    page = auditor.get("/admin/audit").get_data(as_text=True)
    assert project.number in page and "192.0.2.1" in page and "市科技局领导" in page and "草稿 → 征集" in page
    for query, there in (
        ({"number": project.number.lower()}, (True, False)),
        ({"name": "issue"}, (True, False)),
        ({"trigger": "edit_person"}, (False, True)),
        ({"from": TODAY.isoformat(), "until": TODAY.isoformat()}, (True, False)),
        ({"until": (TODAY - timedelta(days=1)).isoformat()}, (False, True)),
        ({"stream": f"person:{office.people['leader'].id}"}, (False, True)),
        ({"name": "_"}, (False, False)),
    ):
        page = auditor.get("/admin/audit", query_string=query).get_data(as_text=True)
        assert (f"/projects/{project.id}" in page, ">李局" in page) == there, query
    assert "无法识别" in auditor.get("/admin/audit?from=昨天").get_data(as_text=True)
    own = login(office.people["admin"]).get("/admin/audit").get_data(as_text=True)
    assert project.number in own and f"/projects/{project.id}" not in own


def test_sealed_bids_are_not_told(office: Office, login: LogIn) -> None:
    with office.writing() as session:
        project = office.project("listing")
        audit.append(
            session, f"project:{project.id}", Actor.of(office.people["bidder"]), trigger="submit_bid", now=NOW,
            role="applicant", project_id=project.id,
        )  # fmt: skip
    auditor = login(office.people["auditor"])
    assert "示例大学" not in auditor.get("/admin/audit").get_data(as_text=True)
    with office.writing():
        office.session.get_one(type(project), project.id).bids_until = NOW - timedelta(seconds=1)
    assert "示例大学" in auditor.get("/admin/audit").get_data(as_text=True)


def test_the_trail_is_paged_by_a_constant_number_of_statements(office: Office, login: LogIn, app: Flask) -> None:
    write_events(office, admin_audit.SIZE + 5)
    auditor = login(office.people["auditor"])
    with counted(app) as statements:
        page = auditor.get("/admin/audit").get_data(as_text=True)
    assert len(statements) < 15 and page.count("<time ") == admin_audit.SIZE + 1  # and the clock
    older = re.search(r'rel="next" href="([^"]+)"', page)
    assert older
    assert auditor.get(older[1]).get_data(as_text=True).count("<time ") == 5 + 1


def test_the_chains_are_checked(office: Office, login: LogIn, app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    write_events(office, 3)
    write_events(office, 1, data={"title": "第一批"})
    auditor = login(office.people["auditor"])
    page = auditor.get("/admin/audit?verify=1").get_data(as_text=True)
    assert "核验了 1 个对象的 4 条记录" in page and "没有发现改动" in page
    with office.writing() as session:  # what only somebody with the database in hand can do
        if session.get_bind().dialect.name == "sqlite":
            session.execute(text("DROP TRIGGER event_no_update"))
        else:
            session.execute(text("ALTER TABLE event DISABLE TRIGGER USER"))
        session.execute(text("UPDATE event SET actor_name = 'nobody' WHERE stream = 'call:1' AND sequence = 2"))
    page = auditor.get("/admin/audit?verify=1").get_data(as_text=True)
    assert "其中 1 条被改动过" in page and "批次 1 的第 2 条" in page
    assert "其中 1 条" in auditor.get("/admin/audit?verify=1&stream=call:1").get_data(as_text=True)
    monkeypatch.setattr(admin_audit, "AT_ONCE", 1)
    with office.writing() as session:
        audit.append(session, "person:1", Actor.of(office.people["admin"]), trigger="edit_person", now=NOW)
    page = auditor.get("/admin/audit?verify=1").get_data(as_text=True)
    assert "核验了 1 个对象的 4 条记录" in page and "after=call:1" in page
    page = auditor.get("/admin/audit?verify=1&after=call:1").get_data(as_text=True)
    assert "核验了 1 个对象的 1 条记录" in page and "继续核验" not in page
