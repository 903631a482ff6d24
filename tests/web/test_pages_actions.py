"""The pages of actions: what stands against them, what was typed, what is shown once more, who was faster."""

import re
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from io import BytesIO

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from tests.factories import later
from tests.factories.site_projects import SiteProjectFactory
from tests.factories.values import RESOLUTION
from tests.support.files import pdf
from xtbang.domain.consents import ASK_READING
from xtbang.models import Bid, Person, Project, StoredFile, Voucher

LogIn = Callable[[Person], FlaskClient]
WRITES = ("INSERT", "UPDATE", "DELETE")


@pytest.fixture
def enter(factory: SiteProjectFactory, login: LogIn) -> Callable[[str], FlaskClient]:
    """``enter("science")``: that person's browser."""
    return lambda name: login(factory.people[name])


Enter = Callable[[str], FlaskClient]


def test_a_forged_action_is_refused_and_changes_nothing(factory: SiteProjectFactory, enter: Enter) -> None:
    project = factory.submitted()
    before = factory.seen(project)
    for name, trigger, status in (
        ("issuer", "accept", 403),
        ("industry", "accept", 403),
        ("finance", "disburse_first", 404),
        ("leader", "recommend", 409),
        ("science", "confirm", 409),
        ("issuer", "submit", 409),
        ("rival", "withdraw", 404),
    ):
        answer = enter(name).post(
            factory.page(project, f"/actions/{trigger}"), data=factory.form(project, confirmed="1")
        )
        assert answer.status_code == status, (name, trigger)
    assert factory.seen(project) == before


def test_every_reason_is_told_before_and_after(factory: SiteProjectFactory, enter: Enter) -> None:
    project = factory.listed()
    page = enter("issuer").get(factory.page(project)).text
    sentence = "后方可查看揭榜申请并选定揭榜方"
    assert sentence in page
    answer = enter("issuer").post(factory.page(project, "/actions/agree"), data=factory.form(project, confirmed="1"))
    assert answer.status_code == 409
    assert sentence in answer.text


def test_a_bidder_is_chosen_in_the_comparison(factory: SiteProjectFactory, enter: Enter) -> None:
    project = factory.listed()
    bid = factory.bid(project)
    factory.session.commit()
    factory.at("2024-10-29 09:00")
    address = factory.page(project, "/actions/agree")
    page = enter("issuer").get(address).text
    table = page[page.index('<table class="table side-by-side">') : page.index("</table>")]
    assert page.count('name="bid"') == 1 and f'name="bid" value="{bid.id}"' in table
    assert page.index('<form class="form"') < page.index("side-by-side")
    answer = enter("issuer").post(address, data=factory.form(project, reason="方案可行", satisfaction="satisfied"))
    assert answer.status_code == 422
    assert 'href="#f-bid"' in answer.text and 'id="f-bid-error"' in answer.text


def test_what_stands_against_a_document_leads_to_the_document(factory: SiteProjectFactory, enter: Enter) -> None:
    """From every action that hands one in, for whoever writes it: a report is the one that was chosen."""
    for action in factory.engine.policy.actions.values():
        if action.hands_in or action.trigger in (ASK_READING, "upload_scan"):
            shows = {"reports", "acceptance"} | {name for name in action.shows if name.endswith("_link")}
            assert shows & set(action.shows), action.trigger
    project = later.executing(factory)
    row = later.reports_of(factory, project)[0]
    factory.session.commit()
    data = factory.form(project, confirmed="1", report=str(row.id))
    page = enter("bidder").post(factory.page(project, "/actions/submit_report"), data=data)
    assert page.status_code == 409
    assert f'href="{factory.page(project, f"/documents/{row.document_id}")}?check=1"' in page.text


def test_a_success_says_what_comes_next_who_does_it_and_by_when(factory: SiteProjectFactory, enter: Enter) -> None:
    project = factory.submitted()
    data = factory.form(project, confirmed="1", reason="请补充指标", correct_by="2024-09-10")
    page = enter("science").post(factory.page(project, "/actions/send_back"), data=data, follow_redirects=True).text
    assert "“退回修改”已办理。下一步：草稿（填写项目表，含退回修改），由发榜方（" in page
    assert "）办理，修改截止：2024年9月10日。" in page


