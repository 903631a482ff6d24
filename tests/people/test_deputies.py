"""Who is away has a deputy; what somebody had who has left is handed over."""

from typing import Any

import pytest
from sqlalchemy import select

from tests.factories import later
from tests.factories.projects import ProjectFactory
from xtbang.enums import RoleName
from xtbang.errors import Blocked, Forbidden
from xtbang.models import Assignment, Deputy, Event, Person, SavedView, Signature
from xtbang.people.deputies import appoint_deputy, end_deputy, hand_over
from xtbang.people.list_settings import VIEW_NAME, save_view
from xtbang.queries.caller import actor_of

AWAY = {"starts_on": "2024-09-02", "ends_on": "2024-09-06", "reason": "出差"}


@pytest.fixture
def colleague(factory: ProjectFactory) -> Person:
    """Another officer of an office, with a role of the leader alone."""
    with factory.writing():
        person = factory.person("colleague", RoleName.LEADER)
        person.roles = [factory.roles[RoleName.LEADER]]
        factory.people["colleague"] = person
    return person


def appoint(factory: ProjectFactory, who: str, other: str, *roles: str, by: str = "", **changes: Any) -> Any:
    values = AWAY | {"email": factory.people[other].email, "roles": list(roles)} | changes
    return appoint_deputy(factory.caller(by or who), factory.people[who].id, values)


def roles_of(factory: ProjectFactory, name: str) -> frozenset[str]:
    today = factory.caller(name).today
    return actor_of(factory.people[name], "", today).roles


def test_a_deputy_acts_and_is_told_until_the_last_day(factory: ProjectFactory, colleague: Person) -> None:
    project = factory.submitted()
    row = appoint(factory, "science", "colleague", "science")
    assert factory.mails("colleague") == ["代办已登记：colleague代science"]
    assert roles_of(factory, "colleague") == {"leader", "science"}
    lines = list(factory.engine.policy.edition(project.edition).checklist)
    factory.perform(project, "accept", "colleague", {"checklist": lines, "scan_looked_at": True})
    event = factory.session.scalars(select(Event).where(Event.trigger == "accept")).one()
    assert (event.actor_id, event.role) == (colleague.id, "science")
    before = len(factory.mails("colleague"))
    factory.submitted()
    assert len(factory.mails("colleague")) > before, "what is sent to the office"
    factory.at("2024-09-07 09:00")
    assert roles_of(factory, "colleague") == {"leader"}
    with pytest.raises(Forbidden):
        end_deputy(factory.caller("industry"), row.id)
    factory.at("2024-09-05 09:00")
    end_deputy(factory.caller("science"), row.id)
    assert roles_of(factory, "colleague") == {"leader"}


def test_whoever_approves_does_not_pay(factory: ProjectFactory, colleague: Person) -> None:
    with pytest.raises(Blocked, match="审批和拨付须由不同的人办理"):
        appoint(factory, "finance", "colleague", "finance")
    with pytest.raises(Blocked, match="只能交给部门的经办人"):
        appoint(factory, "science", "issuer", "science")
    with pytest.raises(Blocked, match="没有启用的账号"):
        appoint(factory, "science", "colleague", "science", email="nobody@bang.test")
    with pytest.raises(Blocked, match="只能交由他人代办本人的角色"):
        appoint(factory, "science", "colleague", "industry")
    with pytest.raises(Forbidden):
        appoint(factory, "science", "colleague", "science", by="industry")


def test_two_signatures_stay_those_of_two_people(factory: ProjectFactory, colleague: Person) -> None:
    project = factory.accepted()
    for office in ("science", "industry"):
        appoint(factory, office, "colleague", office, by="admin")
    factory.perform(project, "list_regular", "colleague")
    with pytest.raises((Blocked, Forbidden)):
        factory.perform(project, "list_regular", "colleague")
    assert project.track is None


def test_who_deputises_for_the_other_office_acts_for_the_one_that_is_awaited(factory: ProjectFactory) -> None:
    project = factory.accepted()
    appoint(factory, "industry", "science", "industry")
    factory.perform(project, "list_regular", "science2")
    factory.perform(project, "list_regular", "science")
    assert project.track == "market", "a colleague signed for the own office, the deputy for the other one"
    signed = select(Event.role).where(Event.trigger == "list_regular").order_by(Event.id)
    assert list(factory.session.scalars(signed)) == ["science", "industry"]
    contract = later.issued(factory)
    term = {"starts_on": "2024-11-11", "ends_on": "2024-11-25"}
    appoint(factory, "industry", "science", "industry", **term)
    later.sign(factory, contract, "science", "science")
    parties = select(Signature.party).where(Signature.project_id == contract.id).order_by(Signature.id)
    assert list(factory.session.scalars(parties)) == ["science", "industry"], "each office has its own stamp"


