"""签约: versions of the contract, whose scan is of which, who is missing."""

import pytest
from sqlalchemy import select

from tests.factories.later import contracting, fill_contract, funded, in_force, issued, notice_of, paper, scan, sign
from tests.factories.projects import ProjectFactory
from xtbang.models import Mail, Project, Signature
from xtbang.rules.quotation import quoted

SIGNED = {"signed_on": "2024-11-19"}


def consortium(factory: ProjectFactory, monkeypatch: pytest.MonkeyPatch) -> Project:
    """签约 with the bidder and one member of its consortium, version 1 issued."""
    member = factory.organisations["member"]
    row = {"name": member.name, "uscc": member.uscc, "kind": "科研院所", "task": "材料试验", "share": "30"}

    def agreed(**values: str) -> Project:
        project = factory.listed(**values)
        bid = factory.open_bid(project, lead_share="70", members=[row])
        factory.perform(project, "confirm_membership", "member", {"bid": str(bid.id)})
        factory.perform(project, "submit_bid", "bidder")
        factory.at("2024-10-29 09:00")
        factory.choose(project, bid)
        return project

    monkeypatch.setattr(factory, "agreed", agreed)
    factory.untouched = False  # nobody else has gone this way
    return issued(factory)


def test_contract_must_be_complete(factory: ProjectFactory) -> None:
    project = contracting(factory)
    against = factory.why_not(project, "issue_contract", "science")
    assert set(against) == {"F.required"}
    fill_contract(factory, project)
    assert factory.why_not(project, "issue_contract", "science") == {}


def test_the_same_text_is_not_issued_twice(factory: ProjectFactory) -> None:
    project = issued(factory)
    sentence = "合同书自第 1 版（2024年11月19日出具）后没有改动，不必重新出具（《办法》第九条）。"
    assert factory.why_not(project, "issue_contract", "science") == {"A9.contract": sentence}
    fill_contract(factory, project, supplement="补充约定")
    assert factory.why_not(project, "issue_contract", "science") == {}


def test_changed_profile_is_a_change_of_the_contract(factory: ProjectFactory) -> None:
    project = issued(factory)
    with factory.writing():
        project.issuer.legal_name = "李强"
    factory.perform(project, "issue_contract", "science")
    assert paper(factory, project, "contract").version == 2


def test_every_number_of_a_clause(factory: ProjectFactory) -> None:
    project = issued(factory)
    found = paper(factory, project, "contract")
    data = found.data
    assert (found.number, found.version, found.subject) == (f"HT-{project.number}", 1, "")
    assert [party["key"] for party in data["parties"]] == ["issuer", "bidder", "science", "industry"]
    payments = data["payments"]
    assert [(i["share"], i["city"]["wan"], i["county"]["wan"]) for i in payments["instalments"]] == [
        ("50%", "20", "20"),
        ("50%", "20", "20"),
    ]
    assert (payments["issuer_ratio"], payments["issuer_minimum"]["text"]) == ("40%", "80.00万元")
    assert payments["match_minimum"]["wan"] == "120"
    assert (data["ending"]["objective_rate"], data["ending"]["subjective_rate"]) == ("50%", "100%")
    assert data["budget"]["sources_sum"] == data["budget"]["uses_sum"] == data["budget"]["total"]
    assert (data["tracking"]["report_months"], len(data["tracking"]["reports"])) == (6, 4)
    assert data["property"]["contract_amount"]["wan"] == "90"
    assert data["indicators"][0]["target"] == "3000"
    assert data["milestones_sum"] == "80.00"
    assert data["sources"] == [
        "《湘潭市科技创新“揭榜挂帅”项目管理办法》（潭政办发〔2021〕14号，以下简称《办法》）",
        "《关于征集2024年度科技创新“揭榜挂帅”项目技术需求的通知》（以下简称《2024年征集通知》）",
    ]
    assert data["payments"]["issuer_article"] == "《办法》第七条、《2024年征集通知》第四部分第3项"


def test_less_granted_than_asked_is_raised_by_the_issuer(factory: ProjectFactory) -> None:
    project = issued(factory, subsidy="30")
    budget = paper(factory, project, "contract").data["budget"]
    shown = {item["label"]: item["amount"]["wan"] for item in budget["sources"]}
    assert shown == {"发榜方自用自筹": "50", "发榜方支付揭榜方": "90", "市级补助": "30", "县市区（园区）补助": "30"}
    assert budget["sources_sum"] == budget["total"]


def test_nothing_to_sign_before_it_is_issued(factory: ProjectFactory) -> None:
    project = contracting(factory)
    assert "合同书尚未出具" in factory.why_not(project, "sign_contract", "issuer")["A9.contract"]
    assert "合同书尚未出具" in factory.why_not(project, "conclude", "science")["A9.contract"]


def test_scan_of_another_paper_is_refused_by_name(factory: ProjectFactory) -> None:
    project = issued(factory)
    other = paper(factory, project, "application")
    data = SIGNED | {"scan": factory.file("申报书扫描.pdf", other.code)}
    sentence = factory.blocked(project, "sign_contract", "issuer", data)["scan.other"]
    assert "不是合同书第 1 版" in sentence
    assert f"{quoted(other.title)}第 1 版" in sentence


def test_scan_of_an_older_version_is_refused(factory: ProjectFactory) -> None:
    project = issued(factory)
    old = scan(factory, project, "issuer")
    fill_contract(factory, project, supplement="补充约定")
    factory.perform(project, "issue_contract", "science")
    sentence = factory.blocked(project, "sign_contract", "issuer", SIGNED | {"scan": old})["scan.other"]
    assert "已被新版本取代" in sentence


