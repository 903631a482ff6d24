"""我的事项, the documents that are filled in, and bids."""

import re

import pytest
from sqlalchemy import func, select

from tests.factories.later import executing, fill_acceptance, report, reports_of, voucher
from tests.factories.site_projects import SiteProjectFactory
from tests.factories.values import BID, FORM
from tests.web.counting import counted
from tests.web.drafting import Enter, draft_of
from xtbang.models import Bid, BidMember, Event, Project
from xtbang.rules.forms import clean


def test_mine_shows_one_next_step_for_each_entry(factory: SiteProjectFactory, enter: Enter) -> None:
    factory.draft(title="没有填完的", outcome="")
    factory.draft(title="填完了没盖章的")
    text = enter("issuer").get("/mine").text
    for step in ("继续填写", "打印盖章并上传"):
        assert step in text
    agreed = factory.agreed()
    text = enter("issuer").get("/mine").text
    assert "填写项目申报书" in text
    assert "继续填写" not in text  # the call is closed: the draft cannot be handed in any more
    assert agreed.number in text
    assert "揭榜方：湘潭大学" in text
    assert "没有填完的" not in enter("rival").get("/mine").text
    assert "还没有申报" in enter("rival").get("/mine").text
    assert agreed.number in enter("bidder").get("/mine").text


def test_mine_says_why_an_entry_was_refused(factory: SiteProjectFactory, enter: Enter) -> None:
    project = factory.submitted()
    factory.perform(project, "refuse", "science", {"rule": "《办法》第六条", "reason": "不属于征集领域"})
    assert "不予受理的理由：不属于征集领域" in enter("issuer").get("/mine?done=1").text


def test_mine_asks_the_same_number_of_queries(factory: SiteProjectFactory, enter: Enter) -> None:
    browser = enter("issuer")
    for _ in range(3):
        factory.draft()
    with counted(factory.app) as few:
        assert browser.get("/mine").status_code == 200
    for _ in range(27):
        factory.draft()
    with counted(factory.app) as many:
        assert browser.get("/mine").status_code == 200
    assert len(many) == len(few)


def test_an_organisation_that_waits_is_told_so(factory: SiteProjectFactory, enter: Enter) -> None:
    with factory.writing():
        firm = factory.organisations["firm"]
        firm.status, firm.confirmed_at = "pending", None
    assert "市科技局正在核对" in enter("firm").get("/mine").text
    assert enter("firm").get("/mine/new").status_code == 200
    assert enter("science").get("/mine").status_code == 403


def test_a_new_entry_is_filled_from_the_profile_once(factory: SiteProjectFactory, enter: Enter) -> None:
    data = {"call": str(factory.calls["2024"].id), "kind": "tech_demand"}
    first = enter("issuer").post("/mine/new", data=data)
    second = enter("issuer").post("/mine/new", data=data)
    assert first.status_code == 302
    assert first.headers["Location"] == second.headers["Location"]
    factory.session.rollback()
    project = factory.session.scalars(select(Project)).one()
    values = draft_of(factory, project.form_id)
    assert (values["org_name"], values["contact_name"], values["region"]) == (
        "湘潭电机有限公司",
        "issuer",
        "湘潭高新区",
    )
    event = factory.session.scalars(select(Event).where(Event.project_id == project.id)).one()
    assert (event.trigger, event.role) == ("create_entry", "issuer")


def test_what_stands_against_a_kind_is_said_and_enforced(factory: SiteProjectFactory, enter: Enter) -> None:
    page = enter("bidder").get("/mine/new").text
    assert "贵单位类别为“高校”" in page
    call = str(factory.calls["2024"].id)
    for name, kind, reason in (
        ("bidder", "tech_demand", "贵单位类别为“高校”"),
        ("issuer", "tech_supply", "本批次不征集这一类项目"),
    ):
        answer = enter(name).post("/mine/new", data={"call": call, "kind": kind})
        assert answer.status_code == 409 and reason in answer.text
    factory.at("2024-09-17 00:00")
    assert "没有正在征集的批次" in enter("issuer").get("/mine/new").text
    assert enter("issuer").post("/mine/new", data={"call": call, "kind": "tech_demand"}).status_code == 409
    factory.session.rollback()
    assert factory.session.scalar(select(func.count(Project.id))) == 0


