"""延期: granted or not, and what that changes."""

from sqlalchemy import select

from tests.factories.later import executing, fill_acceptance, paper, report, reports_of
from tests.factories.projects import ProjectFactory
from xtbang.models import Countersignature, Extension, Mail, Project


def asked(factory: ProjectFactory) -> Project:
    project = executing(factory)
    data = {"reason": "上游停产", "new_end": "2027-05-19", "audit_file": factory.file("审计.pdf")}
    factory.perform(project, "request_extension", "bidder", data)
    factory.perform(project, "join_extension", "issuer")
    return project


def test_the_new_term_binds_both_so_the_other_party_agrees_first(factory: ProjectFactory) -> None:
    project = executing(factory)
    data = {"reason": "上游停产", "new_end": "2027-05-19", "audit_file": factory.file("审计.pdf")}
    factory.perform(project, "request_extension", "bidder", data)
    asked_for = factory.session.scalars(select(Extension.id)).one()
    assert (
        paper(factory, project, "receipt", f"extension:{asked_for}").data["form"]
        == "延期申请（申请延期至2027年5月19日）"
    )
    assert any(subject.startswith("请确认延期申请") for subject in factory.mails("issuer"))
    assert not any(subject.startswith("请确认延期申请") for subject in factory.mails("bidder"))
    sentence = "发榜方尚未同意延期申请，须双方同意后方可审核（《办法》第十一条）。"
    assert factory.why_not(project, "grant_extension", "science") == {"A11.parties": sentence}
    assert "A11.parties" in factory.why_not(project, "join_extension", "bidder")
    factory.perform(project, "join_extension", "issuer")
    assert factory.why_not(project, "grant_extension", "science") == {}


def test_everything_wrong_is_said_at_once_also_what_only_a_guard_knows(factory: ProjectFactory) -> None:
    project = executing(factory)
    against = factory.blocked(project, "request_extension", "bidder", {"reason": "上游停产", "new_end": "2024-12-01"})
    assert "尚未上传" in against["F.required"] and "A11.later" in against
    against = factory.blocked(project, "request_extension", "bidder", {"reason": "上游停产", "new_end": "明年"})
    assert "A11.later" not in against, "what cannot be read is not compared"


def test_who_asked_takes_it_back_until_a_bureau_has_signed(factory: ProjectFactory) -> None:
    project = asked(factory)
    assert "由其撤回" in factory.why_not(project, "withdraw_extension", "issuer")["A11.parties"]
    factory.perform(project, "grant_extension", "science")
    assert factory.why_not(project, "withdraw_extension", "bidder") == {
        "countersign": "市科技局已会签“同意延期”，不能再撤回。"
    }
    signature = factory.session.scalars(select(Countersignature.id).where(Countersignature.status == "open")).one()
    factory.perform(project, "withhold", "industry", {"signature": str(signature), "reason": "须补充材料"})
    factory.perform(project, "withdraw_extension", "bidder")
    assert (project.state, project.ends_on.isoformat()) == ("execution", "2026-11-19")
    assert factory.why_not(project, "request_extension", "issuer") == {}
    assert any(subject.startswith("延期申请已撤回") for subject in factory.mails("science"))


