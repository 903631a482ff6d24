"""Every action for many, as the workflow has them: a batch of three is three single actions, event by event and 分 by 分."""

from collections.abc import Callable
from functools import partial
from random import Random
from typing import Any

import pytest

from tests.factories import later
from tests.factories.projects import ProjectFactory
from tests.stages.test_batch import from_one_beginning, in_one_go, one_by_one, written
from tests.support.copies import alike
from tests.support.databases import InMemory
from tests.workflow.filling import fill
from xtbang.domain import experts
from xtbang.models import Project
from xtbang.rules.lives import Action
from xtbang.workflow.many import candidates

pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)
N = 3
SHARED = {"list_major", "conclude"}  # one notice is published for all: tests/stages/test_shared_notices.py
ELSEWHERE = {
    "join_meeting": "a meeting that is planned: tests/domain/test_meeting_deeds.py",
    "leave_meeting": "the same",
    "sign_contract": "scans: tests/web/test_pages_signatures.py",
    "revoke_import": "past projects: tests/web/test_pages_import.py",
}


def scored(factory: ProjectFactory) -> Project:
    """论证 with all scores."""
    project = factory.accepted()
    panel = factory.panel(project, "appraisal", (3, 0, 0))
    for who in factory.seats(panel):
        factory.score(project, panel, who)
    return project


def with_contract(factory: ProjectFactory) -> Project:
    """签约 with its contract filled in, not issued."""
    project = later.contracting(factory)
    later.fill_contract(factory, project)
    if not factory.why_not(project, "accept_own_share", "issuer"):
        factory.perform(project, "accept_own_share", "issuer")
    return project


def at_the_end(factory: ProjectFactory) -> Project:
    """公示 whose days are over."""
    project = later.published(factory)
    factory.at("2024-11-19 09:00")
    return project


def examined(factory: ProjectFactory) -> Project:
    """验收 without a panel."""
    project = later.executing(factory)
    later.requested(factory, project)
    return project


def passing(factory: ProjectFactory) -> Project:
    """验收 with a favourable conclusion of its panel."""
    project = examined(factory)
    factory.concluded(project, "acceptance", (2, 1, 0))
    return project


def payable(factory: ProjectFactory) -> Project:
    """尾拨, the county having paid."""
    project = later.executing(factory)
    later.county_pays(factory, project, "1", "20")
    later.passed(factory, project)
    later.matched(factory, project, "20")
    return project


def gone(factory: ProjectFactory) -> Project:
    """论证 with a panel of which one expert has declined."""
    project = factory.accepted()
    panel = factory.panel(project, "appraisal", (3, 0, 0))
    factory.perform(project, "answer_invitation", factory.seats(panel)[0], {"answer": "declined", "note": "出差"})
    return project


Reach = Callable[[ProjectFactory], Project]
# trigger: where it is tried, and what is said there that a form does not hold already
TRIED: dict[str, tuple[Reach, dict[str, Any]]] = {
    "send_back": (lambda factory: factory.submitted(), {}),
    "accept": (lambda factory: factory.submitted(), {}),
    "refuse": (lambda factory: factory.submitted(), {}),
    "remind": (later.contracting, {"until": ""}),
    "assign_officer": (lambda factory: factory.submitted(), {}),
    "convene_appraisal": (lambda factory: factory.accepted(), {}),
    "draw_more": (gone, {}),
    "conclude_panel": (scored, {"favourable": "passed", "responsible": ""}),
    "list_regular": (lambda factory: factory.accepted(), {}),
    "drop": (lambda factory: factory.accepted(), {}),
    "recommend_province": (lambda factory: factory.regular(), {}),
    "promote": (lambda factory: factory.regular(), {}),
    "convene_roadshow": (lambda factory: factory.applied(), {}),
    "record_inspection": (lambda factory: factory.applied(), {}),
    "record_opinion": (lambda factory: factory.applied(), {"favourable": "agreed"}),
    "recommend": (lambda factory: factory.judged(), {"subsidy_city": "39.99", "reason": ""}),
    "decline": (lambda factory: factory.judged(), {}),
    "publish_notice": (lambda factory: factory.recommended(), {"notice_number": ""}),
    "confirm": (at_the_end, {}),
    "issue_contract": (with_contract, {}),
    "record_funding_document": (later.issued, {}),
    "confirm_county_match": (later.in_force, {}),
    "approve_payment": (later.ready, {}),
    "disburse_first": (later.ready, {}),
    "record_county_instalment": (later.executing, {}),
    "assign_agency": (later.executing, {}),
    "record_check": (later.executing, {}),
    "convene_acceptance": (examined, {}),
    "pass_acceptance": (passing, {}),
    "disburse_final": (payable, {}),
}


def test_every_action_for_many_is_tried(factory: ProjectFactory) -> None:
    many = {action.trigger for action in factory.engine.policy.actions.values() if action.many}
    assert many == TRIED.keys() | SHARED | ELSEWHERE.keys()


def said(factory: ProjectFactory, project: Project, action: Action, who: str, more: dict[str, Any]) -> dict[str, Any]:
    """What a person fills in: what stands there, then what is new."""
    [item] = candidates(factory.engine, factory.session, factory.actor(who), action.trigger, [project])
    assert item.able, [str(reason) for reason in item.reasons]
    known = {
        key: value for key, value in item.values.items() if value not in ("", None) and not isinstance(value, list)
    }
    new = fill(item.form, Random(1), factory.now.date(), wild=0)
    files = {field.key: factory.file("附件.pdf") for field in item.form.fields if field.kind == "file"}
    own = {"note": f"凭证{project.id}"} if "note" in new else {}  # a number counts once
    return new | files | known | own | more


@pytest.mark.parametrize("trigger", TRIED)
def test_a_batch_of_three_is_three_single_deeds(
    factory: ProjectFactory, trigger: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(experts, "token_hex", lambda _size: "00")  # the same draw
    database, (reach, more) = factory.database, TRIED[trigger]
    assert isinstance(database, InMemory)
    action = factory.engine.policy.actions[trigger]
    who = next(name for name in action.who if name in factory.people)
    ids = [project.id for project in alike(database, factory.session, reach(factory), N)]
    for number in ids if trigger.startswith("disburse") else ():
        later.approved(factory, factory.session.get_one(Project, number))
    answers = []
    for together, projects in from_one_beginning(factory, ids):
        filled = {project.id: said(factory, project, action, who, more) for project in projects}
        if together:
            shared = {key: value for key, value in filled[ids[0]].items() if key not in action.each}
            own = {number: {key: data[key] for key in action.each} for number, data in filled.items()}
            items = in_one_go(factory, trigger, who, projects, shared, partial(_own, own))
            assert [item.status for item in items] == ["done"] * N, [item.reasons for item in items]
        else:
            singly = [(project, filled[project.id]) for project in projects]
            assert one_by_one(factory, trigger, singly, who) == [[]] * N
        answers.append(written(factory))
    assert answers[0] == answers[1]


def _own(known: dict[int, dict[str, Any]], project: Project) -> dict[str, Any]:
    return known[project.id]