def test_a_page_of_an_older_version_among_the_new_ones_is_refused(factory: ProjectFactory) -> None:
    project = issued(factory)
    old = paper(factory, project, "contract")
    fill_contract(factory, project, supplement="补充约定")
    factory.perform(project, "issue_contract", "science")
    new, application = paper(factory, project, "contract"), paper(factory, project, "application")
    mixed = SIGNED | {"scan": factory.file("合同书扫描.pdf", new.code, old.code)}
    assert "第 1 版（已被新版本取代）" in factory.blocked(project, "sign_contract", "issuer", mixed)["scan.other"]
    attached = SIGNED | {"scan": factory.file("合同书及附件.pdf", new.code, application.code)}
    factory.perform(project, "sign_contract", "issuer", attached)


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
@pytest.mark.parametrize(("day", "rule"), [("2024-11-20", "date.future"), ("2024-11-18", "date.early")])
def test_day_of_signing(factory: ProjectFactory, day: str, rule: str) -> None:
    project = issued(factory)
    data = {"signed_on": day, "scan": scan(factory, project, "issuer")}
    assert set(factory.blocked(project, "sign_contract", "issuer", data)) == {rule}


def test_who_is_missing_is_named(factory: ProjectFactory) -> None:
    project = issued(factory)
    sign(factory, project, "issuer", "science")
    sentence = factory.why_not(project, "conclude", "science")["A9.signatures"]
    assert sentence == ("合同书第 1 版尚待签章：乙方（揭榜方）湘潭大学、丁方 湘潭市工业和信息化局（《办法》第九条）。")
    again = SIGNED | {"scan": scan(factory, project, "issuer")}
    assert "A9.signed" in factory.blocked(project, "sign_contract", "issuer", again)


def test_new_version_takes_the_signatures_with_it(factory: ProjectFactory) -> None:
    project = issued(factory)
    sign(factory, project, "issuer", "bidder", "science", "industry")
    fill_contract(factory, project, supplement="补充约定")
    factory.perform(project, "issue_contract", "science")
    assert factory.why_not(project, "conclude", "science")["A9.signatures"].count("、") == 3
    assert any("作废" in body for body in bodies(factory, "issuer"))


def bodies(factory: ProjectFactory, who: str) -> list[str]:
    return list(factory.session.scalars(select(Mail.body).where(Mail.person_id == factory.people[who].id)))


def test_each_member_of_the_consortium_signs(factory: ProjectFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    project = consortium(factory, monkeypatch)
    sign(factory, project, "issuer", "bidder", "science", "industry")
    assert "乙方联合体成员 湘潭材料研究院" in factory.why_not(project, "conclude", "science")["A9.signatures"]
    sign(factory, project, "member")
    assert "A9.signatures" not in factory.why_not(project, "conclude", "science")
    parties = paper(factory, project, "contract").data["parties"]
    assert (parties[2]["label"], parties[2]["task"], parties[2]["share"]) == ("乙方（联合体成员）", "材料试验", "30")
    assert any(subject.startswith("请签章") for subject in factory.mails("member"))


def test_unread_scan_needs_an_officer_to_look(factory: ProjectFactory) -> None:
    project = issued(factory)
    sign(factory, project, "bidder", "science", "industry")
    funded(factory, project)
    factory.perform(project, "sign_contract", "issuer", SIGNED | {"scan": factory.file("照片.jpg")})
    against = factory.why_not(project, "conclude", "science")
    assert against == {
        "A9.unread": "签章扫描件须先人工核对：甲方（发榜方）湘潭电机有限公司，二维码未能识别（《办法》第九条）。"
    }
    assert any(subject.startswith("请核对签章扫描件") for subject in factory.mails("science"))
    factory.perform(project, "look_at_signature", "science", {"party": "issuer", "outcome": "differs"})
    assert factory.session.query(Signature).filter_by(party="issuer").count() == 0
    assert any(subject.startswith("请重新上传签章合同") for subject in factory.mails("issuer"))
    factory.perform(project, "sign_contract", "issuer", SIGNED | {"scan": factory.file("照片2.jpg")})
    factory.perform(project, "look_at_signature", "science", {"party": "issuer", "outcome": "matches"})
    assert factory.why_not(project, "conclude", "science") == {}
    assert "A9.unread" in factory.why_not(project, "look_at_signature", "science")


def test_funding_document_once_and_before_the_contract_takes_effect(factory: ProjectFactory) -> None:
    project = issued(factory)
    sign(factory, project, "issuer", "bidder", "science", "industry")
    assert set(factory.why_not(project, "conclude", "science")) == {"N5.funding"}
    funded(factory, project)
    assert "已登记" in factory.why_not(project, "record_funding_document", "finance")["N5.funding"]


def test_conclusion_is_announced(factory: ProjectFactory) -> None:
    project = in_force(factory)
    assert project.state == "first_payment"
    notice = notice_of(factory, project, "award")
    assert (notice.status, notice.published_by_id) == ("published", factory.people["science"].id)
    found = paper(factory, project, "notice", f"notice:{notice.id}")
    assert (found.notice_id, found.data["label"]) == (notice.id, "中榜通告")
    assert "湘潭大学揭榜" in found.data["paragraphs"][0]
    publicity = paper(factory, project, "notice", f"notice:{notice_of(factory, project, 'publicity').id}")
    assert publicity.state == "current"
    table = paper(factory, project, "funding").data
    assert (table["number"], table["city"]["wan"], table["county"]["wan"]) == ("潭财教〔2024〕88号", "40", "40")
    assert (project.starts_on.isoformat(), project.ends_on.isoformat()) == ("2024-11-20", "2026-11-19")
    assert any(subject.startswith("请确认配套") for subject in factory.mails("county"))
