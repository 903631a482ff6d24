"""What an office recorded alone is corrected by it and a second person; what was there before stays on paper."""

from collections.abc import Mapping

from sqlalchemy import select

from tests.factories import later
from tests.factories.later import sums, wan
from tests.factories.projects import ProjectFactory
from tests.factories.values import OBJECTION
from tests.stages.test_bidding import DEAL
from xtbang.actions.registry import OPTIONS
from xtbang.models import Mail, Notice, NoticeItem, Objection, Paper, Project, Signature, Voucher
from xtbang.queries.desk.waits import waits_of
from xtbang.queries.next_step import next_steps

WHY = {"reason": "登记有误。"}


def choices(factory: ProjectFactory, project: Project, trigger: str, who: str, field: str) -> list[str]:
    """What can be chosen in a field."""
    action = factory.engine.policy.actions[trigger]
    context = factory.engine.context(factory.session, project, factory.actor(who), who, action)
    return [*OPTIONS[action.form.field(field).options](context)]


def twice(
    factory: ProjectFactory, project: Project, trigger: str, people: tuple[str, str], data: Mapping[str, object]
) -> None:
    """Asked for by one, confirmed by the other; neither alone is enough."""
    first, second = people
    factory.perform(project, trigger, first, WHY | data)
    assert "countersign" in factory.why_not(project, trigger, first)
    factory.perform(project, trigger, second)


def test_a_voucher_wrongly_accepted_or_refused_is_decided_anew_before_a_payment(factory: ProjectFactory) -> None:
    project = later.in_force(factory)
    later.checked(factory, project, "HD-1", "80")
    (key,) = choices(factory, project, "recheck_voucher", "industry", "voucher")
    data = {"voucher": key, "outcome": "refused"}
    twice(factory, project, "recheck_voucher", ("science", "industry"), data)
    assert sums(factory, project).issuer_paid == 0
    assert "A7.issuer_payment" in factory.why_not(project, "disburse_first", "finance")
    twice(factory, project, "recheck_voucher", ("industry", "science"), data | {"outcome": "accepted"})
    assert wan(sums(factory, project).issuer_paid) == 80


def test_after_a_payment_a_false_voucher_stands_as_such_and_the_payment_stays(factory: ProjectFactory) -> None:
    project = later.executing(factory)
    (key,) = choices(factory, project, "recheck_voucher", "science", "voucher")
    twice(factory, project, "recheck_voucher", ("science", "industry"), {"voucher": key, "outcome": "refused"})
    assert factory.session.get_one(Voucher, int(key)).status == "false"
    assert project.state == "execution"
    assert wan(sums(factory, project).paid["city"]) == 20
    assert sums(factory, project).issuer_paid == 0
    told = factory.session.scalars(select(Mail.address).where(Mail.kind == "voucher_false")).all()
    assert factory.people["leader"].email in told


def test_a_voucher_found_to_be_false_by_mistake_or_only_after_the_end_is_put_right(factory: ProjectFactory) -> None:
    project = later.executing(factory)
    later.county_pays(factory, project, "1", "20")
    later.passed(factory, project)
    later.matched(factory, project, "20")
    later.pay(factory, project, "disburse_final", "20")
    assert project.state == "closed"
    (key,) = choices(factory, project, "recheck_voucher", "science", "voucher")
    for outcome, status, counted in (("refused", "false", 0), ("accepted", "accepted", 80), ("refused", "false", 0)):
        twice(factory, project, "recheck_voucher", ("science", "industry"), {"voucher": key, "outcome": outcome})
        row = factory.session.get_one(Voucher, int(key))
        assert (row.status, wan(sums(factory, project).issuer_paid), project.state) == (status, counted, "closed")
    again = WHY | {"voucher": key, "outcome": "refused"}
    assert "已经是“弄虚作假”" in factory.blocked(project, "recheck_voucher", "science", again)["A7.voucher"]
    (document,) = choices(factory, project, "amend_funding_document", "finance", "document")
    data = {"document": document, "number": "潭财教〔2024〕99号", "dated": "2024-11-19"}
    twice(factory, project, "amend_funding_document", ("finance", "finance2"), data)
    assert later.paper(factory, project, "correction").data["changes"][0]["new"] == "潭财教〔2024〕99号"


def test_a_waiver_a_match_an_inspection_and_the_word_of_a_county_are_taken_back(factory: ProjectFactory) -> None:
    project = later.in_force(factory)
    for who in ("science", "industry"):
        later.waive(factory, project, "A7.issuer_payment", who)
    later.matched(factory, project, "20")
    waiver = choices(factory, project, "take_back", "science", "record")[0]
    twice(factory, project, "take_back", ("science", "industry"), {"record": waiver})
    assert "A7.issuer_payment" in factory.why_not(project, "disburse_first", "finance")
    (match,) = choices(factory, project, "take_back", "county", "record")
    twice(factory, project, "take_back", ("county", "finance"), {"record": match})
    assert "A7.county_match" in factory.why_not(project, "disburse_first", "finance")
    later.matched(factory, project, "20")  # confirmed anew


