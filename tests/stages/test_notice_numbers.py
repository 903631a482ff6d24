"""文号: every notice may bear the number the bureau gave it, no two in force the same one."""

from threading import Barrier, Thread
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.factories import later
from tests.factories.projects import ProjectFactory
from tests.factories.site_projects import SiteProjectFactory
from tests.factories.values import WINDOW
from xtbang.domain.calls import publish_call
from xtbang.domain.notices import number_taken, supersede
from xtbang.errors import Blocked
from xtbang.extensions import db
from xtbang.models import Notice, Paper, Project

TYPED, NUMBER = "潭科发[2024]12号", "潭科发〔2024〕12号"
TAKEN = "文号 潭科发〔2024〕12号 已用于公告“拟立项公示”，一个文号只编一份公告，请核对（GB/T 9704-2012）。"
PUBLICITY = {"title": "拟立项公示", "body": "现予公示。"}


def printed(factory: ProjectFactory, project: Project, kind: str) -> tuple[str, str, str]:
    """文号 of the newest notice of that kind, as its paper says it and as its paper's own number."""
    query = select(Notice).join(Notice.items).where(Notice.kind == kind).order_by(Notice.id.desc()).limit(1)
    notice = factory.session.scalars(query.where(Notice.items.any(project_id=project.id))).one()
    row = factory.session.scalars(select(Paper).where(Paper.notice_id == notice.id)).one()
    return notice.number, row.data["number"], row.number


def test_board(factory: ProjectFactory) -> None:
    project = factory.accepted()
    factory.concluded(project, "appraisal", (3, 0, 0))
    factory.both(project, "list_major", WINDOW | {"notice_number": TYPED})
    assert printed(factory, project, "board") == (NUMBER, NUMBER, NUMBER)


def test_board_published_anew_by_the_bureau_and_by_the_issuer(factory: ProjectFactory) -> None:
    project = factory.agreed()
    again = {"reason": "未能签约", "bids_until": "2024-12-28T17:30", "notice_number": TYPED}
    factory.perform(project, "reopen", "science", again)
    assert printed(factory, project, "board") == (NUMBER, NUMBER, NUMBER)
    bid = factory.bid(project, "rival")
    factory.at("2024-12-29 09:00")
    factory.choose(project, bid)
    factory.perform(project, "reopen", "issuer", again | {"bids_until": "2025-12-28T17:30"})
    number, on_paper, own = printed(factory, project, "board")
    assert (number, on_paper) == ("", "")
    assert own.startswith("GG-2024-")


def test_publicity(factory: ProjectFactory) -> None:
    project = factory.recommended()
    factory.perform(project, "publish_notice", "science", PUBLICITY | {"notice_number": TYPED})
    assert printed(factory, project, "publicity") == (NUMBER, NUMBER, NUMBER)


def test_award(factory: ProjectFactory) -> None:
    project = later.issued(factory)
    later.sign(factory, project, "issuer", "bidder", "science", "industry")
    later.funded(factory, project)
    factory.perform(project, "conclude", "science", {"notice_number": TYPED})
    assert printed(factory, project, "award") == (NUMBER, NUMBER, NUMBER)


def test_termination_is_numbered_by_whoever_signs_first(factory: ProjectFactory) -> None:
    project = later.fifty(factory)
    later.ended(factory, project, notice_number=TYPED)
    assert printed(factory, project, "termination") == (NUMBER, NUMBER, NUMBER)


def test_without_one_the_notice_keeps_its_own(factory: ProjectFactory) -> None:
    project = later.published(factory)
    number, on_paper, own = printed(factory, project, "publicity")
    assert (number, on_paper) == ("", "")
    assert own.startswith("GG-2024-")


def test_a_wrong_one_is_refused(factory: ProjectFactory) -> None:
    project = factory.recommended()
    against = factory.blocked(
        project, "publish_notice", "science", PUBLICITY | {"notice_number": "潭科发〔2024〕012号"}
    )
    assert against == {"F.format": "“公告文号”的序号不编虚位，“012号”应写作“12号”（GB/T 9704-2012）。"}


