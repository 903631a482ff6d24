"""One 榜单公告, one 中榜通告 for the projects of a batch: each project has its own event, the notice names all of them."""

from typing import Any

import pytest
from sqlalchemy import select

from tests.factories.later import funded, issued, sign
from tests.factories.projects import ProjectFactory
from tests.factories.values import WINDOW
from tests.stages.test_batch import from_one_beginning, in_one_go, one_by_one, written
from xtbang.domain.notices import supersede
from xtbang.models import Batch, Event, Notice, Paper, Project

pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)
NUMBER = "潭科发〔2024〕12号"
OF_NOTICES = ("paper",)


def judged(factory: ProjectFactory) -> list[Project]:
    """Two whose need was found good."""
    found = []
    for day in ("2024-09-02", "2024-09-03"):
        factory.at(f"{day} 10:00")
        project = factory.accepted()
        factory.concluded(project, "appraisal", (3, 0, 0))
        found.append(project)
    return found


def notices(factory: ProjectFactory, kind: str) -> list[Notice]:
    factory.session.rollback()
    query = select(Notice).where(Notice.kind == kind).order_by(Notice.id)
    return list(factory.session.scalars(query.execution_options(populate_existing=True)))


def listed(factory: ProjectFactory, projects: list[Project], data: dict[str, Any]) -> Notice:
    """Put them on the board in one batch of each office; the one notice."""
    in_one_go(factory, "list_major", "science", projects, data, key="first")
    assert notices(factory, "board") == []
    in_one_go(factory, "list_major", "industry", projects, key="second")
    (notice,) = notices(factory, "board")
    return notice


def test_one_notice_names_all_of_them_and_has_the_number(factory: ProjectFactory) -> None:
    projects = judged(factory)
    notice = listed(factory, projects, WINDOW | {"notice_number": NUMBER})
    assert (notice.status, notice.number, len(notice.items)) == ("published", NUMBER, 2)
    assert notice.title == "关于发布“高温合金涂层关键技术”等2个项目榜单的公告"
    papers = factory.session.scalars(select(Paper).where(Paper.notice_id == notice.id)).all()
    assert [[item["number"] for item in paper.data["items"]] for paper in papers] == [
        [project.number for project in projects]
    ]
    done = select(Event.project_id).where(Event.trigger == "list_major", Event.outcome == "moved")
    assert list(factory.session.scalars(done)) == [project.id for project in projects]


def test_but_for_the_notice_it_is_what_single_deeds_write(factory: ProjectFactory) -> None:
    answers = []
    for together, projects in from_one_beginning(factory, [project.id for project in judged(factory)]):
        if together:
            listed(factory, projects, WINDOW | {"notice_number": ""})
        else:
            deeds = [(project, WINDOW | {"notice_number": ""}) for project in projects]
            one_by_one(factory, "list_major", deeds)
            one_by_one(factory, "list_major", deeds, "industry")
        found = written(factory)
        found["event"] = [row for row in found["event"] if row["project_id"]]
        answers.append({table: rows for table, rows in found.items() if table not in OF_NOTICES})
    assert answers[0] == answers[1]


def test_it_is_corrected_as_a_whole_and_for_one_project(factory: ProjectFactory) -> None:
    first, second = judged(factory)
    notice = listed(factory, [first, second], WINDOW | {"notice_number": NUMBER})
    words = {"title": "更正公告", "number": NUMBER, "body": "揭榜时间不变。", "reason": "标题有误"}
    corrected = supersede(factory.caller("science"), notice.id, words)
    assert [item.project_id for item in corrected.items] == [first.id, second.id]
    decision = factory.session.scalars(
        select(Event.id).where(Event.trigger == "list_major", Event.outcome == "moved").order_by(Event.id)
    ).first()
    factory.both(first, "revoke", {"decision": str(decision), "reason": "论证有误"})
    every = notices(factory, "board")
    assert [row.status for row in every] == ["superseded", "published", "published"]
    assert every[-1].body.endswith("原公告中关于本项目的内容不再有效。")
    assert [item.project_id for item in every[-1].items] == [first.id]


def test_a_number_that_another_notice_has_got_meanwhile_is_refused(factory: ProjectFactory) -> None:
    projects = judged(factory)
    in_one_go(factory, "list_major", "science", projects, WINDOW | {"notice_number": NUMBER}, key="first")
    with factory.writing() as session:
        known = {"kind": "call", "number": NUMBER, "title": "另一份", "status": "published"}
        session.add(Notice(**known, created_at=factory.now, published_at=factory.now))
    items = in_one_go(factory, "list_major", "industry", projects, key="second")
    assert [item.status for item in items] == ["refused", "refused"]
    assert factory.session.scalars(select(Batch.finished_at)).all()[-1] is not None


def test_one_award_notice_for_the_contracts_that_come_into_force_together(factory: ProjectFactory) -> None:
    first = issued(factory)
    sign(factory, first, "issuer", "bidder", "science", "industry")
    funded(factory, first)
    items = in_one_go(factory, "conclude", "science", [first], {"in_force_on": "", "notice_number": NUMBER})
    assert [item.status for item in items] == ["done"]
    (notice,) = notices(factory, "award")
    assert (notice.status, notice.number) == ("published", NUMBER)
    assert notice.title == "关于“高温合金涂层关键技术”项目的中榜通告"
