"""Acts that an office has in whatever state a project is: asking others to go on, giving it to a person of the office."""

from datetime import timedelta

from sqlalchemy import select

from tests.factories import later
from tests.factories.projects import ProjectFactory
from xtbang.domain.assignments import colleagues
from xtbang.domain.urging import awaited
from xtbang.models import Assignment, Report

TEXT = {"text": "请尽快付款并提交凭证。", "until": "2024-12-20"}


def test_whoever_is_awaited_is_reminded_by_mail(factory: ProjectFactory) -> None:
    project = later.in_force(factory)
    action = factory.engine.policy.actions["remind"]
    context = factory.engine.context(factory.session, project, factory.actor("science"), "science", action)
    assert list(awaited(context)) == ["issuer", "county"]
    factory.perform(project, "remind", "science", TEXT | {"whom": ["issuer"]})
    assert factory.mails("issuer")[-1] == "催办：高温合金涂层关键技术"
    assert not [subject for subject in factory.mails("county") if subject.startswith("催办")]
    past = factory.blocked(project, "remind", "industry", TEXT | {"whom": ["issuer"], "until": "2024-11-01"})
    assert past == {"A8.remind_until": "请办理的期限不能早于今天（《办法》第八条）。"}


def test_an_office_does_not_remind_itself(factory: ProjectFactory) -> None:
    project = factory.submitted()
    assert list(factory.why_not(project, "remind", "science")) == ["A8.remind"]
    assert factory.why_not(project, "remind", "industry") == {}


def test_a_project_is_given_to_a_person_of_the_office(factory: ProjectFactory) -> None:
    project = factory.submitted()
    action = factory.engine.policy.actions["assign_officer"]
    context = factory.engine.context(factory.session, project, factory.actor("science"), "science", action)
    assert list(colleagues(context).values()) == ["science", "science2"]
    data = {"officer": str(factory.people["science2"].id)}
    factory.perform(project, "assign_officer", "science", data)
    assert factory.mails("science2")[-1] == "请承办：高温合金涂层关键技术"
    again = factory.blocked(project, "assign_officer", "science", data)
    assert again == {"A8.officer": "本项目已由science2承办（《办法》第八条）。"}
    factory.perform(project, "assign_officer", "science2", {"officer": str(factory.people["science"].id)})
    held = {row.role: row.person.name for row in factory.session.scalars(select(Assignment))}
    assert held == {"science": "science"}


def test_who_is_late_is_reminded_of_what_was_due_though_another_has_the_turn(factory: ProjectFactory) -> None:
    project = later.executing(factory)
    with factory.writing():
        reports = factory.session.scalars(select(Report).where(Report.submitted_at.is_(None)))
        report = min(reports, key=lambda one: one.due_on)
        report.due_on = factory.caller("science").today - timedelta(days=20)
        project.state = "extension"  # which waits for the other office
    action = factory.engine.policy.actions["remind"]
    context = factory.engine.context(factory.session, project, factory.actor("science"), "science", action)
    filled = factory.engine.prefilled(context, action)
    assert filled["whom"] == ["bidder"] and "industry" in awaited(context)
    assert "报告期限" in filled["text"] and filled["text"].endswith("已经逾期。请提交执行情况报告。")
    factory.perform(project, "remind", "science", filled)
    assert factory.mails("bidder")[-1].startswith("催办：")
    with factory.writing():
        report.submitted_at = factory.caller("science").now
    context = factory.engine.context(factory.session, project, factory.actor("science"), "science", action)
    assert "项目现处于“延期”" in factory.engine.prefilled(context, action)["text"]
