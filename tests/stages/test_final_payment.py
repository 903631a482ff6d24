"""尾拨: what must be there first, the exact rest, the certificate."""

from tests.stages.later import county_pays, executing, ledger_lines, matched, paper, passed, pay, sums, wan
from tests.stages.world import World
from xtbang.models import Project


def due(world: World) -> Project:
    project = executing(world)
    county_pays(world, project, "1", "20")
    passed(world, project)
    matched(world, project, "20")
    return project


def test_county_comes_first(world: World) -> None:
    project = executing(world)
    passed(world, project)
    assert world.why_not(project, "disburse_final", "finance") == {
        "A7.county_paid": "湘潭高新区尚未登记首期配套资金 20.00 万元的拨付（《办法》第七条）。",
        "A7.county_match": "湘潭高新区尚未确认尾款配套资金 20.00 万元（与市级 1:1）（《办法》第七条）。",
    }
    county_pays(world, project, "1", "20")
    matched(world, project, "20")
    assert world.why_not(project, "disburse_final", "finance") == {}


def test_exactly_the_rest(world: World) -> None:
    project = due(world)
    data = {"amount": "20.01", "paid_on": "2025-05-20", "note": "1"}
    sentence = "尾款拨付金额应为 20.00 万元，填报为 20.01 万元（《办法》第七条）。"
    assert world.blocked(project, "disburse_final", "finance", data) == {"A7.instalment": sentence}


def test_not_before_it_was_accepted(world: World) -> None:
    project = due(world)
    data = {"amount": "20", "paid_on": "2025-05-19", "note": "1"}
    against = world.blocked(project, "disburse_final", "finance", data)
    assert against["date.early"] == "拨付日期2025年5月19日早于通过验收的日期2025年5月20日（《办法》第七条）。"


def test_closed_with_certificate_and_the_county_still_pays(world: World) -> None:
    project = due(world)
    pay(world, project, "disburse_final", "20")
    assert project.state == "closed"
    assert project.closed_at is not None
    assert wan(sums(world, project).paid["city"]) == 40
    assert paper(world, project, "payment_order", "instalment:2").data["instalment_name"] == "尾款"
    certificate = paper(world, project, "certificate").data
    assert (certificate["passed_on"], certificate["paid"]["wan"]) == ("2025-05-20", "40")
    county_pays(world, project, "2", "20")
    assert wan(sums(world, project).paid["county"]) == 40
    city = [line for line in ledger_lines(world, project) if line[:2] == ("instalment", "city")]
    assert [line[2] for line in city] == [1, 2]
