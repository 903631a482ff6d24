"""Lists of officers by any of their columns: on the page and in the file, what is empty last, either way."""

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from html import unescape
from io import BytesIO
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from flask import Flask
from flask.testing import FlaskClient
from openpyxl import load_workbook

from tests.factories.records import NOW, TODAY, RecordFactory
from tests.web.counting import counted
from xtbang.domain.collective_slips import declare_slip
from xtbang.models import Batch, Mail, Meeting, Person, Termination
from xtbang.queries import office_list
from xtbang.queries.rights.lists import seen_by
from xtbang.rules.asked import Asked
from xtbang.sheets import LISTS, registry
from xtbang.web.frame.access import rule_of

LogIn = Callable[[Person], FlaskClient]
pytestmark = pytest.mark.parametrize("app", ["sqlite"], indirect=True)

HEAD = re.compile(r'<th class="[^"]*" scope="col" [^>]*><a href="([^"]+)">')
CARDS = re.compile(r'<details class="fold sorting">.*?</details>', re.DOTALL)  # on a telephone
LINK = re.compile(r'<li><a href="([^"]+)"')
BOX = re.compile(r'name="id" value="(\d+)"')
LINES = {"bureau.projects", "desk.home"}  # sorted by what their lines show


@pytest.fixture
def filled(records: RecordFactory) -> RecordFactory:
    """Rows in every list; some have nothing in a column."""
    with records.writing() as session:
        for number, (title, place) in enumerate((("乙", "雨湖区"), ("甲", "韶山市"), ("丙", "岳塘区"))):
            paid = records.payable(title=title, region=place, number=f"XT-{9 - number}")
            records.entry(paid, "instalment", "city", 150_000 + number, TODAY, 1)
            session.add_all(
                [
                    Meeting(
                        kind="roadshow", title=title, created_at=NOW, status="planned", place=place if number else ""
                    ),
                    Mail(created_at=NOW, kind="x", address=f"{3 - number}@example.com", subject=title, body=""),
                    Batch(
                        person_id=records.people["science"].id,
                        role="science",
                        trigger="accept",
                        created_at=NOW,
                        request_key=title,
                    ),
                ]
            )
        for number, cause in enumerate(("subjective", "objective")):
            ended = records.project("termination", title=f"终止的{number}")
            records.entry(ended, "recovery_due", "city", 150_000 - number, TODAY)
            facts = {"cause": cause, "reason": "", "responsible": "bidder", "from_state": "execution"}
            until = TODAY + timedelta(days=number)
            session.add(Termination(project_id=ended.id, decided_at=NOW, recover_by=until, **facts))
        records.project("publicity", title="丁", subsidy_county=None, subsidy_city=None, planned_total=None)
        for last_day in (None, TODAY):
            records.notice([paid], "published", last_day).published_at = NOW
    for number in ("PZ-2", "PZ-1"):
        slip = {"number": number, "direction": "out", "dated": TODAY.isoformat(), "total": "5", "note": ""}
        declare_slip(records.caller("finance"), slip)
    return records


def pages(app: Flask, records: RecordFactory, login: LogIn) -> dict[str, tuple[str, str, FlaskClient]]:
    """The address of each list which has rows, and the first role that opens it, by the name of its page."""
    found: dict[str, tuple[str, str, FlaskClient]] = {}
    for role in ("science", "finance", "admin"):
        client = login(records.people[role])
        for rule in app.url_map.iter_rules():
            named = rule.endpoint
            if named in LISTS and not rule.arguments and named not in found and role in rule_of(app, named):
                found |= {named: (rule.rule, role, client)} if BOX.search(client.get(rule.rule).text) else {}
    return found


def in_turn(values: list[Any], down: bool) -> bool:
    """Whether these values stand in that order, what is empty last."""
    kept = [value for value in values if value not in (None, "")]
    return values[: len(kept)] == sorted(kept, reverse=down)


