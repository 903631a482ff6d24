"""分期、延期退回: the finance office asks, both bureaus decide; a new notice is served, reminders follow its days."""

from datetime import date
from typing import Any

import pytest

from tests.factories import later
from tests.factories.projects import ProjectFactory
from tests.stages.test_asked_back import hints
from xtbang.domain.reminders import write_reminders
from xtbang.models import Mail, Project

PARTS = [
    {"source": "city", "due_on": "2025-01-31", "amount": "4"},
    {"source": "city", "due_on": "2025-02-28", "amount": "6"},
]
ASKED: dict[str, Any] = {"recover_by": "2025-02-28", "reason": "资金周转困难，申请分两期退回。"}


def ended(factory: ProjectFactory) -> Project:
    """10 万元 are claimed for the city, nothing for the county."""
    project = later.executing(factory)
    later.ended(factory, project)
    return project


def test_money_comes_back_by_parts_and_reminders_follow(factory: ProjectFactory) -> None:
    project = ended(factory)
    before = later.paper(factory, project, "recovery_notice")
    factory.perform(project, "propose_plan", "finance", ASKED | {"parts": PARTS})
    assert "A11.plan" in factory.why_not(project, "propose_plan", "finance")
    factory.both(project, "approve_plan")
    notice = later.paper(factory, project, "recovery_notice")
    assert (before.state, notice.version) == ("superseded", before.version + 1)
    assert [(part["due_on"], part["amount"]["text"]) for part in notice.data["plan"]] == [
        ("2025-01-31", "4.00万元"),
        ("2025-02-28", "6.00万元"),
    ]
    assert factory.mails("issuer")[-1].startswith("退回期限已调整")
    assert reminded(factory, project, date(2025, 1, 24)) == {"2025-01-31"}
    back = {"source": "city", "amount": "4", "dated": factory.now.date().isoformat(), "note": "还1", "file": ""}
    factory.perform(project, "record_recovery", "finance", back)
    assert reminded(factory, project, date(2025, 2, 21)) == {"2025-01-31", "2025-02-28"}
    assert set(later.sums(factory, project).outstanding.values()) == {60_000, 0}


def reminded(factory: ProjectFactory, project: Project, day: date, of: str = "recovery") -> set[str]:
    """The days of which the issuer was reminded by then."""
    factory.at(f"{day} 09:00")
    write_reminders(factory.caller("science"))
    keys = [mail.key for mail in factory.session.query(Mail) if mail.project_id == project.id and mail.key]
    return {key.rpartition(":")[2] for key in keys if key.startswith(f"{of}:")}


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    ("changed", "why"),
    [
        ({"parts": [PARTS[0] | {"amount": "3.99"}, PARTS[1]]}, "市级财政尚未收回 10.00 万元，各期合计 9.99 万元"),
        ({"parts": [PARTS[0] | {"amount": "4.01"}, PARTS[1]]}, "各期合计 10.01 万元，应当相等"),
        ({"parts": [PARTS[0] | {"source": "county"}, PARTS[1]]}, "县市区（园区）财政尚未收回 0.00 万元"),
        ({"parts": [PARTS[0], PARTS[1] | {"due_on": "2025-03-01"}]}, "不晚于退回期限2025年2月28日"),
        ({"parts": PARTS, "recover_by": "2025-03-01"}, "退回期限应为最后一期的日期"),
        ({"parts": [], "recover_by": "2024-11-01"}, "须晚于今天"),
    ],
)
def test_parts_are_what_is_owed_to_the_cent(factory: ProjectFactory, changed: dict[str, Any], why: str) -> None:
    project = ended(factory)
    assert why in factory.blocked(project, "propose_plan", "finance", ASKED | changed)["A11.plan"]


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_who_sets_a_day_that_is_a_holiday_is_told_the_working_day_to_which_it_runs(factory: ProjectFactory) -> None:
    """The last day is that on which the holiday is over: the Spring Festival of 2025, a Sunday, a Sunday that is worked."""
    project = ended(factory)

    def told(day: str) -> str:
        return hints(factory, project, "propose_plan", "finance", ASKED | {"recover_by": day}).get("date.day_off", "")

    assert told("2025-01-28").endswith(
        "资金退回期限2025年1月28日不是工作日，期限顺延的，请填写其后的第一个工作日2025年2月5日。"
    )
    assert "2025年3月3日" in told("2025-03-02")
    assert (told("2025-01-26"), told("2025-02-28")) == ("", "")
    factory.perform(project, "propose_plan", "finance", ASKED | {"recover_by": "2025-03-02"})


def test_another_day_without_parts_may_be_refused_and_asked_for_again(factory: ProjectFactory) -> None:
    project = ended(factory)
    factory.perform(project, "propose_plan", "finance", ASKED)
    factory.both(project, "refuse_plan", {"reason": "有能力按期退回"})
    assert later.paper(factory, project, "recovery_notice").version == 1
    factory.perform(project, "propose_plan", "finance", ASKED)
    back = {"source": "city", "amount": "1", "dated": factory.now.date().isoformat(), "note": "还1", "file": ""}
    factory.perform(project, "record_recovery", "finance", back)  # so that the plan is not what is owed any more
    assert "申请后追缴情况有变动" in factory.why_not(project, "approve_plan", "science")["A11.plan"]
