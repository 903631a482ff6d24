"""撤销: every decision that may be revoked leads back to the state before, with what could be done there then."""

from collections.abc import Callable

import pytest
from sqlalchemy import select

from tests.factories import later
from tests.factories.projects import ProjectFactory
from tests.factories.values import RESOLUTION, WINDOW
from tests.stages.test_bidding import DEAL
from xtbang.actions.context import Context
from xtbang.domain.call_changes import cancel_call
from xtbang.domain.reversal import correctable_lines
from xtbang.domain.revocation import revocable_decisions
from xtbang.models import Bid, Objection, Paper, Project
from xtbang.rules.policy import Policy

TERMINATED = {"cause": "objective", "recover_by": "2026-12-31"}
REASON = {"reason": "经复查，决定所依据的材料有误。"}


def asked_to_extend(factory: ProjectFactory) -> Project:
    project = later.executing(factory)
    factory.at("2025-03-10 09:00")
    data = {"reason": "设备供货延误", "new_end": "2027-02-19", "audit_file": factory.file("审计报告.pdf")}
    factory.perform(project, "request_extension", "issuer", data)
    factory.perform(project, "join_extension", "bidder")
    return project


def examined(factory: ProjectFactory) -> Project:
    project = later.executing(factory)
    later.requested(factory, project)
    factory.concluded(project, "acceptance", (2, 1, 0))
    return project


def objected(factory: ProjectFactory) -> Project:
    project = later.published(factory)
    later.object_to(factory, project)
    objection = str(factory.session.scalars(select(Objection.id)).one())
    data = {"objection": objection, "outcome": "upheld", "finding": "属实"}
    factory.perform(project, "decide_objection", "science", data)
    return project


def noticed(factory: ProjectFactory) -> Project:
    project = later.published(factory)
    factory.at("2024-11-20 09:00")
    return project


def signed(factory: ProjectFactory) -> Project:
    project = later.issued(factory)
    later.sign(factory, project, "issuer", "bidder", "science", "industry")
    later.funded(factory, project)
    return project


def recovered(factory: ProjectFactory) -> Project:
    project = later.executing(factory)
    later.ended(factory, project)
    data = {"source": "city", "amount": "10", "dated": factory.now.date().isoformat(), "note": "还1"}
    factory.perform(project, "record_recovery", "finance", data)
    factory.perform(project, "declare_county_unpaid", "county", {"instalment": "1", "reason": "未拨付"})
    return project


# decision: how a project comes to where it is made, and what is filled in
WAYS: dict[str, tuple[Callable[[ProjectFactory], Project], dict[str, object]]] = {
    "accept": (lambda f: f.submitted(), {"scan_looked_at": "true"}),
    "refuse": (lambda f: f.submitted(), {"rule": "《办法》第六条"}),
    "end_with_call": (lambda f: called_off(f), {}),
    "end_entry": (lambda f: signed(f), {"cause": "idle", "file": ""}),
    "drop": (lambda f: f.accepted(), {}),
    "list_regular": (lambda f: f.accepted(), {}),
    "list_major": (lambda f: appraised(f), WINDOW),
    "register_deal": (lambda f: matched(f), {}),
    "recommend": (lambda f: f.judged(), RESOLUTION | {"subsidy_city": "40"}),
    "decline": (lambda f: f.applied(), RESOLUTION | {"resolution_date": "2024-10-30"}),
    "uphold": (objected, {}),
    "confirm": (noticed, {}),
    "conclude": (signed, {}),
    "grant_extension": (asked_to_extend, {}),
    "deny_extension": (asked_to_extend, {}),
    "rectify": (examined, {"rectify_by": "2025-08-31"}),
    "pass_acceptance": (examined, {}),
    "terminate": (examined, TERMINATED),
    "reclaim": (lambda f: proved(f), later.RECLAIM),
    "settle": (recovered, {}),
}


def proved(factory: ProjectFactory) -> Project:
    project = later.completed(factory)
    later.to_reclaim(factory, project)
    return project


def called_off(factory: ProjectFactory) -> Project:
    project, call = factory.accepted(), factory.calls["2024"]
    with factory.writing():
        call.published_at = call.opens_at
    said = {"title": "公告", "body": "正文", "number": "", "reason": "资金安排调整"}
    cancel_call(factory.caller("science"), call.id, call.version, said)
    return project


def bid_for(factory: ProjectFactory) -> Project:
    project = factory.listed()
    factory.bid(project)
    return project


def appraised(factory: ProjectFactory) -> Project:
    project = factory.accepted()
    factory.concluded(project, "appraisal", (3, 0, 0))
    return project


def matched(factory: ProjectFactory) -> Project:
    project = factory.regular()
    factory.choose(project, factory.bid(project))
    return project


def offered(factory: ProjectFactory, project: Project) -> dict[str, set[tuple[str, bool]]]:
    """What each kind of person can do, open or closed; that a revocation gets its number is no part of what was before."""
    people = "issuer bidder science industry leader finance county".split()
    return {
        who: {
            (offer.action.trigger, offer.open)
            for offer in factory.engine.offers(factory.session, project, factory.actor(who))
            if offer.action.trigger != "record_document_number"
        }
        for who in people
    }


