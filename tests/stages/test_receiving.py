"""收款账户: each treasury says where recovered money goes; an order names the account that was in force when it was made."""

from datetime import date

import pytest
from sqlalchemy import select

from tests.factories.later import county_pays, ended, executing, fifty, paper
from tests.factories.projects import ProjectFactory
from tests.factories.values import FIFTY
from xtbang.domain.receiving_accounts import record_account
from xtbang.errors import Forbidden
from xtbang.models import Event, ReceivingAccount
from xtbang.queries.receiving_accounts import account_of

CITY = {"name": "市国库", "bank_name": "湘潭银行", "bank_account": "1111 2222", "since": "2024-01-01"}
COUNTY = {"name": "高新区国库", "bank_name": "高新支行", "bank_account": "3333 4444", "since": "2024-01-01"}


def record(factory: ProjectFactory, who: str, values: dict[str, str]) -> ReceivingAccount:
    return record_account(factory.caller(who), values)


def test_each_order_names_the_account_of_its_own_source(factory: ProjectFactory) -> None:
    project = fifty(factory)
    record(factory, "finance", CITY)
    record(factory, "county", COUNTY)
    ended(factory, project)
    for source, values in (("city", CITY), ("county", COUNTY)):
        creditor = paper(factory, project, "recovery_notice", source).data["creditor"]
        known = {key: creditor[key] for key in ("bank_name", "bank_account")}
        assert known == {key: values[key] for key in known}
        assert creditor["account_name"] == values["name"]


def test_without_an_account_the_lines_stay_empty_and_nothing_is_blocked(factory: ProjectFactory) -> None:
    project = fifty(factory)
    record(factory, "county", COUNTY | {"since": "2099-01-01"})  # not yet in force
    ended(factory, project)
    for source in ("city", "county"):
        creditor = paper(factory, project, "recovery_notice", source).data["creditor"]
        assert (creditor["account_name"], creditor["bank_name"], creditor["bank_account"]) == ("", "", "")


def test_an_order_keeps_its_account_and_a_later_one_names_the_new_one(factory: ProjectFactory) -> None:
    project = executing(factory, "25", subsidy="50", paid="100", application=FIFTY)
    record(factory, "county", COUNTY)
    record(factory, "finance", CITY)
    ended(factory, project)
    first = paper(factory, project, "recovery_notice", "city")
    record(factory, "finance", CITY | {"bank_account": "5555 6666"})
    record(factory, "county", COUNTY | {"bank_account": "7777 8888", "since": factory.now.date().isoformat()})
    county_pays(factory, project, "1", "25")
    assert paper(factory, project, "recovery_notice", "county").data["creditor"]["bank_account"] == "7777 8888"
    assert paper(factory, project, "recovery_notice", "city").id == first.id
    assert first.data["creditor"]["bank_account"] == "1111 2222"


def test_the_newest_that_has_begun_counts(factory: ProjectFactory) -> None:
    old = record(factory, "finance", CITY)
    new = record(factory, "finance", CITY | {"since": "2024-06-01"})
    put_right = record(factory, "finance", CITY | {"since": "2024-06-01", "bank_account": "9"})
    days = {"2023-12-31": None, "2024-05-31": old.id, "2024-06-01": put_right.id}
    for day, expected in days.items():
        found = account_of(factory.session, "city", "湘潭高新区", date.fromisoformat(day))
        assert (found.id if found else None) == expected
    assert new.id != put_right.id
    assert account_of(factory.session, "county", "湘潭高新区", date(2024, 6, 1)) is None


def test_every_record_leaves_its_event_and_a_county_writes_only_for_its_own_region(factory: ProjectFactory) -> None:
    row = record(factory, "county", COUNTY)
    assert (row.source, row.region) == ("county", "湘潭高新区")
    event = factory.session.scalars(select(Event).where(Event.trigger == "record_account")).one()
    assert (event.stream, event.actor_name, event.role) == (f"account:{row.id}", "county", "county")
    assert event.data["bank_account"] == "3333 4444"


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
@pytest.mark.parametrize("who", ["science", "leader", "auditor", "issuer", "admin"])
def test_nobody_else_keeps_an_account(factory: ProjectFactory, who: str) -> None:
    with pytest.raises(Forbidden):
        record(factory, who, CITY)
    assert factory.session.scalars(select(ReceivingAccount)).all() == []
