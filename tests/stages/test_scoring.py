"""Panels (专家组) score and conclude: the sheet of the edition, its marks, what a conclusion takes."""

import pytest
from sqlalchemy import select

from tests.factories.projects import ProjectFactory
from xtbang.errors import Blocked, Forbidden
from xtbang.models import Panel, Paper, Project, Seat
from xtbang.queries.desk.tasks import items

ACCEPT = {"answer": "accepted", "no_conflict": True}
CONCLUDE = {"favourable": "passed", "opinion": "同意"}
POINTS = {"need": 24, "frontier": 24, "clear": 16, "benefit": 16, "comment": "意见"}


def test_the_scoring_form_is_the_sheet_of_the_edition(factory: ProjectFactory) -> None:
    project = factory.accepted()
    name = factory.seats(factory.panel(project, "appraisal", (1, 0, 0)))[0]
    factory.perform(project, "answer_invitation", name, ACCEPT)
    actor, action = factory.actor(name), factory.engine.policy.actions["submit_scores"]
    form = factory.engine.form(factory.engine.context(factory.session, project, actor, "expert", action), action)
    assert [(field.key, field.maximum) for field in form.fields] == [
        ("need", 30),
        ("frontier", 30),
        ("clear", 20),
        ("benefit", 20),
        ("comment", None),
    ]


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    ("change", "rule"),
    [
        ({"need": 31}, "F.range"),
        ({"need": ""}, "F.required"),
        ({"need": "2.5"}, "F.format"),
        ({"comment": ""}, "F.required"),
    ],
)
def test_scores_stay_within_the_sheet(factory: ProjectFactory, change: dict[str, object], rule: str) -> None:
    project = factory.accepted()
    name = factory.seats(factory.panel(project, "appraisal", (1, 0, 0)))[0]
    factory.perform(project, "answer_invitation", name, ACCEPT)
    assert rule in factory.blocked(project, "submit_scores", name, POINTS | change)


def test_scores_lock(factory: ProjectFactory) -> None:
    project = factory.accepted()
    panel = factory.panel(project, "appraisal", (1, 0, 0))
    name = factory.seats(panel)[0]
    factory.perform(project, "answer_invitation", name, ACCEPT)
    factory.perform(project, "submit_scores", name, POINTS | {"stranger": 5})
    seat = factory.session.scalars(select(Seat).where(Seat.panel_id == panel.id)).one()
    assert (seat.status, sum(seat.scores.values()), seat.comment) == ("locked", 80, "意见")
    assert "stranger" not in seat.scores
    assert "锁定" in factory.blocked(project, "submit_scores", name, POINTS)["A9.locked"]
    assert "A9.seat" in factory.blocked(project, "answer_invitation", name, {"answer": "declined", "note": "出差"})
    assert factory.mails("science")[-1] == "请补抽专家：高温合金涂层关键技术", "one sheet is too few"


def test_sheets_of_who_recuses_and_of_who_has_a_stake_are_kept_and_do_not_count(factory: ProjectFactory) -> None:
    project = factory.accepted()
    panel = factory.panel(project, "appraisal", (5, 0, 0))
    recused, related, *others = factory.seats(panel)
    for name in factory.seats(panel):
        factory.score(project, panel, name)
    factory.perform(project, "answer_invitation", recused, {"answer": "recused", "note": "亲属"})
    with factory.writing():
        factory.people[related].organisation_id = project.issuer_id
    against = factory.blocked(project, "conclude_panel", "science", CONCLUDE)
    assert f"专家{related}所在单位与项目有利害关系" in against["A9.recusal"]
    seat = next(seat for seat in factory.session.get_one(Panel, panel.id).seats if seat.expert.name == related)
    factory.perform(project, "void_sheet", "science", {"sheet": str(seat.id), "reason": "任职单位是项目一方"})
    assert factory.mails(related)[-1] == "您的评分已作废：需求论证"
    factory.perform(project, "conclude_panel", "science", CONCLUDE)
    seats = factory.session.get_one(Panel, panel.id, populate_existing=True).seats
    assert {seat.expert.name: (seat.status, bool(seat.scores)) for seat in seats} == {
        recused: ("recused", True), related: ("voided", True), **dict.fromkeys(others, ("locked", True)),
    }  # fmt: skip
    summary = factory.session.scalars(select(Paper).where(Paper.name == "panel_summary")).one()
    assert [expert["name"] for expert in summary.data["experts"]] == others