def test_the_approved_amount_is_corrected_and_the_notice_begins_anew(factory: ProjectFactory) -> None:
    project = later.published(factory)
    first = later.notice_of(factory, project, "publicity")
    factory.at("2024-11-14 09:00")
    data = {"resolution_date": "2024-11-13", "resolution_number": "潭科党〔2024〕11号", "subsidy_city": "30"}
    twice(factory, project, "amend_subsidy", ("leader", "science"), data | {"minutes": factory.file("纪要2.pdf")})
    assert (wan(project.subsidy_city), wan(project.subsidy_county)) == (30, 30)
    assert first.status == "superseded"
    second = factory.session.scalars(select(Notice).where(Notice.id == first.superseded_by_id)).one()
    assert second.first_day is not None and first.last_day is not None and second.last_day is not None
    assert second.last_day > first.last_day
    assert second.items[0].figures["subsidy_city"] == "30"
    assert "notice" in "".join(factory.why_not(project, "confirm", "science"))


def newest_notice(factory: ProjectFactory, project: Project, kind: str) -> Notice:
    query = select(Notice).join(NoticeItem).where(NoticeItem.project_id == project.id, Notice.kind == kind)
    return factory.session.scalars(query.order_by(Notice.id.desc()).limit(1)).one()


def another_amount(factory: ProjectFactory, project: Project, city: str) -> None:
    data = {"resolution_date": factory.now.date().isoformat(), "resolution_number": "潭科党〔2024〕11号"}
    data |= {"subsidy_city": city, "minutes": factory.file(f"纪要{city}.pdf")}
    twice(factory, project, "amend_subsidy", ("leader", "science"), data)


def test_after_the_contract_is_in_force_the_amount_is_corrected_until_it_is_paid(factory: ProjectFactory) -> None:
    """40 万元 were approved: less is signed anew, more than was announced last is announced anew as well."""
    project = later.ready(factory)
    announced = later.notice_of(factory, project, "publicity")
    another_amount(factory, project, "30")
    assert (project.state, wan(project.subsidy_city), wan(project.subsidy_county)) == ("contracting", 30, 30)
    renewed = newest_notice(factory, project, "publicity")
    assert (announced.status, renewed.items[0].figures["subsidy_city"]) == ("superseded", "30")
    assert renewed.last_day == announced.last_day
    assert "原中榜通告撤销" in newest_notice(factory, project, "award").body
    papers = factory.session.scalars(select(Paper).where(Paper.name.in_(("contract", "funding")))).all()
    assert {paper.state for paper in papers} <= {"cancelled", "superseded"}
    another_amount(factory, project, "30.01")
    assert project.state == "publicity"
    again = newest_notice(factory, project, "publicity")
    assert again.last_day is not None and renewed.last_day is not None
    assert again.last_day > renewed.last_day
    assert "notice" in "".join(factory.why_not(project, "confirm", "science"))


def test_the_corrected_amount_is_signed_and_paid_and_then_stands(factory: ProjectFactory) -> None:
    project = later.ready(factory)
    another_amount(factory, project, "30")
    later.fill_contract(factory, project)
    factory.perform(project, "accept_own_share", "issuer")
    factory.perform(project, "issue_contract", "science")
    later.sign(factory, project, "issuer", "bidder", "science", "industry")
    factory.perform(project, "conclude", "science")
    later.matched(factory, project, "15")
    later.pay(factory, project, "disburse_first", "15", note="拨付1")
    assert "state" in factory.why_not(project, "amend_subsidy", "leader")


def test_a_contract_is_not_signed_once_another_amount_was_approved_and_the_issuer_is_asked_again(
    factory: ProjectFactory,
) -> None:
    """Also when less and less is granted: who agreed to pay 10 has not agreed to pay 15."""
    project = later.issued(factory, subsidy="30")
    issuer, science = factory.caller("issuer"), factory.caller("science")
    assert next_steps(issuer, [project.id])[project.id].trigger == "sign_contract"
    another_amount(factory, project, "25")
    missing = [wait.words for wait in waits_of(science, [project.id])[project.id]]
    assert missing[0] == "发榜方同意以自筹资金补足核定补助与申请数的差额" and not any(
        "签章" in words for words in missing
    )
    assert next_steps(issuer, [project.id])[project.id].trigger == "accept_own_share"
    assert factory.why_not(project, "sign_contract", "issuer")["A9.contract"] == "合同书尚未出具（《办法》第九条）。"
    assert "差额 30.00 万元" in factory.why_not(project, "issue_contract", "science")["A7.own_share"]
    factory.perform(project, "accept_own_share", "issuer")
    assert project.id in next_steps(science, [project.id])
    factory.perform(project, "issue_contract", "science")
    assert next_steps(issuer, [project.id])[project.id].trigger == "sign_contract"