def test_what_was_typed_stays_when_something_is_wrong(factory: SiteProjectFactory, enter: Enter) -> None:
    project = factory.submitted()
    data = factory.form(
        project, reason="总体可行，<b>须补正</b>", correct_by="2024-09-01", **_remark("title", "名称太长")
    )
    answer = enter("science").post(factory.page(project, "/actions/send_back"), data=data)
    assert answer.status_code == 422
    assert "总体可行，&lt;b&gt;须补正&lt;/b&gt;" in answer.text
    assert "名称太长" in answer.text
    assert "修改截止日期须晚于今天" in answer.text
    assert factory.seen(project)[0] == "solicitation"


def _remark(field: str, text: str) -> dict[str, str]:
    return {"remarks-3-field": field, "remarks-3-text": text, "remarks-4-field": "domain", "remarks-4-text": ""}


def test_remarks_stand_beside_the_fields_and_the_next_version_is_compared(
    factory: SiteProjectFactory, enter: Enter
) -> None:
    project = factory.submitted()
    data = factory.form(project, reason="请修改", correct_by="2024-09-10", **_remark("outcome", "效益不清"))
    assert enter("science").post(factory.page(project, "/actions/send_back"), data=data).status_code == 302
    document = enter("issuer").get(factory.page(project, f"/documents/{project.form_id}")).text
    assert "效益不清" in document
    assert "f-outcome-remark" in document
    form = factory.engine.policy.edition("2024").forms["tech_demand"]
    factory.fill(project.form, form, {"outcome": "年产值三千万元"}, "issuer")
    factory.perform(project, "upload_scan", "issuer", {"scan": factory.file("盖章件2.pdf")})
    factory.perform(project, "submit", "issuer")
    page = enter("science").get(factory.page(project, f"/documents/{project.form_id}/versions/2")).text
    assert "<ins>" in page
    assert "效益不清" in page
    assert "is-changed" in page
    accepting = enter("science").get(factory.page(project, "/actions/accept")).text
    assert "第 2 版与第 1 版的不同" in accepting


def test_an_amount_is_shown_once_more_in_words_before_it_is_paid(factory: SiteProjectFactory, enter: Enter) -> None:
    project = factory.agreed()
    factory.at("2024-11-04 09:00")
    address = factory.page(project, "/actions/submit_voucher")
    data = factory.form(project, number="A1", amount="80", paid_on="2024-11-01", file=_known(factory, project))
    first = enter("issuer").post(address, data=data)
    assert first.status_code == 200
    for text in ("80.00 万元", "800,000.00 元", "捌拾万元整", "请最后核对", project.number):
        assert text in first.text
    assert factory.session.scalars(select(Voucher)).all() == []
    back = enter("issuer").post(address, data=data | {"edit": "1"})
    assert back.status_code == 200
    assert 'value="A1"' in back.text
    assert enter("issuer").post(address, data=data | {"confirmed": "1"}).status_code == 302
    again = enter("issuer").post(address, data=data | {"confirmed": "1"})
    assert again.status_code == 302
    factory.session.rollback()
    assert [row.amount for row in factory.session.scalars(select(Voucher))] == [Decimal(800_000)]


def _known(factory: SiteProjectFactory, project: Project) -> str:
    with factory.writing() as session:
        digest = factory.upload("回单.pdf")
        session.add(
            StoredFile(
                sha256=digest,
                name="回单.pdf",
                mime="application/pdf",
                size=9,
                project_id=project.id,
                organisation_id=project.issuer_id,
                uploaded_at=factory.now,
            )
        )
    return digest


def test_what_does_not_agree_with_known_figures_is_asked_back_and_what_the_rules_refuse_is_refused_at_once(
    factory: SiteProjectFactory, enter: Enter
) -> None:
    project = factory.agreed()  # offered for 90
    factory.at("2024-11-04 09:00")
    address = factory.page(project, "/actions/submit_voucher")
    data = factory.form(project, number="A1", amount="95", paid_on="2024-11-01", file=_known(factory, project))
    asked = enter("issuer").post(address, data=data).text
    assert "请再核对" in asked
    assert "加上本凭证 95.00 万元共 95.00 万元，超过技术合同金额 90.00 万元" in asked
    assert "撤回付款凭证" in asked
    assert "不能撤销" not in asked
    assert enter("issuer").post(address, data=data | {"confirmed": "1"}).status_code == 302
    early = data | {"number": "A2", "paid_on": "2024-12-01"}
    refused = enter("issuer").post(address, data=early)
    assert refused.status_code == 422  # at once, not after it was confirmed
    assert "付款日期不能晚于今天" in refused.text