def test_a_conclusion_takes_enough_sheets_of_every_kind(factory: ProjectFactory) -> None:
    project = factory.applied()
    panel = factory.panel(project, "roadshow", (5, 0, 0))
    for name in factory.seats(panel)[:4]:
        factory.score(project, panel, name)
    against = factory.why_not(project, "conclude_panel", "science")
    assert against == {
        "A9.scores": "路演评审已有 4 名专家提交评分，至少须有 5 名（《办法》第九条）。",
        "A9.kinds": "路演评审须有技术、财务专家评分，尚缺财务专家（《办法》第九条）。",
    }


def test_the_desk_asks_for_more_experts_while_too_few_can_score_and_for_the_conclusion_once_enough_have(
    factory: ProjectFactory,
) -> None:
    def waits() -> list[tuple[str, str]]:
        found = items(factory.caller("science"), 9, [project.id])
        return [(item.trigger, item.note) for task, rows in found if task.key.startswith("panels") for item in rows]

    project = factory.applied()
    panel, before = factory.panel(project, "roadshow", (4, 2, 0)), len(factory.mails("science"))
    first, second, *others = factory.seats(panel)
    for who in (first, *others):
        factory.score(project, panel, who)
    assert [trigger for trigger, _note in waits()] == ["conclude_panel"]
    for who in (second, first):  # one before, one after the own sheet
        factory.perform(project, "answer_invitation", who, {"answer": "recused", "note": "亲属任职"})
    assert waits() == [("draw_more", "路演评审至少须有 5 名专家评分，现有 4 名。")]
    factory.perform(project, "draw_more", "science", {"technical": 1, "financial": 0, "legal": 0})
    assert waits() == []
    factory.score(project, panel, factory.seats(panel, "invited")[0])
    assert [trigger for trigger, _note in waits()] == ["conclude_panel"]
    asked = [subject.partition("：")[0] for subject in factory.mails("science")[before:]]
    assert asked == ["请形成专家组结论", "专家不参加评审", "请补抽专家", "请形成专家组结论"]


def test_a_call_sets_its_own_number_for_the_roadshow(factory: ProjectFactory) -> None:
    with factory.writing():
        factory.calls["2024"].roadshow_scores = 2
    project = factory.applied()
    factory.concluded(project, "roadshow", (1, 1, 0))
    assert factory.session.scalars(select(Panel).where(Panel.kind == "roadshow")).one().status == "concluded"


def test_a_mean_below_the_pass_mark_cannot_be_concluded_as_passed(factory: ProjectFactory) -> None:
    project = factory.accepted()
    panel = factory.panel(project, "appraisal", (3, 0, 0))
    for name, share in zip(factory.seats(panel), (0.5, 0.6, 0.6), strict=True):
        factory.score(project, panel, name, share)
    against = factory.blocked(project, "conclude_panel", "science", CONCLUDE)
    assert "低于合格线 60 分，结论不能为“通过”" in against["A9.pass_mark"]
    factory.perform(project, "conclude_panel", "science", CONCLUDE | {"favourable": "not_passed"})
    assert factory.session.get_one(Panel, panel.id).favourable is False


def test_five_sheets_lose_the_highest_and_the_lowest(factory: ProjectFactory) -> None:
    project = factory.applied()
    panel = factory.panel(project, "roadshow", (4, 1, 0))
    for name, share in zip(factory.seats(panel), (0, 0.8, 0.8, 0.8, 1), strict=True):
        factory.score(project, panel, name, share)
    factory.perform(project, "conclude_panel", "science", CONCLUDE)
    paper = factory.session.scalars(
        select(Paper).where(Paper.name == "panel_summary").order_by(Paper.id.desc())
    ).first()
    assert paper is not None
    assert (paper.data["result"], paper.data["counted"]) == ("80.00", ["80", "80", "80"])
    assert [expert["total"] for expert in paper.data["experts"]] == [0, 80, 80, 80, 100]
    assert paper.data["project"]["bidder"] == "湘潭大学"


