"""Which county or park matches the subsidy: the one that the issuer is registered in, never one of its own choosing."""

import pytest

from tests.factories.projects import ProjectFactory
from tests.stages.test_bidding import filled


@pytest.mark.parametrize("region", ["韶山市", "市外"])
def test_the_form_names_the_registered_county(factory: ProjectFactory, region: str) -> None:
    project = factory.draft(edition="2021", region=region)
    assert factory.blocked(project, "submit", "issuer") == {
        "A7.region": (
            f"项目表所填县市区（园区）为“{region}”，“湘潭电机有限公司”登记在“湘潭高新区”，两者须一致；"
            "登记有误的，请联系市科技局核实后更正单位资料（《办法》第七条）。"
        )
    }


def test_an_organisation_from_outside_supplies_but_does_not_demand(factory: ProjectFactory) -> None:
    project = factory.draft("tech_supply", "2021", "rival")
    factory.perform(project, "submit", "rival")
    assert (project.state, project.region) == ("solicitation", "市外")
    demand = factory.draft("tech_demand", "2021", "firm")
    assert set(factory.why_not(demand, "submit", "firm")) == {"A4.local"}


def test_who_has_moved_is_matched_by_the_county_it_is_registered_in_now(factory: ProjectFactory) -> None:
    project = filled(factory, factory.agreed())
    with factory.writing():
        factory.organisations["issuer"].region = "岳塘区"
    factory.apply(project)
    assert project.region == "岳塘区"


def test_who_has_left_the_city_is_not_funded(factory: ProjectFactory) -> None:
    project = filled(factory, factory.agreed())
    with factory.writing():
        factory.organisations["issuer"].region = "市外"
    assert set(factory.why_not(project, "apply", "issuer")) == {"A4.local", "A9.read"}