def test_an_earlier_entry_is_copied_without_dates_and_declarations(factory: SiteProjectFactory, enter: Enter) -> None:
    project = factory.submitted(title="去年的需求")
    address = f"/mine/{project.id}/copy"
    assert enter("rival").get(address).status_code == 404
    assert "去年的需求" in enter("issuer").get(address).text
    data = {"call": str(factory.calls["2021"].id), "kind": "tech_demand"}
    assert enter("issuer").post(address, data=data).status_code == 302
    copy = factory.session.scalars(select(Project).where(Project.id != project.id)).one()
    values = draft_of(factory, copy.form_id)
    assert values["title"] == "去年的需求"
    assert values["background"] == FORM["background"]
    assert values["domain"] == ""  # 先进材料 is a domain of 2024 only
    assert values["term_start"] == ""
    assert values["credit_declaration"] is False


def _consortium(factory: SiteProjectFactory) -> tuple[Project, Bid]:
    project = factory.listed()
    member = factory.organisations["member"]
    rows = [{"name": member.name, "uscc": member.uscc, "kind": "科研院所", "task": "检测", "share": "30"}]
    bid = factory.open_bid(project, members=rows, lead_share="70")
    return project, bid


def test_a_member_reads_the_draft_and_confirms_it(factory: SiteProjectFactory, enter: Enter) -> None:
    project, bid = _consortium(factory)
    address = f"/bids/{bid.id}"
    assert enter("rival").get(address).status_code == 404
    assert enter("science").get(address).status_code == 403
    assert "邀请贵单位加入" in enter("member").get("/mine").text
    page = enter("member").get(address).text
    assert "确认加入联合体" in page
    assert BID["route"] in page
    document = f"/projects/{project.id}/documents/{bid.document_id}"
    assert enter("member").get(document).status_code == 404
    assert enter("member").get(f"{document}/preview.pdf").status_code == 200
    assert "尚未确认" in enter("bidder").get(address).text
    data = {"bid": str(bid.id), "draft_version": str(bid.document.draft_version)}
    answer = enter("member").post(f"/projects/{project.id}/actions/confirm_membership", data=data)
    assert answer.status_code == 302
    factory.session.rollback()
    row = factory.session.scalars(select(BidMember).execution_options(populate_existing=True)).one()
    assert row.confirmed_draft == bid.document.draft_version
    assert f"/projects/{project.id}/actions/submit_bid" in enter("bidder").get(address).text


def test_a_member_finds_the_project_under_its_own_name_for_it(factory: SiteProjectFactory, enter: Enter) -> None:
    project, bid = _consortium(factory)
    factory.perform(
        project, "confirm_membership", "member", {"bid": str(bid.id), "draft_version": str(bid.document.draft_version)}
    )
    factory.perform(project, "submit_bid", "bidder")
    factory.at("2024-10-29 09:00")
    factory.choose(project, bid)
    for who, what in (("member", "（联合体成员）"), ("bidder", "（揭榜方）")):
        assert what in enter(who).get("/mine").text, who


def test_no_box_cuts_a_text_that_it_takes(factory: SiteProjectFactory, enter: Enter) -> None:
    """What may be longer than a cell of a table shows is a box that grows."""
    project = factory.agreed()
    page = enter("issuer").get(f"/projects/{project.id}/documents/{project.application_id}").text
    cells = re.findall(r'<input[^>]* name="[a-z_]+-[0-9]+-[a-z_]+"[^>]* data-limit="([0-9]+)"', page)
    assert cells and max(map(int, cells)) <= 20
    assert re.search(r'<textarea[^>]* name="milestones-0-content" rows="1" data-line', page)