def test_what_somebody_had_is_handed_over_and_the_account_closed(factory: ProjectFactory, colleague: Person) -> None:
    given = {"email": colleague.email, "reason": "调离"}
    with pytest.raises(Forbidden):
        hand_over(factory.caller("industry"), factory.people["science"].id, given)
    hand_over(factory.caller("admin"), factory.people["science"].id, given)
    left = factory.people["science"]
    assert (left.active, colleague.role_names) == (False, {"leader", "science"})
    assert factory.mails("colleague")[-1] == "请接手science的工作"
    factory.submitted()
    assert any("受理" in subject or "提交" in subject for subject in factory.mails("colleague"))
    triggers = select(Event.trigger).where(Event.stream.in_((f"person:{left.id}", f"person:{colleague.id}")))
    assert set(factory.session.scalars(triggers)) == {"hand_over", "take_over"}
    with pytest.raises(Blocked, match="席位属于本人"):
        hand_over(factory.caller("admin"), factory.people["技术0"].id, given)


def test_projects_go_with_a_hand_over_and_nobody_deputises_for_themselves(
    factory: ProjectFactory, colleague: Person
) -> None:
    project, left = factory.submitted(), factory.people["science"]
    factory.perform(project, "assign_officer", "science", {"officer": str(left.id)})
    with factory.writing():
        colleague.roles = [*colleague.roles, factory.roles[RoleName.SCIENCE]]
    appoint(factory, "colleague", "science", "leader")
    appoint(factory, "science", "colleague", "science")
    for who in ("science", "colleague"):
        save_view(factory.caller(who), "bureau.projects", "等得最久的", {"sort": "-waited"}, shared=True)
    save_view(factory.caller("science"), "desk.home", "本人的", {"mine": "1"}, shared=False)
    hand_over(factory.caller("admin"), left.id, {"email": colleague.email, "reason": "调离"})
    views = factory.session.scalars(select(SavedView).where(SavedView.person_id == colleague.id))
    assert {view.name for view in views} == {"等得最久的", "等得最久的（science）", "本人的"}
    assert [row.person_id for row in factory.session.scalars(select(Assignment))] == [colleague.id]
    assert all(row.ended_at for row in factory.session.scalars(select(Deputy)))
    [event] = factory.session.scalars(select(Event).where(Event.trigger == "hand_over"))
    assert event.data["projects"] == [project.id]


def test_views_of_the_same_name_are_told_apart_however_often_work_is_handed_over(
    factory: ProjectFactory, colleague: Person
) -> None:
    """Two people of one name leave one after the other; each view can still be saved and renamed as any other."""
    long = "先进装备制造领域等待时间最长的二十个项"
    with factory.writing():
        leaving = [factory.person(f"leaving{number}", RoleName.SCIENCE) for number in (1, 2, 3)]
        for person in leaving:
            person.name = "欧阳建国"
        colleague.roles = [*colleague.roles, factory.roles[RoleName.SCIENCE]]
    for who in ("colleague", "leaving1", "leaving2", "leaving3"):
        for name in ("待办", long):
            save_view(factory.caller(who), "bureau.projects", name, {"sort": who}, shared=True)
    for person in leaving:
        hand_over(factory.caller("admin"), person.id, {"email": colleague.email, "reason": "调离"})
    views = factory.session.scalars(select(SavedView).where(SavedView.person_id == colleague.id)).all()
    assert len({view.name for view in views}) == len(views) == 8
    assert all(len(view.name) <= VIEW_NAME for view in views)
    assert sum(view.name.startswith("待办（欧阳建国") for view in views) == 3


def test_the_same_days_are_not_given_twice_to_the_same_person(factory: ProjectFactory, colleague: Person) -> None:
    row = appoint(factory, "science", "colleague", "science")
    for days in ({}, {"starts_on": "2024-09-06", "ends_on": "2024-09-09"}, {"ends_on": "2024-09-02"}):
        with pytest.raises(Blocked, match="2024年9月2日至2024年9月6日已经代办"):
            appoint(factory, "science", "colleague", "science", **days)
    appoint(factory, "science", "colleague", "science", starts_on="2024-09-07", ends_on="2024-09-09")
    appoint(factory, "science", "industry", "science")
    end_deputy(factory.caller("science"), row.id)
    appoint(factory, "science", "colleague", "science")


def test_a_manager_hands_over_within_the_organisation(factory: ProjectFactory) -> None:
    with factory.writing():
        factory.people["issuer"].manager = True
        second = factory.person("second", RoleName.APPLICANT, organisation=factory.organisations["issuer"])
    given = {"email": factory.people["bidder"].email, "reason": "离职"}
    with pytest.raises(Blocked, match="须是同一单位的人员"):
        hand_over(factory.caller("admin"), factory.people["issuer"].id, given)
    hand_over(factory.caller("admin"), factory.people["issuer"].id, given | {"email": second.email})
    assert (second.manager, factory.people["issuer"].active) == (True, False)
