"""From one deed to the next of the same kind: its place in the queue, what else may be done, the scan beside the form."""

import re
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from html import unescape
from io import BytesIO

import pytest
from flask.testing import FlaskClient
from openpyxl import load_workbook

from tests.factories.records import NOW, RecordFactory
from tests.factories.site_projects import SiteProjectFactory
from xtbang.models import Assignment, Person, StoredFile
from xtbang.web.office.desk_order import COLUMNS

LogIn = Callable[[Person], FlaskClient]
BACK = {"confirmed": "1", "reason": "请补充指标", "correct_by": "2024-09-09"}


def test_the_desk_opens_the_deed_and_after_it_the_next_of_the_same_kind(
    factory: SiteProjectFactory, login: LogIn
) -> None:
    first, second = factory.submitted(), factory.submitted(edition="2021", kind="tech_supply", who="rival")
    with factory.writing() as session:
        session.get_one(StoredFile, first.form.scan_id).sha256 = factory.upload("盖章件.pdf")
    science = login(factory.people["science"])
    assert f'href="/desk/accept/{first.id}"' in science.get("/desk").text
    opened = science.get(f"/desk/accept/{first.id}").location
    assert opened == f"/projects/{first.id}/actions/accept?queue=accept"
    page = science.get(opened).text
    assert "第 1 件，共 2 件" in page
    assert "改为：退回修改" in page
    assert f'<iframe src="/files/{first.form.scan_id}/view"' in page
    shown = science.get(f"/files/{first.form.scan_id}/view")
    assert shown.status_code == 200
    assert "frame-ancestors 'self'" in shown.headers["Content-Security-Policy"]
    assert login(factory.people["rival"]).get(f"/files/{first.form.scan_id}/view").status_code == 404
    address = f"/projects/{first.id}/actions/send_back?queue=accept&at=0&done=0"
    done = science.post(address, data=factory.form(first, **BACK))
    assert done.location == f"/desk/accept/{second.id}?done=1"
    page = science.get(science.get(done.location).location).text
    assert first.number in page
    assert "第 2 件，共 2 件" in page
    address = f"/projects/{second.id}/actions/send_back?queue=accept&at=0&done=1"
    done = science.post(address, data=factory.form(second, **BACK))
    assert "都办完了" in science.get(done.location).text


def test_a_deed_done_on_the_page_of_a_project_names_the_next_of_its_kind(
    factory: SiteProjectFactory, login: LogIn
) -> None:
    first, second = factory.submitted(), factory.submitted(edition="2021", kind="tech_supply", who="rival")
    science = login(factory.people["science"])
    done = science.post(factory.page(first, "/actions/send_back"), data=factory.form(first, **BACK))
    page = science.get(done.location).text
    assert f'同类事项“待受理”还有 1 件：<a href="/desk/accept/{second.id}">下一件</a>' in page


def test_the_program_ticks_what_it_knows(factory: SiteProjectFactory, login: LogIn) -> None:
    project = factory.submitted()
    science = login(factory.people["science"])
    known = [line for line in factory.engine.policy.edition("2024").checklist if f'value="{line}" checked' in
             science.get(factory.page(project, "/actions/accept")).text]  # fmt: skip
    assert known == ["单位名称、统一社会信用代码与登记一致", "项目表各项填写完整，字数符合要求"]
    with factory.writing():
        project.issuer.name = "另一个名称"
    page = science.get(factory.page(project, "/actions/accept")).text
    assert f'value="{known[0]}" checked' not in page


