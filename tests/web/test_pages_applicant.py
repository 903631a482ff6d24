"""我的事项, the documents that are filled in, and bids."""

from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select

from tests.factories.later import ACCEPTANCE, REPORT, executing, fill_acceptance, fill_report, reports_of
from tests.factories.site_projects import SiteProjectFactory
from tests.factories.values import APPLICATION, BID, FORM
from tests.web.counting import counted
from xtbang.models import Acceptance, Bid, BidMember, Document, Event, Person, Project
from xtbang.rules.forms import clean

LogIn = Callable[[Person], FlaskClient]
Enter = Callable[[str], FlaskClient]


@pytest.fixture
def enter(factory: SiteProjectFactory, login: LogIn) -> Enter:
    """``enter("issuer")``: that person's browser."""
    return lambda name: login(factory.people[name])


def typed(factory: SiteProjectFactory, project: Project, **values: Any) -> dict[str, Any]:
    """The form as a browser sends it back, with some of it typed anew."""
    factory.session.rollback()
    document = factory.session.get_one(Document, project.form_id, populate_existing=True)
    known = {key: value for key, value in document.draft.items() if value is not True}
    return known | {"credit_declaration": "true", "draft_version": str(document.draft_version)} | values


def draft_of(factory: SiteProjectFactory, document_id: int | None) -> dict[str, Any]:
    factory.session.rollback()
    return factory.session.get_one(Document, document_id, populate_existing=True).draft


# ---------------------------------------------------------------- 我的事项


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


# ---------------------------------------------------------------- new entries


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


# ---------------------------------------------------------------- documents


def test_everything_typed_is_kept_right_or_wrong(factory: SiteProjectFactory, enter: Enter) -> None:
    project = factory.draft()
    address = f"/projects/{project.id}/documents/{project.form_id}"
    wrong = typed(factory, project, postcode="41110", revenue="上百", outcome="效" * 301)
    answer = enter("issuer").post(address, data=wrong)
    assert answer.status_code == 422
    assert "限 300 字" in answer.text
    assert 'value="上百"' in answer.text
    values = draft_of(factory, project.form_id)
    assert (values["postcode"], values["revenue"], len(values["outcome"])) == ("41110", "上百", 301)


def test_check_leads_on_only_when_nothing_is_missing(factory: SiteProjectFactory, enter: Enter) -> None:
    project = factory.draft(outcome="")
    address = f"/projects/{project.id}/documents/{project.form_id}"
    answer = enter("issuer").post(address, data=typed(factory, project, check="1"))
    assert answer.status_code == 422
    assert "尚未填写" in answer.text
    answer = enter("issuer").post(address, data=typed(factory, project, outcome="效益", check="1"))
    assert answer.status_code == 302
    page = enter("issuer").get(answer.headers["Location"]).text
    assert "打印并盖章" in page
    assert "上传盖章扫描件" in page


def test_two_people_in_one_draft_overwrite_nothing_unseen(factory: SiteProjectFactory, enter: Enter) -> None:
    project = factory.draft()
    address = f"/projects/{project.id}/documents/{project.form_id}"
    seen = typed(factory, project)
    assert enter("issuer").post(address, data=seen | {"title": "甲写的"}).status_code == 302
    script = enter("issuer").post(f"{address}/draft", data=seen | {"title": "乙写的"})
    assert (script.status_code, script.json["ok"]) == (409, False)
    answer = enter("issuer").post(address, data=seen | {"title": "乙写的"})
    assert answer.status_code == 409
    assert "乙写的" in answer.text
    assert "<del>" in answer.text
    assert draft_of(factory, project.form_id)["title"] == "甲写的"
    again = typed(factory, project, title="乙写的")
    assert enter("issuer").post(address, data=again).status_code == 302
    assert draft_of(factory, project.form_id)["title"] == "乙写的"


def test_the_script_saves_and_counts_on(factory: SiteProjectFactory, enter: Enter) -> None:
    project = factory.draft()
    address = f"/projects/{project.id}/documents/{project.form_id}/draft"
    answer = enter("issuer").post(address, data=typed(factory, project, title="新名称"))
    assert (answer.json["ok"], answer.json["version"]) == (True, 1)
    factory.session.rollback()
    assert factory.session.get_one(Project, project.id, populate_existing=True).title == "新名称"


# ---------------------------------------------------------------- what is said early


def application(factory: SiteProjectFactory, **values: Any) -> tuple[str, dict[str, Any]]:
    """The address of an application, and what a browser sends for it."""
    project = factory.agreed()
    factory.at("2024-11-04 09:00")
    document = factory.session.get_one(Document, project.application_id)
    factory.session.rollback()
    sent: dict[str, Any] = {"draft_version": str(document.draft_version)}
    for key, value in (APPLICATION | values).items():
        if isinstance(value, list):
            cells = ((n, column, text) for n, row in enumerate(value) for column, text in row.items())
            sent |= {f"{key}-{n}-{column}": text for n, column, text in cells}
        else:
            sent[key] = value
    return f"/projects/{project.id}/documents/{project.application_id}", sent


def test_an_empty_form_is_not_greeted_as_wrong(factory: SiteProjectFactory, enter: Enter) -> None:
    project = factory.agreed()
    page = enter("issuer").get(f"/projects/{project.id}/documents/{project.application_id}").text
    assert "项不符合" not in page and "还不能申报立项" not in page and "需要改正" not in page
    assert "处待填" in page and "市级补助占比" in page