def test_an_objection_is_reviewed_so_that_a_wrong_click_does_not_lock_the_project(factory: ProjectFactory) -> None:
    project = later.published(factory)
    later.object_to(factory, project)
    row = factory.session.scalars(select(Objection)).one()
    decided = {"objection": str(row.id), "outcome": "upheld", "finding": "属实"}
    factory.perform(project, "decide_objection", "science", decided)
    factory.perform(project, "review_objection", "science", WHY | {"objection": str(row.id), "outcome": "dismissed"})
    factory.perform(project, "review_objection", "industry")
    assert row.status == "dismissed"
    assert "A9.objection_upheld" not in factory.why_not(project, "confirm", "science")
    changes = later.paper(factory, project, "correction").data["changes"]
    assert changes[0] == {"label": "核查结论", "old": "异议成立", "new": "异议不成立"}


def test_a_scan_without_a_stamp_and_a_wrong_funding_document_are_put_right(factory: ProjectFactory) -> None:
    project = later.issued(factory)
    later.sign(factory, project, "issuer", "bidder", "science", "industry")
    later.funded(factory, project)
    factory.perform(project, "return_signature", "science", {"party": "bidder", "reason": "没有盖章"})
    assert "bidder" not in factory.session.scalars(select(Signature.party)).all()
    assert any("请重新上传签章合同" in subject for subject in factory.mails("bidder"))
    assert "A9.signatures" in factory.why_not(project, "conclude", "science")
    (key,) = choices(factory, project, "amend_funding_document", "finance", "document")
    data = {"document": key, "number": "潭财教〔2024〕89号", "dated": "2024-11-19", "file": ""}
    twice(factory, project, "amend_funding_document", ("finance", "science"), data)
    assert later.paper(factory, project, "correction").data["changes"][0]["new"] == "潭财教〔2024〕89号"


def test_a_check_that_was_recorded_by_mistake_counts_no_more(factory: ProjectFactory) -> None:
    project = later.executing(factory)
    factory.at("2025-05-19 09:00")
    later.report(factory, project, later.reports_of(factory, project)[0])
    checked = {"dated": factory.now.date().isoformat(), "favourable": "needs_attention", "text": "进度滞后"}
    factory.perform(project, "record_check", "science", checked)
    assert choices(factory, project, "withdraw_report", "bidder", "report") == []
    (key,) = choices(factory, project, "take_back", "industry", "record")
    twice(factory, project, "take_back", ("industry", "science2"), {"record": key})
    assert choices(factory, project, "withdraw_report", "bidder", "report"), "nobody has looked at the work"
    assert later.paper(factory, project, "correction").data["changes"][0]["label"] == "跟踪检查"


def test_a_deal_has_its_right_amount(factory: ProjectFactory) -> None:
    project = factory.regular()
    factory.choose(project, factory.bid(project))
    factory.perform(project, "register_deal", "science", DEAL | {"contract_file": factory.file("合同.pdf")})
    (key,) = choices(factory, project, "amend_deal", "science", "deal")
    known = {name: value for name, value in DEAL.items() if name in ("contract_number", "contract_signed_on")}
    twice(factory, project, "amend_deal", ("science", "industry"), known | {"deal": key, "contract_amount": "66"})
    assert wan(project.contract_amount) == 66


def test_an_objection_on_paper_that_was_entered_by_mistake_stands_in_the_way_of_nothing(
    factory: ProjectFactory,
) -> None:
    """Another person confirms it; what somebody has sent is decided, and so is what was entered once it is decided."""
    project = later.published(factory)
    sent = later.object_to(factory, project).result["code"]
    factory.at("2024-11-13 09:00")
    letter = OBJECTION | {"channel": "letter", "received_on": "2024-11-12"}
    code = factory.perform(project, "enter_objection", "science", letter).result["code"]
    (record,) = choices(factory, project, "take_back", "science", "record")
    factory.perform(project, "take_back", "industry", WHY | {"record": record})
    factory.perform(project, "take_back", "science2")
    rows = {row.code: row.status for row in factory.session.query(Objection)}
    assert rows == {sent: "open", code: "withdrawn"}
    factory.at("2024-11-19 09:00")
    assert "有 1 件异议尚未处理" in factory.why_not(project, "confirm", "science")["A9.objection_open"]
    assert "没有需要办理“收回登记”的内容" in factory.why_not(project, "take_back", "industry")["choice"]
    assert "没有需要办理“异议复核”的内容" in factory.why_not(project, "review_objection", "industry")["choice"]
