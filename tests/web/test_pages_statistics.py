"""The statistics: what a call has come to, in charts with their tables and spreadsheets."""

import json
import re
from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from html import unescape
from io import BytesIO
from itertools import pairwise
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from openpyxl import load_workbook

from tests.factories.records import NOW, RecordFactory
from tests.web.counting import counted
from xtbang.background import schedule, work_off
from xtbang.enums import JOB_LABELS
from xtbang.models import DocumentVersion, Event, Job, Person, Project, Report
from xtbang.queries.ledger import added, totals_by_year
from xtbang.queries.statistics import OF_ALL, OF_CALL, kept
from xtbang.web.office import statistics

READERS = ("leader", "auditor", "finance", "county")
LogIn = Callable[[Person], FlaskClient]
pytestmark = pytest.mark.parametrize("app", ["sqlite", "postgresql"], indirect=True)


def drawn(page: str) -> dict[str, list[list[Any]]]:
    """The rows of each picture of a page, by its title."""
    found = re.findall(r'data-rows="([^"]*)"[^>]*aria-label="([^"]*)，数据见下表"', page)
    return {title: json.loads(unescape(rows)) for rows, title in found}


def told(page: str) -> dict[str, list[list[str]]]:
    """The rows of each table of a page, by its title."""
    tables = {}
    for title, body in re.findall(r'<h2 id="[a-z]+-title">([^<]*)</h2>(.*?)</section>', page, re.DOTALL):
        rows = re.findall(r"<tr>(.*?)</tr>", body.partition("</thead>")[2], re.DOTALL)
        cells = [re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row, re.DOTALL) for row in rows]
        tables[title] = [[re.sub(r"<[^>]*>", "", cell).strip() for cell in row] for row in cells]
    return tables


def season(records: RecordFactory, count: int = 1) -> list[Project]:
    """Projects that wait, run and have ended, with their moves, payments and panels; inside ``writing()``."""
    made = []
    for _number in range(count):
        waiting = records.project("appraisal", state_since=NOW - timedelta(days=90))
        running = records.project("execution", ends_on=date(2027, 1, 31))
        ended = records.project("rejected")
        records.entry(running, "instalment", "city", 150_000, date(2026, 3, 1), 1)
        records.entry(running, "instalment", "county", 150_000, date(2026, 4, 1), 1)
        for project, path in ((waiting, "draft solicitation appraisal"), (ended, "draft solicitation rejected")):
            states = path.split()
            for place, (before, after) in enumerate(pairwise(states)):
                how = ("refuse", {"rule": "《办法》第六条（一）2"}) if after == "rejected" else ("submit", {})
                moved(records, project, before, after, NOW - timedelta(days=100 - 10 * place), *how)
        made += [waiting, running, ended]
    return made


def moved(
    records: RecordFactory,
    project: Project,
    before: str,
    after: str,
    at: Any,
    trigger: str = "submit",
    data: dict[str, str] | None = None,
) -> None:
    last = records.session.query(Event).filter(Event.stream == f"project:{project.id}").count()
    values = {"stream": f"project:{project.id}", "sequence": last + 1, "project_id": project.id, "at": at}
    values |= {"actor_name": "系统", "role": "science", "trigger": trigger, "outcome": "moved", "data": data or {}}
    records.session.add(Event(**values, from_state=before, to_state=after, digest="0" * 64))
    records.session.flush()


def test_each_picture_shows_its_table_and_its_spreadsheet(records: RecordFactory, login: LogIn) -> None:
    with records.writing():
        call_id = season(records)[0].call_id
    client = login(records.people["leader"])
    for address, makers in ((f"/statistics/calls/{call_id}", OF_CALL), ("/statistics", OF_ALL)):
        page = client.get(address).text
        pictures, tables = drawn(page), told(page)
        assert pictures and set(pictures) <= set(tables)
        for title, rows in pictures.items():
            shown = [[cell.replace(",", "") for cell in row] for row in tables[title]]
            assert [[plain(cell) for cell in row] for row in rows] == [
                [plain(cell) for cell in row] for row in shown
            ], title
        for key in makers:
            book = client.get(f"{address}/{key}/export")
            assert book.status_code == 200, key
            sheet = load_workbook(BytesIO(book.data)).active
            rows = [[cell.value for cell in row] for row in sheet.iter_rows(min_row=2)]
            title = re.search(rf'<h2 id="{key}-title">([^<]*)<', page)
            assert title and [[plain(cell) for cell in row] for row in rows] == [
                [plain(cell.replace(",", "")) for cell in row] for row in tables.get(title[1], [])
            ]


