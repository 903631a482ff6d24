"""What binds both parties: one writes it, the other reads it; figures stay comparable to the end."""

from sqlalchemy import select

from tests.factories.later import (
    contracting,
    executing,
    fill_acceptance,
    fill_report,
    issued,
    paper,
    report,
    reports_of,
    sign,
)
from tests.factories.projects import ProjectFactory
from tests.factories.values import APPLICATION, REPORT
from tests.stages.test_asked_back import hints
from xtbang.models import Acceptance, BidMember, Project, Signature
from xtbang.models.writing import writing
from xtbang.papers.pdf.sections import parts
from xtbang.queries.action_page import decisions
from xtbang.queries.desk.waits import waits_of
from xtbang.queries.next_step import next_steps
from xtbang.queries.project_page import project_page, visible_rows
from xtbang.queries.rights.document_writers import may_write
from xtbang.rules.money import wan

READ = "A9.read"


def step(factory: ProjectFactory, project: Project, who: str) -> str:
    """What the reader does next, as page, desk and mails say it."""
    factory.session.expire_all()
    caller = factory.engine.caller(factory.session, factory.actor(who))
    found = next_steps(caller, [project.id]).get(project.id)
    return found.words if found else ""


def test_the_bidder_reads_the_application_and_every_change_of_it(factory: ProjectFactory) -> None:
    project = factory.agreed()
    factory.at("2024-11-04 09:00")
    definition = factory.engine.policy.edition("2024").documents["application"]
    filled = APPLICATION | {"contract_file": factory.file("技术合同.pdf")}
    assert READ in factory.why_not(project, "ask_reading", "issuer")  # not complete yet
    factory.fill(project.application, definition, filled, "issuer")
    assert step(factory, project, "issuer") == "填写项目申报书"
    factory.perform(project, "ask_reading", "issuer")
    assert any(subject.startswith("请核对项目申报书") for subject in factory.mails("bidder"))
    assert READ in factory.why_not(project, "confirm_reading", "issuer")
    assert "已送其核对，待其同意后再提交" in factory.why_not(project, "apply", "issuer")[READ]
    assert READ in factory.why_not(project, "ask_reading", "issuer"), "the same text twice"
    assert (step(factory, project, "issuer"), step(factory, project, "bidder")) == ("", "核对对方填写的材料")
    factory.perform(project, "confirm_reading", "bidder")
    assert factory.why_not(project, "apply", "issuer") == {}
    assert (step(factory, project, "issuer"), step(factory, project, "bidder")) == ("提交项目申报书", "")
    factory.fill(project.application, definition, {"goals": "别的目标"}, "issuer")
    assert set(factory.why_not(project, "apply", "issuer")) == {READ}
    factory.perform(project, "confirm_reading", "bidder")
    assert READ in factory.why_not(project, "withdraw_reading", "issuer"), "the writer has agreed to nothing"
    factory.perform(project, "withdraw_reading", "bidder", {"reason": "金额看错了"})
    assert set(factory.why_not(project, "apply", "issuer")) == {READ}
    assert any("撤回了对项目申报书的核对意见" in subject for subject in factory.mails("issuer"))
    assert step(factory, project, "bidder") == "", "nobody has asked it to read this text"
    factory.perform(project, "ask_reading", "issuer")
    assert step(factory, project, "bidder") == "核对对方填写的材料"
    factory.perform(project, "confirm_reading", "bidder")
    factory.perform(project, "apply", "issuer")


def test_the_bidder_alone_writes_its_self_evaluation_and_the_issuer_reads_it(factory: ProjectFactory) -> None:
    project = executing(factory)
    (request,) = factory.session.query(Acceptance).all()
    policy, document = factory.engine.policy, request.document
    assert [may_write(policy, project, document, factory.actor(who)) for who in ("issuer", "bidder")] == [False, True]
    offers = factory.engine.offers(factory.session, project, factory.actor("issuer"))
    (reading,) = (offer for offer in offers if offer.action.trigger == "confirm_reading")
    assert [reason.nothing for reason in reading.reasons] == [True], "not listed until there is something to read"
    fill_acceptance(factory, project)
    assert set(factory.why_not(project, "request_acceptance", "bidder")) == {READ}
    factory.perform(project, "confirm_reading", "issuer", {"text": "已在本企业应用"})
    assert any(subject.startswith("对方已核对验收申请书") for subject in factory.mails("bidder"))
    factory.perform(project, "request_acceptance", "bidder")
    read = paper(factory, project, "acceptance").data["read"]
    assert (read["party"], read["text"]) == ("发榜方", "已在本企业应用")
    factory.perform(project, "withdraw_acceptance", "bidder")
    assert (project.state, request.status) == ("execution", "draft")


def test_no_more_public_money_is_spent_than_there_is(factory: ProjectFactory) -> None:
    project = executing(factory)  # the city has paid 20 of 40
    row = reports_of(factory, project)[0]
    fill_report(factory, project, row, REPORT | {"spent_city": "20.01", "use_material": "35.01"})
    factory.at("2025-05-19 09:00")
    sentence = "市级补助累计支出 20.01 万元，超过已拨付的 20.00 万元（《办法》第八条）。"
    assert factory.blocked(project, "submit_report", "bidder", {"report": str(row.id)}) == {"A8.spent": sentence}
    fill_acceptance(factory, project, spent_city="999", use_material="1089")
    against = factory.why_not(project, "request_acceptance", "bidder")
    assert against["A8.spent"] == "市级补助支出 999.00 万元，超过核定的 40.00 万元（《办法》第八条）。"
    fill_acceptance(factory, project, spent_city="10", use_material="100.01")
    against = factory.why_not(project, "request_acceptance", "bidder")
    assert "按来源的支出合计 200.00 万元，按科目的支出合计 200.01 万元" in against["F.spending_adds_up"]