def test_every_list_is_sorted_by_each_of_its_heads(app: Flask, filled: RecordFactory, login: LogIn) -> None:
    found = pages(app, filled, login)
    assert len(found) > 12
    for named, (address, role, client) in found.items():
        if named in LINES:
            continue
        heads = HEAD.findall(client.get(address).text)
        labels = [parse_qs(urlsplit(unescape(url)).query)["sort"][0] for url in heads]
        made = LISTS[named].make(filled.caller(role), Asked({}))
        rows = {row[0]: row[1:] for row in made.rows}
        assert len(labels) > 2, f"{named} has no heads that sort it"
        for label in labels:
            place = [column.label for column in made.columns].index(label)
            for sort in (label, f"-{label}"):
                page = client.get(address, query_string={"sort": sort}).text
                values = [rows[int(number)][place] for number in BOX.findall(page)]
                assert len(values) == min(len(rows), 20) and in_turn(values, sort[0] == "-"), (named, sort)
                assert f'aria-sort="{"descending" if sort[0] == "-" else "ascending"}"' in page


def test_a_list_that_is_not_sorted_reads_no_row_of_its_file_and_asks_as_much_of_300_rows(
    app: Flask, filled: RecordFactory, login: LogIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_of: Any) -> Any:
        raise AssertionError("the rows of the file were read")

    found = pages(app, filled, login)
    for named in found:
        monkeypatch.setitem(LISTS, named, replace(LISTS[named], make=refuse))

    def asked_of_each() -> dict[str, int]:
        asked = {}
        for named, (address, _role, client) in found.items():
            with counted(app) as statements:
                assert client.get(address).status_code == 200
            asked[named] = len(statements)
        return asked

    few, science = asked_of_each(), filled.people["science"].id
    with filled.writing() as session:
        for n in range(300):
            session.add(Meeting(kind="roadshow", title=f"{n}", created_at=NOW, status="planned"))
            session.add(Mail(created_at=NOW, kind="x", address="a@example.com", subject="信", body=""))
            session.add(Batch(person_id=science, role="science", trigger="accept", created_at=NOW, request_key=f"{n}"))
    assert asked_of_each() == few


def test_cards_of_a_telephone_are_sorted_by_the_same_heads(app: Flask, filled: RecordFactory, login: LogIn) -> None:
    for named, (address, _role, client) in pages(app, filled, login).items():
        page = client.get(address).text
        heads = HEAD.findall(page)
        assert heads and LINK.findall("".join(CARDS.findall(page))) == heads, named


def test_the_file_stands_in_the_order_of_the_page(filled: RecordFactory, login: LogIn) -> None:
    science = login(filled.people["science"])
    page = science.get("/meetings", query_string={"sort": "-地点"}).text
    file = re.search(r'href="(/list-files/meetings.index/xlsx[^"]*)"', page)
    assert file
    rows = list(load_workbook(BytesIO(science.get(unescape(file[1])).data)).active.iter_rows(values_only=True))
    assert [row[3] or "" for row in rows[1:4]] == ["韶山市", "岳塘区", ""]
    assert [title for title in re.findall(r'">(乙|甲|丙)</a>', page)] == ["甲", "丙", "乙"]