def test_a_plan_that_must_fail_is_said_at_its_cell_when_it_is_saved(factory: SiteProjectFactory, enter: Enter) -> None:
    row = APPLICATION["milestones"][0]
    address, sent = application(factory, src_city="50.01", milestones=[row, row | {"date": "2024-11-19"}])
    page = enter("issuer").post(address, data=sent)
    assert page.status_code == 422
    for cell in ("f-src_city", "f-milestones-1-date"):
        assert f'href="#{cell}"' in page.text and f'id="{cell}-error"' in page.text
    assert "早于起始日期2024年11月20日" in page.text and "的 25%（50.00 万元）" in page.text


def test_a_rule_in_principle_is_said_while_the_form_is_a_draft(factory: SiteProjectFactory, enter: Enter) -> None:
    form = factory.draft(new_tax="99")
    page = enter("issuer").get(f"/projects/{form.id}/documents/{form.form_id}").text
    assert "原则上不低于 100.00 万元" in page and '<details class="box need" open>' in page
    cell = page.partition('id="f-new_tax-doubt"')[2].partition("</div>")[0]
    assert "原则上不低于 100.00 万元" in cell and "f-new_tax-error" not in page
    blank = factory.draft()
    assert "-doubt" not in enter("issuer").get(f"/projects/{blank.id}/documents/{blank.form_id}").text


def test_what_is_doubtful_in_a_row_is_said_at_its_cell(factory: SiteProjectFactory, enter: Enter) -> None:
    project = executing(factory)
    (promised,) = APPLICATION["indicators"]
    good = ACCEPTANCE["indicators"][0] | promised | {"reached": "9999"}
    fill_acceptance(factory, project, indicators=[good, good | {"name": "外观"}, good | {"reached": "0"}])
    factory.session.commit()
    document = factory.session.scalars(select(Acceptance.document_id).where(Acceptance.project_id == project.id)).one()
    page = enter("bidder").get(f"/projects/{project.id}/documents/{document}").text
    for cell, said in (("1-name", "不在合同书的考核指标中"), ("2-reached", "实际值为 0")):
        doubt = page.partition(f'id="f-indicators-{cell}-doubt"')[2].partition("</div>")[0]
        assert said in doubt and said in page.partition(f'href="#f-indicators-{cell}"')[2].partition("</a>")[0]
    assert 'id="f-indicators-0-reached-doubt"' not in page and 'id="f-indicators-doubt"' not in page


def test_a_rule_in_principle_is_said_on_the_draft_and_before_the_next_step(
    factory: SiteProjectFactory, enter: Enter
) -> None:
    address, sent = application(factory, new_tax="99", src_paid_to_bidder="79", src_issuer_own="41")
    issuer = enter("issuer")
    assert issuer.post(address, data=sent).status_code == 302
    page = issuer.get(address).text
    assert 'id="f-new_tax-error"' in page and "照此计划届时不能拨款" in page
    assert "照此计划届时不能拨款" in page.partition('id="f-src_paid_to_bidder-doubt"')[2].partition("</td>")[0]
    sent["draft_version"] = str(int(sent["draft_version"]) + 1)
    assert issuer.post(address, data=sent | {"check": "1"}).status_code == 422


def test_the_script_gets_the_sums_with_its_saving(factory: SiteProjectFactory, enter: Enter) -> None:
    address, sent = application(factory, total_investment="140", src_city="35.01")
    beside = enter("issuer").post(f"{address}/draft", data=sent).json["beside"]
    assert "140.00 万元 × 25%" in beside["use_other"] and "35.01 万元" in beside["use_other"]
    assert "进度安排" in beside["term_end"]


def test_a_draft_is_printed_the_same_twice(factory: SiteProjectFactory, enter: Enter) -> None:
    project = factory.draft()
    address = f"/projects/{project.id}/documents/{project.form_id}/preview.pdf"
    first, second = (enter("issuer").get(address) for _ in range(2))
    assert first.status_code == 200
    assert first.mimetype == "application/pdf"
    assert first.data == second.data


def test_a_submitted_form_is_no_longer_written_in(factory: SiteProjectFactory, enter: Enter) -> None:
    project = factory.submitted()
    address = f"/projects/{project.id}/documents/{project.form_id}"
    assert enter("issuer").get(address).status_code == 404
    assert enter("issuer").post(address, data=typed(factory, project, title="改")).status_code == 404
    assert draft_of(factory, project.form_id)["title"] == FORM["title"]


def test_a_draft_that_was_never_submitted_is_deleted(factory: SiteProjectFactory, enter: Enter) -> None:
    project = factory.draft()
    address = f"/projects/{project.id}/actions/discard"
    asked = enter("issuer").post(address, data=factory.form(project))
    assert asked.status_code == 200
    assert "请最后核对" in asked.text
    answer = enter("issuer").post(address, data=factory.form(project, confirmed="1"))
    assert answer.headers["Location"] == "/mine"
    factory.session.rollback()
    assert factory.session.scalar(select(func.count(Project.id))) == 0


# ---------------------------------------------------------------- bids


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


def test_a_report_beyond_what_was_paid_is_wrong_at_its_cell_before_it_is_handed_in(
    factory: SiteProjectFactory, enter: Enter
) -> None:
    project = executing(factory)  # the city has paid 20 of 40
    row = reports_of(factory, project)[0]
    fill_report(factory, project, row, REPORT | {"spent_city": "20.01", "use_material": "35.01"})
    address = f"/projects/{project.id}/documents/{row.document_id}"
    page = enter("bidder").get(address).text
    assert "超过已拨付的 20.00 万元" in page and 'href="#f-spent_city"' in page
