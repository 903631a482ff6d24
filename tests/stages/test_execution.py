"""实施: the county's money, reports, agency, checks, what is asked for."""

from decimal import Decimal

from tests.factories.later import (
    county_pays,
    executing,
    fill_acceptance,
    fill_report,
    ledger_lines,
    paper,
    passed,
    report,
    reports_of,
    requested,
    sums,
    waive,
    wan,
)
from tests.factories.projects import ProjectFactory

ASK = {"reason": "上游停产", "new_end": "2027-05-19"}


def test_county_pays_its_first_instalment_once(factory: ProjectFactory) -> None:
    project = executing(factory)
    county_pays(factory, project, "1", "20")
    assert ledger_lines(factory, project)[-1][:4] == ("instalment", "county", 1, Decimal(20))
    sentence = "没有待登记的县市区（园区）拨款（《办法》第七条）。"
    assert factory.why_not(project, "record_county_instalment", "county") == {"A7.county_paid": sentence}
    data = {"instalment": "1", "amount": "20", "dated": "2024-11-20", "note": "2"}
    assert "A7.county_paid" in factory.blocked(project, "record_county_instalment", "county", data)
    assert wan(sums(factory, project).paid["county"]) == 20


def test_county_amount_and_day(factory: ProjectFactory) -> None:
    project = executing(factory)
    data = {"instalment": "1", "amount": "20.01", "dated": "2024-11-19", "note": "1"}
    against = factory.blocked(project, "record_county_instalment", "county", data)
    assert against["A7.county"] == "县市区（园区）首期拨款应为 20.00 万元，填报为 20.01 万元（《办法》第七条）。"
    assert against["date.early"].startswith("拨付日期2024年11月19日早于市级首期拨付的日期2024年11月20日")


def test_county_owes_the_second_only_once_confirmed(factory: ProjectFactory) -> None:
    project = executing(factory)
    county_pays(factory, project, "1", "20")
    passed(factory, project)
    assert "A7.county_paid" in factory.why_not(project, "record_county_instalment", "county")


def test_report_is_handed_in_for_the_period_that_runs(factory: ProjectFactory) -> None:
    project = executing(factory)
    rows = reports_of(factory, project)
    for row in rows:
        fill_report(factory, project, row)
    data = {"report": str(rows[1].id)}
    assert set(factory.blocked(project, "submit_report", "bidder", data)) == {"F.choice"}
    factory.at("2025-05-20 09:00")
    factory.perform(project, "submit_report", "bidder", data)
    assert rows[1].submitted_at is not None
    found = paper(factory, project, "report", f"report:{rows[1].id}")
    assert found.data["values"]["summary"] == "进展顺利"
    assert factory.why_not(project, "submit_report", "bidder") == {}


def test_report_is_complete_and_frozen(factory: ProjectFactory) -> None:
    project = executing(factory)
    row = reports_of(factory, project)[0]
    data = {"report": str(row.id)}
    assert set(factory.blocked(project, "submit_report", "bidder", data)) == {"F.required"}
    factory.at("2025-05-21 09:00")
    report(factory, project, row)
    assert row.document.versions[0].data["summary"] == "进展顺利"
    assert any(subject.startswith("请查看执行情况报告") for subject in factory.mails("science"))
    assert set(factory.blocked(project, "submit_report", "bidder", data)) == {"F.choice"}


def test_the_report_handed_in_last_is_taken_back_until_the_work_was_checked(factory: ProjectFactory) -> None:
    project = executing(factory)
    factory.at("2025-05-21 09:00")
    row = reports_of(factory, project)[0]
    report(factory, project, row)
    factory.perform(project, "withdraw_report", "bidder", {"report": str(row.id)})
    assert row.submitted_at is None
    assert any(subject.startswith("执行情况报告已撤回") for subject in factory.mails("science"))
    report(factory, project, row)
    factory.later(hours=1)
    data = {"dated": "2025-05-21", "favourable": "normal", "text": "正常"}
    factory.perform(project, "record_check", "science", data)
    assert "A8.report" in factory.why_not(project, "withdraw_report", "bidder")


