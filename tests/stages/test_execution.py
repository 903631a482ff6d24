"""实施: the county's money, reports, agency, checks, what is asked for."""

from decimal import Decimal

from tests.stages.later import (
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
from tests.stages.world import World

ASK = {"reason": "上游停产", "new_end": "2027-05-19"}


def test_county_pays_its_first_instalment_once(world: World) -> None:
    project = executing(world)
    county_pays(world, project, "1", "20")
    assert ledger_lines(world, project)[-1][:4] == ("instalment", "county", 1, Decimal(20))
    sentence = "没有待登记的县市区（园区）拨款（《办法》第七条）。"
    assert world.why_not(project, "record_county_instalment", "county") == {"A7.county_paid": sentence}
    data = {"instalment": "1", "amount": "20", "dated": "2024-11-20", "note": "2"}
    assert "A7.county_paid" in world.blocked(project, "record_county_instalment", "county", data)
    assert wan(sums(world, project).paid["county"]) == 20


def test_county_amount_and_day(world: World) -> None:
    project = executing(world)
    data = {"instalment": "1", "amount": "20.01", "dated": "2024-11-19", "note": "1"}
    against = world.blocked(project, "record_county_instalment", "county", data)
    assert against["A7.county"] == "县市区（园区）首期拨款应为 20.00 万元，填报为 20.01 万元（《办法》第七条）。"
    assert against["date.early"].startswith("拨付日期2024年11月19日早于市级首期拨付的日期2024年11月20日")


def test_county_owes_the_second_only_once_confirmed(world: World) -> None:
    project = executing(world)
    county_pays(world, project, "1", "20")
    passed(world, project)
    assert "A7.county_paid" in world.why_not(project, "record_county_instalment", "county")


def test_report_is_handed_in_for_the_period_that_runs(world: World) -> None:
    project = executing(world)
    rows = reports_of(world, project)
    for row in rows:
        fill_report(world, project, row)
    data = {"report": str(rows[1].id)}
    assert set(world.blocked(project, "submit_report", "bidder", data)) == {"F.choice"}
    world.at("2025-05-20 09:00")
    world.perform(project, "submit_report", "bidder", data)
    assert rows[1].submitted_at is not None
    found = paper(world, project, "report", f"report:{rows[1].id}")
    assert found.data["values"]["summary"] == "进展顺利"
    assert world.why_not(project, "submit_report", "bidder") == {}


def test_report_is_complete_and_frozen(world: World) -> None:
    project = executing(world)
    row = reports_of(world, project)[0]
    data = {"report": str(row.id)}
    assert set(world.blocked(project, "submit_report", "bidder", data)) == {"F.required"}
    world.at("2025-05-21 09:00")
    report(world, project, row)
    assert row.document.versions[0].data["summary"] == "进展顺利"
    assert any(subject.startswith("请查看执行情况报告") for subject in world.mails("science"))
    assert set(world.blocked(project, "submit_report", "bidder", data)) == {"F.choice"}


def test_the_report_handed_in_last_is_taken_back_until_the_work_was_checked(world: World) -> None:
    project = executing(world)
    world.at("2025-05-21 09:00")
    row = reports_of(world, project)[0]
    report(world, project, row)
    world.perform(project, "withdraw_report", "bidder", {"report": str(row.id)})
    assert row.submitted_at is None
    assert any(subject.startswith("执行情况报告已撤回") for subject in world.mails("science"))
    report(world, project, row)
    world.later(hours=1)
    data = {"dated": "2025-05-21", "favourable": "normal", "text": "正常"}
    world.perform(project, "record_check", "science", data)
    assert "A8.report" in world.why_not(project, "withdraw_report", "bidder")


def test_agency_is_assigned_and_is_no_party(world: World) -> None:
    project = executing(world)
    agency = world.organisations["agency"]
    world.perform(project, "assign_agency", "science", {"agency": str(agency.id)})
    assert project.agency_id == agency.id
    assert any(subject.startswith("请跟踪管理") for subject in world.mails("agency"))
    assert "A8.agency" in world.why_not(project, "assign_agency", "science")  # no other one
    data = {"dated": "2024-11-20", "favourable": "needs_attention", "text": "经费支出缓慢"}
    world.perform(project, "record_check", "agency", data)
    assert any(subject.startswith("跟踪检查需要关注") for subject in world.mails("issuer"))


def test_a_party_cannot_be_the_agency(world: World) -> None:
    project = executing(world)
    with world.writing():
        world.people["bidder"].roles.append(world.roles["agency"])  # type: ignore[index]
    data = {"agency": str(world.organisations["bidder"].id)}
    sentence = "湘潭大学是本项目的一方，不能受托跟踪管理本项目（《办法》第八条）。"
    assert world.blocked(project, "assign_agency", "science", data)["A8.agency"] == sentence


def test_extension_lies_after_the_old_end(world: World) -> None:
    project = executing(world)
    data = ASK | {"new_end": "2026-11-19", "audit_file": world.file("审计.pdf")}
    sentence = "申请延期至2026年11月19日，须晚于原结束日期2026年11月19日（《办法》第十一条）。"
    assert world.blocked(project, "request_extension", "issuer", data) == {"A11.later": sentence}
    latest = (
        "原定结束日期2026年11月19日，申请延期至2035年1月1日；延期合计不得超过一个实施周期（2 年），最迟至2028年11月19日"
        "（《2024年征集通知》第三部分第1项）。"
    )
    far = data | {"new_end": "2035-01-01"}
    assert world.blocked(project, "request_extension", "issuer", far) == {"A11.latest": latest}
    world.perform(project, "request_extension", "issuer", data | {"new_end": "2026-11-20"})
    assert project.state == "extension"


def test_extension_needs_the_audit_report(world: World) -> None:
    project = executing(world)
    assert set(world.blocked(project, "request_extension", "bidder", ASK)) == {"F.required"}


def test_extension_asked_on_the_last_day_and_after_it(world: World) -> None:
    project = executing(world)
    world.at("2026-11-19 23:59:59")
    assert world.why_not(project, "request_extension", "issuer") == {}
    world.at("2026-11-20 00:00")
    sentence = "实施期已于2026年11月19日届满，延期原则上应在届满前申请（《办法》第十一条）。"
    assert world.why_not(project, "request_extension", "issuer") == {"A11.in_time": sentence}
    for who in ("science", "industry"):
        waive(world, project, "A11.in_time", who, "通信中断")
    assert world.why_not(project, "request_extension", "issuer") == {}
    world.perform(project, "request_extension", "issuer", ASK | {"audit_file": world.file("审计.pdf")})
    world.perform(project, "join_extension", "bidder")
    world.both(project, "grant_extension")
    decision = paper(world, project, "extension").data
    assert [item["reason"] for item in decision["waivers"]] == ["通信中断", "通信中断"]


def test_acceptance_waits_for_reports_that_are_due(world: World) -> None:
    project = executing(world)
    fill_acceptance(world, project)
    world.perform(project, "confirm_reading", "issuer")
    world.at("2025-05-18 23:59")
    assert world.why_not(project, "request_acceptance", "bidder") == {}
    world.at("2025-05-19 00:00")
    sentence = "有 1 份到期的执行情况报告尚未提交：2025年5月19日（《办法》第八条）。"
    assert world.why_not(project, "request_acceptance", "bidder") == {"A8.reports": sentence}
    report(world, project, reports_of(world, project)[0])
    assert set(world.why_not(project, "request_acceptance", "bidder")) <= {"A9.read"}


def test_acceptance_is_complete(world: World) -> None:
    project = executing(world)
    assert set(world.why_not(project, "request_acceptance", "bidder")) == {"F.required"}
    requested(world, project)
    assert project.state == "acceptance"
    assert any(subject.startswith("请验收") for subject in world.mails("industry"))
