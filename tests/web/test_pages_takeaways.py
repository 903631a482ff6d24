"""What is taken away of projects: a spreadsheet, their forms as one PDF, their case files."""

import re
from collections.abc import Callable
from datetime import timedelta
from io import BytesIO
from urllib.parse import quote
from zipfile import ZipFile

import pikepdf
import pytest
from flask import Flask
from flask.testing import FlaskClient
from openpyxl import load_workbook

from tests.factories.records import RecordFactory
from tests.factories.site_projects import SiteProjectFactory
from tests.web.counting import counted
from xtbang import case_archive
from xtbang.background import delete_downloads, work_off
from xtbang.models import Person
from xtbang.rules.digests import sha256_of, sm3_of

LogIn = Callable[[Person], FlaskClient]


@pytest.mark.parametrize("app", ["sqlite"], indirect=True)
def test_chosen_projects_are_exported_and_their_forms_printed_as_one(
    factory: SiteProjectFactory, login: LogIn, app: Flask
) -> None:
    first, second = factory.submitted(), factory.submitted(edition="2021", kind="tech_supply", who="rival")
    science, chosen = login(factory.people["science"]), f"id={second.id}&id={first.id}"
    third, file = factory.submitted(), "/list-files/bureau.projects/xlsx"
    sheet = load_workbook(BytesIO(science.get(f"{file}?list=projects&{chosen}").data)).active
    assert {row[0].value for row in sheet.iter_rows(min_row=2)} == {second.number, first.number, "合计"}
    every = load_workbook(
        BytesIO(science.get(f"{file}?list=projects&all=1&id={second.id}&kind=tech_demand").data)
    ).active
    assert {row[0].value for row in every.iter_rows(min_row=2)} == {first.number, third.number, "合计"}
    answer = science.get(f"/batches/print?list=projects&{chosen}")
    assert answer.mimetype == "application/pdf"
    with pikepdf.open(BytesIO(answer.data)) as pdf:
        assert len(pdf.pages) > 2
    with counted(app) as for_one:
        science.get(f"/batches/print?id={first.id}")
    with counted(app) as for_two:
        science.get(f"/batches/print?{chosen}")
    assert len(for_two) == len(for_one)
    assert science.get("/batches/print?list=projects").status_code == 302
    county = login(factory.people["county"]).get(f"{file}?{chosen}")
    assert [row[0].value for row in load_workbook(BytesIO(county.data)).active.iter_rows(min_row=2)][:-1] == [
        first.number
    ]


def downloaded(client: FlaskClient) -> ZipFile:
    """The newest download of a person, from the page that lists them."""
    found = re.search(r'href="(/files/\d+)"', client.get("/downloads").text)
    assert found
    return ZipFile(BytesIO(client.get(found[1]).data))


@pytest.mark.parametrize("app", ["sqlite"], indirect=True)
def test_case_files_hold_papers_and_files_in_order_with_their_digests(
    factory: SiteProjectFactory, login: LogIn, app: Flask
) -> None:
    first, second = factory.submitted(), factory.submitted(edition="2021", kind="tech_supply", who="rival")
    science = login(factory.people["science"])
    page = science.get(f"/downloads/case-files?list=projects&id={second.id}&id={first.id}").text
    assert first.title in page and second.title in page
    app.config["SM3"] = True
    science.post("/downloads/case-files", data={"id": [first.id, second.id]})
    assert "已整理 0 / 2 个项目" in science.get("/downloads").text
    while work_off(app):
        pass
    archive = downloaded(science)
    for listed, digest_of in (("SHA256SUMS.txt", sha256_of), ("SM3SUMS.txt", sm3_of)):
        sums = dict(reversed(line.split("  ", 1)) for line in archive.read(listed).decode().splitlines())
        assert set(sums) == set(archive.namelist()) - {"SHA256SUMS.txt", "SM3SUMS.txt"}
        assert all(digest_of(archive.read(name)) == digest for name, digest in sums.items())
    lost = []
    for project in (first, second):
        own = [name.partition("/")[2] for name in archive.namelist() if name.startswith(f"{project.number} ")]
        dated = sorted(name for name in own if name[:3].isdigit())
        assert (dated[0], dated[-1]) == ("000 卷内目录.pdf", "999 卷内备考表.pdf")
        assert any("项目" in name and "表" in name for name in dated) and any("受理回执" in name for name in dated), own
        contents = archive.read(
            f"{next(name for name in archive.namelist() if name.startswith(project.number or '?')).partition('/')[0]}/目录.html"
        ).decode()
        assert all(quote(name) in contents for name in dated[1:-1])
        lost.append("文件缺失" in contents)
    assert any(lost)  # a stamped scan of these tests is not in the store


