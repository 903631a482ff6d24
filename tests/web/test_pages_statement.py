"""The yearly statement (年度资金表) as a paper: of the whole city or of one county, superseded when the ledger has changed."""

from collections.abc import Callable
from urllib.parse import urlsplit

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from tests.factories.records import TODAY, RecordFactory
from xtbang.models import Paper, Person

LogIn = Callable[[Person], FlaskClient]
pytestmark = pytest.mark.parametrize("app", ["sqlite"], indirect=True)


def issued(browser: FlaskClient) -> str:
    return urlsplit(browser.post("/finance/statement", data={"year": TODAY.year}).location).path


def test_a_statement_is_issued_once_until_the_ledger_changes_and_a_county_gets_its_own(
    records: RecordFactory, login: LogIn
) -> None:
    finance, county, far = (login(records.people[who]) for who in ("finance", "county", "far county"))
    assert issued(finance) == "/finance/statement"  # nothing was paid in that year
    with records.writing():
        for amount, region in ((150_000, "湘潭高新区"), (80_000, "韶山市")):
            project = records.project("execution", region=region)
            records.entry(project, "instalment", "city", amount, TODAY, 1)
    whole = issued(finance)
    assert issued(finance) == whole
    assert finance.get(whole).mimetype == "application/pdf"
    own = issued(county)
    assert (county.get(own).status_code, far.get(own).status_code) == (200, 404)
    assert (county.get(whole).status_code, login(records.people["issuer"]).get(whole).status_code) == (404, 404)
    with records.writing():
        records.entry(project, "instalment", "county", 80_000, TODAY, 1)
    assert issued(finance) != whole
    records.session.rollback()
    papers = records.session.scalars(select(Paper).where(Paper.name == "yearly_statement").order_by(Paper.id)).all()
    said = [(row.version, row.state, row.data["region"], row.data["rows"][-1]["city"]) for row in papers]
    assert said == [
        (1, "superseded", "", "23"), (1, "current", "湘潭高新区", "15"), (2, "current", "", "23"),
    ]  # fmt: skip
    assert papers[-1].data["rows"][-1]["county"] == "8"
    assert "第 2 版" in finance.get(f"/finance/statement?year={TODAY.year}").text
