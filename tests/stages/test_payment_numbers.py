"""凭证号: one counts once per treasury and direction, over all projects."""

from collections.abc import Callable
from threading import Barrier, Thread
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.stages.later import checked, county_pays, ended, executing, fifty, in_force, ledger_lines, newest, pay, ready
from tests.stages.later import voucher as handed_in
from tests.stages.world import World
from tests.web.town import Town
from xtbang.actions.registry import EFFECTS
from xtbang.enums import RoleName
from xtbang.errors import Blocked
from xtbang.extensions import db
from xtbang.models import LedgerEntry, Project

BACK = {"source": "city", "amount": "2", "dated": "2024-11-20", "note": "TK-1"}
COUNTY = {"instalment": "1", "amount": "20", "dated": "2024-11-20"}


def another(reach: Callable[..., Project], world: World) -> Project:
    """A second project of the issuer, in an edition that lets it have two, walked from the beginning."""
    world.at("2024-09-02 10:00")
    return reach(world, edition="2021", title="另一项目")


def named(project: Project) -> str:
    return f"项目 {project.number}“{project.title}”"


def test_what_came_back_is_recorded_once(world: World) -> None:
    project = fifty(world)
    ended(world, project)
    world.perform(project, "record_recovery", "finance", BACK)
    lines = ledger_lines(world, project)
    for written in ("TK-1", "tk1", "ＴＫ－１", " T K - 1 "):
        against = world.blocked(project, "record_recovery", "finance", BACK | {"note": written})
        assert against == {
            "A11.number_twice": f"凭证号 {written.strip()} 已于2024年11月20日在本项目登记为市级财政追回（2.00 万元），"
            "同一凭证号只登记一次（《办法》第十一条）。"
        }
    assert ledger_lines(world, project) == lines
    world.perform(project, "record_recovery", "finance", BACK | {"note": "TK-2"})
    world.perform(project, "record_recovery", "finance", BACK | {"source": "county"})


def test_what_came_back_for_one_project_does_not_come_back_for_another(world: World) -> None:
    first = fifty(world)
    ended(world, first)
    world.perform(first, "record_recovery", "finance", BACK)
    second = another(executing, world)
    ended(world, second)
    sentence = world.blocked(second, "record_recovery", "finance", BACK)["A11.number_twice"]
    assert sentence.startswith(f"凭证号 TK-1 已于2024年11月20日在{named(first)}登记为市级财政追回（2.00 万元），")


def test_the_city_pays_once_under_a_number(world: World) -> None:
    first = executing(world)
    second = another(ready, world)
    data = {"amount": "20", "paid_on": "2024-11-20", "note": f"ＤＩＳＢＵＲＳＥ first {first.id}"}
    assert world.blocked(second, "disburse_first", "finance", data) == {
        "A7.number_twice": f"凭证号 {data['note']} 已于2024年11月20日在{named(first)}登记为市级财政拨付（20.00 万元），"
        "同一凭证号只登记一次（《办法》第七条）。"
    }
    pay(world, second, "disburse_first", "20")


def test_a_number_may_go_out_and_come_back(world: World) -> None:
    project = fifty(world)
    ended(world, project)
    world.perform(project, "record_recovery", "finance", BACK | {"note": f"disburse_first-{project.id}"})
    assert ledger_lines(world, project)[-1][:2] == ("recovered", "city")


def test_two_counties_may_use_the_same_number(world: World) -> None:
    first = executing(world)
    county_pays(world, first, "1", "20", note="XQ-1")
    second = another(executing, world)
    assert "A7.number_twice" in world.blocked(second, "record_county_instalment", "county", COUNTY | {"note": "xq1"})
    with world.writing():
        second.region = "雨湖区"
        world.person("other county", RoleName.COUNTY, region="雨湖区")
    world.perform(second, "record_county_instalment", "other county", COUNTY | {"note": "XQ-1"})


def test_who_may_not_know_of_the_other_project_is_not_told_which_it_is(world: World) -> None:
    first = executing(world)
    county_pays(world, first, "1", "20", note="XQ-1")
    with world.writing():
        first.region = "雨湖区"
    second = another(executing, world)
    sentence = world.blocked(second, "record_county_instalment", "county", COUNTY | {"note": "XQ-1"})["A7.number_twice"]
    assert sentence == (
        "凭证号 XQ-1 已于2024年11月20日在另一项目登记为县市区（园区）财政拨付，同一凭证号只登记一次（《办法》第七条）。"
    )


@pytest.mark.parametrize(("number", "rule"), [("—— / 。", "A11.number"), ("9" * 61, "F.limit")])
def test_what_is_no_number(world: World, number: str, rule: str) -> None:
    project = fifty(world)
    ended(world, project)
    assert set(world.blocked(project, "record_recovery", "finance", BACK | {"note": number})) == {rule}


@pytest.mark.parametrize("app", ["postgresql"], indirect=True)
class TestInOneMoment:
    """Both have found the number unused before either writes its line: the database lets one of them."""

    def together(
        self, app: Flask, town: Town, monkeypatch: pytest.MonkeyPatch, trigger: str, deeds: list[tuple[int, Any, Any]]
    ) -> list[str]:
        """Do the same with two projects; return what was said against it."""
        ready, said, effect = Barrier(2), [], EFFECTS[trigger]

        def at_once(context: Any) -> None:
            ready.wait(20)
            effect(context)

        def do(project_id: int, actor: Any, data: Any) -> None:
            with app.app_context():
                try:
                    town.engine.perform(db.session(), project_id, trigger, actor, data)
                except Blocked as blocked:
                    said.extend(map(str, blocked.reasons))

        monkeypatch.setitem(EFFECTS, trigger, at_once)
        town.session.rollback()
        threads = [Thread(target=do, args=deed) for deed in deeds]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(60)
        town.session.expire_all()
        return said

    def test_one_receipt(self, app: Flask, session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
        town = Town(app, session)
        projects = [fifty(town), another(executing, town)]
        for project in projects:
            ended(town, project)
        deeds = [(project.id, town.actor("finance"), BACK) for project in projects]
        said = self.together(app, town, monkeypatch, "record_recovery", deeds)
        [line] = session.scalars(select(LedgerEntry).where(LedgerEntry.kind == "recovered")).all()
        assert said == [
            f"凭证号 TK-1 已于2024年11月20日在{named(session.get_one(Project, line.project_id))}登记为市级财政追回"
            "（2.00 万元），同一凭证号只登记一次（《办法》第十一条）。"
        ]

    def test_one_bank_slip(self, app: Flask, session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
        town = Town(app, session)
        projects = [in_force(town), another(in_force, town)]
        handed_in(town, projects[0], "HD-1", "10")
        with monkeypatch.context() as patch:  # handed in twice in one moment
            patch.setattr("xtbang.domain.vouchers._handed_in", lambda *_args: [])
            handed_in(town, projects[1], "hd1", "10")
        accepted = {"outcome": "accepted"}
        deeds = [
            (project.id, town.actor("science"), accepted | {"voucher": str(newest(town, project))})
            for project in projects
        ]
        said = self.together(app, town, monkeypatch, "check_voucher", deeds)
        assert len(said) == 1
        assert "已认定），同一凭证只计一次" in said[0]
        assert len(session.scalars(select(LedgerEntry)).all()) == 1


def test_the_issuers_slip_and_the_treasurys_voucher_are_counted_apart(world: World) -> None:
    checked(world, in_force(world), "A-1", "80")
    other = another(ready, world)
    pay(world, other, "disburse_first", "20", note="A-1")
