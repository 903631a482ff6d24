"""Opinions and inspections on a project's page (意见与考察); what a decision rests on stands on the page of that decision."""

from collections.abc import Callable

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from tests.factories import later
from tests.factories.site_projects import SiteProjectFactory
from tests.stages.test_rulings import record
from xtbang.models import Objection, Person, Project

LogIn = Callable[[Person], FlaskClient]
pytestmark = pytest.mark.parametrize("app", ["sqlite"], indirect=True)


def test_they_are_words_and_what_a_party_has_read_is_none_of_them(factory: SiteProjectFactory, login: LogIn) -> None:
    project = later.in_force(factory)
    page = login(factory.people["science"]).get(factory.page(project)).get_data(as_text=True)
    section = page.partition('<section class="box" id="findings">')[2].partition("</section>")[0]
    assert [word for word in ("本局意见", "党组会决议", "发榜方满意度", "合同生效") if word not in section] == []
    assert "application:" not in section and "consent" not in section


@pytest.fixture
def lacks(factory: SiteProjectFactory, login: LogIn) -> Callable[..., list[str]]:
    """``lacks("science", project, "uphold", "抄袭")``: the words that are not on the page of that action."""

    def missing(who: str, project: Project, trigger: str, *words: str) -> list[str]:
        page = login(factory.people[who]).get(factory.page(project, f"/actions/{trigger}")).text
        return [word for word in words if word not in page]

    return missing


def test_the_objections_stand_with_what_was_found_on_every_page_that_decides_upon_them(
    factory: SiteProjectFactory, login: LogIn, lacks: Callable[..., list[str]]
) -> None:
    project = later.published(factory)
    later.object_to(factory, project, facts="技术指标系抄袭")
    objection = factory.session.scalars(select(Objection)).one()
    found = {"objection": str(objection.id), "outcome": "upheld", "finding": "经比对确系抄袭"}
    factory.perform(project, "decide_objection", "science", found)
    said = "技术指标系抄袭", "经比对确系抄袭", "异议成立"
    assert {name: lacks("science", project, name, *said) for name in ("uphold", "confirm", "review_objection")} == {
        "uphold": [], "confirm": [], "review_objection": []
    }  # fmt: skip
    sent = factory.form(project, reason="不予立项")
    checked = login(factory.people["science"]).post(factory.page(project, "/actions/uphold"), data=sent).text
    assert "请最后核对" in checked
    assert [word for word in said if word not in checked] == []
    factory.perform(project, "uphold", "science", {"reason": "不予立项"})
    assert lacks("industry", project, "uphold", *said) == []


def test_a_conclusion_a_prior_notice_and_a_ruling_stand_on_the_pages_of_what_rests_on_them(
    factory: SiteProjectFactory, lacks: Callable[..., list[str]]
) -> None:
    project = later.executing(factory)
    later.blamed(factory, project)
    assert lacks("science", project, "set_aside", "责任论证", "责任方") == []
    later.told(factory, project)
    for trigger in ("withdraw_prior_notice", "amend_service", "enter_statement"):
        assert lacks("science", project, trigger, "未投入约定的人员", "送达；陈述、申辩至") == [], trigger
    later.ended(factory, project)
    record(factory, project, "redo")
    assert lacks("science", project, "execute_ruling", "潭政复决〔2024〕8号", "事实不清。", "决定书.pdf") == []
