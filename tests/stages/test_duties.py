"""What the agency, the county or a member of a consortium has to do, it is told by mail, whatever makes it its duty."""

from collections.abc import Callable

import pytest
from sqlalchemy import select

from tests.factories import later
from tests.factories.projects import ProjectFactory
from tests.factories.values import BID
from tests.stages.test_changes import ask, consortium
from tests.stages.test_revocation import examined
from xtbang.actions.registry import OPTIONS
from xtbang.domain.drafts import save_draft
from xtbang.models import Bid, Mail, Project
from xtbang.rules.policy import Policy

WHO = {"agency", "county", "member"}
# what one of them may do, and nobody waits for
RIGHTS = {
    "take_back", "reverse_line", "amend_line", "withhold", "withdraw_signature", "decline_change", "name_recusal",
    "withdraw_recusal", "make_statement", "state_in_inquiry",
}  # fmt: skip
MEMBERS = {
    "members": [{"uscc": "", "name": "成员", "kind": "科研院所", "task": "材料", "share": "10"}],
    "lead_share": "90",
}
Way = Callable[[ProjectFactory], Project]


def named(factory: ProjectFactory) -> Project:
    """A draft of a bid with a member, saved twice."""
    project = factory.listed()
    factory.perform(project, "open_bid", "bidder")
    bid = factory.session.scalars(select(Bid)).one()
    row = MEMBERS["members"][0] | {"uscc": factory.organisations["member"].uscc}
    for route in ("路线", "更好的路线"):
        values = BID | MEMBERS | {"members": [row], "route": route}
        save_draft(factory.caller("bidder"), bid.document_id, values, bid.document.draft_version)
        factory.session.refresh(bid.document)
    return project


def assigned(factory: ProjectFactory) -> Project:
    project = later.executing(factory)
    factory.perform(project, "assign_agency", "science", {"agency": str(factory.organisations["agency"].id)})
    return project


def taken_back(factory: ProjectFactory, project: Project, part: str) -> Project:
    action = factory.engine.policy.actions["take_back"]
    context = factory.engine.context(factory.session, project, factory.actor("county"), "county", action)
    labels = OPTIONS["records_to_take_back"](context)
    record = next(key for key, label in labels.items() if part in label)
    factory.perform(project, "take_back", "county", {"record": record, "reason": "有误"})
    factory.perform(project, "take_back", "finance")
    return project


def unsaid(factory: ProjectFactory) -> Project:
    project = later.executing(factory)
    later.ended(factory, project)
    factory.perform(project, "declare_county_unpaid", "county", {"instalment": "1", "reason": "未拨付"})
    return taken_back(factory, project, "未拨付")


def terminated(factory: ProjectFactory) -> Project:
    project = later.executing(factory)
    later.ended(factory, project)
    return project


def passed(factory: ProjectFactory) -> Project:
    project = examined(factory)
    factory.both(project, "pass_acceptance", {"reason": "达到要求"})
    return project


def less(factory: ProjectFactory) -> Project:
    project = later.ready(factory)
    data = {
        "resolution_date": factory.now.date().isoformat(),
        "resolution_number": "潭科党〔2024〕11号",
        "reason": "核减",
    }
    data |= {"subsidy_city": "30", "minutes": factory.file("纪要.pdf")}
    for who in ("leader", "science"):
        factory.perform(project, "amend_subsidy", who, data)
    return project


def reversed_by_county(factory: ProjectFactory) -> Project:
    project = later.executing(factory)
    later.county_pays(factory, project, "1", "20")
    action = factory.engine.policy.actions["reverse_line"]
    context = factory.engine.context(factory.session, project, factory.actor("county"), "county", action)
    (line,) = OPTIONS["correctable_lines"](context)
    data = {"line": line, "cause": "mistaken", "dated": factory.now.date().isoformat(), "reason": "有误"}
    factory.perform(project, "reverse_line", "county", data)
    factory.perform(project, "reverse_line", "finance")
    return project


def joining(factory: ProjectFactory) -> Project:
    """A change of the contract names another member."""
    project = later.in_force(factory)
    ask(factory, project, "members", consortium(factory.people["member"].organisation))
    return project


def signing(factory: ProjectFactory) -> Project:
    project = joining(factory)
    factory.perform(project, "agree_change", "bidder")
    factory.perform(project, "agree_change", "member", {"clean": True})
    factory.both(project, "grant_change", {})
    return project


# the action that is a duty: what makes it one → how it comes about, and what the mail says
DUTIES: dict[str, dict[str, tuple[str, Way, str]]] = {
    "confirm_membership": {"named in a bid": ("member", named, "请确认加入联合体")},
    "record_check": {"assign_agency": ("agency", assigned, "请跟踪管理")},
    "confirm_county_match": {
        "conclude": ("county", later.in_force, "请确认配套"),
        "pass_acceptance": ("county", passed, "请确认配套"),
        "amend_subsidy": ("county", less, "请重新确认配套"),
        "take_back": ("county", lambda f: taken_back(f, later.ready(f), "配套资金的确认"), "请重新确认配套"),
    },
    "record_county_instalment": {
        "disburse_first": ("county", later.executing, "请拨付配套资金"),
        "reverse_line": ("county", reversed_by_county, "请重新登记配套拨款"),
    },
    "declare_county_unpaid": {
        "terminate": ("county", terminated, "请说明配套资金是否拨付"),
        "take_back": ("county", unsaid, "请说明配套资金是否拨付"),
    },
    "agree_change": {"propose_change": ("member", joining, "请确认合同变更")},
    "sign_contract": {"grant_change": ("member", signing, "请签章")},
}
CASES = [(act, made, *case) for act, ways in DUTIES.items() for made, case in ways.items()]


def test_every_action_of_theirs_is_a_duty_or_a_right(policy: Policy) -> None:
    theirs = {action.trigger for action in policy.actions.values() if WHO & {*action.who}}
    assert theirs == {*DUTIES, *RIGHTS}


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
@pytest.mark.parametrize(("act", "made", "who", "way", "said"), CASES, ids=[f"{act}-{made}" for act, made, *_ in CASES])
def test_who_has_a_duty_is_told_what_to_do(
    factory: ProjectFactory, act: str, made: str, who: str, way: Way, said: str
) -> None:
    project = way(factory)
    mails = select(Mail.subject).where(Mail.person_id == factory.people[who].id, Mail.project_id == project.id)
    subjects = factory.session.scalars(mails.order_by(Mail.id)).all()
    assert said in "；".join(subjects[-2:]), f"{act} after {made}"


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_a_member_is_asked_once_however_often_the_draft_is_saved(factory: ProjectFactory) -> None:
    named(factory)
    assert sum("确认加入联合体" in subject for subject in factory.mails("member")) == 1