def test_a_call_with_very_many_entries_is_counted_by_the_worker_and_its_page_shows_the_same(
    app: Flask, records: RecordFactory, login: LogIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    with records.writing():
        call_id = season(records)[0].call_id
    records.session.rollback()
    address, readers = f"/statistics/calls/{call_id}", [login(records.people[who]) for who in READERS]
    counted_live = [shown_on(reader.get(address).text) for reader in readers]
    assert all(pictures for pictures, _tables in counted_live)
    files_live = [reader.get(f"{address}/money/export").data for reader in readers]
    monkeypatch.setattr(kept, "LARGE", 0)
    monkeypatch.setattr(statistics, "LARGE", 0)
    assert all("由后台统计" in reader.get(address).text for reader in readers)
    schedule(app)
    schedule(app)
    for _job in JOB_LABELS:
        work_off(app)
    for reader, live, file in zip(readers, counted_live, files_live, strict=True):
        page = reader.get(address).text
        assert shown_on(page) == live and "由后台统计" not in page and "统计到今天" not in page
        kept_file = reader.get(f"{address}/money/export").data
        assert [list(rows) for rows in cells(kept_file)] == [list(rows) for rows in cells(file)]
    assert records.session.query(Job).filter(Job.kind == "statistics").count() == 1


def shown_on(page: str) -> tuple[Any, Any]:
    return drawn(page), told(page)


def cells(book: bytes) -> list[tuple[Any, ...]]:
    return list(load_workbook(BytesIO(book)).active.iter_rows(values_only=True))


def test_the_half_yearly_report_has_the_milestones_of_the_half_year_and_what_is_late(
    records: RecordFactory, login: LogIn
) -> None:
    """Of two projects at work and one that has ended its work: at the edges of the half year, and by the newest report."""
    days = {"早已完成": "2026-01-31", "没有完成": "2026-06-30", "没有填报": "2026-05-01", "年中": "2026-07-01"}
    days |= {"已到期": "2026-11-22", "年底": "2026-12-31", "明年": "2027-01-01"}
    with records.writing() as session:
        for state, title in (("execution", "甲"), ("acceptance", "乙")):
            project = records.project(state, title=title, ends_on=date(2027, 6, 30))
            said = {"milestones": [{"date": day, "content": words} for words, day in days.items()]}
            project.application_id = filled(records, project, "application", said)
            for due_on, state_of in ((date(2025, 12, 31), "ongoing"), (date(2026, 6, 30), "done")):
                rows = [{"content": "早已完成", "state": state_of}, {"content": "没有完成", "state": "delayed"}]
                known = {"submitted_at": NOW, "document_id": filled(records, project, "report", {"milestones": rows})}
                session.add(Report(project_id=project.id, due_on=due_on, **known))
    client = login(records.people["leader"])
    address = f"/statistics/calls/{project.call_id}"
    page = client.get(address).text
    late = [["甲", "2026-05-01", "没有填报", "逾期"], ["甲", "2026-06-30", "没有完成", "逾期，延迟"]]
    both = [[title, days[words], words, "—"] for words in ("年中", "已到期", "年底") for title in ("甲", "乙")]
    both[0][3] = both[2][3] = "逾期"
    assert told(page)["2026 年下半年到期和逾期的阶段目标"] == [*late, *both]
    book = load_workbook(BytesIO(client.get(f"{address}/all_milestones/export").data)).active
    assert f'href="{address}/all_milestones/export"' in page
    assert book.max_row == 1 + 2 * (len(days) + 1), "and the end of each term"


def filled(records: RecordFactory, project: Project, kind: str, data: dict[str, Any]) -> int:
    document = records.document(project, kind)
    version = DocumentVersion(document_id=document.id, number=1, data=data, sha256="0" * 64, frozen_at=NOW)
    records.session.add(version)
    records.session.flush()
    return document.id


def plain(cell: Any) -> Any:
    """A number as a number, whatever it was written as."""
    try:
        return Decimal(str(cell)).normalize()
    except ArithmeticError:
        return {None: "—"}.get(cell, cell)


def test_where_projects_were_lost_and_how_long_stages_took(records: RecordFactory, login: LogIn) -> None:
    with records.writing():
        waiting = season(records)[0]
        ended = [records.project("terminated"), records.project("termination"), records.project("terminated")]
        for project in ended:
            moved(records, project, "execution", "termination", NOW, "terminate", {"cause": "subjective"})
        for project in (ended[0], ended[2]):
            moved(records, project, "termination", "terminated", NOW, "settle", {})
    tables = told(login(records.people["science"]).get(f"/statistics/calls/{waiting.call_id}").text)
    assert dict(tables["各环节到达的项目"])["征集"] == "2"
    assert dict(tables["各环节到达的项目"])["实施"] == "1"
    assert tables["各环节的退出和原因"] == [
        ["征集：不予受理（《办法》第六条（一）2）", "1"],
        ["实施：终止（发榜方或揭榜方主观原因）", "2"],
    ]
    assert next(row for row in tables["各环节用时"] if row[0] == "征集")[1:2] == ["10"]
    assert [row[0] for row in tables["超过计划最久的项目"]] == [waiting.title]


def test_the_money_of_the_statistics_is_that_of_the_ledger(records: RecordFactory, login: LogIn) -> None:
    with records.writing():
        season(records, 3)
    rows = drawn(login(records.people["finance"]).get("/statistics").text)["资金按年度"]
    total = added(totals_by_year(records.session))
    assert sum(Decimal(str(row[1])) for row in rows) == total.city.scaleb(-4) == 45
    assert sum(Decimal(str(row[2])) for row in rows) == total.county.scaleb(-4) == 45


def test_a_county_sees_its_own_projects_and_no_expert(records: RecordFactory, login: LogIn) -> None:
    with records.writing():
        call_id = season(records)[0].call_id
        records.project("execution", region="韶山市")
    page = login(records.people["county"]).get(f"/statistics/calls/{call_id}").text
    assert "韶山市" not in page and "专家评审情况" not in page
    assert login(records.people["county"]).get(f"/statistics/calls/{call_id}/experts/export").status_code == 404
    assert "韶山市" in login(records.people["leader"]).get(f"/statistics/calls/{call_id}").text
    assert login(records.people["bidder"]).get("/statistics").status_code in (302, 403, 404)


def test_more_projects_ask_no_more_questions(records: RecordFactory, login: LogIn, app: Flask) -> None:
    with records.writing():
        call_id = season(records)[0].call_id
    client = login(records.people["science"])

    def asked() -> int:
        client.get(f"/statistics/calls/{call_id}")
        with counted(app) as seen:
            client.get(f"/statistics/calls/{call_id}")
        return len(seen)

    few = asked()
    with records.writing():
        season(records, 10)
    assert asked() == few <= 19
