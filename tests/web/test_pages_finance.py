"""The pages of money: what can be paid and why not, what is paid, the totals, the files."""

import csv
from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from io import BytesIO, StringIO

import pytest
from flask import Flask
from flask.testing import FlaskClient
from openpyxl import load_workbook

from tests.factories.records import NOW, REGION, TODAY, RecordFactory
from tests.web.counting import counted
from xtbang.models import Person, Project, Restriction, Termination
from xtbang.papers.workbook import harmless
from xtbang.queries.caller import actor_of
from xtbang.queries.payment_queue import queue, reasons
from xtbang.queries.rights.visibility import visible

LogIn = Callable[[Person], FlaskClient]
OFFICES = ["science", "industry", "leader", "auditor", "finance", "county"]


@pytest.fixture
def finance(records: RecordFactory, login: LogIn) -> FlaskClient:
    return login(records.people["finance"])


def against(records: RecordFactory, app: Flask, project: Project) -> list[str]:
    """The sentences that the queue shows for a project."""
    person = records.people["finance"]
    editions = app.extensions["engine"].policy.editions
    records.session.rollback()
    seen = visible(person.role_names, person.id, None, None)
    found = queue(records.caller("finance"), seen)
    payment = next(item for item in found if item.row.id == project.id)
    sentences = [str(reason) for reason in reasons(payment, editions[payment.row.edition])]
    assert payment.ready == (not sentences)
    return sentences


def engine_says(records: RecordFactory, app: Flask, project: Project) -> list[str]:
    """What the engine answers to the finance office before anything is filled in."""
    engine = app.extensions["engine"]
    trigger = "disburse_first" if project.state == "first_payment" else "disburse_final"
    actor = actor_of(records.people["finance"])
    return [str(reason) for reason in engine.why_not(records.session, project, actor, trigger)]


def test_the_queue_says_what_the_engine_says(records: RecordFactory, app: Flask) -> None:
    with records.writing():
        ready = records.payable()
        bare = records.project("first_payment")
        short = records.project("first_payment")
        records.voucher(short, amount=799_999)
        records.match(short, 1)
        final = records.project("final_payment")
        done = records.project("final_payment")
        records.entry(done, "instalment", "county", 150_000, TODAY, 1)
        records.match(done, 2)
        records.approve(done, 2)
    for project, number in ((ready, 0), (bare, 4), (short, 2), (final, 3), (done, 0)):
        sentences = against(records, app, project)
        assert len(sentences) == number
        assert sorted(sentences) == sorted(engine_says(records, app, project))


def test_a_restriction_stops_payment(records: RecordFactory, app: Flask) -> None:
    with records.writing() as session:
        project = records.payable()
        session.add(
            Restriction(
                organisation_id=records.organisations["bidder"].id,
                starts_on=TODAY,
                ends_on=TODAY,
                reason="弄虚作假",
                created_at=NOW,
                created_by_id=records.people["science"].id,
            )
        )
    assert [sentence[-10:] for sentence in against(records, app, project)] == ["《办法》第十三条）。"]
    assert engine_says(records, app, project)


def test_the_overview(records: RecordFactory, finance: FlaskClient) -> None:
    with records.writing() as session:
        ready = records.payable(title="可以拨的")
        records.project("first_payment", title="还不能拨的")
        ended = records.project("termination", title="终止的")
        records.entry(ended, "instalment", "city", 150_000, date(2025, 5, 1), 1)
        records.entry(ended, "recovery_due", "city", 150_000, TODAY)
        records.entry(ended, "recovered", "city", 50_000, TODAY)
        facts = {"cause": "subjective", "reason": "", "responsible": "bidder", "from_state": "execution"}
        until = TODAY + timedelta(days=2)
        session.add(Termination(project_id=ended.id, decided_at=NOW, recover_by=until, **facts))
    page = finance.get("/finance").text
    assert f"/projects/{ready.id}/actions/disburse_first" in page
    assert "湘潭高新区尚未确认首期配套资金 15.00 万元" in page
    assert "市级应追缴 15.00 万元，尚差 10.00 万元" in page
    assert f"/projects/{ended.id}/actions/record_recovery" in page
    assert "2025" in page
    assert "5.00 万元" in page
    listed = finance.get("/finance/recoveries?sort=-尚差（万元）").text
    assert f'name="id" value="{ended.id}"' in listed
    assert f'href="/projects/{ended.id}/actions/record_recovery" data-line-next' in listed