def test_the_conclusion_closes_the_seats_that_did_not_answer(factory: ProjectFactory) -> None:
    project = factory.accepted()
    panel = factory.panel(project, "appraisal", (5, 0, 0))
    names = factory.seats(panel)
    factory.perform(project, "answer_invitation", names[4], ACCEPT)
    for name in names[:3]:
        factory.score(project, panel, name)
    factory.perform(project, "conclude_panel", "science", CONCLUDE)
    assert factory.seats(panel, "declined") == names[3:]
    assert factory.session.get_one(Panel, panel.id).result == 80
    with pytest.raises(Forbidden):
        factory.perform(project, "submit_scores", names[4], POINTS)
    paper = factory.session.scalars(select(Paper).where(Paper.name == "panel_summary")).one()
    assert [seat["name"] for seat in paper.data["absent"]] == names[3:]


def test_only_a_liability_panel_names_who_is_responsible(factory: ProjectFactory) -> None:
    project = factory.accepted()
    panel = factory.panel(project, "appraisal", (3, 0, 0))
    for name in factory.seats(panel):
        factory.score(project, panel, name)
    against = factory.blocked(project, "conclude_panel", "science", CONCLUDE | {"responsible": "bidder"})
    assert "A12.responsible" in against


def in_contracting(factory: ProjectFactory) -> Project:
    """By hand: what comes before is tested where it belongs."""
    project = factory.recommended()
    with factory.writing():
        project.state = "contracting"
    return project


def test_a_liability_panel_has_every_kind_and_names_who_is_responsible(factory: ProjectFactory) -> None:
    project = in_contracting(factory)
    two = {"technical": 2, "financial": 1, "legal": 0}
    case = {"organiser": "湘潭市科技评估中心", "allegation": "未投入约定的人员"}
    against = factory.blocked(project, "convene_liability", "science", two | case)
    assert "尚未抽取法律专家（《办法》第十二条）" in against["A12.kinds"]
    panel = factory.panel(project, "liability", (1, 1, 1))
    for name in factory.seats(panel):
        factory.score(project, panel, name)
    assert "A12.responsible" in factory.blocked(project, "conclude_panel", "science", CONCLUDE)
    found_nothing = CONCLUDE | {"favourable": "not_passed", "responsible": "both"}
    assert "A12.responsible" in factory.blocked(project, "conclude_panel", "science", found_nothing)
    factory.perform(project, "conclude_panel", "science", CONCLUDE | {"responsible": "both"})
    assert factory.session.get_one(Panel, panel.id).responsible == "both"


def test_an_acceptance_panel_is_drawn_like_any_other(factory: ProjectFactory) -> None:
    project = in_contracting(factory)
    with factory.writing():
        project.state = "acceptance"
        factory.people["技术0"].organisation_id = factory.organisations["bidder"].id
    panel = factory.concluded(project, "acceptance", (2, 1, 0))
    assert (panel.kind, "技术0" in factory.seats(panel)) == ("acceptance", False)


def test_an_expert_who_became_a_party_is_out(factory: ProjectFactory) -> None:
    project = factory.accepted()
    panel = factory.panel(project, "appraisal", (1, 0, 0))
    name = factory.seats(panel)[0]
    with factory.writing():
        factory.people[name].organisation_id = project.issuer_id
    with pytest.raises(Forbidden, match="回避"):
        factory.perform(project, "answer_invitation", name, ACCEPT)


def test_nothing_is_concluded_without_a_panel(factory: ProjectFactory) -> None:
    project = factory.accepted()
    with pytest.raises(Blocked, match="没有正在评审的专家组"):
        factory.perform(project, "conclude_panel", "science", CONCLUDE)
