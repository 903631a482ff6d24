"""验收: by self-evaluation or by a panel, sent back or accepted."""

import pytest
from sqlalchemy import select

from tests.factories.later import county_pays, executing, fill_acceptance, paper, passed, request, requested
from tests.factories.projects import ProjectFactory
from xtbang.models import Acceptance, LedgerEntry, Panel, Project, StoredFile
from xtbang.queries.rights.files import may_open_file

SELF = {"subsidy": "15"}  # up to 15 万元 and three years: the bidder manages itself (第八条)


def waiting(factory: ProjectFactory, **values: str) -> Project:
    project = executing(factory)
    requested(factory, project, **values)
    return project


def own(factory: ProjectFactory, **values: str) -> Project:
    project = executing(factory, "7.5", **SELF)
    requested(factory, project, **values)
    return project


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_a_correction_that_waits_for_its_second_person_stops_no_party_and_a_decision_does(
    factory: ProjectFactory,
) -> None:
    """Whoever signed first: a county, which countersigns nothing, or a bureau."""
    project = executing(factory)
    county_pays(factory, project, "1", "20")
    requested(factory, project)
    line = factory.session.scalars(select(LedgerEntry.id).where(LedgerEntry.source == "county")).one()
    returned = {"line": str(line), "cause": "returned", "dated": "2025-05-10", "reason": "账号有误"}
    factory.perform(project, "reverse_line", "county", returned)
    assert factory.why_not(project, "withdraw_acceptance", "bidder") == {}
    factory.perform(project, "rectify", "science", {"rectify_by": "2025-08-31", "reason": "补充材料"})
    sentence = "市科技局已会签“限期整改”，不能再撤回。"
    assert factory.why_not(project, "withdraw_acceptance", "bidder") == {"countersign": sentence}


def test_bureau_tracked_needs_a_panel(factory: ProjectFactory) -> None:
    project = waiting(factory)
    sentence = "本项目由两局跟踪管理，须由验收专家组验收，尚未组织（《办法》第八条）。"
    assert factory.why_not(project, "pass_acceptance", "science") == {"A8.panel": sentence}
    panel = factory.panel(project, "acceptance", (2, 1, 0))
    assert "尚未形成结论" in factory.why_not(project, "pass_acceptance", "science")["A8.panel"]
    for who in factory.seats(panel):
        factory.score(project, panel, who)
    factory.perform(project, "conclude_panel", "science", {"favourable": "passed", "opinion": "同意验收"})
    assert factory.why_not(project, "pass_acceptance", "science") == {}


def test_panel_that_says_no(factory: ProjectFactory) -> None:
    project = waiting(factory)
    factory.concluded(project, "acceptance", (2, 1, 0), share=0.3, favourable="not_passed")
    assert "“不通过”" in factory.why_not(project, "pass_acceptance", "science")["A8.panel"]


def test_self_managed_passes_by_self_evaluation(factory: ProjectFactory) -> None:
    project = own(factory, self_grade="mostly_reached")
    assert factory.why_not(project, "pass_acceptance", "industry") == {}
    factory.both(project, "pass_acceptance", {"reason": "属实"})
    assert project.state == "final_payment"
    opinion = paper(factory, project, "acceptance_opinion").data
    assert opinion["by_panel"] is False
    assert opinion["beside"]["cells"]["spent_city"][0] not in ("", "—"), "what was planned stands beside what was spent"


def test_self_managed_that_fell_short(factory: ProjectFactory) -> None:
    project = own(factory, self_grade="not_reached")
    sentence = "自评结论为“未达到考核要求”，不能通过验收，可限期整改（《办法》第八条）。"
    assert factory.why_not(project, "pass_acceptance", "science") == {"A8.self_grade": sentence}


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
@pytest.mark.parametrize("day", ["2025-05-10", "2025-05-09"])
def test_deadline_lies_ahead(factory: ProjectFactory, day: str) -> None:
    project = waiting(factory)
    data = {"reason": "指标未达到", "rectify_by": day}
    assert set(factory.blocked(project, "rectify", "science", data)) == {"A8.deadline"}


def test_rectify_starts_a_new_request_from_the_last_one(factory: ProjectFactory) -> None:
    project = waiting(factory)
    panel = factory.panel(project, "acceptance", (2, 1, 0))
    factory.both(project, "rectify", {"reason": "指标未达到", "rectify_by": "2025-06-30"})
    assert project.state == "execution"
    first, second = factory.session.scalars(select(Acceptance).order_by(Acceptance.id)).all()
    assert (first.status, first.findings, first.rectify_by.isoformat()) == ("rectify", "指标未达到", "2025-06-30")
    assert (second.status, second.document.draft["results"]) == ("draft", "样件")
    assert second.document_id != first.document_id
    assert factory.session.get_one(Panel, panel.id).status == "cancelled"
    assert any(subject.startswith("请整改") for subject in factory.mails("bidder"))


def test_conclusion_about_an_earlier_request_does_not_count(factory: ProjectFactory) -> None:
    project = waiting(factory)
    factory.concluded(project, "acceptance", (2, 1, 0))
    factory.both(project, "rectify", {"reason": "补材料", "rectify_by": "2025-05-17"})
    factory.later(days=1)
    request(factory, project)
    assert "尚未组织" in factory.why_not(project, "pass_acceptance", "science")["A8.panel"]


def test_opinion_is_printed_and_money_is_called_for(factory: ProjectFactory) -> None:
    project = executing(factory)
    passed(factory, project)
    data = paper(factory, project, "acceptance_opinion").data
    assert data["by_panel"]
    assert {expert["kind"] for expert in data["panel"]["experts"]} == {"技术", "财务"}
    assert data["values"]["indicators"][0]["reached"] == "3100"
    assert len(data["signers"]) == 2
    assert any(subject.startswith("待尾款拨付") for subject in factory.mails("finance"))
    assert any("尾款" in subject or "确认配套" in subject for subject in factory.mails("county"))


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_a_file_of_the_request_with_a_telephone_is_told_to_its_author_and_to_who_convenes(
    factory: ProjectFactory,
) -> None:
    """As advice: the request is handed in, the panel convened, and no expert opens the file."""
    project = executing(factory)
    factory.at("2025-05-10 09:00")
    digest = factory.file("决算表.pdf")
    fill_acceptance(factory, project, fund_file=digest)
    with factory.writing() as session:
        row = StoredFile(
            sha256=digest,
            name="决算表.pdf",
            mime="application/pdf",
            size=9,
            project_id=project.id,
            uploaded_at=factory.now,
        )
        row.contacts = "2、5"
        session.add(row)
    said = "“决算表.pdf”第 2、5 页有电话或者电子邮箱，不向专家公开；由提交方换成没有电话、邮箱的版本后可以打开"
    assert said in advice(factory, project, "request_acceptance", "bidder")
    request(factory, project)
    assert said in advice(factory, project, "convene_acceptance", "science")
    panel = factory.panel(project, "acceptance", (2, 1, 0))
    name = factory.seats(panel)[0]
    factory.score(project, panel, name)
    assert not may_open_file(factory.caller(name), factory.session.get_one(StoredFile, row.id))


def advice(factory: ProjectFactory, project: Project, trigger: str, who: str) -> str:
    offers = factory.engine.offers(factory.session, project, factory.actor(who))
    return "".join(str(hint) for offer in offers if offer.action.trigger == trigger for hint in offer.hints)