def test_a_sorted_list_goes_on_and_says_what_it_leaves_out(
    filled: RecordFactory, login: LogIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    with filled.writing() as session:
        session.add_all(
            Mail(created_at=NOW, kind="x", address=f"{n:02}@z.cn", subject="信", body="") for n in range(25)
        )
    admin, seen = login(filled.people["admin"]), list[str]()
    page = admin.get("/admin/mails?q=z.cn&sort=-地址").text
    while True:
        seen += re.findall(r"(\d\d)@z.cn</td>", page)
        later = re.search(r'rel="next" href="([^"]+)"', page)
        if later is None:
            break
        page = admin.get(unescape(later[1])).text
    assert seen == [f"{n:02}" for n in reversed(range(25))]
    assert "最新的" not in page
    monkeypatch.setattr(registry, "SORTED", 21)
    assert "项排序" in admin.get("/admin/mails?q=z.cn&sort=地址").text


def test_projects_are_sorted_by_every_head_with_the_empty_ones_last(filled: RecordFactory, login: LogIn) -> None:
    with filled.writing():
        filled.project("closed", title="戊", number="XT-1", region="")
    science = login(filled.people["science"])

    def cells(key: str, sort: str) -> list[str]:
        page = science.get(f"/projects?sort={sort}").text
        found = re.findall(rf'<td class="line-{key}(?: num)?(?: line-\w+)?"[^>]*>(.*?)</td>', page, re.DOTALL)
        return [re.sub(r"<[^>]+>", "", cell).strip() for cell in found]

    with_nothing = set()
    for key in ("number", "title", "org", "region", "amount", "waited", "who"):
        up, down = cells(key, key), cells(key, f"-{key}")
        assert len(up) == len(down) == 7, key
        kept = [cell for cell in up if cell]
        with_nothing |= {key} if len(kept) < 7 else set()
        assert up[: len(kept)] == kept and sorted(down[: len(kept)]) == sorted(kept), key
        numbers = key in ("amount", "waited")
        read = [float(re.sub(r"[^\d.]", "", cell)) if numbers else cell for cell in kept]
        assert read == sorted(read), key  # type: ignore[type-var]
    assert with_nothing >= {"region", "amount", "waited", "who"}


def test_more_projects_than_are_sorted_at_once_stand_in_the_same_order(
    filled: RecordFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    with filled.writing():
        for title in ("戊", "己"):
            filled.project("closed", title=title, region="", planned_total=None, subsidy_city=None)
        filled.project("acceptance", title="庚", region="")
    caller = filled.caller("science")
    seen, count = seen_by(caller.actor), office_list.page(caller, seen_by(caller.actor), office_list.ALL).count

    def every(sort: str) -> list[int]:
        found, number = list[int](), 1
        while number:
            page = office_list.page(caller, seen, office_list.ALL, sort=sort, number=number, size=2)
            found, number = found + [row.id for row in page.rows], page.older or 0
        return found

    for key in office_list.SORTS:
        for sort in (key, f"-{key}"):
            few = every(sort)
            with monkeypatch.context() as patched:
                patched.setattr(office_list, "COUNTED", 2)
                many = every(sort)
                beyond = office_list.page(caller, seen, office_list.ALL, sort=sort, number=99, size=2)
            assert len(few) == len(set(many)) == count == 9 and not beyond.rows
            empty = {"region": 3, "amount": 3, "waited": 2}.get(key, 0)
            assert many[: count - empty] == few[: count - empty] and set(many) == set(few), sort


def test_a_filter_is_seen_where_its_value_is_gone_and_keeps_the_order(filled: RecordFactory, login: LogIn) -> None:
    science = login(filled.people["science"])
    page = science.get("/projects?state=nope&region=%E9%9B%A8%E6%B9%96%E5%8C%BA&sort=-amount").text
    assert '<option value="nope" selected>nope（没有这一项）</option>' in page
    assert page.count("（没有这一项）") == 1
    assert '<input type="hidden" name="sort" value="-amount">' in page
    known = science.get(f"/finance/lines?call={filled.call.id}&year={TODAY.year}&of=city").text
    assert "（没有这一项）" not in known + science.get("/projects").text


def test_a_page_beyond_the_last_one_is_the_last_one(filled: RecordFactory, login: LogIn) -> None:
    science = login(filled.people["science"])
    for address in ("/projects?sort=title", "/meetings?sort=名称", "/projects?sort=who"):
        assert BOX.findall(science.get(f"{address}&page=999").text) == BOX.findall(science.get(address).text) != []


def test_an_amount_of_a_line_is_written_as_in_every_table_of_money(filled: RecordFactory, login: LogIn) -> None:
    with filled.writing():
        filled.project("publicity", title="庚", subsidy_city=None, planned_total=Decimal(24_000_000))
    science = login(filled.people["science"])
    line = science.get("/projects?q=庚").text.partition("<tbody>")[2]
    assert ">2,400.00</td>" in line
    page = science.get("/batches/new?list=projects&all=1&q=庚&trigger=assign_officer").text
    assert "2,400.00" in page and "2400.00" not in page
