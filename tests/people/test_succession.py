"""One organisation takes over from another, asked by one and confirmed by another: projects, bids, debts, restrictions, with an event on each project."""

from typing import Any

import pytest
from sqlalchemy import select

from tests.factories import later
from tests.factories.projects import ProjectFactory
from tests.factories.restricting import restricted
from tests.people.test_organisation_changes import change, filled, found
from tests.stages import test_changes as changes
from xtbang.errors import Blocked
from xtbang.models import Bid, Event, Organisation, OrganisationChange, Project, Restriction
from xtbang.people.organisation_changes import refuse_change
from xtbang.people.parts import parts_of
from xtbang.people.succession import ask_succession, confirm_succession
from xtbang.queries.organisations import changes_of, known_as
from xtbang.queries.rights.document_writers import may_write


def asked(factory: ProjectFactory, old: str, new: str, kind: str = "merger", **values: Any) -> OrganisationChange:
    before, after = factory.organisations[old], factory.organisations[new]
    known = {"successor": after.uscc, "successor_name": after.name} | values
    return ask_succession(factory.caller("science"), before.id, before.version, kind, *filled(factory, **known))


def succeed(factory: ProjectFactory, old: str, new: str, kind: str = "merger", **values: Any) -> Organisation:
    """Asked by one officer of the lead office, confirmed by one of the other bureau."""
    before = asked(factory, old, new, kind, **values).organisation
    confirm_succession(factory.caller("industry"), before.id, before.version)
    return factory.organisations[new]


def told(factory: ProjectFactory, project: Project) -> list[str]:
    """What the history of the project says of changes of its parties."""
    query = select(Event.trigger).where(Event.project_id == project.id, Event.trigger.in_(("change_merger", "succeed")))
    return list(factory.session.scalars(query))


def test_the_successor_of_a_bidder_goes_on_with_the_project_and_owes_what_it_owed(factory: ProjectFactory) -> None:
    project = later.fifty(factory)
    old, contract = factory.organisations["bidder"], later.paper(factory, project, "contract").code
    term = {"starts_on": "2024-09-02", "ends_on": "2099-09-01", "reason": "弄虚作假", "uscc": old.uscc}
    term |= {"ground": "other", "document": "湘科发〔2024〕9号"}
    restricted(factory, term)
    new = succeed(factory, "bidder", "firm")
    assert project.agreed_bid and project.agreed_bid.lead_id == new.id
    assert (old.dissolved_on, told(factory, project)) == (factory.now.date(), ["change_merger"])
    assert later.paper(factory, project, "contract").code == contract
    restriction = factory.session.scalars(select(Restriction).where(Restriction.organisation_id == new.id)).one()
    assert restriction.reason == f"承继“{old.name}”：弄虚作假"
    assert "项目有关单位登记变更" in factory.mails("issuer")[-1]
    row = later.reports_of(factory, project)[0]
    assert row.document and may_write(factory.engine.policy, project, row.document, factory.actor("firm"))
    assert factory.people["bidder"].organisation_id == new.id
    assert sorted(found(factory, old.name)) == sorted([old.name, new.name])
    later.blamed(factory, project)
    later.ended(factory, project, **later.SUBJECTIVE)
    decision = later.paper(factory, project, "termination").data["project"]
    assert decision["bidder"]["name"] == f"{new.name}（原{old.name}）"


def test_who_takes_over_from_a_successor_is_found_by_every_name_and_printed_with_the_one_that_signed(
    factory: ProjectFactory,
) -> None:
    project = later.fifty(factory)
    signed = factory.organisations["bidder"].name
    change(factory, "bidder", "rename", name="湘潭新名大学")
    first, second = succeed(factory, "bidder", "firm"), succeed(factory, "firm", "rival")
    assert project.agreed_bid and project.agreed_bid.lead_id == second.id
    for name in (signed, "湘潭新名大学", first.name):
        assert second.name in found(factory, name), name
    assert known_as(factory.session, [second.id]) >= {signed, "湘潭新名大学", first.name, second.name}
    assert [row.kind for row in changes_of(factory.session, second.id)] == ["merger"]
    later.blamed(factory, project)
    later.ended(factory, project, **later.SUBJECTIVE)
    decision = later.paper(factory, project, "termination").data["project"]
    assert decision["bidder"]["name"] == f"{second.name}（原{signed}）"


