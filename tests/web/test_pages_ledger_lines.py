"""The same question gives the same sum: the figures of money, the lines behind them, the files and the ledger itself."""

import re
from collections.abc import Callable, Iterator
from datetime import datetime
from decimal import Decimal
from io import BytesIO
from random import Random

from flask import Flask
from flask.testing import FlaskClient
from openpyxl import load_workbook
from sqlalchemy import select

from tests.factories.records import TODAY, RecordFactory
from xtbang.models import LedgerEntry, Person, Project

LogIn = Callable[[Person], FlaskClient]
LINK = re.compile(r'<a href="(/finance/(?:lines|projects)\?[^"]*)">([-0-9.,]+)</a>')
ACCOUNT = "6222000011112222333"  # longer than a spreadsheet keeps of a number
KINDS = (
    ("issuer_payment", "issuer"), ("instalment", "city"), ("instalment", "county"), ("recovery_due", "city"),
    ("recovered", "county"), ("written_off", "city"), ("surplus", "city"),
)  # fmt: skip


def scattered(records: RecordFactory, seed: int) -> None:
    """A ledger at random: projects of two counties in many states, lines of every kind, some of them reversed."""
    chance = Random(seed)
    with records.writing():
        for place in range(12):
            region = chance.choice(["湘潭高新区", "韶山市"])
            state = chance.choice(["execution", "closed", "termination", "publicity"])
            amount = Decimal(chance.randrange(1, 5 * 10**7)) / 100
            project = records.project(state, region=region, subsidy_city=amount, title=f"=项目{place}")
            for kind, source in chance.sample(KINDS, 4):
                day = TODAY.replace(year=chance.choice([2024, 2025, 2026]))
                line = (project, kind, source, Decimal(chance.randrange(1, 10**8)) / 100, day)
                records.entry(*line, 1 if kind == "instalment" else None)


def amount_of(text: str) -> Decimal:
    return Decimal(text.replace(",", ""))


def told(browser: FlaskClient, url: str) -> Decimal:
    """What the page behind a figure adds up to."""
    page = browser.get(url).text
    found = re.search(r"合计 <strong>([-0-9.,]+)</strong> 万元", page)
    if found is None:
        found = re.search(r"<dt>市级计划</dt>.*?figure-value\">([-0-9.,]+)<", page, re.DOTALL)
    assert found
    return amount_of(found[1])


def filed(browser: FlaskClient, url: str) -> Decimal:
    """What the same rows add up to in the xlsx file, read as a spreadsheet does."""
    where = "/list-files/finance.lines/xlsx" if "/lines" in url else "/list-files/finance.projects/xlsx"
    book = load_workbook(BytesIO(browser.get(f"{where}?{url.partition('?')[2]}").get_data()))
    head, *rows = book.worksheets[0].iter_rows()
    names = [cell.value for cell in head]
    place = names.index("金额（万元）" if "/lines" in url else "市级补助（万元）")
    assert all(row[names.index("项目名称")].data_type in ("s", "inlineStr") for row in rows if row[0].value != "合计")
    return sum((Decimal(str(row[place].value)) for row in rows if row[0].value != "合计"), Decimal(0))


def links(page: str) -> Iterator[tuple[str, Decimal]]:
    for url, text in LINK.findall(page):
        yield url.replace("&amp;", "&"), amount_of(text)


def test_every_figure_is_the_sum_of_the_rows_that_it_opens(records: RecordFactory, login: LogIn) -> None:
    scattered(records, seed=7)
    finance, county = login(records.people["finance"]), login(records.people["county"])
    for browser in (finance, county):
        shown = list(links(browser.get("/finance").text))
        assert len({url for url, _amount in shown}) > 15
        for url, amount in shown:
            assert told(browser, url) == amount, url
            assert filed(browser, url) == amount, url
    others = [f"/finance/statement?year={year}" for year in (2024, 2025, 2026)]
    for url, amount in (each for page in ("/finance/projects", *others) for each in links(finance.get(page).text)):
        assert told(finance, url) == amount, url


def test_the_sums_are_those_of_the_ledger_to_the_cent(records: RecordFactory, app: Flask, login: LogIn) -> None:
    scattered(records, seed=11)
    with app.app_context():
        rows = records.session.execute(select(LedgerEntry.kind, LedgerEntry.source, LedgerEntry.amount)).all()
        here = (
            select(LedgerEntry.amount).join(Project).where(Project.region == "韶山市", LedgerEntry.kind == "instalment")
        )
        far = sum(records.session.scalars(here.where(LedgerEntry.source == "city")), Decimal(0))
    city = sum((row.amount for row in rows if (row.kind, row.source) == ("instalment", "city")), Decimal(0))
    finance = login(records.people["finance"])
    assert told(finance, "/finance/lines?of=city") == city / 10_000
    assert told(finance, "/finance/lines?of=city&region=韶山市") == far / 10_000


def test_a_line_has_its_receipt_its_day_and_its_account(records: RecordFactory, login: LogIn) -> None:
    with records.writing():
        records.organisations["issuer"].bank_account = ACCOUNT
        project = records.payable(title="可拨的")
        records.entry(project, "instalment", "city", 150_000, TODAY, 1)
    finance = login(records.people["finance"])
    page = finance.get("/finance/lines?of=city").text
    assert ACCOUNT in page
    assert ACCOUNT in finance.get("/finance/lines?of=city&q=可拨的").text
    assert ACCOUNT not in finance.get("/finance/lines?of=city&q=没有这个凭证号").text
    book = load_workbook(BytesIO(finance.get("/list-files/finance.lines/xlsx?of=city").get_data()))
    head, row, _total = book.worksheets[0].iter_rows()
    cells = {title.value: cell for title, cell in zip(head, row, strict=True)}
    assert {cells["账号"].data_type, cells["凭证号"].data_type} <= {"s", "inlineStr"}  # never a number or a formula
    assert cells["账号"].value == ACCOUNT
    assert (cells["日期"].value, cells["金额（万元）"].value) == (datetime(TODAY.year, TODAY.month, TODAY.day), 15)


def test_a_county_reads_its_own_lines(records: RecordFactory, login: LogIn) -> None:
    with records.writing():
        project = records.payable(title="本区的")
        records.entry(project, "instalment", "city", 150_000, TODAY, 1)
    far = login(records.people["far county"])
    assert "本区的" not in far.get("/finance/lines").text
    assert "本区的" not in far.get("/list-files/finance.lines/csv").get_data(as_text=True)
    assert "本区的" in login(records.people["county"]).get("/finance/lines").text
