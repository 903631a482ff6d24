"""Lists as files: what a spreadsheet gets, who gets it, and that it is the list of the page."""

import re
from collections.abc import Callable
from datetime import datetime
from io import BytesIO
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from openpyxl import load_workbook

from tests.factories.records import NOW, TODAY, RecordFactory
from tests.web.counting import counted
from xtbang import sheets
from xtbang.background import work_off
from xtbang.models import Mail, Meeting, Person
from xtbang.web.frame.access import SIGNED_IN, rule_of
from xtbang.web.office import list_files

LogIn = Callable[[Person], FlaskClient]
pytestmark = pytest.mark.parametrize("app", ["sqlite"], indirect=True)


def table(client: FlaskClient, address: str) -> list[dict[str, Any]]:
    """The rows of the file at that address, by their heads."""
    sheet = load_workbook(BytesIO(client.get(address).data)).active
    heads, *rows = list(sheet.iter_rows())
    return [dict(zip([head.value for head in heads], row, strict=True)) for row in rows]


def test_each_list_is_taken_away_by_those_who_open_its_page_and_by_no_one_else(
    app: Flask, records: RecordFactory, login: LogIn
) -> None:
    assert len(sheets.LISTS) > 10
    for name, listed in sheets.LISTS.items():
        rule = set(rule_of(app, name))
        assert listed.roles == rule or rule == {SIGNED_IN}, name
    for role in ("science", "finance", "admin", "issuer"):
        client = login(records.people[role])
        for name, listed in sheets.LISTS.items():
            answer = client.get(f"/list-files/{name}/xlsx")
            assert answer.status_code == (200 if role in listed.roles else 403), (role, name)
            if answer.status_code == 200:
                sheet = load_workbook(BytesIO(answer.data)).active
                assert sheet.freeze_panes == "A2" and sheet.auto_filter.ref.startswith("A1:"), name


def test_codes_are_texts_days_are_days_and_nothing_is_a_formula(records: RecordFactory, login: LogIn) -> None:
    with records.writing():
        records.organisations["issuer"].name = '=HYPERLINK("http://x")'
        records.organisations["issuer"].uscc = "91430300MA4L0001X0"
        paid = records.payable(title="@可拨的")
        for number, amount in ((1, 150_000), (2, 30_000)):
            records.entry(paid, "instalment", "city", amount, TODAY, number)
    science = login(records.people["science"])
    code = next(row for row in table(science, "/list-files/admin.organisations/xlsx?q=HYPERLINK"))
    assert (code["单位"].value, code["单位"].data_type) == ('=HYPERLINK("http://x")', "s")
    assert (code["统一社会信用代码"].data_type, code["统一社会信用代码"].number_format) == ("s", "@")
    assert isinstance(code["注册时间"].value, datetime)
    *lines, total = table(science, "/list-files/finance.lines/xlsx?of=city")
    assert [(row["日期"].value.date(), row["日期"].is_date, row["项目名称"].data_type) for row in lines] == [
        (TODAY, True, "s")
    ] * 2
    assert sorted(row["金额（万元）"].value for row in lines) == [3, 15]
    assert (total["日期"].value, total["金额（万元）"].value, total["项目名称"].value) == ("合计", 18, None)
    assert total["金额（万元）"].data_type == "n"  # added up here: a formula would be one more thing to trust
    everything = table(science, "/list-files/finance.lines/xlsx")
    assert everything[-1]["日期"].value != "合计"  # lines of different kinds do not add up


def test_the_file_has_the_rows_of_the_page(records: RecordFactory, login: LogIn) -> None:
    with records.writing():
        records.project("execution", title="甲项目", region="韶山市")
        records.project("execution", title="乙项目")
        records.project("acceptance", title="丙项目")
    science = login(records.people["science"])
    for query in ("", "?state=execution", "?region=韶山市", "?q=乙项目", "?state=acceptance&kind=none"):
        page = set(re.findall("[甲乙丙]项目", science.get(f"/projects{query}").text.partition("<tbody>")[2]))
        link = re.search(r'href="(/list-files/bureau.projects/xlsx[^"]*)"', science.get(f"/projects{query}").text)
        assert link
        assert {row["名称"].value for row in table(science, link[1].replace("&amp;", "&"))} - {None} == page, query


