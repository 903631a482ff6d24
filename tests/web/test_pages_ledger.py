"""The same page of a payment sent twice, by one person or by two, adds one line to the ledger."""

from collections.abc import Callable
from typing import Any

from flask.testing import FlaskClient
from sqlalchemy import func, select

from tests.factories import later
from tests.factories.site_projects import SiteProjectFactory
from xtbang.enums import RoleName
from xtbang.models import LedgerEntry, Person, Project

LogIn = Callable[[Person], FlaskClient]


def lines(factory: SiteProjectFactory, project: Project) -> int:
    factory.session.rollback()
    query = select(func.count(LedgerEntry.id)).where(LedgerEntry.project_id == project.id)
    return factory.session.scalar(query) or 0


def sent_twice(
    factory: SiteProjectFactory,
    login: LogIn,
    project: Project,
    trigger: str,
    people: tuple[str, str],
    data: dict[str, Any],
) -> None:
    """Both opened the page before either sent it; the first one clicked twice."""
    first, second = (login(factory.people[name]) for name in people)
    address, before = factory.page(project, f"/actions/{trigger}"), lines(factory, project)
    page = factory.form(project, confirmed="1", **data)
    mine, theirs = page | {"request_key": f"{trigger}-1"}, page | {"request_key": f"{trigger}-2", "note": "另一个号 1"}
    assert [first.post(address, data=mine).status_code for _click in range(2)] == [302, 302]
    late = second.post(address, data=theirs)
    assert late.status_code == 409
    assert factory.engine.policy.actions[trigger].name in late.text
    unsaid = {key: value for key, value in theirs.items() if key != "seen_version"}
    assert second.post(address, data=unsaid).status_code == 409
    assert lines(factory, project) == before + 1


def test_a_page_sent_twice_adds_one_line(factory: SiteProjectFactory, login: LogIn) -> None:
    with factory.writing():
        factory.person("finance3", RoleName.FINANCE)
        factory.person("county2", RoleName.COUNTY, region="湘潭高新区")
    bureaus, treasury, county = ("science", "industry"), ("finance", "finance3"), ("county", "county2")
    project = later.in_force(factory)
    later.voucher(factory, project, "HD-1", "30")
    slip = str(later.newest(factory, project))
    later.voucher(factory, project, "HD-2", "10")
    accepted = {"voucher": slip, "outcome": "accepted"}
    sent_twice(factory, login, project, "check_voucher", bureaus, accepted)
    later.checked(factory, project, "HD-3", "50")
    later.matched(factory, project, "20")
    factory.at("2024-11-20 09:00")
    day = factory.now.date().isoformat()
    later.approved(factory, project)
    sent_twice(factory, login, project, "disburse_first", treasury, {"amount": "20", "paid_on": day, "note": "BK-1"})
    paid = {"instalment": "1", "amount": "20", "dated": day, "note": "XQ-1"}
    sent_twice(factory, login, project, "record_county_instalment", county, paid)
    later.ended(factory, project)
    back = {"source": "city", "amount": "2", "dated": day, "note": "TK-1"}
    sent_twice(factory, login, project, "record_recovery", treasury, back)
    again = factory.form(project, confirmed="1", **back) | {"request_key": "again"}
    told = login(factory.people["finance"]).post(factory.page(project, "/actions/record_recovery"), data=again)
    assert told.status_code == 422
    assert "在本项目登记为市级财政追回（2.00 万元），同一凭证号只登记一次" in told.text
