"""收款账户: each treasury says where recovered money goes; an order names the account that was in force when it was made."""

from datetime import date

import pytest
from sqlalchemy import select

from tests.stages.later import FIFTY, county_pays, ended, executing, fifty, paper
from tests.stages.world import World
from xtbang.domain.receiving_accounts import record_account
from xtbang.errors import Forbidden
from xtbang.models import Event, ReceivingAccount
from xtbang.queries.receiving_accounts import account_of

CITY = {"name": "市国库", "bank_name": "湘潭银行", "bank_account": "1111 2222", "since": "2024-01-01"}
COUNTY = {"name": "高新区国库", "bank_name": "高新支行", "bank_account": "3333 4444", "since": "2024-01-01"}


def record(world: World, who: str, values: dict[str, str]) -> ReceivingAccount:
    return record_account(world.caller(who), values)


def test_each_order_names_the_account_of_its_own_source(world: World) -> None:
    project = fifty(world)
    record(world, "finance", CITY)
    record(world, "county", COUNTY)
    ended(world, project)
    for source, values in (("city", CITY), ("county", COUNTY)):
        creditor = paper(world, project, "recovery_notice", source).data["creditor"]
        known = {key: creditor[key] for key in ("bank_name", "bank_account")}
        assert known == {key: values[key] for key in known}
        assert creditor["account_name"] == values["name"]


def test_without_an_account_the_lines_stay_empty_and_nothing_is_blocked(world: World) -> None:
    project = fifty(world)
    record(world, "county", COUNTY | {"since": "2099-01-01"})  # not yet in force
    ended(world, project)
    for source in ("city", "county"):
        creditor = paper(world, project, "recovery_notice", source).data["creditor"]
        assert (creditor["account_name"], creditor["bank_name"], creditor["bank_account"]) == ("", "", "")


def test_an_order_keeps_its_account_and_a_later_one_names_the_new_one(world: World) -> None:
    project = executing(world, "25", subsidy="50", paid="100", application=FIFTY)
    record(world, "county", COUNTY)
    record(world, "finance", CITY)
    ended(world, project)
    first = paper(world, project, "recovery_notice", "city")
    record(world, "finance", CITY | {"bank_account": "5555 6666"})
    record(world, "county", COUNTY | {"bank_account": "7777 8888", "since": world.now.date().isoformat()})
    county_pays(world, project, "1", "25")
    assert paper(world, project, "recovery_notice", "county").data["creditor"]["bank_account"] == "7777 8888"
    assert paper(world, project, "recovery_notice", "city").id == first.id
    assert first.data["creditor"]["bank_account"] == "1111 2222"


def test_the_newest_that_has_begun_counts(world: World) -> None:
    old = record(world, "finance", CITY)
    new = record(world, "finance", CITY | {"since": "2024-06-01"})
    put_right = record(world, "finance", CITY | {"since": "2024-06-01", "bank_account": "9"})
    days = {"2023-12-31": None, "2024-05-31": old.id, "2024-06-01": put_right.id}
    for day, expected in days.items():
        found = account_of(world.session, "city", "湘潭高新区", date.fromisoformat(day))
        assert (found.id if found else None) == expected
    assert new.id != put_right.id
    assert account_of(world.session, "county", "湘潭高新区", date(2024, 6, 1)) is None


def test_every_record_leaves_its_event_and_a_county_writes_only_for_its_own_region(world: World) -> None:
    row = record(world, "county", COUNTY)
    assert (row.source, row.region) == ("county", "湘潭高新区")
    event = world.session.scalars(select(Event).where(Event.trigger == "record_account")).one()
    assert (event.stream, event.actor_name, event.role) == (f"account:{row.id}", "county", "county")
    assert event.data["bank_account"] == "3333 4444"


@pytest.mark.parametrize("who", ["science", "leader", "auditor", "issuer", "admin"])
def test_nobody_else_keeps_an_account(world: World, who: str) -> None:
    with pytest.raises(Forbidden):
        record(world, who, CITY)
    assert world.session.scalars(select(ReceivingAccount)).all() == []