def test_whoever_is_slower_is_told_what_changed(factory: SiteProjectFactory, enter: Enter) -> None:
    project = factory.accepted()
    old = factory.form(project, reason="不宜列入", confirmed="1")
    factory.perform(project, "list_regular", "science")
    answer = enter("industry").post(factory.page(project, "/actions/drop"), data=old)
    assert answer.status_code == 409
    for text in ("情况已有变化", "常态化发布", "不宜列入"):
        assert text in answer.text
    assert factory.seen(project)[0] == "appraisal"


def test_the_second_signature_shows_what_the_first_said(factory: SiteProjectFactory, enter: Enter) -> None:
    project = factory.accepted()
    factory.perform(project, "drop", "science", {"reason": "与产业方向不符"})
    assert "等待市工信局会签" in enter("science").get(factory.page(project)).text
    page = enter("industry").get(factory.page(project, "/actions/drop"))
    assert "与产业方向不符" in page.text
    assert enter("industry").post(factory.page(project, "/actions/drop"), data=factory.form(project)).status_code == 302
    assert factory.seen(project)[0] == "rejected"


def test_a_termination_says_twice_what_comes_back_to_whom_and_who_is_restricted(
    factory: SiteProjectFactory, enter: Enter
) -> None:
    project = later.executing(factory)
    later.blamed(factory, project)
    later.waived(factory, project, later.told(factory, project, "2027-12-31"))
    address = factory.page(project, "/actions/terminate")
    day = (factory.now + timedelta(days=1)).date().isoformat()
    said = later.SUBJECTIVE | {"recover_by": day, "restrict_until": "2027-12-31"}
    shown = "市级财政", "20.00 万元", "受限制的单位", "湘潭大学", "终止决定书、财政资金追缴通知书", project.number
    checked = enter("science").post(address, data=factory.form(project, **said)).text
    assert "请最后核对" in checked
    assert [text for text in shown if text not in checked] == []
    factory.perform(project, "terminate", "science", said)
    second = enter("industry").get(address).text
    assert [text for text in shown if text not in second] == []
    factory.later(days=2)
    late = enter("industry").get(address).text
    assert "资金退回期限须晚于今天" in late, (
        "what a guard has against what was signed is said before it is signed again"
    )


def test_opening_a_bid_leads_to_its_document(factory: SiteProjectFactory, enter: Enter) -> None:
    project = factory.listed()
    page = enter("bidder").get(factory.page(project, "/actions/open_bid"))
    assert page.status_code == 200
    assert f"/entries/{project.number}" in page.text
    answer = enter("bidder").post(factory.page(project, "/actions/open_bid"), data=factory.form(project))
    factory.session.rollback()
    bid = factory.session.scalars(select(Bid)).one()
    assert answer.headers["Location"].endswith(f"/documents/{bid.document_id}")


def test_whoever_ends_an_entry_is_told_what_may_be_done_now(factory: SiteProjectFactory, enter: Enter) -> None:
    project = factory.submitted()
    data = factory.form(project, reason="已自行解决", confirmed="1")
    page = enter("issuer").post(factory.page(project, "/actions/withdraw"), data=data, follow_redirects=True).text
    message = page.partition("“撤回”已办理。")[2].partition("</p>")[0]
    assert "可以把本项目复制为新申报" in message and "如有疑问，请致电市科技局" in message
    assert page.count("可以把本项目复制为新申报") == 2, "it stays on the project's page, too"


def test_how_far_the_term_may_be_extended_is_said_before_it_is_asked_for(
    factory: SiteProjectFactory, enter: Enter
) -> None:
    project = later.executing(factory)
    factory.session.commit()
    page = enter("issuer").get(factory.page(project, "/actions/request_extension")).text
    assert "2024年11月20日至2026年11月19日" in page
    assert "2028年11月19日：延期合计不得超过一个实施周期（2 年），《2024年征集通知》第三部分第1项" in page