def test_whoever_reads_spending_has_the_budget_next_to_it(factory: SiteProjectFactory, enter: Enter) -> None:
    project = executing(factory)
    factory.at("2025-05-19 09:00")
    report(factory, project, reports_of(factory, project)[0])
    fill_acceptance(factory, project)
    reading = f"/projects/{project.id}/actions/confirm_reading"
    handed_in = f"/projects/{project.id}/documents/{reports_of(factory, project)[0].document_id}/versions/1"
    for who, address in (("issuer", reading), ("science", handed_in)):
        assert "预算（合同） 100.00" in enter(who).get(address).text, address
    assert "预算（合同） 100.00，上次累计 20.00" in enter("issuer").get(reading).text
    factory.perform(project, "confirm_reading", "issuer")
    factory.perform(project, "request_acceptance", "bidder")
    decided = enter("science").get(f"/projects/{project.id}/actions/rectify").text
    assert "预算（合同） 100.00，上次累计 20.00" in decided


def test_what_waits_to_be_checked_stands_beside_what_counts(factory: SiteProjectFactory, enter: Enter) -> None:
    project = factory.applied()
    voucher(factory, project, "A1", "30", "2024-11-04")
    assert "0.00 万元，另有待核验 30.00 万元" in enter("issuer").get(f"/projects/{project.id}").text


def test_a_confirmation_of_another_draft_does_not_count(factory: SiteProjectFactory, enter: Enter) -> None:
    project, bid = _consortium(factory)
    data = {"bid": str(bid.id), "draft_version": str(bid.document.draft_version - 1)}
    answer = enter("member").post(f"/projects/{project.id}/actions/confirm_membership", data=data)
    assert answer.status_code == 422
    assert "请重新阅读后确认" in answer.text


def test_a_bid_is_submitted_after_it_is_shown_once_more(factory: SiteProjectFactory, enter: Enter) -> None:
    project = factory.listed()
    bid = factory.open_bid(project)
    definition = factory.engine.policy.edition("2024").documents["bid"]
    assert clean(definition, bid.document.draft) == bid.document.draft
    address = f"/projects/{project.id}/actions/submit_bid"
    assert "请最后核对" in enter("bidder").post(address, data=factory.form(project)).text
    assert enter("bidder").post(address, data=factory.form(project, confirmed="1")).status_code == 302
    factory.session.rollback()
    assert factory.session.get_one(Bid, bid.id, populate_existing=True).status == "submitted"
    assert "撤回揭榜申请" in enter("bidder").get(f"/bids/{bid.id}").text


@pytest.mark.parametrize("app", ["sqlite"], indirect=True)
@pytest.mark.parametrize("edition", ["2021", "2024"])
def test_a_returned_form_shows_which_steps_are_open_again(
    factory: SiteProjectFactory, enter: Enter, edition: str
) -> None:
    """With a stamped scan (2024) and without: what was stamped before holds until the content is changed."""
    project = factory.draft(edition=edition)
    page, browser = f"/projects/{project.id}/documents/{project.form_id}", enter("issuer")
    scanned = factory.engine.policy.edition(edition).scan_required
    assert "重新开放" not in browser.get(page).text
    if scanned:
        factory.perform(project, "upload_scan", "issuer", {"scan": factory.file("盖章件.pdf")})
    factory.perform(project, "submit", "issuer")
    factory.perform(project, "send_back", "science", {"reason": "请补充指标", "correct_by": "2024-09-30"})
    titles = re.compile(r'class="rung([^"]*)">\s*<p class="rung-title">(\w+)')
    steps = ["按退回意见修改", *(["打印并盖章", "上传盖章扫描件"] if scanned else []), "重新提交"]
    text = browser.get(page).text
    assert [title for _state, title in titles.findall(text)] == steps and text.count(">重新开放</span>") == len(steps)
    assert titles.findall(text)[0][0] == " is-now" and "退回后还没有改动" in text
    assert ("退回前的盖章件与当前内容一致，仍可使用" in text) == scanned
    form = factory.engine.policy.edition(edition).forms["tech_demand"]
    factory.fill(project.form, form, {"title": "改过的名称"}, "issuer")
    text = browser.get(page).text
    states = [state for state, _title in titles.findall(text)]
    assert states == ([" is-done", " is-now", "", ""] if scanned else [" is-done", " is-now"])
    assert ("退回前的盖章件不再有效" in text) == scanned