def test_only_the_treasury_is_offered_the_payment(records: RecordFactory, login: LogIn) -> None:
    with records.writing():
        project = records.payable()
    for name in OFFICES:
        page = login(records.people[name]).get("/finance")
        assert page.status_code == 200
        assert project.title in page.text
        assert ("/actions/disburse_first" in page.text) == (name == "finance")
        boxes = 'name="id"' in page.text
        assert boxes == ('class="picking"' in page.text) and (boxes or name != "finance"), "no box without its form"


def test_a_county_sees_its_own_region(records: RecordFactory, login: LogIn) -> None:
    with records.writing():
        here = records.payable(title="本区的")
        records.entry(here, "instalment", "city", 150_000, TODAY, 1)
    far = login(records.people["far county"])
    for path in ("/finance", "/finance/projects", "/list-files/finance.projects/csv"):
        page = far.get(path).get_data(as_text=True)
        assert "本区的" not in page
        assert "15.00 万元" not in page
    own = login(records.people["county"])
    assert "本区的" in own.get("/finance/projects").text
    assert "本区的" in own.get("/list-files/finance.projects/csv").get_data(as_text=True)


@pytest.mark.parametrize("app", ["sqlite"], indirect=True)
@pytest.mark.parametrize("name", ["issuer", "bidder", "expert", "agency", "admin"])
def test_others_see_no_money(records: RecordFactory, login: LogIn, name: str) -> None:
    browser = login(records.people[name])
    for path in ("/finance", "/finance/projects", "/list-files/finance.projects/csv"):
        assert browser.get(path).status_code == 403


def test_the_list_by_project(records: RecordFactory, finance: FlaskClient) -> None:
    with records.writing():
        paid = records.project("execution", title="已拨的", region="韶山市")
        records.entry(paid, "instalment", "city", 150_000, date(2025, 5, 1), 1)
        records.project("contracting", title="没拨的")
        records.project("roadshow", title="还没立项的")
    page = finance.get("/finance/projects").text
    assert "已拨的" in page
    assert "没拨的" in page
    assert "还没立项的" not in page
    for query in ("year=2025", "region=韶山市", "q=已拨"):
        page = finance.get(f"/finance/projects?{query}").text
        assert "已拨的" in page
        assert "没拨的" not in page


def test_pages_of_the_list(records: RecordFactory, finance: FlaskClient) -> None:
    with records.writing():
        ids = [records.project("contracting").id for _ in range(25)]
    page = finance.get("/finance/projects?q=示例").text
    assert f"before={ids[5]}" in page
    rest = finance.get(f"/finance/projects?before={ids[5]}").text
    assert f"/projects/{ids[4]}" in rest
    assert f'/projects/{ids[5]}"' not in rest


@pytest.mark.parametrize("app", ["sqlite"], indirect=True)
@pytest.mark.parametrize("path", ["/finance", "/finance/projects", "/list-files/finance.projects/csv"])
def test_the_number_of_queries_does_not_grow(
    records: RecordFactory, app: Flask, finance: FlaskClient, path: str
) -> None:
    def rows(number: int) -> None:
        with records.writing():
            for _ in range(number):
                records.payable()
                records.project("final_payment")

    rows(3)
    finance.get(path).get_data()
    with counted(app) as few:
        finance.get(path).get_data()
    rows(27)
    with counted(app) as many:
        finance.get(path).get_data()
    assert len(many) == len(few) > 1