@pytest.mark.parametrize("app", ["sqlite"], indirect=True)
def test_what_is_shown_once_more_has_the_amounts_of_each_treasury_and_what_follows(
    factory: SiteProjectFactory, enter: Enter
) -> None:
    """拟立项: what the county then pays, too; 终止: the claim for the cause that was chosen, at the second signature as well."""
    project = factory.judged()
    data = factory.form(project, **RESOLUTION, subsidy_city="40", minutes=(BytesIO(pdf(200)), "会议纪要.pdf"))
    shown = (
        enter("leader")
        .post(factory.page(project, "/actions/recommend"), data=data, content_type="multipart/form-data")
        .text
    )
    assert "请最后核对" in shown and "补助金额由此确定" in shown
    assert re.findall(r"市级补助资金|县市区（园区）补助资金（1:1）|肆拾万元整", shown)[:4] == [
        "市级补助资金", "肆拾万元整", "县市区（园区）补助资金（1:1）", "肆拾万元整",
    ]  # fmt: skip
    factory.at("2024-09-02 10:00")
    running = later.executing(factory)
    page = factory.page(running, "/actions/terminate")
    assert {"主观原因</td>", "不可抗力</td>"} <= _causes(enter("science").get(page).text)
    audit = (BytesIO(pdf()), "审计报告.pdf")
    ending = {"cause": "objective", "reason": "技术路线被替代", "recover_by": "2026-12-31"}
    sent = factory.form(running, **ending, audit_file=audit)
    shown = enter("science").post(page, data=sent, content_type="multipart/form-data").text
    assert _causes(shown) == {"不可抗力</td>"} and "随之出具：终止决定书、财政资金追缴通知书、终止公告。" in shown
    later_file = {"audit_file": factory.file("审计报告.pdf")}
    factory.perform(running, "terminate", "science", ending | later_file)
    second = enter("industry").get(page).text
    assert (
        _causes(second) == {"不可抗力</td>"}
        and "湘潭电机有限公司" in second
        and "随之出具：终止决定书、财政资金追缴通知书、终止公告。" in second
    )


def _causes(text: str) -> set[str]:
    return set(re.findall(r"(?:主观原因|不可抗力)</td>", text))


@pytest.mark.parametrize("app", ["sqlite"], indirect=True)
def test_every_grave_action_says_what_follows(factory: SiteProjectFactory) -> None:
    grave = [action for action in factory.engine.policy.actions.values() if action.danger or action.ledger]
    silent = {action.trigger for action in grave if not action.confirm}
    lines = {"check_voucher", "record_county_instalment", "record_recovery", "import_project"}
    assert silent <= lines, "what can be reversed, and what was confirmed line by line"
    assert len(grave) > 25


@pytest.mark.parametrize("app", ["sqlite"], indirect=True)
def test_who_agrees_to_a_request_without_a_form_reads_it_before_and_at_the_confirmation(
    factory: SiteProjectFactory, enter: Enter
) -> None:
    """A write-off (核销), at the first and at the second signature."""
    project = later.executing(factory)
    later.ended(factory, project)
    day, said = factory.now.date().isoformat(), "破产财产分配完毕"
    asked = {"source": "city", "amount": "1.23", "dated": day, "document": "民事裁定书77号", "reason": said}
    factory.perform(project, "propose_write_off", "finance", asked | {"file": factory.file("裁定.pdf")})
    approve, refuse = (factory.page(project, f"/actions/{name}_write_off") for name in ("approve", "refuse"))
    first, sent = enter("science"), factory.form(project)
    pages = [first.get(approve).text, first.get(refuse).text, first.post(approve, data=sent).text]
    factory.perform(project, "approve_write_off", "science", {})
    pages.append(enter("industry").get(approve).text)
    assert "请最后核对" in pages[2]
    for page in pages:
        assert [
            word
            for word in ("市级财政", "<strong>1.23 万元</strong></dd>", "民事裁定书77号", said, "裁定.pdf")
            if word not in page
        ] == []
