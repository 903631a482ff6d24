"""专家组: the draw, the answers, the scores, the conclusion."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select

from tests.factories.projects import ProjectFactory
from tests.factories.values import BID
from xtbang.domain.bids import MOST_MEMBERS
from xtbang.domain.expert_pool import pool
from xtbang.enums import RoleName
from xtbang.errors import Forbidden
from xtbang.models import Event, Mail, Project, Seat
from xtbang.queries.desk.due_dates import dues
from xtbang.queries.desk.tasks import waiting

ACCEPT = {"answer": "accepted", "no_conflict": True}
CONCLUDE = {"favourable": "passed", "opinion": "同意"}
POINTS = {"need": 24, "frontier": 24, "clear": 16, "benefit": 16, "comment": "意见"}


def test_technical_experts_of_the_domain_come_first(factory: ProjectFactory) -> None:
    panel = factory.panel(factory.accepted(), "appraisal", (3, 1, 0))
    names = factory.seats(panel)
    assert set(names[:3]) == {"技术0", "技术1", "技术2"}
    assert names[3].startswith("财务")


def test_invitations_name_the_parties_and_nothing_else(factory: ProjectFactory) -> None:
    project = factory.accepted()
    name = factory.seats(factory.panel(project, "appraisal", (1, 0, 0)))[0]
    assert factory.mails(name) == ["请答复评审邀请：需求论证"]
    mail = factory.session.scalars(select(Mail).where(Mail.person_id == factory.people[name].id)).one()
    assert "湘潭电机有限公司" in mail.body
    assert project.title not in mail.body


def test_an_invitation_is_due_on_the_desk_on_the_day_that_the_calendar_says(factory: ProjectFactory) -> None:
    name = factory.seats(factory.panel(factory.accepted(), "appraisal", (1, 0, 0)))[0]
    expert = factory.caller(name)
    [group] = waiting(expert)
    [item] = group.tasks
    [due] = [
        due for due in dues(expert, expert.today, expert.today + timedelta(days=9)) if due.about.key == "invitation"
    ][:1]
    assert (group.key, item.due, item.days, item.waited) == ("invitations", due.on, 3, 0)
    with factory.writing() as session:
        session.scalars(select(Seat)).one().invited_at = expert.now - timedelta(days=4)
    [late] = waiting(factory.caller(name))
    assert (late.late, late.tasks[0].days, late.tasks[0].waited) == (1, -1, 4)


def test_experts_of_the_parties_of_bidders_and_the_convener_are_never_drawn(factory: ProjectFactory) -> None:
    project = factory.regular()
    factory.bid(project, "rival")
    with factory.writing():
        factory.people["技术0"].organisation_id = factory.organisations["issuer"].id
        factory.people["技术1"].organisation_id = factory.organisations["rival"].id
        factory.people["技术2"].active = False
        factory.people["science"].roles.append(factory.roles[RoleName.EXPERT])
        factory.people["science"].expert_kind = "技术"
        pending = factory.organisation("new", "未核实单位", "企业", "雨湖区")
        pending.status, pending.confirmed_at = "pending", None
        factory.people["技术3"].organisation = pending
        factory.people["技术4"].organisation_id = factory.organisations["firm"].id
        name = factory.organisations["rival"].name
        factory.people["技术5"].employer = f"{name[:2]} {name[2:]}"  # written by the administrator, with a space
    factory.perform(project, "promote", "science")
    against = factory.blocked(project, "convene_appraisal", "science", {"technical": 5, "financial": 0, "legal": 0})
    assert "要抽取技术专家 5 名，专家库中可抽取的只有 3 名" in against["A9.pool"]
    panel = factory.panel(project, "appraisal", (3, 0, 0))
    assert set(factory.seats(panel)) == {"技术4", "技术6", "技术7"}


def free(factory: ProjectFactory, project: Project) -> int:
    """How many technical experts could be drawn."""
    project_now = factory.session.get_one(Project, project.id)
    action = factory.engine.policy.actions["convene_roadshow"]
    return len(
        pool(
            factory.engine.context(factory.session, project_now, factory.actor("science"), "science", action), "技术"
        ).free
    )


def test_naming_organisations_in_a_draft_keeps_no_expert_away(factory: ProjectFactory) -> None:
    project = factory.listed()
    with factory.writing():
        factory.people["技术0"].organisation_id = factory.organisations["firm"].id
        factory.people["技术1"].organisation_id = factory.organisations["member"].id
        factory.people["技术2"].organisation_id = factory.organisations["rival"].id
    firm, member = (
        {"uscc": factory.organisations[key].uscc, "name": key, "kind": "科研院所", "task": "材料", "share": "10"}
        for key in ("firm", "member")
    )
    bid = factory.open_bid(project, "rival", members=[firm, member], lead_share="80")
    assert (len(bid.members), free(factory, project)) == (2, 8)
    data = {"bid": str(bid.id), "draft_version": bid.document.draft_version}
    factory.perform(project, "confirm_membership", "member", data)
    assert free(factory, project) == 7
    factory.save_bid(bid, "rival", **BID | {"members": [member], "lead_share": "90"})
    factory.perform(project, "confirm_membership", "member", data | {"draft_version": bid.document.draft_version})
    factory.perform(project, "submit_bid", "rival")
    assert free(factory, project) == 6
    factory.perform(project, "withdraw_bid", "rival")
    assert free(factory, project) == 6


def test_members_that_once_agreed_keep_their_stake_when_the_bid_goes_back(factory: ProjectFactory) -> None:
    project = factory.regular(edition="2021")
    member = {
        "uscc": factory.organisations["member"].uscc,
        "name": "湘潭材料研究院",
        "kind": "科研院所",
        "task": "材料",
        "share": "10",
    }
    bid = factory.open_bid(project, members=[member], lead_share="90")
    data = {"bid": str(bid.id), "draft_version": bid.document.draft_version}
    factory.perform(project, "confirm_membership", "member", data)
    factory.perform(project, "submit_bid", "bidder")
    factory.perform(project, "promote", "science")
    with factory.writing():
        factory.people["技术0"].organisation_id = factory.organisations["member"].id
    assert (bid.status, bid.members[0].confirmed_draft, free(factory, project)) == ("draft", None, 7)


def test_a_bid_has_no_more_members_than_its_form(factory: ProjectFactory) -> None:
    project = factory.listed()
    with factory.writing():
        more = [factory.organisation(f"extra{n}", f"单位{n}", "企业", "雨湖区") for n in range(MOST_MEMBERS + 2)]
    rows = [{"uscc": one.uscc, "name": one.name} for one in more]
    bid = factory.open_bid(project, members=rows)
    assert len(bid.members) == MOST_MEMBERS
    forms = [edition.documents["bid"] for edition in factory.engine.policy.editions.values()]
    assert {form.field("members").max_rows for form in forms} == {MOST_MEMBERS}


def test_drawing_nobody_is_refused(factory: ProjectFactory) -> None:
    project = factory.accepted()
    nobody = {"technical": 0, "financial": 0, "legal": 0}
    assert "A9.draw" in factory.blocked(project, "convene_appraisal", "science", nobody)


@pytest.mark.parametrize(
    ("drawn", "asked"),
    [
        ((3, 1, 0), []),
        ((1, 1, 0), ["不少于 3 名，本次只抽取 2 名"]),
        ((0, 1, 0), ["尚未抽取技术专家", "本次只抽取 1 名"]),
    ],
)
def test_a_panel_that_cannot_conclude_is_asked_back(
    factory: ProjectFactory, drawn: tuple[int, int, int], asked: list[str]
) -> None:
    project, engine = factory.accepted(), factory.engine
    action = engine.policy.actions["convene_appraisal"]
    context = engine.context(factory.session, project, factory.actor("science"), "science", action)
    data = dict(zip(("technical", "financial", "legal"), drawn, strict=True))
    against, hints = engine.asked_back(context, action, data)
    assert not against
    assert [hint.text for hint, part in zip(hints, asked, strict=True) if part not in hint.text] == []


def test_one_panel_at_a_time(factory: ProjectFactory) -> None:
    project = factory.accepted()
    factory.panel(project, "appraisal", (3, 0, 0))
    assert "需求论证专家组尚未形成结论" in factory.why_not(project, "convene_appraisal", "science")["A9.panel"]


def test_only_the_invited_answer(factory: ProjectFactory) -> None:
    project = factory.accepted()
    panel = factory.panel(project, "appraisal", (3, 0, 0))
    stranger = next(name for name in factory.people if name.startswith("技术") and name not in factory.seats(panel))
    with pytest.raises(Forbidden):
        factory.perform(project, "answer_invitation", stranger, ACCEPT)


def test_accepting_takes_the_declaration(factory: ProjectFactory) -> None:
    project = factory.accepted()
    panel = factory.panel(project, "appraisal", (1, 0, 0))
    name = factory.seats(panel)[0]
    assert "A9.recusal" in factory.blocked(project, "answer_invitation", name, {"answer": "accepted"})
    assert "请先答复" in factory.why_not(project, "submit_scores", name)["A9.seat"]
    factory.perform(project, "answer_invitation", name, ACCEPT)
    assert factory.seats(panel, "accepted") == [name]


def test_who_recused_is_replaced_and_never_drawn_again(factory: ProjectFactory) -> None:
    project = factory.accepted()
    panel = factory.panel(project, "appraisal", (2, 0, 0))
    first, second = factory.seats(panel)
    factory.perform(project, "answer_invitation", first, {"answer": "recused", "note": "同事"})
    factory.perform(project, "answer_invitation", second, {"answer": "declined", "note": "出差"})
    assert factory.mails("science")[-1] == "请补抽专家：高温合金涂层关键技术"
    against = factory.blocked(project, "draw_more", "science", {"technical": 7, "financial": 0, "legal": 0})
    assert "只有 6 名" in against["A9.pool"]
    factory.perform(project, "draw_more", "science", {"technical": 6, "financial": 0, "legal": 0})
    assert factory.seats(panel, "recused") == [first]
    with pytest.raises(Forbidden):
        factory.perform(project, "answer_invitation", first, ACCEPT)


def test_a_conflict_found_after_accepting_still_ends_in_recusal(factory: ProjectFactory) -> None:
    project = factory.accepted()
    panel = factory.panel(project, "appraisal", (1, 0, 0))
    name = factory.seats(panel)[0]
    factory.perform(project, "answer_invitation", name, ACCEPT)
    assert "只能申请回避" in factory.blocked(project, "answer_invitation", name, {"answer": "declined"})["A9.seat"]
    factory.perform(project, "answer_invitation", name, {"answer": "recused"})
    assert factory.seats(panel, "recused") == [name]


def test_partners_of_a_party_and_who_was_drawn_too_often_are_not_drawn(
    factory: ProjectFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    project = factory.accepted()
    factory.at("2024-09-02 10:00")
    factory.judged()  # of the same issuer, with a technical contract with ``bidder``
    invited = {seat.expert_id for seat in factory.session.scalars(select(Seat).where(Seat.kind == "技术"))}
    spared = [name for name, person in factory.people.items() if name.startswith("技术") and person.id not in invited]
    with factory.writing():
        factory.people[spared[0]].organisation_id = factory.organisations["bidder"].id
    edition = factory.engine.policy.editions["2024"]
    monkeypatch.setitem(factory.engine.policy.editions, "2024", replace(edition, draws_per_year=1))
    factory.panel(project, "appraisal", (1, 0, 0))
    event = factory.session.scalars(
        select(Event).where(Event.trigger == "draw_experts").order_by(Event.id.desc())
    ).first()
    why = dict(event.data["kinds"]["技术"]["excluded"])
    assert why[factory.people[spared[0]].id] == "任职单位近 3 年内与项目一方有技术合同"
    assert {why[expert] for expert in invited} <= {f"近一年已抽取 {n} 次，达到上限 1 次" for n in (1, 2)}