def test_the_other_party_says_no_with_its_reason_and_the_request_ends(factory: ProjectFactory) -> None:
    project = executing(factory)
    data = {"reason": "上游停产", "new_end": "2027-05-19", "audit_file": factory.file("审计.pdf")}
    factory.perform(project, "request_extension", "bidder", data)
    assert "A11.parties" in factory.why_not(project, "refuse_extension", "bidder")
    factory.perform(project, "refuse_extension", "issuer", {"reason": "本公司等不及"})
    row = factory.session.scalars(select(Extension)).one()
    assert (row.status, row.decision, project.state, project.ends_on) == (
        "refused",
        "本公司等不及",
        "execution",
        row.old_end,
    )
    (mail,) = factory.session.scalars(
        select(Mail).where(
            Mail.kind == "refuse_extension",
            Mail.project_id == project.id,
            Mail.person_id == factory.actor("bidder").person_id,
        )
    )
    assert "发榜方不同意延期至2027年5月19日的申请，理由：本公司等不及" in mail.body
    assert any(subject.startswith("延期申请终止，无须审核") for subject in factory.mails("industry"))
    factory.perform(project, "request_extension", "bidder", data)
    factory.perform(project, "join_extension", "issuer")
    factory.perform(project, "refuse_extension", "issuer", {"reason": "先前同意有误"})
    assert project.state == "execution", "who has agreed may refuse until an office has signed"
    factory.perform(project, "request_extension", "bidder", data)
    factory.perform(project, "join_extension", "issuer")
    factory.perform(project, "grant_extension", "science", {"reason": "同意"})
    assert factory.why_not(project, "refuse_extension", "issuer"), "an office has signed"


def test_granted_moves_the_end_and_adds_reports(factory: ProjectFactory) -> None:
    project = asked(factory)
    before = {row.id for row in reports_of(factory, project)}
    factory.perform(project, "grant_extension", "industry", {"reason": "同意"})
    assert (project.state, project.ends_on.isoformat()) == ("extension", "2026-11-19")
    factory.perform(project, "grant_extension", "science")
    assert (project.state, project.ends_on.isoformat()) == ("execution", "2027-05-19")
    rows = reports_of(factory, project)
    assert before < {row.id for row in rows}
    assert rows[-1].due_on.isoformat() == "2027-05-19"
    decision = paper(factory, project, "extension").data
    assert (decision["granted"], decision["old_end"], decision["new_end"]) == (True, "2026-11-19", "2027-05-19")
    assert [item["office"] for item in decision["signers"]] == ["湘潭市科学技术局", "湘潭市工业和信息化局"]
    assert decision["decision"] == "同意"
    assert decision["project"]["end"] == "2026-11-19"  # the paper speaks of the term that was to be extended
    assert any(subject.startswith("已同意延期") for subject in factory.mails("bidder"))


def test_denied_leaves_the_end(factory: ProjectFactory) -> None:
    project = asked(factory)
    factory.both(project, "deny_extension", {"reason": "理由不足"})
    assert (project.state, project.ends_on.isoformat()) == ("execution", "2026-11-19")
    row = factory.session.scalars(select(Extension)).one()
    assert (row.status, row.decision) == ("denied", "理由不足")
    assert paper(factory, project, "extension").data["granted"] is False
    assert factory.why_not(project, "request_extension", "issuer") == {}


def test_asked_in_time_is_judged_by_the_day_of_asking(factory: ProjectFactory) -> None:
    project = asked(factory)
    factory.at("2026-12-01 09:00")  # decided after the end of the term, asked long before
    assert factory.why_not(project, "grant_extension", "science") == {}


def test_whoever_is_ready_asks_for_acceptance_meanwhile_and_needs_no_more_time(factory: ProjectFactory) -> None:
    project = asked(factory)
    factory.at("2025-05-19 09:00")
    fill_acceptance(factory, project)
    factory.perform(project, "ask_reading", "bidder")
    factory.perform(project, "confirm_reading", "issuer")
    factory.perform(project, "grant_extension", "science")
    assert factory.why_not(project, "request_acceptance", "bidder")["countersign"].startswith("市科技局已会签")
    signature = factory.session.scalars(select(Countersignature.id).where(Countersignature.status == "open")).one()
    factory.perform(project, "withhold", "industry", {"signature": str(signature), "reason": "已可验收"})
    for row in reports_of(factory, project)[:1]:
        report(factory, project, row)
    factory.perform(project, "request_acceptance", "bidder")
    assert (project.state, factory.session.scalars(select(Extension)).one().status) == ("acceptance", "withdrawn")
    assert any(subject.startswith("延期申请已撤回") for subject in factory.mails("issuer"))
    factory.perform(project, "withdraw_acceptance", "bidder")
    assert (project.state, project.ends_on.isoformat()) == ("execution", "2026-11-19")
