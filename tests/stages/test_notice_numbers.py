"""文号: every notice may bear the number the bureau gave it, no two in force the same one."""

from threading import Barrier, Thread
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.stages import later
from tests.stages.values import WINDOW
from tests.stages.world import World
from tests.web.town import Town
from xtbang.domain.calls import publish_call
from xtbang.domain.notices import number_taken, supersede
from xtbang.errors import Blocked
from xtbang.extensions import db
from xtbang.models import Notice, Paper, Project

TYPED, NUMBER = "潭科发[2024]12号", "潭科发〔2024〕12号"
TAKEN = "文号 潭科发〔2024〕12号 已用于公告“拟立项公示”，一个文号只编一份公告，请核对（GB/T 9704-2012）。"
PUBLICITY = {"title": "拟立项公示", "body": "现予公示。"}


def printed(world: World, project: Project, kind: str) -> tuple[str, str, str]:
    """文号 of the newest notice of that kind, as its paper says it and as its paper's own number."""
    query = select(Notice).join(Notice.items).where(Notice.kind == kind).order_by(Notice.id.desc()).limit(1)
    notice = world.session.scalars(query.where(Notice.items.any(project_id=project.id))).one()
    row = world.session.scalars(select(Paper).where(Paper.notice_id == notice.id)).one()
    return notice.number, row.data["number"], row.number


def test_board(world: World) -> None:
    project = world.accepted()
    world.concluded(project, "appraisal", (3, 0, 0))
    world.both(project, "list_major", WINDOW | {"notice_number": TYPED})
    assert printed(world, project, "board") == (NUMBER, NUMBER, NUMBER)


def test_board_published_anew_by_the_bureau_and_by_the_issuer(world: World) -> None:
    project = world.agreed()
    again = {"reason": "未能签约", "bids_until": "2024-12-28T17:30", "notice_number": TYPED}
    world.perform(project, "reopen", "science", again)
    assert printed(world, project, "board") == (NUMBER, NUMBER, NUMBER)
    bid = world.bid(project, "rival")
    world.at("2024-12-29 09:00")
    world.choose(project, bid)
    world.perform(project, "reopen", "issuer", again | {"bids_until": "2025-12-28T17:30"})
    number, on_paper, own = printed(world, project, "board")
    assert (number, on_paper) == ("", "")
    assert own.startswith("GG-2024-")


def test_publicity(world: World) -> None:
    project = world.recommended()
    world.perform(project, "publish_notice", "science", PUBLICITY | {"notice_number": TYPED})
    assert printed(world, project, "publicity") == (NUMBER, NUMBER, NUMBER)


def test_award(world: World) -> None:
    project = later.issued(world)
    later.sign(world, project, "issuer", "bidder", "science", "industry")
    later.funded(world, project)
    world.perform(project, "conclude", "science", {"notice_number": TYPED})
    assert printed(world, project, "award") == (NUMBER, NUMBER, NUMBER)


def test_termination_is_numbered_by_whoever_signs_first(world: World) -> None:
    project = later.fifty(world)
    later.ended(world, project, notice_number=TYPED)
    assert printed(world, project, "termination") == (NUMBER, NUMBER, NUMBER)


def test_without_one_the_notice_keeps_its_own(world: World) -> None:
    project = later.published(world)
    number, on_paper, own = printed(world, project, "publicity")
    assert (number, on_paper) == ("", "")
    assert own.startswith("GG-2024-")


def test_a_wrong_one_is_refused(world: World) -> None:
    project = world.recommended()
    against = world.blocked(project, "publish_notice", "science", PUBLICITY | {"notice_number": "潭科发〔2024〕012号"})
    assert against == {"F.format": "“公告文号”的序号不编虚位，“012号”应写作“12号”（GB/T 9704-2012）。"}


def test_one_in_force_is_not_given_twice(world: World) -> None:
    first = world.recommended()
    world.perform(first, "publish_notice", "science", PUBLICITY | {"notice_number": NUMBER})
    world.at("2024-09-02 10:00")
    second = world.recommended()
    again = PUBLICITY | {"title": "又一次公示", "notice_number": TYPED}
    assert world.blocked(second, "publish_notice", "science", again) == {"A9.number": TAKEN}
    world.at("2024-09-10 10:00")
    call = world.calls["2024"]
    values = {"title": "征集通知", "body": "正文", "number": NUMBER}
    with pytest.raises(Blocked) as blocked:
        publish_call(world.caller("science"), call.id, call.version, values)
    assert [(str(reason), reason.field) for reason in blocked.value.reasons] == [(TAKEN, "number")]
    world.perform(second, "publish_notice", "science", again | {"notice_number": "潭科发〔2024〕13号"})


def test_the_second_bureau_is_told_when_the_number_has_gone_meanwhile(world: World) -> None:
    project = later.fifty(world)
    data = {"cause": "objective", "reason": "洪灾", "recover_by": "2026-12-31", "notice_number": NUMBER}
    data["audit_file"] = world.file("审计报告.pdf")
    world.perform(project, "terminate", "science", data)
    put_right(world, later.notice_of(world, project, "publicity"), NUMBER)
    assert world.blocked(project, "terminate", "industry")["A9.number"] == TAKEN.replace("拟立项公示", "更正后的公示")


def put_right(world: World, notice: Notice, number: str) -> Notice:
    values = {"title": "更正后的公示", "body": "正文", "reason": "有误", "number": number}
    return supersede(world.caller("science"), notice.id, values)


def test_a_notice_put_right_may_keep_the_number_and_what_was_put_right_bears_none_in_force(world: World) -> None:
    project = world.recommended()
    world.perform(project, "publish_notice", "science", PUBLICITY | {"notice_number": NUMBER})
    first = later.notice_of(world, project, "publicity")
    second = put_right(world, first, NUMBER)
    assert (first.status, first.superseded_by_id, second.number) == ("superseded", second.id, NUMBER)
    third = put_right(world, second, "潭科发〔2024〕13号")
    assert (third.number, list(number_taken(world.session, NUMBER, "number"))) == ("潭科发〔2024〕13号", [])


@pytest.mark.parametrize("app", ["postgresql"], indirect=True)
def test_two_in_one_moment(app: Flask, session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    """Both have found the number free before either publishes: the database lets one of them."""
    town = Town(app, session)
    with town.writing():
        for call in town.calls.values():
            call.published_at, call.closes_at = None, town.calls["2024"].closes_at
    calls = [(town.calls[year].id, town.calls[year].version) for year in ("2021", "2024")]
    actor = town.actor("science")
    session.rollback()
    ready, said = Barrier(2), []

    def free(*_args: Any) -> list[Any]:
        ready.wait(20)
        return []

    def publish(call_id: int, version: int) -> None:
        values = {"title": f"征集通知{call_id}", "body": "正文", "number": NUMBER}
        with app.app_context():
            try:
                publish_call(town.engine.caller(db.session(), actor), call_id, version, values)
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