def test_a_division_gives_what_was_chosen_and_leaves_the_rest(factory: ProjectFactory) -> None:
    given, left = factory.submitted(), factory.draft()
    with pytest.raises(Blocked, match="至少选择一项"):
        succeed(factory, "issuer", "firm", "division", parts=[])
    new = succeed(factory, "issuer", "firm", "division", parts=[f"issuer:{given.id}"])
    old = factory.organisations["issuer"]
    assert (given.issuer_id, left.issuer_id, old.dissolved_on) == (new.id, old.id, None)
    assert "withdraw" not in factory.why_not(given, "withdraw", "firm")
    assert factory.people["issuer"].organisation_id == old.id


def test_nothing_goes_over_until_another_person_confirms_it_and_all_is_examined_anew(factory: ProjectFactory) -> None:
    project, other = factory.submitted(), factory.submitted()
    old, new = factory.organisations["issuer"], factory.organisations["firm"]
    change = asked(factory, "issuer", "firm", "division", parts=[f"issuer:{project.id}"])
    assert (change.status, project.issuer_id, factory.mails("industry")[-1]) == (
        "asked",
        old.id,
        f"请复核分立：{old.name}",
    )
    with pytest.raises(Blocked, match="分立由您提出，须由另一人确认"):
        confirm_succession(factory.caller("science"), old.id, old.version)
    with pytest.raises(Blocked, match="已有一项变更等待确认"):
        asked(factory, "issuer", "rival")
    refuse_change(factory.caller("industry"), old.id, old.version, "证明材料不全")
    assert (change.status, factory.mails("science")[-1]) == ("refused", "单位变更未予确认：分立，请知悉")
    asked(factory, "issuer", "firm", "division", parts=[f"issuer:{project.id}"])
    with factory.writing():
        new.dissolved_on = factory.now.date()
    with pytest.raises(Blocked, match="尚未确认或者已注销"):
        confirm_succession(factory.caller("industry"), old.id, old.version)
    with factory.writing():
        new.dissolved_on = None
    confirm_succession(factory.caller("science2"), old.id, old.version)
    assert (project.issuer_id, other.issuer_id) == (new.id, old.id)


def test_nobody_becomes_both_parties_of_a_project(factory: ProjectFactory) -> None:
    factory.agreed()
    with pytest.raises(Blocked, match="既是发榜方又是揭榜方"):
        succeed(factory, "bidder", "issuer")
    with pytest.raises(Blocked, match="与所填名称不一致"):
        succeed(factory, "bidder", "firm", successor_name="别的单位")


def test_a_sealed_bid_is_taken_over_without_a_word(factory: ProjectFactory) -> None:
    project = factory.listed()
    bid = factory.bid(project)
    mails = factory.mails("issuer")
    parts = parts_of(factory.caller("science"), factory.organisations["bidder"].id)
    assert [part.sealed for part in parts] == [True]
    new = succeed(factory, "bidder", "firm")
    assert factory.session.get_one(Bid, bid.id).lead_id == new.id
    assert (told(factory, project), factory.mails("issuer")) == (["succeed"], mails)


def test_a_draft_is_taken_over_and_shown_to_no_officer(factory: ProjectFactory) -> None:
    project = factory.draft()
    assert [part.sealed for part in parts_of(factory.caller("science"), project.issuer_id)] == [True]
    assert succeed(factory, "issuer", "firm").id == project.issuer_id


def test_the_successor_of_a_member_signs_a_change_that_is_under_way(factory: ProjectFactory) -> None:
    project, member = later.executing(factory), factory.organisations["member"]
    changes.ask(factory, project, "members", changes.consortium(member))
    for who, said in (("bidder", {}), ("member", {"clean": "true"})):
        factory.perform(project, "agree_change", who, said)
    factory.both(project, "grant_change", {})
    new = succeed(factory, "member", "firm")
    asked = changes.change(factory, project)
    assert asked.signers[f"member:{new.id}"].endswith(new.name)
    changes.sign(factory, project, "issuer", "bidder", "firm", "science", "industry")
    factory.perform(project, "conclude_change", "science")
    assert project.agreed_bid and [row.organisation_id for row in project.agreed_bid.members] == [new.id]


def test_a_merger_does_not_wash_a_record_clean(factory: ProjectFactory) -> None:
    old = factory.organisations["bidder"]
    term = {"starts_on": "2023-09-02", "ends_on": "2024-09-02", "reason": "弄虚作假", "uscc": old.uscc}
    term |= {"ground": "other", "document": "湘科发〔2024〕9号"}
    restricted(factory, term)
    factory.at("2024-10-08 09:00")
    new = succeed(factory, "bidder", "firm")
    copied = factory.session.scalars(select(Restriction).where(Restriction.organisation_id == new.id)).one()
    assert copied.ends_on.isoformat() == "2024-09-02"
