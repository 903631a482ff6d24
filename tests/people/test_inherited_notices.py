"""An open 告知书 follows a merger or a division: the successor is heard in the place of the organisation, or told anew."""

import pytest
from sqlalchemy import select

from tests.factories import later
from tests.factories.projects import ProjectFactory
from tests.people.test_heard_before_restricted import BY_HAND, UNTIL, against, decided, told
from tests.people.test_succession import succeed
from xtbang.models import Paper, PriorNotice
from xtbang.people.restriction_notices import serve, tell, withdraw_notice
from xtbang.people.restriction_statements import state
from xtbang.people.restrictions import decide
from xtbang.queries.organisations import papers_of_notice, restriction_notices
from xtbang.queries.rights.files import may_open_paper

pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)


def test_by_a_merger_what_was_served_stands_and_the_successor_states_its_case(factory: ProjectFactory) -> None:
    factory.at("2024-09-09 09:00")
    notice = told(factory)
    serve(factory.caller("science"), notice, BY_HAND)
    new = succeed(factory, "bidder", "firm")
    assert "告知书由本单位承继：湘潭大学" in factory.mails("firm")
    state(factory.caller("firm"), notice, {"kind": "stated", "text": "合并以前的事，请从轻。"})
    row = factory.session.get_one(PriorNotice, notice)
    papers = [factory.session.get_one(Paper, number) for number, _title in papers_of_notice(factory.session, row)]
    assert [(paper.title, may_open_paper(factory.caller("firm"), paper)) for paper in papers] == [
        ("限制申报告知书", True)
    ]
    factory.at("2024-09-15 00:11")
    assert "A13.considered" in against(factory, decide, notice, {"ends_on": UNTIL, "considered": ""}, "k")
    assert decided(factory, notice, considered="不予采纳").organisation_id == new.id


def test_by_a_division_the_successor_is_told_and_served_on_its_own(factory: ProjectFactory) -> None:
    project = factory.submitted()
    factory.at("2024-09-09 09:00")
    values = {
        "uscc": factory.organisations["issuer"].uscc,
        "starts_on": "2024-09-09",
        "ends_on": UNTIL,
        "restriction": "",
    }
    notice = tell(factory.caller("science"), values | {"reason": "虚报。", "evidence": "流水。"}, "first")
    serve(factory.caller("science"), notice, BY_HAND)
    new = succeed(factory, "issuer", "firm", "division", parts=[f"issuer:{project.id}"])
    (own,) = restriction_notices(factory.session, new.id)
    assert (own.status, own.reason, own.addressees[0].served_on) == ("open", "虚报。", None)
    assert restriction_notices(factory.session, factory.organisations["issuer"].id)[0].status == "open"
    factory.at("2024-09-20 09:00")
    assert "A13.served" in against(factory, decide, own.id, {"ends_on": UNTIL, "considered": ""}, "k")
    withdraw_notice(factory.caller("science"), own.id, {"reason": "已由原单位承担"})
    states = {
        paper.owner_id: paper.state
        for paper in factory.session.scalars(select(Paper).where(Paper.project_id.is_(None)))
    }
    assert states == {new.id: "cancelled", factory.organisations["issuer"].id: "current"}


def test_the_notice_of_a_termination_goes_to_who_takes_the_project_over(factory: ProjectFactory) -> None:
    project = later.executing(factory)
    later.blamed(factory, project)
    notice = later.told(factory, project, "2027-09-01")
    new = succeed(factory, "bidder", "firm")
    assert {row.organisation_id for row in notice.addressees} == {project.issuer_id, new.id}
    assert factory.why_not(project, "make_statement", "firm") == {}
    later.waived(factory, project, notice)
    factory.both(project, "terminate", later.SUBJECTIVE | {"recover_by": "2026-12-31", "restrict_until": "2027-09-01"})
    facts = later.paper(factory, project, "termination").data
    assert [party["name"] for party in facts["heard"]["parties"]][-1].startswith(new.name)
