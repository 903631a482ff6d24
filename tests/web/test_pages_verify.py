"""核验: what a paper is today, for anyone; each state is set by what happened to the project, nothing else."""

from collections.abc import Callable

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from tests.factories import later
from tests.factories.site_projects import SiteProjectFactory
from xtbang.domain.notices import supersede
from xtbang.models import Notice, Paper, Person, Project

pytestmark = pytest.mark.parametrize("app", ["sqlite"], indirect=True)

VALID, SUPERSEDED, CANCELLED = "有效", "已被新版本取代", "已作废"


def papers(factory: SiteProjectFactory, name: str, project: Project | None = None) -> list[Paper]:
    """Every paper of that name, the oldest first."""
    factory.session.rollback()
    query = select(Paper).where(Paper.name == name).order_by(Paper.id)
    return list(factory.session.scalars(query.where(Paper.project_id == project.id) if project else query))


def shown(client: FlaskClient, paper: Paper) -> str:
    """The page about a paper, as a visitor without an account sees it."""
    answer = client.get(f"/verify/{paper.code}")
    assert answer.status_code == 200
    return answer.text


def state_shown(client: FlaskClient, paper: Paper) -> str:
    text = shown(client, paper)
    heading = text[text.index('id="paper-title"') :].partition("</h2>")[0]
    [found] = [state for state in (VALID, SUPERSEDED, CANCELLED) if state in heading]
    return found


def test_a_form_sent_back_and_handed_in_again_supersedes_the_first(
    factory: SiteProjectFactory, client: FlaskClient
) -> None:
    project = factory.submitted(edition="2021")
    [first] = papers(factory, "form")
    assert state_shown(client, first) == VALID
    factory.perform(project, "send_back", "science", {"reason": "请补充指标", "correct_by": "2024-09-10"})
    definition = factory.engine.policy.edition("2021").forms["tech_demand"]
    factory.fill(project.form, definition, {"requirement": "结合强度不低于 45MPa"}, "issuer")
    factory.perform(project, "submit", "issuer")
    first, second = papers(factory, "form")
    assert (state_shown(client, first), state_shown(client, second)) == (SUPERSEDED, VALID)
    assert "现行的是第 2 版" in shown(client, first)
    assert "不能再作为办理依据" in shown(client, first)
    assert [state_shown(client, paper) for paper in papers(factory, "receipt")] == [SUPERSEDED, VALID]


def test_what_the_issuer_takes_back_is_cancelled(factory: SiteProjectFactory, client: FlaskClient) -> None:
    project = factory.listed()
    factory.perform(project, "withdraw", "issuer", {"reason": "已自行解决"})
    [form], [board] = papers(factory, "form"), papers(factory, "notice")
    assert state_shown(client, form) == CANCELLED
    assert state_shown(client, board) == CANCELLED
    assert "不能再使用" in shown(client, form)
    [receipt] = papers(factory, "receipt")
    assert state_shown(client, receipt) == VALID  # it was received, all the same


def test_a_released_bid_is_cancelled_and_the_board_published_anew(
    factory: SiteProjectFactory, client: FlaskClient
) -> None:
    project = factory.agreed()
    data = {"reason": "技术合同未能签订", "bids_until": "2024-11-29T17:30"}
    factory.perform(project, "reopen", "science", data)
    [bid] = papers(factory, "bid")
    assert state_shown(client, bid) == CANCELLED
    first, second = papers(factory, "notice", project)
    assert (state_shown(client, first), state_shown(client, second)) == (SUPERSEDED, VALID)
    assert f'href="/notices/{second.notice_id}"' in shown(client, first)


def test_a_contract_changed_before_it_is_signed(factory: SiteProjectFactory, client: FlaskClient) -> None:
    project = later.issued(factory)
    later.fill_contract(factory, project, copies=12)
    factory.perform(project, "issue_contract", "science")
    first, second = papers(factory, "contract")
    assert (state_shown(client, first), state_shown(client, second)) == (SUPERSEDED, VALID)
    assert "现行的是第 2 版" in shown(client, first)


def test_a_contract_that_never_came_into_force(factory: SiteProjectFactory, client: FlaskClient) -> None:
    project = later.issued(factory)
    later.ended(factory, project)
    [contract] = papers(factory, "contract")
    assert state_shown(client, contract) == CANCELLED


def test_a_notice_that_was_corrected(factory: SiteProjectFactory, client: FlaskClient) -> None:
    project = later.published(factory)
    old = factory.session.scalars(select(Notice).where(Notice.kind == "publicity")).one()
    values = {"title": "拟立项公示（更正）", "number": "", "body": "更正金额。", "reason": "金额有误"}
    supersede(factory.caller("science"), old.id, values)
    _board, first, second = papers(factory, "notice", project)
    assert (state_shown(client, first), state_shown(client, second)) == (SUPERSEDED, VALID)
    assert "拟立项公示（更正）" in shown(client, first)


def test_an_agenda_put_into_another_order(factory: SiteProjectFactory, client: FlaskClient) -> None:
    data = {"title": "第一场路演", "starts_at": "2024-11-20T09:00", "place": "路演厅", "minutes": 20}
    factory.perform(factory.applied(), "schedule_roadshow", "science", data)
    factory.at("2024-09-02 10:00")
    factory.perform(factory.applied(), "schedule_roadshow", "science", data)
    first, second = papers(factory, "agenda")
    assert first.number == second.number == "LY-2024-0002"
    assert (state_shown(client, first), state_shown(client, second)) == (SUPERSEDED, VALID)
    assert "现行的是第 2 版" in shown(client, first)


def test_a_request_to_be_rectified(factory: SiteProjectFactory, client: FlaskClient) -> None:
    project = later.executing(factory)
    later.requested(factory, project)
    factory.both(project, "rectify", {"reason": "寿命未达标", "rectify_by": "2025-06-30"})
    [request] = papers(factory, "acceptance")
    assert state_shown(client, request) == CANCELLED


def test_blank_sheets_say_what_they_are_and_whether_they_still_hold(
    factory: SiteProjectFactory, client: FlaskClient, login: Callable[[Person], FlaskClient]
) -> None:
    project = factory.accepted()
    panel = factory.panel(project, "appraisal", (3, 0, 0))
    login(factory.people["science"]).post(f"/projects/{project.id}/panels/{panel.id}/sheets")
    [sheets] = papers(factory, "score_sheets", project)
    text = shown(client, sheets)
    assert state_shown(client, sheets) == VALID
    assert "需求论证评分表（空白）" in text
    assert "供专家组在纸上评审使用" in text
    names = factory.seats(panel)
    assert not any(f">{name}<" in text for name in names)
    factory.perform(project, "answer_invitation", names[0], {"answer": "recused"})
    assert state_shown(client, sheets) == CANCELLED
    assert client.get(f"/papers/{sheets.id}.pdf").status_code == 404
