"""The pages of the budget of a call (批次预算): two people change it, and each figure opens the rows that add up to it."""

import re
from collections.abc import Callable
from decimal import Decimal

import pytest
from flask.testing import FlaskClient

from tests.factories.records import NOW, TODAY, RecordFactory
from xtbang.models import BudgetLine, Person

LogIn = Callable[[Person], FlaskClient]
pytestmark = pytest.mark.parametrize("app", ["sqlite"], indirect=True)
CHANGE = {
    "kind": "granted",
    "year": str(TODAY.year),
    "amount": "1200",
    "source": "科技专项",
    "number": "潭财预〔2026〕1号",
}
CHANGE |= {"dated": TODAY.isoformat(), "reason": "年度预算"}


def figures(text: str) -> dict[str, str]:
    """The numbers at the head of a page, with the addresses that they lead to."""
    found = re.findall(r'<dt>(.*?)</dt>\s*<dd>\s*<span class="figure-value"><a href="(.*?)">(.*?)</a>', text)
    return {label: f"{value} {url.replace('&amp;', '&')}" for label, url, value in found}


def total(text: str) -> list[str]:
    """The sums in the last row of the table of projects."""
    return re.findall(r'<td class="num"[^>]*>([-0-9.,]+)</td>', text[text.index('class="total"') :])


def test_one_enters_and_another_confirms(records: RecordFactory, login: LogIn) -> None:
    with records.writing():
        call = records.project("publicity").call_id
    page = f"/finance/budgets/{call}"
    asker, other = login(records.people["finance"]), login(records.people["science"])
    assert "未登记预算" in asker.get("/finance/budgets").text
    refused = asker.post(f"{page}/change", data=CHANGE | {"dated": "2099-01-01"})
    assert (refused.status_code, "发文日期不能晚于今天" in refused.text, "潭财预〔2026〕1号" in refused.text) == (
        422,
        True,
        True,
    )
    assert asker.post(f"{page}/change", data=CHANGE).status_code == 302
    assert "有 1 笔预算变动等待复核" in other.get("/finance").text
    asker.post("/finance/budget-lines/1/confirm")
    assert "不能复核自己登记的" in asker.get(page).text
    refused = other.post("/finance/budget-lines/1/drop", data={"reason": " "})
    assert refused.status_code == 422 and "“不予确认或者撤回的理由”尚未填写" in refused.text
    refused = other.post("/finance/budget-lines/1/drop", data={"reason": "事由" * 200})
    assert refused.status_code == 422 and f'value="{"事由" * 200}"' in refused.text
    other.post("/finance/budget-lines/1/confirm")
    assert "1,200.00" in other.get("/finance/budgets").text
    assert other.post("/finance/budget-lines/1/reverse", data=CHANGE).status_code == 302
    asker.post("/finance/budget-lines/2/confirm")
    assert figures(asker.get(page).text)["可安排"].startswith("-30.00 ")


def test_every_figure_opens_the_rows_that_add_up_to_it(records: RecordFactory, login: LogIn) -> None:
    with records.writing():
        running = records.project("execution")
        records.entry(running, "instalment", "city", 150_000, TODAY, 1)
        records.project("publicity", subsidy_city=Decimal(123_450))
        ended = records.project("termination")
        records.entry(ended, "instalment", "city", 150_000, TODAY, 1)
        call = running.call_id
    finance = login(records.people["finance"])
    finance.post(f"/finance/budgets/{call}/change", data=CHANGE)
    login(records.people["science"]).post("/finance/budget-lines/1/confirm")
    found = figures(finance.get(f"/finance/budgets/{call}").text)
    assert found["可安排"].startswith("1,142.655 ")
    for label, place in (("拟立项", 0), ("已立项", 0), ("已拨付", 1)):
        amount, _, url = found[label].partition(" ")
        assert total(finance.get(url.partition("#")[0]).text)[place] == amount


def test_what_may_be_paid_in_a_year_opens_the_changes_that_add_up_to_it(records: RecordFactory, login: LogIn) -> None:
    year, who = TODAY.year, records.people
    with records.writing() as session:
        waiting = records.payable()
        records.project("execution")
        for kind, of, amount in (("granted", year - 1, 900), ("carried", year - 1, 250), ("reduced", year, 40)):
            line = {"kind": kind, "year": of, "amount": Decimal(amount * 10_000), "source": "专项", "number": kind}
            decided = {"status": "confirmed", "decided_at": NOW, "decided_by_id": who["science"].id}
            asked = {"dated": TODAY, "reason": "按文件", "asked_at": NOW, "asked_by_id": who["finance"].id}
            session.add(BudgetLine(call_id=waiting.call_id, **line, **decided, **asked))
    finance = login(who["finance"])
    page = finance.get(f"/finance/budgets/{waiting.call_id}").text
    opened = dict(re.findall(r'<a href="([^"]*)">(-?[\d,.]+)</a>', page))
    wanted = {f"?year={year - 1}#lines": "650.00", f"?year={year}#lines": "210.00", "?of=planned#lines": "860.00"}
    for place, amount in wanted.items():
        assert opened[f"/finance/budgets/{waiting.call_id}{place}"] == amount
        shown = finance.get(f"/finance/budgets/{waiting.call_id}{place.partition('#')[0]}").text
        assert total(shown)[0] == amount
        assert sum(map(Decimal, re.findall(r'data-label="计入">([-\d.]+)', shown)[:-1])) == Decimal(amount)
    approved = f"/finance/budgets/{waiting.call_id}?of=approved"
    assert opened[f"{approved}#rows"] == "15.00" == total(finance.get(approved).text)[2]
