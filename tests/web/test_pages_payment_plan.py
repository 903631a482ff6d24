"""The plan of payments (用款计划): what is still to be paid stands in its month, once, and adds up."""

import re
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from io import BytesIO

import pytest
from flask import Flask
from flask.testing import FlaskClient
from openpyxl import load_workbook
from sqlalchemy import update

from tests.factories.records import NOW, TODAY, RecordFactory
from tests.web.counting import counted
from xtbang.actions.expected_payments import build_expected_payments, wrong_expected_payments
from xtbang.actions.money_totals import wrong_money_totals
from xtbang.extensions import db
from xtbang.health.records import money
from xtbang.models import ExpectedPayment, Person
from xtbang.web.finance import plan

LogIn = Callable[[Person], FlaskClient]
pytestmark = pytest.mark.parametrize("app", ["sqlite", "postgresql"], indirect=True)


def months(text: str) -> dict[str, list[str]]:
    """The first table: month → its figures."""
    table = text[text.index("按月份") :].partition("</table>")[0]
    rows = re.findall(r'<th scope="row"[^>]*>(?:<a[^>]*>)?(.*?)<.*?</tr>', table, re.DOTALL)
    parts = re.split(r'<th scope="row"', table)[1:]
    return {name: re.findall(r">([-0-9.,]+)<", part) for name, part in zip(rows, parts, strict=True)}


def test_each_instalment_stands_in_the_month_in_which_it_is_expected(records: RecordFactory, login: LogIn) -> None:
    end = date(TODAY.year + 1, 5, 20)
    with records.writing():
        running = records.project("execution", starts_on=TODAY.replace(day=1), ends_on=end, title="甲项目")
        records.entry(running, "instalment", "city", 150_000, TODAY, 1)  # the county owes both of its instalments
        late = records.project("execution", starts_on=date(2023, 1, 1), ends_on=date(2024, 1, 1))
        for source in ("city", "county"):
            records.entry(late, "instalment", source, 150_000, TODAY, 1)
        records.project("publicity")
        records.project("termination")
    finance = login(records.people["finance"])
    page = finance.get("/finance/plan").text
    now, then = f"{TODAY.year}年{TODAY.month}月", f"{end.year}年{end.month}月"
    assert months(page) == {
        now: ["2", "15.00", "30.00"],
        then: ["1", "15.00", "15.00"],
        "合计": ["3", "30.00", "45.00"],
    }
    chosen = f"month={end:%Y-%m}"
    assert "甲项目" in finance.get(f"/finance/plan?{chosen}").text.partition('id="rows"')[2]
    book = load_workbook(BytesIO(finance.get(f"/list-files/finance.plan/xlsx?{chosen}").get_data()))
    head, *rows = book.worksheets[0].iter_rows(values_only=True)
    place = head.index("市级（万元）")
    assert sum(Decimal(str(row[place])) for row in rows[:-1]) == Decimal(str(rows[-1][place])) == 15
    ticks = re.findall(r'name="id" value="([0-9]+)"', page)
    assert len(set(ticks)) == 3, "each instalment is ticked by itself, also where a project has several"
    book = load_workbook(BytesIO(finance.get(f"/list-files/finance.plan/xlsx?id={ticks[0]}").get_data()))
    assert len(list(book.worksheets[0].iter_rows())) == 3, "the head, the instalment and the sum"
    assert "甲项目" in finance.get("/finance/plan?from=900").text.partition('id="rows"')[2], (
        "past the end is the last page"
    )
    far = login(records.people["far county"])
    assert "甲项目" not in far.get("/finance/plan").text


def test_a_long_plan_comes_in_pages_and_adds_up_on_each(
    records: RecordFactory, login: LogIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(plan, "LINES", 2)
    with records.writing():
        for number in range(5):
            records.project(
                "execution", starts_on=TODAY, ends_on=date(TODAY.year + 1, 5, 20), title=f"第{number}个项目"
            )
    finance = login(records.people["finance"])
    seen, address = [], "/finance/plan"
    while address:
        page = finance.get(address).text.partition('id="rows"')[2]
        assert ">150.00<" in page and "全部 10 笔" in page, "the sum is that of all pages"
        seen += re.findall(r"data-line", page)
        older = re.search(r'rel="next" href="([^"#]+)', page)
        address = older[1].replace("&amp;", "&") if older else ""
    assert len(seen) == 10


def test_no_payment_is_read_however_many_projects_run(app: Flask, records: RecordFactory, login: LogIn) -> None:
    finance = login(records.people["finance"])
    counts = []
    for number in (1, 7):
        with records.writing():
            for place in range(number):
                records.project("execution", starts_on=TODAY, title=f"第{number}批第{place}个项目")
        with counted(app) as statements:
            page = finance.get("/finance/plan").text
        assert f"第{number}批第0个项目" in page
        assert not any("ledger_entry" in statement for statement in statements)
        counts.append(len(statements))
    assert counts[0] == counts[1]


def test_what_is_kept_is_what_is_reckoned_whatever_changes_and_whatever_day_it_is(
    app: Flask, records: RecordFactory, login: LogIn
) -> None:
    """A payment, its reversal, other terms and subsidies, another region, a termination; then a year goes by."""
    session, policy = records.session, app.extensions["engine"].policy
    end = date(TODAY.year + 1, 5, 20)

    def kept() -> dict[str, list[str]]:
        session.rollback()
        assert list(wrong_expected_payments(session, policy)) == []
        assert list(wrong_money_totals(session)) == []
        page = login(records.people["finance"]).get("/finance/plan").text
        return months(page) if "按月份" in page else {}

    with records.writing():
        project = records.project("execution", starts_on=TODAY.replace(day=1), ends_on=end)
    now, then, later = f"{TODAY.year}年{TODAY.month}月", f"{end.year}年{end.month}月", f"{end.year}年9月"
    assert kept()[now] == ["1", "15.00", "15.00"]
    with records.writing():
        first = records.entry(project, "instalment", "city", 150_000, TODAY, 1)
    assert kept()[now] == ["1", "0.00", "15.00"]
    with records.writing():
        records.entry(project, "instalment", "city", 150_000, TODAY, 1, reverses_id=first.id, attempt=2)
    assert kept()[now] == ["1", "15.00", "15.00"]
    with records.writing():
        project.ends_on, project.subsidy_city = date(end.year, 9, 1), Decimal(200_000)
    assert kept()[later] == ["1", "10.00", "15.00"]
    with records.writing():
        project.state = "final_payment"
    assert list(kept()) == [now, "合计"], "what is due is expected this month"
    with records.writing():
        project.state, project.region = "execution", "雨湖区"
    engine = app.extensions["engine"]
    engine.clock = lambda: NOW.replace(year=end.year + 1)
    assert list(kept()) == [f"{end.year + 1}年{TODAY.month}月", "合计"], "what was not paid in time waits still"
    with records.writing():
        project.state = "termination"
    assert kept() == {}
    with records.writing():
        project.state = "execution"
    with records.writing():
        session.execute(update(ExpectedPayment).values(month=date(2020, 1, 1)))
    with app.app_context():
        assert any(trouble.said.startswith("保存的用款计划") for trouble in money(app))
        build_expected_payments(db.session(), policy)
        assert list(money(app)) == []
    assert then not in kept()