def test_a_long_list_is_written_by_the_worker(
    app: Flask, records: RecordFactory, login: LogIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    with records.writing():
        for title in ("甲项目", "乙项目", "丙项目"):
            records.project("execution", title=title)
    monkeypatch.setattr(list_files, "AT_ONCE", 2)
    science = login(records.people["science"])
    page = science.get("/list-files/bureau.projects/xlsx?q=项目").text
    assert "在后台整理" in page
    action = re.search(r'action="(/list-files/[^"]+)"', page)
    assert action
    assert "正在后台整理" in science.post(action[1], follow_redirects=True).text
    while work_off(app):
        pass
    file = re.search(r'href="(/files/\d+)"', science.get("/downloads").text)
    assert file
    assert len(table(science, file[1])) == 4  # and the totals
    assert login(records.people["industry"]).get(file[1]).status_code == 404
    assert table(science, "/list-files/bureau.projects/xlsx?q=乙项目")[0]["名称"].value == "乙项目"


def test_of_what_grows_only_the_ticked_rows_are_read(app: Flask, records: RecordFactory, login: LogIn) -> None:
    without_boxes = {"calendar.page"}
    of_one = {"batches.page", "meetings.page", "search.page"}  # whose number, or words, the address has
    people = {role: login(records.people[role]) for role in ("science", "finance", "admin")}
    for name, listed in sheets.LISTS.items():
        if name in without_boxes | of_one:
            continue
        client = next(client for role, client in people.items() if role in listed.roles)
        with counted(app) as statements:
            client.get(f"/list-files/{name}/xlsx?id=7654321&id=8654321")
        assert any("id IN (?, ?)" in statement for statement in statements), name


# pages with a table that is no list of officers, and why
NO_LIST = {
    "statistics.index": "each picture has a file of its own",
    "finance.statement": "it is a paper",
    "admin.new_holidays": "a table to be filled in",
    "admin.editions": "versions of the rules, compared with each other and not worked on",
    "admin.editions_guide": "the guide to the files of the rules",
}


def test_every_list_of_officers_offers_its_file_with_boxes_for_its_rows(
    app: Flask, records: RecordFactory, login: LogIn
) -> None:
    with records.writing() as session:
        meeting = Meeting(kind="roadshow", title="路演", created_at=NOW, status="planned")
        paid = records.payable(title="可拨的")
        records.entry(paid, "instalment", "city", 150_000, TODAY, 1)
        records.project("execution", title="实施的")
        session.add_all([meeting, Mail(created_at=NOW, kind="x", address="a@example.com", subject="信", body="")])
    seen, without_file, with_boxes, with_keys = set(), set(), set(), set()
    for role in ("science", "finance", "admin", "auditor"):
        client = login(records.people[role])
        for rule in app.url_map.iter_rules():
            if (
                "GET" not in (rule.methods or ())
                or rule.arguments
                or set(rule_of(app, rule.endpoint)).isdisjoint({role})
            ):
                continue
            answer = client.get(rule.rule)
            if answer.status_code != 200 or answer.mimetype != "text/html" or "<tbody>" not in answer.text:
                continue
            seen.add(rule.endpoint)
            if f"/list-files/{rule.endpoint}/xlsx" not in answer.text:
                without_file.add(rule.endpoint)
            if 'name="id"' in answer.text:
                with_boxes.add(rule.endpoint)
            if "data-keys-legend" in answer.text and " data-line" in answer.text:
                with_keys.add(rule.endpoint)
    assert len(seen) > 10
    assert without_file == seen - with_boxes == set(NO_LIST)
    assert with_boxes == with_keys