def test_every_revocable_decision_has_its_way(policy: Policy) -> None:
    midterm = {"pass_midterm", "mend_midterm"}  # of editions that have it
    assert {a.trigger for a in policy.actions.values() if a.revocable} - midterm == set(WAYS)


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
@pytest.mark.parametrize("trigger", WAYS)
def test_a_revoked_decision_leads_back_to_what_was_before(factory: ProjectFactory, trigger: str) -> None:
    begin, data = WAYS[trigger]
    project, action = begin(factory), factory.engine.policy.actions[trigger]
    data = {"reason": "意见", "minutes": factory.file("纪要.pdf"), "contract_file": factory.file("合同.pdf")} | data
    data |= {"audit_file": factory.file("审计报告.pdf")} if trigger == "terminate" else {}
    data |= DEAL if trigger == "register_deal" else {}
    data |= {"checklist": [*factory.engine.policy.edition("2024").checklist]} if trigger == "accept" else {}
    state, before = project.state, offered(factory, project)
    figures = project.track, project.ends_on, project.contract_amount, project.closed_at, project.bids_until
    decide(factory, project, trigger, data)
    assert project.state != state
    decision = next(iter(revocable(factory, project, "science" if action.both else action.who[0])))
    first, second = ("science", "industry") if action.both else (action.who[0], "industry")
    factory.perform(project, "revoke", first, REASON | {"decision": decision})
    assert "countersign" in factory.why_not(project, "revoke", first)
    factory.perform(project, "revoke", second)
    assert project.state == state
    assert offered(factory, project) == before
    assert figures == (project.track, project.ends_on, project.contract_amount, project.closed_at, project.bids_until)
    paper = later.paper(factory, project, "revocation")
    assert paper.data["decision"] == action.name
    assert "决定已撤销" in "".join(factory.mails("issuer"))
    decide(factory, project, trigger, data)  # made anew
    assert project.state != state


def test_bids_and_notice_stand_again_when_an_entry_was_ended_by_mistake(factory: ProjectFactory) -> None:
    project = bid_for(factory)
    notices = select(Paper.state).where(Paper.project_id == project.id, Paper.name == "notice")
    before = list(factory.session.scalars(notices))
    factory.both(project, "end_entry", {"cause": "idle", "reason": "不再办理", "file": ""})
    assert factory.session.scalars(select(Bid.status)).all() == ["not_chosen"]
    assert set(factory.session.scalars(notices)) == {"cancelled"}
    decision = next(iter(revocable(factory, project, "science")))
    for who in ("science", "industry"):
        factory.perform(project, "revoke", who, REASON | {"decision": decision})
    assert (project.state, factory.session.scalars(select(Bid.status)).all()) == ("listing", ["submitted"])
    assert list(factory.session.scalars(notices)) == before
    assert later.paper(factory, project, "form")


def revocable(factory: ProjectFactory, project: Project, who: str) -> dict[str, str]:
    """The decision that can be revoked now."""
    action = factory.engine.action(project, "revoke")
    return revocable_decisions(factory.engine.context(factory.session, project, factory.actor(who), who, action))


def decide(factory: ProjectFactory, project: Project, trigger: str, data: dict[str, object]) -> None:
    action = factory.engine.policy.actions[trigger]
    known = {field.key for field in action.form.fields}
    given = {key: value for key, value in data.items() if key in known}
    if action.both:
        factory.both(project, trigger, given)
    else:
        factory.perform(project, trigger, action.who[0], given)


def test_a_decision_of_both_bureaus_is_revoked_by_both_and_nobody_else(factory: ProjectFactory) -> None:
    project = examined(factory)
    factory.both(project, "pass_acceptance", {"reason": "达到要求"})
    assert "role" in factory.why_not(project, "revoke", "finance")
    later.matched(factory, project, "20")  # which stays
    factory.perform(
        project, "revoke", "industry", REASON | {"decision": next(iter(revocable(factory, project, "industry")))}
    )
    factory.perform(project, "revoke", "science")
    assert later.paper(factory, project, "acceptance").state == "current"  # asked for, still to be decided
    opinion = factory.session.scalars(select(Paper).where(Paper.name == "acceptance_opinion")).one()
    assert (opinion.state, opinion.voided_by_id) == ("cancelled", later.paper(factory, project, "revocation").id)


def test_a_termination_revoked_after_the_payment_came_back_leads_to_the_payment(factory: ProjectFactory) -> None:
    project = later.executing(factory)
    later.ended(factory, project)
    later.county_pays(factory, project, "1", "20")  # is claimed at once, with a notice of its own
    (city,) = [key for key, name in correctable_lines(_asking(factory, project)).items() if "市级" in name]
    later.reverse_line(factory, project, city, "returned", "账号有误。")
    decision = next(iter(revocable(factory, project, "science")))
    factory.perform(project, "revoke", "science", REASON | {"decision": decision})
    factory.perform(project, "revoke", "industry")
    assert (project.state, project.resumes) == ("first_payment", "execution")
    assert later.paper(factory, project, "revocation").data["back_to"] == "首拨"
    assert set(later.sums(factory, project).due.values()) <= {0}
    notices = factory.session.scalars(select(Paper.state).where(Paper.name == "recovery_notice")).all()
    assert notices
    assert "current" not in notices
    later.pay(factory, project, "disburse_first", "20", note="拨付更正1")
    assert (project.state, project.resumes) == ("execution", None)


def _asking(factory: ProjectFactory, project: Project) -> Context:
    action = factory.engine.policy.actions["reverse_line"]
    return factory.engine.context(factory.session, project, factory.actor("finance"), "finance", action)
