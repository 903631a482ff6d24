"""What stands in a form already: the only thing to choose, and what call, ledger and register say."""

import pytest

from tests.factories.later import ended, executing, voucher
from tests.factories.projects import ProjectFactory

pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)


def test_the_only_thing_to_choose_is_chosen(factory: ProjectFactory) -> None:
    project = factory.agreed()
    voucher(factory, project, "PZ-1", "10", "2024-10-20")
    assert factory.prefilled(project, "check_voucher", "science")["voucher"] != ""
    voucher(factory, project, "PZ-2", "10", "2024-10-20")
    assert "voucher" not in factory.prefilled(project, "check_voucher", "science")


def test_the_bid_window_is_as_long_as_the_call_says(factory: ProjectFactory) -> None:
    known = factory.prefilled(factory.accepted(), "list_major", "science")
    assert (known["bids_from"], known["bids_until"]) == ("2024-09-03T08:00", "2024-10-02T17:30")


def test_the_county_finds_what_it_owes(factory: ProjectFactory) -> None:
    known = factory.prefilled(executing(factory), "record_county_instalment", "county")
    assert (known["instalment"], known["amount"]) == ("1", "20")


def test_what_is_still_to_come_back_stands_in_the_form(factory: ProjectFactory) -> None:
    project = executing(factory)
    ended(factory, project)
    for trigger in ("record_recovery", "propose_write_off"):
        known = factory.prefilled(project, trigger, "finance")
        assert (known["source"], known["amount"]) == ("city", "10")