def test_one_in_force_is_not_given_twice(factory: ProjectFactory) -> None:
    first = factory.recommended()
    factory.perform(first, "publish_notice", "science", PUBLICITY | {"notice_number": NUMBER})
    factory.at("2024-09-02 10:00")
    second = factory.recommended()
    again = PUBLICITY | {"title": "又一次公示", "notice_number": TYPED}
    assert factory.blocked(second, "publish_notice", "science", again) == {"A9.number": TAKEN}
    factory.at("2024-09-10 10:00")
    call = factory.calls["2024"]
    values = {"title": "征集通知", "body": "正文", "number": NUMBER}
    with pytest.raises(Blocked) as blocked:
        publish_call(factory.caller("science"), call.id, call.version, values)
    assert [(str(reason), reason.field) for reason in blocked.value.reasons] == [(TAKEN, "number")]
    factory.perform(second, "publish_notice", "science", again | {"notice_number": "潭科发〔2024〕13号"})


def test_the_second_bureau_is_told_when_the_number_has_gone_meanwhile(factory: ProjectFactory) -> None:
    project = later.fifty(factory)
    data = {"cause": "objective", "reason": "洪灾", "recover_by": "2026-12-31", "notice_number": NUMBER}
    data["audit_file"] = factory.file("审计报告.pdf")
    factory.perform(project, "terminate", "science", data)
    put_right(factory, later.notice_of(factory, project, "publicity"), NUMBER)
    assert factory.blocked(project, "terminate", "industry")["A9.number"] == TAKEN.replace("拟立项公示", "更正后的公示")


def put_right(factory: ProjectFactory, notice: Notice, number: str) -> Notice:
    values = {"title": "更正后的公示", "body": "正文", "reason": "有误", "number": number}
    return supersede(factory.caller("science"), notice.id, values)


def test_a_notice_put_right_may_keep_the_number_and_what_was_put_right_bears_none_in_force(
    factory: ProjectFactory,
) -> None:
    project = factory.recommended()
    factory.perform(project, "publish_notice", "science", PUBLICITY | {"notice_number": NUMBER})
    first = later.notice_of(factory, project, "publicity")
    second = put_right(factory, first, NUMBER)
    assert (first.status, first.superseded_by_id, second.number) == ("superseded", second.id, NUMBER)
    third = put_right(factory, second, "潭科发〔2024〕13号")
    assert (third.number, list(number_taken(factory.session, NUMBER, "number"))) == ("潭科发〔2024〕13号", [])


@pytest.mark.parametrize("app", ["postgresql"], indirect=True)
def test_two_in_one_moment(app: Flask, session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    """Both have found the number free before either publishes: the database lets one of them."""
    factory = SiteProjectFactory(app, session)
    with factory.writing():
        for call in factory.calls.values():
            call.published_at, call.closes_at = None, factory.calls["2024"].closes_at
    calls = [(factory.calls[year].id, factory.calls[year].version) for year in ("2021", "2024")]
    actor = factory.actor("science")
    session.rollback()
    ready, said = Barrier(2), []

    def free(*_args: Any) -> list[Any]:
        ready.wait(20)
        return []

    def publish(call_id: int, version: int) -> None:
        values = {"title": f"征集通知{call_id}", "body": "正文", "number": NUMBER}
        with app.app_context():
            try:
                publish_call(factory.engine.caller(db.session(), actor), call_id, version, values)
            except Blocked as blocked:
                said.append(str(blocked.reasons[0]))

    monkeypatch.setattr("xtbang.domain.calls.number_taken", free)
    threads = [Thread(target=publish, args=call) for call in calls]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert said == [TAKEN.replace("公告“拟立项公示”", "刚刚发布的另一份公告")]
    session.expire_all()
    assert len(session.scalars(select(Notice).where(Notice.number == NUMBER)).all()) == 1
