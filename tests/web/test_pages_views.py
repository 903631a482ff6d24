"""Saved views of lists, one's own and shared ones, and the density of their lines."""

import re
from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.factories.records import RecordFactory
from tests.web.counting import counted
from xtbang.models import Person
from xtbang.people.list_settings import MOST

LogIn = Callable[[Person], FlaskClient]
pytestmark = pytest.mark.parametrize("app", ["sqlite"], indirect=True)
VIEW = re.compile(r'<a class="list-view" href="([^"]*)"[^>]*>(?:<svg.*?</svg>)?([^<]*)</a>')


def views(client: FlaskClient, page: str = "/projects") -> dict[str, str]:
    """Name → address of the views above a list."""
    return {name: url.replace("&amp;", "&") for url, name in VIEW.findall(client.get(page).text)}


def save(client: FlaskClient, page: str, **data: str) -> str:
    """What the page says after the form on it was sent."""
    action = re.search(r'action="(/views/[^"/?]+(?:\?[^"]*)?)"', client.get(page).text)
    assert action, page
    return client.post(action[1].replace("&amp;", "&"), data=data, follow_redirects=True).text


@pytest.fixture
def people(records: RecordFactory) -> dict[str, Person]:
    with records.writing():
        records.person("second", "science")
        records.project("execution", title="甲项目")
        records.project("acceptance", title="乙项目")
    return records.people


def test_a_view_brings_back_filters_and_order_and_only_a_shared_one_is_seen_by_colleagues(
    people: dict[str, Person], login: LogIn
) -> None:
    science, colleague = login(people["science"]), login(people["second"])
    assert "视图“实施中”已保存" in save(science, "/projects?state=execution&sort=-waited&before=999", view="实施中")
    url = views(science)["实施中"]
    assert "state=execution" in url and "sort=-waited" in url and "before" not in url
    assert "甲项目" in science.get(url).text and "乙项目" not in science.get(url).text
    assert views(colleague) == {} == views(science, "/meetings")
    save(science, "/projects?state=acceptance", view="实施中", shared="1")  # in place of the first
    assert "state=acceptance" in views(colleague)[f"实施中（{people['science'].name}）"]
    assert "state=acceptance" in views(science)["实施中"]
    others = [login(people[name]) for name in ("industry", "finance", "county")]
    assert [views(other) for other in others] == [{}, {}, {}]


def test_a_view_is_deleted_by_whoever_uses_it_and_by_nobody_else(people: dict[str, Person], login: LogIn) -> None:
    science, colleague, industry = (login(people[name]) for name in ("science", "second", "industry"))
    save(science, "/projects?state=execution", view="共用的", shared="1")
    save(science, "/projects?state=execution", view="自己的")
    urls = re.findall(r'action="(/views/\d+/delete)"', science.get("/projects").text)
    assert [industry.post(url).status_code for url in urls] == [404, 404]
    assert sorted(colleague.post(url).status_code for url in urls) == [302, 404]
    assert list(views(science)) == ["自己的"]


def test_a_view_is_renamed_by_whoever_uses_it_but_not_to_a_name_that_there_is(
    people: dict[str, Person], login: LogIn
) -> None:
    science, colleague, industry = (login(people[name]) for name in ("science", "second", "industry"))
    save(science, "/projects?state=execution", view="共用的", shared="1")
    save(science, "/projects?state=acceptance", view="自己的")
    shared, own = re.findall(r'action="(/views/\d+/rename)"', science.get("/projects").text)
    assert industry.post(shared, data={"name": "别人的"}).status_code == 404 == colleague.post(own).status_code
    assert "已改名为“实施中”" in colleague.post(shared, data={"name": " 实施中 "}, follow_redirects=True).text
    refused = science.post(own, data={"name": "实施中"}, follow_redirects=True).text
    assert "已有名为“实施中”的视图" in refused and 'name="view" value="实施中"' in refused
    assert "请填写视图的名称" in science.post(own, data={"name": ""}, follow_redirects=True).text
    assert "state=execution" in views(science)["实施中"] and "state=acceptance" in views(science)["自己的"]


def test_a_view_needs_a_name_and_there_are_not_more_than_one_can_read(people: dict[str, Person], login: LogIn) -> None:
    science = login(people["science"])
    assert "请填写视图的名称" in save(science, "/projects", view="  ")
    refused = save(science, "/projects?state=execution", view="长" * 21, shared="1")
    assert "不超过 20 个字" in refused and f'name="view" value="{"长" * 21}"' in refused
    assert 'name="shared" value="1" checked' in refused and '/views/bureau.projects?state=execution"' in refused
    for number in range(MOST):
        save(science, "/meetings?kind=roadshow", view=f"第 {number}")
    assert f"最多保存 {MOST} 个视图" in save(science, "/meetings", view="多出的")
    assert "已保存" in save(science, "/meetings", view="第 0")  # again under a name that there is
    assert science.post("/views/admin.people", data={"view": "不能看的"}).status_code == 403
    assert science.post("/views/no.such", data={"view": "没有的"}).status_code == 404
    assert login(people["issuer"]).post("/views/bureau.projects", data={"view": "外人"}).status_code == 403


def test_the_lines_are_as_dense_as_their_reader_wants_them(people: dict[str, Person], login: LogIn) -> None:
    science, industry = login(people["science"]), login(people["industry"])
    science.post("/views/bureau.projects/density?state=execution", data={"density": "compact"})
    assert '<body class="density-compact"' in science.get("/finance/projects").text
    assert '<body class="density-normal"' in industry.get("/projects").text
    assert science.post("/views/bureau.projects/density", data={"density": "tiny"}).status_code == 404


def test_views_cost_one_statement_however_many_there_are(people: dict[str, Person], login: LogIn, app: Flask) -> None:
    science = login(people["science"])
    save(science, "/projects", view="一")
    science.get("/projects")
    with counted(app) as few:
        science.get("/projects")
    for number in range(9):
        save(science, "/projects", view=f"又一个 {number}", shared="1")
    with counted(app) as many:
        science.get("/projects")
    assert len(many) == len(few)