@pytest.mark.parametrize("app", ["sqlite"], indirect=True)
def test_a_case_file_holds_what_its_reader_may_open_and_is_deleted_after_a_week(
    factory: SiteProjectFactory, login: LogIn, app: Flask
) -> None:
    project = factory.submitted()
    issuer, science, rival = (login(factory.people[name]) for name in ("issuer", "science", "rival"))
    assert rival.post(f"/projects/{project.id}/case-file").status_code == 404
    rival.post("/downloads/case-files", data={"id": project.id})
    issuer.post(f"/projects/{project.id}/case-file")
    while work_off(app):
        pass
    assert any("项目技术需求表" in name for name in downloaded(issuer).namelist())
    assert "/files/" not in science.get("/downloads").text and "/files/" not in rival.get("/downloads").text
    engine = app.extensions["engine"]
    now = engine.clock()
    engine.clock = lambda: now + timedelta(days=6, hours=23)
    assert delete_downloads(app) == 0
    engine.clock = lambda: now + timedelta(days=7, minutes=1)
    assert delete_downloads(app) == 1
    assert "已到期" in issuer.get("/downloads").text and "/files/" not in issuer.get("/downloads").text


@pytest.mark.parametrize("app", ["sqlite"], indirect=True)
def test_case_files_that_are_too_large_say_so_and_one_that_waits_can_be_stopped(
    factory: SiteProjectFactory, login: LogIn, app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    project = factory.submitted()
    issuer = login(factory.people["issuer"])
    monkeypatch.setattr(case_archive, "LARGEST", 1000)
    issuer.post(f"/projects/{project.id}/case-file")
    while work_off(app):
        pass
    assert "请分几次导出" in issuer.get("/downloads").text
    issuer.post(f"/projects/{project.id}/case-file")
    stop = re.search(r'action="(/downloads/\d+/cancel)"', issuer.get("/downloads").text)
    assert stop and login(factory.people["science"]).post(stop[1]).status_code == 404
    assert "已取消" in issuer.post(stop[1], follow_redirects=True).text
    assert work_off(app) == 0


@pytest.mark.parametrize("app", ["sqlite"], indirect=True)
def test_a_download_that_waits_for_another_try_is_stopped_at_once(
    factory: SiteProjectFactory, login: LogIn, app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    project = factory.submitted()
    issuer = login(factory.people["issuer"])
    issuer.post(f"/projects/{project.id}/case-file")
    with monkeypatch.context() as broken:
        broken.setattr("xtbang.job_work.archive_of", lambda *_rest: 1 / 0)
        work_off(app)
    waiting = issuer.get("/downloads").text
    stop = re.search(r'action="(/downloads/\d+/cancel)"', waiting)
    assert stop
    assert "已取消" in issuer.post(stop[1], follow_redirects=True).text
    assert "正在停止" not in issuer.get("/downloads").text


@pytest.mark.parametrize("app", ["sqlite"], indirect=True)
def test_the_list_of_money_has_boxes_and_the_same_deeds(records: RecordFactory, login: LogIn) -> None:
    with records.writing():
        here, there = (
            records.project("execution", title=title, region=region)
            for title, region in (("甲项目", "韶山市"), ("乙项目", "湘乡市"))
        )
    finance = login(records.people["finance"])
    page = finance.get("/finance/projects?region=韶山市").text
    assert f'name="id" value="{here.id}"' in page and "全部符合条件的 1 项" in page
    every = load_workbook(BytesIO(finance.get("/list-files/finance.projects/xlsx?all=1&region=韶山市").data)).active
    assert [row[0].value for row in every.iter_rows(min_row=2)][:-1] == [here.number]
    asked = finance.get("/batches/new?list=money&region=韶山市&all=1&trigger=approve_payment").text
    assert "甲项目" in asked and "乙项目" not in asked
    assert there.number not in finance.get("/list-files/finance.projects/csv?region=韶山市").text


@pytest.mark.parametrize("app", ["sqlite"], indirect=True)
def test_files_of_one_title_say_in_the_archive_who_made_each(
    factory: SiteProjectFactory, login: LogIn, app: Flask
) -> None:
    project = factory.listed()
    factory.bid(project)
    factory.bid(project, "rival")
    factory.at("2024-10-29 09:00")
    science = login(factory.people["science"])
    science.post("/downloads/case-files", data={"id": [project.id]})
    while work_off(app):
        pass
    names = [name.rpartition("/")[2] for name in downloaded(science).namelist()]
    bids = [name for name in names if "揭榜申请书" in name and name.endswith(".pdf")]
    assert len(bids) == 2 and all(
        any(factory.organisations[who].name[:8] in name for name in bids) for who in ("bidder", "rival")
    ), names
    assert not any("（" in name for name in names if "受理回执" in name)
