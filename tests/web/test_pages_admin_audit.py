"""管理: the trail is searched and its chains are checked."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import text

from tests.factories.records import NOW, TODAY, RecordFactory
from tests.web.counting import counted
from xtbang.actions import audit
from xtbang.models import Person, Project
from xtbang.web.admin import audit as admin_audit

LogIn = Callable[[Person], FlaskClient]


def write_events(records: RecordFactory, count: int, **values: Any) -> None:
    with records.writing():
        for _number in range(count):
            science = records.caller("science", address="192.0.2.9")
            audit.append(science, "call:1", **({"trigger": "edit_call", "role": "science"} | values))


def test_the_trail_is_searched(records: RecordFactory, login: LogIn) -> None:
    with records.writing():
        project = records.project("solicitation")
        audit.append(
            records.caller("issuer", address="192.0.2.1"), f"project:{project.id}", trigger="submit",
            role="issuer", project_id=project.id, from_state="draft", to_state="solicitation", outcome="moved",
        )  # fmt: skip
        audit.append(
            records.caller("admin", NOW - timedelta(days=40)), f"person:{records.people['leader'].id}",
            trigger="edit_person", role="admin", data={"name": "李局", "roles": ["leader"]},
        )  # fmt: skip
    auditor = login(records.people["auditor"])
    page = auditor.get("/admin/audit").get_data(as_text=True)
    assert project.number in page and "192.0.2.1" in page and "市科技局领导" in page and "草稿 → 征集" in page
    for query, there in (
        ({"number": project.number.lower()}, (True, False)),
        ({"name": "issue"}, (True, False)),
        ({"trigger": "edit_person"}, (False, True)),
        ({"from": TODAY.isoformat(), "until": TODAY.isoformat()}, (True, False)),
        ({"from": TODAY.strftime("%Y年%m月%d日"), "until": TODAY.strftime("%Y/%m/%d")}, (True, False)),
        ({"until": (TODAY - timedelta(days=1)).isoformat()}, (False, True)),
        ({"stream": f"person:{records.people['leader'].id}"}, (False, True)),
        ({"name": "_"}, (False, False)),
    ):
        page = auditor.get("/admin/audit", query_string=query).get_data(as_text=True)
        assert (f"/projects/{project.id}" in page, ">李局" in page) == there, query
    assert "起始日期写作“昨天”，无法识别" in auditor.get("/admin/audit?from=昨天").text
    assert "月和日的先后不明确" in auditor.get("/admin/audit?until=3/4/2026").text
    with records.writing() as session:
        session.get_one(Person, records.people["issuer"].id).name = "周正"
    for name in ("issuer", "周正"):
        found = auditor.get("/admin/audit", query_string={"name": name}).get_data(as_text=True)
        assert f"/projects/{project.id}" in found, "by the name then and by the name now"
    own = login(records.people["admin"]).get("/admin/audit").get_data(as_text=True)
    assert project.number in own and f"/projects/{project.id}" not in own


def write_bids(records: RecordFactory, project: Project, count: int) -> None:
    """The listing, known to all, and so many bids, inside ``writing()``."""
    known = {"project_id": project.id, "outcome": "done"}
    stream = f"project:{project.id}"
    science, bidder = records.caller("science"), records.caller("bidder")
    audit.append(science, stream, trigger="list_regular", role="science", **known)
    for _number in range(count):
        audit.append(bidder, stream, trigger="submit_bid", role="applicant", **known)
    audit.append(science, stream, trigger="extend_bids", role="science", **known)


def test_sealed_bids_are_not_told(records: RecordFactory, login: LogIn) -> None:
    with records.writing():
        project = records.project("listing")
        write_bids(records, project, 1)
    auditor = login(records.people["auditor"])
    assert "示例大学" not in auditor.get("/admin/audit").get_data(as_text=True)
    with records.writing():
        records.session.get_one(type(project), project.id).bids_until = NOW - timedelta(days=1)
    assert "示例大学" in auditor.get("/admin/audit").get_data(as_text=True)


@pytest.mark.parametrize("withdrawn", [False, True])
def test_nobody_counts_the_bids_that_are_sealed(records: RecordFactory, login: LogIn, withdrawn: bool) -> None:
    """Neither by gaps between the numbers of the events, nor by the length of the chain, on any page."""
    with records.writing():
        one, other = (records.project("listing", bids_until=NOW + timedelta(days=2)) for _ in range(2))
        for project, bids in ((one, 2), (other, 17)):
            write_bids(records, project, bids)
            if withdrawn:
                project.state, project.closed_at = "withdrawn", NOW
    for name in ("auditor", "science", "admin"):
        browser = login(records.people[name])
        for project in (one, other):
            for path in (f"/projects/{project.id}", "/admin/audit?number={}", "/admin/audit?verify=1&number={}"):
                answer = browser.get(path.format(project.number))
                assert "序号</dt>" not in answer.text and "示例大学" not in answer.text, (name, path)
            if name != "science":
                assert "核验了 1 个未公开揭榜情况的项目的全部记录（不显示条数），摘要全部相符" in answer.text
    page = login(records.people["auditor"]).get("/admin/audit?verify=1").text
    assert "核验了 2 个未公开揭榜情况的项目的全部记录" in page
    if not withdrawn:
        with records.writing():
            for project in (one, other):
                records.session.get_one(Project, project.id).bids_until = NOW - timedelta(days=1)
        page = login(records.people["auditor"]).get("/admin/audit?verify=1").text
        assert "核验了 2 个对象的 23 条记录" in page


def break_chain(records: RecordFactory, condition: str) -> None:
    """What only somebody with the database in hand can do."""
    with records.writing() as session:
        if session.get_bind().dialect.name == "sqlite":
            session.execute(text("DROP TRIGGER event_no_update"))
        else:
            session.execute(text("ALTER TABLE event DISABLE TRIGGER USER"))
        session.execute(text(f"UPDATE event SET actor_name = 'nobody' WHERE {condition}"))  # noqa: S608


def test_a_broken_chain_is_told_while_its_bids_are_sealed_but_not_where(records: RecordFactory, login: LogIn) -> None:
    with records.writing():
        project = records.project("listing")
        write_bids(records, project, 3)
    break_chain(records, f"stream = 'project:{project.id}' AND sequence = 2")
    page = login(records.people["auditor"]).get("/admin/audit?verify=1").text
    assert f"项目 {project.id} 的记录：揭榜情况公开前不显示是哪一条" in page and "有记录被改动过" in page
    assert "示例大学" not in page and "nobody" not in page and "第 2 条" not in page


def test_the_trail_is_paged_by_a_constant_number_of_statements(
    records: RecordFactory, login: LogIn, app: Flask
) -> None:
    write_events(records, admin_audit.SIZE + 5)
    auditor = login(records.people["auditor"])
    with counted(app) as statements:
        page = auditor.get("/admin/audit").get_data(as_text=True)
    assert len(statements) < 15 and page.count("<time ") == admin_audit.SIZE + 1  # and the clock
    older = re.search(r'rel="next" href="([^"]+)"', page)
    assert older
    assert auditor.get(older[1]).get_data(as_text=True).count("<time ") == 5 + 1


def test_the_chains_are_checked(
    records: RecordFactory, login: LogIn, app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_events(records, 3)
    write_events(records, 1, data={"title": "第一批"})
    auditor = login(records.people["auditor"])
    page = auditor.get("/admin/audit?verify=1").get_data(as_text=True)
    assert "核验了 1 个对象的 4 条记录" in page and "没有发现改动" in page
    break_chain(records, "stream = 'call:1' AND sequence = 2")
    page = auditor.get("/admin/audit?verify=1").get_data(as_text=True)
    assert "其中 1 条被改动过" in page and "批次 1 的第 2 条" in page
    assert "其中 1 条" in auditor.get("/admin/audit?verify=1&stream=call:1").get_data(as_text=True)
    monkeypatch.setattr(admin_audit, "AT_ONCE", 1)
    with records.writing():
        audit.append(records.caller("admin"), "person:1", trigger="edit_person")
    page = auditor.get("/admin/audit?verify=1").get_data(as_text=True)
    assert "核验了 1 个对象的 4 条记录" in page and "after=call:1" in page
    page = auditor.get("/admin/audit?verify=1&after=call:1").get_data(as_text=True)
    assert "核验了 1 个对象的 1 条记录" in page and "继续核验" not in page
