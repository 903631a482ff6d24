"""The ledger in sums, over projects and years."""

from decimal import Decimal

from tests.factories.later import ended, executing, fifty, sums, wan
from tests.factories.projects import ProjectFactory
from tests.stages.test_termination import recover
from xtbang.queries.ledger import lines, totals


def test_an_empty_ledger(factory: ProjectFactory) -> None:
    project = factory.agreed()
    found = sums(factory, project)
    assert (found.issuer_paid, found.paid) == (0, {"city": 0, "county": 0})
    everything, counties, years = totals(factory.session)
    assert (everything.disbursed, counties, years) == (0, [], [])


def test_balances_are_sums_of_lines(factory: ProjectFactory) -> None:
    project = fifty(factory)
    ended(factory, project)
    recover(factory, project, "city", "10")
    found = sums(factory, project)
    assert {key: wan(amount) for key, amount in found.instalments.items()} == {("city", 1): 25, ("county", 1): 25}
    assert (wan(found.issuer_paid), wan(found.recovered["city"])) == (100, 10)
    assert {source: wan(rest) for source, rest in found.outstanding.items()} == {
        "city": Decimal("2.5"),
        "county": Decimal("12.5"),
    }
    assert [line.kind for line in lines(factory.session, project.id)] == [
        "issuer_payment", "instalment", "instalment", "recovery_due", "recovery_due", "recovered",
    ]  # fmt: skip


def test_totals_over_projects(factory: ProjectFactory) -> None:
    first = fifty(factory)
    factory.at("2024-09-02 10:00")
    second = executing(factory, edition="2021", planned_total="200")
    ended(factory, first)
    everything, (county,), years = totals(factory.session)
    assert county.name == "湘潭高新区"
    assert (wan(county.city), wan(county.county), wan(county.disbursed)) == (45, 25, 70)
    assert (wan(county.due), wan(county.outstanding)) == (25, 25)
    assert [total.name for total in years] == ["2024"]
    assert (everything.city, everything.issuer_paid) == (county.city, county.issuer_paid)
    assert second.state == "execution"


def test_every_line_names_its_event(factory: ProjectFactory) -> None:
    project = executing(factory)
    events = {line.kind: line.event_id for line in lines(factory.session, project.id)}
    assert len(set(events.values())) == 2