def test_agency_is_assigned_and_is_no_party(factory: ProjectFactory) -> None:
    project = executing(factory)
    agency = factory.organisations["agency"]
    factory.perform(project, "assign_agency", "science", {"agency": str(agency.id)})
    assert project.agency_id == agency.id
    assert any(subject.startswith("请跟踪管理") for subject in factory.mails("agency"))
    assert "A8.agency" in factory.why_not(project, "assign_agency", "science")  # no other one
    data = {"dated": "2024-11-20", "favourable": "needs_attention", "text": "经费支出缓慢"}
    factory.perform(project, "record_check", "agency", data)
    assert any(subject.startswith("跟踪检查需要关注") for subject in factory.mails("issuer"))


def test_a_party_cannot_be_the_agency(factory: ProjectFactory) -> None:
    project = executing(factory)
    with factory.writing():
        factory.people["bidder"].roles.append(factory.roles["agency"])  # type: ignore[index]
    data = {"agency": str(factory.organisations["bidder"].id)}
    sentence = "湘潭大学是本项目的一方，不能受托跟踪管理本项目（《办法》第八条）。"
    assert factory.blocked(project, "assign_agency", "science", data)["A8.agency"] == sentence


def test_extension_lies_after_the_old_end(factory: ProjectFactory) -> None:
    project = executing(factory)
    data = ASK | {"new_end": "2026-11-19", "audit_file": factory.file("审计.pdf")}
    sentence = "申请延期至2026年11月19日，须晚于原结束日期2026年11月19日（《办法》第十一条）。"
    assert factory.blocked(project, "request_extension", "issuer", data) == {"A11.later": sentence}
    latest = (
        "原定结束日期2026年11月19日，申请延期至2035年1月1日；延期合计不得超过一个实施周期（2 年），最迟至2028年11月19日"
        "（《2024年征集通知》第三部分第1项）。"
    )
    far = data | {"new_end": "2035-01-01"}
    assert factory.blocked(project, "request_extension", "issuer", far) == {"A11.latest": latest}
    factory.perform(project, "request_extension", "issuer", data | {"new_end": "2026-11-20"})
    assert project.state == "extension"


def test_extension_needs_the_audit_report(factory: ProjectFactory) -> None:
    project = executing(factory)
    assert set(factory.blocked(project, "request_extension", "bidder", ASK)) == {"F.required"}


def test_extension_asked_on_the_last_day_and_after_it(factory: ProjectFactory) -> None:
    project = executing(factory)
    factory.at("2026-11-19 23:59:59")
    assert factory.why_not(project, "request_extension", "issuer") == {}
    factory.at("2026-11-20 00:00")
    sentence = "实施期已于2026年11月19日届满，延期原则上应在届满前申请（《办法》第十一条）。"
    assert factory.why_not(project, "request_extension", "issuer") == {"A11.in_time": sentence}
    for who in ("science", "industry"):
        waive(factory, project, "A11.in_time", who, "通信中断")
    assert factory.why_not(project, "request_extension", "issuer") == {}
    factory.perform(project, "request_extension", "issuer", ASK | {"audit_file": factory.file("审计.pdf")})
    factory.perform(project, "join_extension", "bidder")
    factory.both(project, "grant_extension")
    decision = paper(factory, project, "extension").data
    assert [item["reason"] for item in decision["waivers"]] == ["通信中断", "通信中断"]


def test_acceptance_waits_for_reports_that_are_due(factory: ProjectFactory) -> None:
    project = executing(factory)
    fill_acceptance(factory, project)
    factory.perform(project, "confirm_reading", "issuer")
    factory.at("2025-05-18 23:59")
    assert factory.why_not(project, "request_acceptance", "bidder") == {}
    factory.at("2025-05-19 00:00")
    sentence = "有 1 份到期的执行情况报告尚未提交：2025年5月19日（《办法》第八条）。"
    assert factory.why_not(project, "request_acceptance", "bidder") == {"A8.reports": sentence}
    report(factory, project, reports_of(factory, project)[0])
    assert set(factory.why_not(project, "request_acceptance", "bidder")) <= {"A9.read"}


def test_acceptance_is_complete(factory: ProjectFactory) -> None:
    project = executing(factory)
    assert set(factory.why_not(project, "request_acceptance", "bidder")) == {"F.required"}
    requested(factory, project)
    assert project.state == "acceptance"
    assert any(subject.startswith("请验收") for subject in factory.mails("industry"))