def test_the_csv_file(records: RecordFactory, finance: FlaskClient) -> None:
    with records.writing():
        project = records.project("execution", title='=HYPERLINK("http://x")', subsidy_city=Decimal("300000.01"))
        records.entry(project, "instalment", "city", 150_000, TODAY, 1)
    answer = finance.get("/list-files/finance.projects/csv")
    assert answer.mimetype == "text/csv"
    text = answer.get_data().decode("utf-8")
    assert text.startswith("\ufeff项目编号")
    head, row, total = list(csv.reader(StringIO(text.removeprefix("\ufeff"))))
    values = dict(zip(head, row, strict=True))
    assert values["项目名称"] == '\'=HYPERLINK("http://x")'
    assert values["市级补助（万元）"] == "30.000001"
    assert Decimal(values["市级首期已拨（万元）"]) == 15
    assert values["状态"] == "实施"
    assert total[0] == "合计" and dict(zip(head, total, strict=True))["市级补助（万元）"] == "30.000001"


def test_the_xlsx_file(records: RecordFactory, finance: FlaskClient) -> None:
    with records.writing():
        records.project("execution", title="=1+1")
    sheet = load_workbook(BytesIO(finance.get("/list-files/finance.projects/xlsx").get_data())).active
    head, row, _total = list(sheet.iter_rows())
    cells = {title.value: cell for title, cell in zip(head, row, strict=True)}
    assert (cells["项目名称"].data_type, cells["项目名称"].value) == ("s", "=1+1")
    assert cells["市级补助（万元）"].value == 30
    assert finance.get("/list-files/finance.projects/exe").status_code == 404


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("=1", "'=1"),
        ("+1", "'+1"),
        ("-1", "'-1"),
        ("@x", "'@x"),
        ("\tx", "'\tx"),
        ("＝1", "'＝1"),
        ("正常", "正常"),
        ("a\x00b", "ab"),
        (None, ""),
        (Decimal("-1.50"), "-1.50"),
    ],
)
def test_no_cell_is_a_formula(value: object, text: str) -> None:
    assert harmless(value) == text


# ---------------------------------------------------------------- where recovered money goes


def test_each_treasury_is_reminded_of_its_account_and_keeps_it(records: RecordFactory, login: LogIn) -> None:
    values = {"name": "示例国库", "bank_name": "示例银行", "bank_account": "9999 0000 1111", "since": TODAY.isoformat()}
    for name, whose in (("finance", "市级财政"), ("county", REGION)):
        browser = login(records.people[name])
        assert f"{whose}还没有登记收款账户" in browser.get("/finance").text
        wrong = browser.post("/finance/account", data=values | {"bank_account": "", "name": "国库" * 40})
        assert wrong.status_code == 422
        assert "“账号”尚未填写" in wrong.text
        assert "国库国库" in wrong.text
        assert browser.post("/finance/account", data=values).status_code == 302
        assert "999900001111" in browser.get("/finance/account").text
        page = browser.get("/finance").text
        assert "还没有登记收款账户" not in page
        assert "999900001111" in page
    far = login(records.people["far county"])
    assert "韶山市还没有登记收款账户" in far.get("/finance").text
    assert "999900001111" not in far.get("/finance/account").text
    auditor = login(records.people["auditor"])
    assert auditor.get("/finance/account").status_code == 403
    assert "收款账户" not in auditor.get("/finance").text
    assert "999900001111" in auditor.get("/admin/audit").text


def test_an_account_that_is_put_right_or_begins_later(records: RecordFactory, finance: FlaskClient) -> None:
    values = {"name": "示例国库", "bank_name": "示例银行", "bank_account": "1111", "since": TODAY.isoformat()}
    finance.post("/finance/account", data=values)
    finance.post("/finance/account", data=values | {"bank_account": "2222"})
    later = (TODAY + timedelta(days=30)).isoformat()
    finance.post("/finance/account", data=values | {"bank_account": "3333", "since": later})
    page = finance.get("/finance/account").text
    found = [
        page.index(word, page.index(number))
        for number, word in (("3333", "未启用"), ("2222", "使用中"), ("1111", "已停用"))
    ]
    assert found == sorted(found)
    assert "2222" in finance.get("/finance").text