def test_budget_payments_and_the_report_before_are_printed_beside_every_amount(factory: ProjectFactory) -> None:
    project = executing(factory)
    factory.at("2025-05-19 09:00")
    report(factory, project, reports_of(factory, project)[0])
    fill_acceptance(factory, project)
    factory.perform(project, "confirm_reading", "issuer")
    factory.perform(project, "request_acceptance", "bidder")
    for name, material in (("report", ["100.00", "—", "—"]), ("acceptance", ["100.00", "—", "20.00"])):
        issued = paper(factory, project, name)
        cells = issued.data["beside"]["cells"]
        assert (cells["use_material"], cells["spent_city"][:2]) == (material, ["40.00", "20.00"])
        definition = factory.engine.policy.edition("2024").documents[name]
        printed = [
            part for part in parts(definition, issued.data["values"], issued.data["beside"]) if "经费" in part.title
        ]
        tables = [block for part in printed for block in part.blocks if block.kind == "table"]
        assert len(tables) == 2
        for table in tables:
            heads = [column.head for column in table.columns]
            assert "预算（合同）" in heads and table.total[heads.index("预算（合同）")] == "200.00"


def test_the_second_report_begins_where_the_first_one_ended(factory: ProjectFactory) -> None:
    project = executing(factory)
    first, second = reports_of(factory, project)[:2]
    assert first.document.draft["indicators"][0]["unit"] == "h"
    factory.at("2025-05-19 09:00")
    report(factory, project, first)
    draft = second.document.draft
    assert (draft["spent_own"], draft["use_material"]) == ("10", "20")
    assert draft["indicators"][0] | {} == {
        "name": "寿命", "unit": "", "target": "3000", "last": "2500", "reached": "2500",
    }  # fmt: skip
    factory.at("2025-11-19 09:00")
    fill_report(factory, project, second, REPORT | {"spent_own": "9", "use_material": "19"})
    asked = hints(factory, project, "submit_report", "bidder", {"report": str(second.id)})
    assert "自筹资金累计支出 9.00 万元（上次累计 10.00 万元）" in asked["A8.cumulative"]


def test_a_member_that_has_not_signed_is_awaited_although_another_one_has(factory: ProjectFactory) -> None:
    project = issued(factory)
    sign(factory, project, "issuer")
    stamped = factory.session.scalars(select(Signature)).one()
    columns = {column.key: getattr(stamped, column.key) for column in Signature.__table__.columns if column.key != "id"}
    members = sorted(organisation.id for organisation in factory.organisations.values())[:2]
    with writing(factory.session):
        factory.session.add_all(BidMember(bid_id=project.agreed_bid_id, organisation_id=each) for each in members)
    awaited = []
    for each in members:
        with writing(factory.session):
            factory.session.add(Signature(**columns | {"party": f"member:{each}", "organisation_id": each}))
        waits = waits_of(factory.caller("science"), [project.id])[project.id]
        awaited.append("联合体成员签章并上传合同书" in [wait.words for wait in waits])
    assert awaited == [True, False]


def test_the_issuer_is_asked_on_page_and_desk_for_what_was_not_granted(factory: ProjectFactory) -> None:
    project = contracting(factory, subsidy="30")  # applied for 40
    words = "发榜方同意以自筹资金补足核定补助与申请数的差额"
    issuer, science = factory.caller("issuer"), factory.caller("science")

    def missing() -> list[str]:
        return [wait.words for wait in waits_of(science, [project.id])[project.id]]

    assert words in missing() and "市科技局出具合同书" not in missing()
    assert next_steps(issuer, [project.id])[project.id].trigger == "accept_own_share"
    assert project.id not in next_steps(science, [project.id])
    asked = "核定的补助比申请数少 20.00 万元，发榜方自用自筹由 30.00 万元增至 50.00 万元。"
    assert hints(factory, project, "accept_own_share", "issuer") == {"A7.own_share": asked}

    def sums() -> tuple[str, ...]:
        rows = visible_rows(science, project.id)
        assert rows
        money = project_page(science, rows).money
        assert money and money.own is not None and money.gap is not None
        assert decisions.money(science, rows)["money"].own == money.own
        return tuple(wan(amount) for amount in (money.own, money.city, money.gap, money.total))

    assert sums() == ("120", "30", "20", "200")  # the county pays the other 30
    factory.perform(project, "accept_own_share", "issuer")
    assert sums() == ("140", "30", "0", "200")
    assert words not in missing() and "市科技局出具合同书" in missing()
    assert project.id in next_steps(science, [project.id])


def test_an_application_is_taken_back_and_corrected_until_somebody_has_acted_on_it(factory: ProjectFactory) -> None:
    project = factory.applied()
    first = paper(factory, project, "application")
    factory.perform(project, "withdraw_application", "issuer")
    assert (project.state, first.state, project.total_investment) == ("bidding", "cancelled", None)
    assert any(subject.startswith("立项申报已撤回") for subject in factory.mails("science"))
    definition = factory.engine.policy.edition("2024").documents["application"]
    factory.fill(project.application, definition, {"goals": "更正后的目标"}, "issuer")
    factory.apply(project)
    again = paper(factory, project, "application")
    assert (project.state, again.version, again.state) == ("roadshow", 2, "current")
    looked = {"dated": "2024-11-04", "text": "现场具备条件"}
    factory.perform(project, "record_inspection", "science", looked)
    assert set(factory.why_not(project, "withdraw_application", "issuer")) == {"A7.examined"}