def test_what_is_ones_own_stays_so_in_order_file_deeds_and_the_next_one(
    factory: SiteProjectFactory, login: LogIn
) -> None:
    own, other = factory.submitted(), factory.submitted(edition="2021", kind="tech_supply", who="rival")
    with factory.writing() as session:
        person = factory.people["science"]
        session.add(Assignment(project_id=own.id, role="science", person_id=person.id, at=factory.engine.clock()))
    science = login(factory.people["science"])
    assert {own.number, other.number} <= set(re.findall(r"[A-Z]+-[\w-]+", science.get("/desk").text))
    page = science.get("/desk?group=accept&mine=1&sort=title").text
    assert own.number in page and other.number not in page
    addresses = [unescape(found) for found in re.findall(r'href="(/(?:desk|list-files)[^"]+)"', page)]
    of_own = [one for one in addresses if "sort=" in one or "/accept/" in one or "list-files" in one]
    assert len(of_own) > 9 and all("mine=1" in one for one in of_own), of_own
    assert '<input type="hidden" name="mine" value="1">' in page, "the deeds for all that match"
    every = science.get("/batches/new?list=desk&group=accept&mine=1&all=1&trigger=accept", follow_redirects=True).text
    assert own.number in every and other.number not in every
    file = load_workbook(BytesIO(science.get("/list-files/desk.home/xlsx?group=accept&mine=1").data)).active
    assert [row[1] for row in file.iter_rows(min_row=2, max_row=2, values_only=True)] == [own.number]
    assert file.max_row == 3  # and the total
    opened = science.get(f"/desk/accept/{own.id}?mine=1").location
    assert "第 1 件，共 1 件" in science.get(opened).text
    sent = re.search(r'action="([^"]+send_back[^"]+)"|href="([^"]+send_back[^"]+)"', science.get(opened).text)
    assert sent
    address = unescape(sent[1] or sent[2])
    assert "mine=1" in address
    done = science.post(address, data=factory.form(own, **BACK))
    assert "都办完了" in science.get(done.location).text


@pytest.mark.parametrize("app", ["sqlite"], indirect=True)
def test_the_next_one_follows_the_order_that_was_chosen_on_the_desk(
    records: RecordFactory, login: LogIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In each order of the desk, and without one the late first: whoever goes on by 下一件 meets its lines from the top."""
    monkeypatch.setattr("xtbang.queries.desk.tasks.CAP", 1)  # more wait than the desk counts
    with records.writing() as session:
        waited, places = {"丙": 3, "甲": 1, "乙": 90}, ("湘潭县", "雨湖区", "岳塘区")
        for (title, days), place in zip(waited.items(), places, strict=True):
            since = NOW - timedelta(days=days)
            made = records.project(
                "solicitation", title=title, region=place, state_since=since, planned_total=Decimal(days)
            )
        session.add(Assignment(project_id=made.id, role="science", person_id=records.people["science"].id, at=NOW))
    science, orders = login(records.people["science"]), set()
    for sort in ("", *(sign + column for column in COLUMNS for sign in ("", "-"))):
        lines = _lines(science, sort)
        assert len(lines) == 3, sort
        orders.add(tuple(line.partition("?")[0] for line in lines))
        page, met = science.get(lines[0], follow_redirects=True).text, [lines[0]]
        while later := re.search(r'href="([^"]+)" data-key="j"', page):
            met.append(unescape(later[1]))
            page = science.get(met[-1], follow_redirects=True).text
        assert met == lines, sort
        assert "第 3 件，共 3 件" in page
        back = re.search(r'href="([^"]+)">返回待办', page)
        assert back and _lines_of(science.get(unescape(back[1])).text) == lines
    assert len(orders) > 3, "the orders differ"


def _lines(officer: FlaskClient, sort: str) -> list[str]:
    return _lines_of(officer.get(f"/desk?group=accept&sort={sort}").text)


def _lines_of(page: str) -> list[str]:
    return [unescape(found) for found in re.findall(r'href="(/desk/accept/[^"]+)" data-line-next', page)]


@pytest.mark.parametrize("app", ["sqlite"], indirect=True)
def test_after_a_deed_comes_the_next_one_of_that_order(factory: SiteProjectFactory, login: LogIn) -> None:
    made = [factory.submitted(), factory.submitted(edition="2021", kind="tech_supply", who="rival")]
    science = login(factory.people["science"])
    first, second = _lines(science, "-number")
    project = next(one for one in made if f"/{one.id}?" in first)
    page = science.get(first, follow_redirects=True).text
    address = re.search(r'href="([^"]+/send_back[^"]+)"', page)
    assert address
    done = science.post(unescape(address[1]), data=factory.form(project, **BACK))
    assert done.location == second.replace("?", "?done=1&")
