"""The sums of money that are kept agree with what they add up, whatever is done."""

import pytest
from sqlalchemy import update

from tests.factories.later import ended, executing, fifty, wan
from tests.factories.projects import ProjectFactory
from tests.stages.test_reversal import line, reverse
from xtbang.actions.money_totals import fill_money_totals, wrong_money_totals
from xtbang.models import EntryTotal, LedgerTotal
from xtbang.models.writing import writing
from xtbang.queries.finance import planned
from xtbang.queries.ledger import Total, totals, years
from xtbang.rules.money import yuan

ELSEWHERE = "雨湖区"


def test_they_follow_payments_reversals_and_a_termination(factory: ProjectFactory) -> None:
    first = fifty(factory)
    factory.at("2024-09-02 10:00")
    second = executing(factory, edition="2021", planned_total="200")
    reverse(factory, second, line(factory, second, "instalment", "city", 1))
    ended(factory, first)
    assert list(wrong_money_totals(factory.session)) == []
    total, _counties, _years = totals(factory.session)
    assert (wan(total.city), wan(total.county), wan(total.due)) == (25, 25, 25)
    city, _county, number = planned(factory.caller("finance"), None)
    assert (city, number) == (second.subsidy_city, 1)  # the other one has ended
    assert years(factory.session) == [2024]


def test_they_go_to_another_region_with_their_project(factory: ProjectFactory) -> None:
    project = fifty(factory)
    before = project.region
    with writing(factory.session):
        factory.session.refresh(project)
        project.region = ELSEWHERE
    reverse(factory, project, line(factory, project, "instalment", "city", 1))
    assert list(wrong_money_totals(factory.session)) == []
    assert totals(factory.session, before)[0] == Total("合计")
    _total, (county,), _years = totals(factory.session, ELSEWHERE)
    assert (county.name, wan(county.county), county.city) == (ELSEWHERE, 25, 0)
    assert planned(factory.caller("finance"), ELSEWHERE) == (project.subsidy_city, project.subsidy_county, 1)
    assert planned(factory.caller("finance"), before)[2] == 0


def test_what_is_rolled_back_is_not_counted(factory: ProjectFactory) -> None:
    project = fifty(factory)
    with pytest.raises(ZeroDivisionError), writing(factory.session):
        factory.session.refresh(project)
        project.subsidy_city += 1
        factory.session.flush()
        raise ZeroDivisionError
    reverse(factory, project, line(factory, project, "instalment", "city", 1))
    assert list(wrong_money_totals(factory.session)) == []


def test_a_sum_that_was_changed_is_named_and_added_up_anew(factory: ProjectFactory) -> None:
    fifty(factory)
    session = factory.session
    with writing(session):
        session.execute(
            update(LedgerTotal).where(LedgerTotal.source == "city").values(amount=LedgerTotal.amount + yuan(1))
        )
        session.execute(update(EntryTotal).where(EntryTotal.subsidised, EntryTotal.projects > 0).values(projects=5))
    (line_of_city, entries) = wrong_money_totals(session)
    assert line_of_city[1:4] == (2024, "instalment", "city") and entries[1] == "execution"
    with writing(session):
        fill_money_totals(session.connection())
    assert list(wrong_money_totals(session)) == []
