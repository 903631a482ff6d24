"""尾拨: what must be there first, the exact rest, the certificate."""

from tests.factories.later import approved, county_pays, executing, ledger_lines, matched, paper, passed, pay, sums, wan
from tests.factories.projects import ProjectFactory
from xtbang.models import Project


def due(factory: ProjectFactory) -> Project:
    project = executing(factory)
    county_pays(factory, project, "1", "20")
    passed(factory, project)
    matched(factory, project, "20")
    return project


def test_county_comes_first(factory: ProjectFactory) -> None:
    project = executing(factory)
    passed(factory, project)
    assert factory.why_not(project, "approve_payment", "finance") == {
        "A7.county_paid": "湘潭高新区尚未登记首期配套资金 20.00 万元的拨付（《办法》第七条）。",
        "A7.county_match": "湘潭高新区尚未确认尾款配套资金 20.00 万元（与市级 1:1）（《办法》第七条）。",
    }
    county_pays(factory, project, "1", "20")
    matched(factory, project, "20")
    assert factory.why_not(approved(factory, project), "disburse_final", "finance") == {}


def test_exactly_the_rest(factory: ProjectFactory) -> None:
    project = approved(factory, due(factory))
    data = {"amount": "20.01", "paid_on": "2025-05-20", "note": "1"}
    sentence = "尾款拨付金额应为 20.00 万元，填报为 20.01 万元（《办法》第七条）。"
    assert factory.blocked(project, "disburse_final", "finance", data) == {"A7.instalment": sentence}


def test_not_before_it_was_accepted(factory: ProjectFactory) -> None:
    project = due(factory)
    data = {"amount": "20", "paid_on": "2025-05-19", "note": "1"}
    against = factory.blocked(project, "disburse_final", "finance", data)
    assert against["date.early"] == "拨付日期2025年5月19日早于通过验收的日期2025年5月20日（《办法》第七条）。"


def test_closed_with_certificate_and_the_county_still_pays(factory: ProjectFactory) -> None:
    project = due(factory)
    pay(factory, project, "disburse_final", "20")
    assert project.state == "closed"
    assert project.closed_at is not None
    assert wan(sums(factory, project).paid["city"]) == 40
    assert paper(factory, project, "payment_order", "instalment:2").data["instalment_name"] == "尾款"
    certificate = paper(factory, project, "certificate").data
    assert (certificate["passed_on"], certificate["paid"]["wan"]) == ("2025-05-20", "40")
    county_pays(factory, project, "2", "20")
    assert wan(sums(factory, project).paid["county"]) == 40
    city = [line for line in ledger_lines(factory, project) if line[:2] == ("instalment", "city")]
    assert [line[2] for line in city] == [1, 2]
