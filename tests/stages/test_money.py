"""The ledger in sums, over projects and years."""

from decimal import Decimal

from tests.stages.later import ended, executing, fifty, sums, wan
from tests.stages.test_termination import recover
from tests.stages.world import World
from xtbang.queries.ledger import grand_total, lines, totals_by_county, totals_by_year


def test_an_empty_ledger(world: World) -> None:
    project = world.agreed()
    found = sums(world, project)
    assert (found.issuer_paid, found.paid) == (0, {"city": 0, "county": 0})
    assert totals_by_county(world.session) == []


def test_balances_are_sums_of_lines(world: World) -> None:
    project = fifty(world)
    ended(world, project)
    recover(world, project, "city", "10")
    found = sums(world, project)
    assert {key: wan(amount) for key, amount in found.instalments.items()} == {("city", 1): 25, ("county", 1): 25}
    assert (wan(found.issuer_paid), wan(found.recovered["city"])) == (100, 10)
    assert {source: wan(rest) for source, rest in found.outstanding.items()} == {
        "city": Decimal("2.5"),
        "county": Decimal("12.5"),
    }
    assert [line.kind for line in lines(world.session, project.id)] == [
        "issuer_payment", "instalment", "instalment", "recovery_due", "recovery_due", "recovered",
    ]  # fmt: skip


def test_totals_over_projects(world: World) -> None:
    first = fifty(world)
    world.at("2024-09-02 10:00")
    second = executing(world, edition="2021", planned_total="200")
    ended(world, first)
    (county,) = totals_by_county(world.session)
    assert county.name == "湘潭高新区"
    assert (wan(county.city), wan(county.county), wan(county.disbursed)) == (45, 25, 70)
    assert (wan(county.due), wan(county.outstanding)) == (25, 25)
    assert [total.name for total in totals_by_year(world.session)] == ["2024"]
    everything = grand_total(world.session)
    assert (everything.city, everything.issuer_paid) == (county.city, county.issuer_paid)
    assert second.state == "execution"


def test_every_line_names_its_event(world: World) -> None:
    project = executing(world)
    events = {line.kind: line.event_id for line in lines(world.session, project.id)}
    assert len(set(events.values())) == 2
