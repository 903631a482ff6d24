"""The same page of a payment sent twice, by one person or by two, adds one line to the ledger."""

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from tests.stages import later
from tests.web.town import Town
from xtbang.enums import RoleName
from xtbang.models import LedgerEntry, Person, Project

LogIn = Callable[[Person], FlaskClient]


@pytest.fixture
def town(app: Flask, session: Session) -> Town:
    return Town(app, session)


def lines(town: Town, project: Project) -> int:
    town.session.rollback()
    query = select(func.count(LedgerEntry.id)).where(LedgerEntry.project_id == project.id)
    return town.session.scalar(query) or 0


def sent_twice(
    town: Town, login: LogIn, project: Project, trigger: str, people: tuple[str, str], data: dict[str, Any]
) -> None:
    """Both opened the page before either sent it; the first one clicked twice."""
    first, second = (login(town.people[name]) for name in people)
    address, before = town.page(project, f"/actions/{trigger}"), lines(town, project)
    page = town.form(project, confirmed="1", **data)
    mine, theirs = page | {"request_key": f"{trigger}-1"}, page | {"request_key": f"{trigger}-2", "note": "另一个号 1"}
    assert [first.post(address, data=mine).status_code for _click in range(2)] == [302, 302]
    late = second.post(address, data=theirs)
    assert late.status_code == 409
    assert town.engine.policy.actions[trigger].name in late.text
    unsaid = {key: value for key, value in theirs.items() if key != "seen_version"}
    assert second.post(address, data=unsaid).status_code == 409
    assert lines(town, project) == before + 1


def test_a_page_sent_twice_adds_one_line(town: Town, login: LogIn) -> None:
    with town.writing():
        town.person("finance2", RoleName.FINANCE)
        town.person("county2", RoleName.COUNTY, region="湘潭高新区")
    bureaus, treasury, county = ("science", "industry"), ("finance", "finance2"), ("county", "county2")
    project = later.in_force(town)
    later.voucher(town, project, "HD-1", "30")
    slip = str(later.newest(town, project))
    later.voucher(town, project, "HD-2", "10")
    accepted = {"voucher": slip, "outcome": "accepted"}
    sent_twice(town, login, project, "check_voucher", bureaus, accepted)
    later.checked(town, project, "HD-3", "50")
    later.matched(town, project, "20")
    town.at("2024-11-20 09:00")
    day = town.now.date().isoformat()
    sent_twice(town, login, project, "disburse_first", treasury, {"amount": "20", "paid_on": day, "note": "BK-1"})
    paid = {"instalment": "1", "amount": "20", "dated": day, "note": "XQ-1"}
    sent_twice(town, login, project, "record_county_instalment", county, paid)
    later.ended(town, project)
    back = {"source": "city", "amount": "2", "dated": day, "note": "TK-1"}
    sent_twice(town, login, project, "record_recovery", treasury, back)
    again = town.form(project, confirmed="1", **back) | {"request_key": "again"}
    told = login(town.people["finance"]).post(town.page(project, "/actions/record_recovery"), data=again)
    assert told.status_code == 422
    assert "在本项目登记为市级财政追回（2.00 万元），同一凭证号只登记一次" in told.text
