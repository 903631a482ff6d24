"""凭证号: one counts once per treasury and direction, over all projects."""

from collections.abc import Callable
from threading import Barrier, Event, Thread
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.factories.later import (
    approved,
    checked,
    county_pays,
    ended,
    executing,
    fifty,
    in_force,
    ledger_lines,
    newest,
    pay,
    ready,
)
from tests.factories.later import voucher as handed_in
from tests.factories.projects import ProjectFactory
from tests.factories.site_projects import SiteProjectFactory
from xtbang.actions.registry import EFFECTS
from xtbang.enums import RoleName
from xtbang.errors import Blocked
from xtbang.extensions import db
from xtbang.models import LedgerEntry, Project

BACK = {"source": "city", "amount": "2", "dated": "2024-11-20", "note": "TK-1"}
COUNTY = {"instalment": "1", "amount": "20", "dated": "2024-11-20"}


def another(reach: Callable[..., Project], factory: ProjectFactory) -> Project:
    """A second project of the issuer, in an edition that lets it have two, walked from the beginning."""
    factory.at("2024-09-02 10:00")
    return reach(factory, edition="2021", title="另一项目")


def named(project: Project) -> str:
    return f"项目 {project.number}“{project.title}”"


def test_what_came_back_is_recorded_once(factory: ProjectFactory) -> None:
    project = fifty(factory)
    ended(factory, project)
    factory.perform(project, "record_recovery", "finance", BACK)
    lines = ledger_lines(factory, project)
    for written in ("TK-1", "tk1", "ＴＫ－１", " T K - 1 "):
        against = factory.blocked(project, "record_recovery", "finance", BACK | {"note": written})
        assert against == {
            "A11.number_twice": f"凭证号 {written.strip()} 已于2024年11月20日在本项目登记为市级财政追回（2.00 万元），"
            "同一凭证号只登记一次（《办法》第十一条）。"
        }
    assert ledger_lines(factory, project) == lines
    factory.perform(project, "record_recovery", "finance", BACK | {"note": "TK-2"})
    factory.perform(project, "record_recovery", "finance", BACK | {"source": "county"})


def test_what_came_back_for_one_project_does_not_come_back_for_another(factory: ProjectFactory) -> None:
    first = fifty(factory)
    ended(factory, first)
    factory.perform(first, "record_recovery", "finance", BACK)
    second = another(executing, factory)
    ended(factory, second)
    sentence = factory.blocked(second, "record_recovery", "finance", BACK)["A11.number_twice"]
    assert sentence.startswith(f"凭证号 TK-1 已于2024年11月20日在{named(first)}登记为市级财政追回（2.00 万元），")


def test_the_city_pays_once_under_a_number(factory: ProjectFactory) -> None:
    first = executing(factory)
    second = approved(factory, another(ready, factory))
    data = {"amount": "20", "paid_on": "2024-11-20", "note": f"ＤＩＳＢＵＲＳＥ first {first.id}"}
    assert factory.blocked(second, "disburse_first", "finance", data) == {
        "A7.number_twice": f"凭证号 {data['note']} 已于2024年11月20日在{named(first)}登记为市级财政拨付（20.00 万元），"
        "同一凭证号只登记一次（《办法》第七条）。"
    }
    pay(factory, second, "disburse_first", "20")


def test_a_number_may_go_out_and_come_back(factory: ProjectFactory) -> None:
    project = fifty(factory)
    ended(factory, project)
    factory.perform(project, "record_recovery", "finance", BACK | {"note": f"disburse_first-{project.id}"})
    assert ledger_lines(factory, project)[-1][:2] == ("recovered", "city")


def test_two_counties_may_use_the_same_number(factory: ProjectFactory) -> None:
    first = executing(factory)
    county_pays(factory, first, "1", "20", note="XQ-1")
    second = another(executing, factory)
    assert "A7.number_twice" in factory.blocked(second, "record_county_instalment", "county", COUNTY | {"note": "xq1"})
    with factory.writing():
        second.region = "雨湖区"
        factory.person("other county", RoleName.COUNTY, region="雨湖区")
    factory.perform(second, "record_county_instalment", "other county", COUNTY | {"note": "XQ-1"})


def test_who_may_not_know_of_the_other_project_is_not_told_which_it_is(factory: ProjectFactory) -> None:
    first = executing(factory)
    county_pays(factory, first, "1", "20", note="XQ-1")
    with factory.writing():
        first.region = "雨湖区"
    second = another(executing, factory)
    sentence = factory.blocked(second, "record_county_instalment", "county", COUNTY | {"note": "XQ-1"})[
        "A7.number_twice"
    ]
    assert sentence == (
        "凭证号 XQ-1 已于2024年11月20日在另一项目登记为县市区（园区）财政拨付，同一凭证号只登记一次（《办法》第七条）。"
    )


@pytest.mark.parametrize(("number", "rule"), [("—— / 。", "A11.number"), ("9" * 61, "F.limit")])
def test_what_is_no_number(factory: ProjectFactory, number: str, rule: str) -> None:
    project = fifty(factory)
    ended(factory, project)
    assert set(factory.blocked(project, "record_recovery", "finance", BACK | {"note": number})) == {rule}


@pytest.mark.parametrize("app", ["postgresql"], indirect=True)
class TestInOneMoment:
    """Both have found the number unused before either writes its line: the database lets one of them.

    They write in the same moment, or one after the other has committed.
    """

    def together(
        self,
        app: Flask,
        factory: SiteProjectFactory,
        monkeypatch: pytest.MonkeyPatch,
        trigger: str,
        deeds: list[tuple[int, Any, Any]],
        in_turn: bool = False,
    ) -> list[str]:
        """Do the same with two projects; return what was said against it."""
        ready, first, said, effect = Barrier(2), Event(), [], EFFECTS[trigger]

        def at_once(context: Any) -> None:
            if not first.is_set():  # the one that is refused tries again
                ready.wait(20)
            if in_turn and context.project.id != deeds[0][0]:
                first.wait(20)
            effect(context)

        def do(project_id: int, actor: Any, data: Any) -> None:
            with app.app_context():
                try:
                    factory.engine.perform(db.session(), project_id, trigger, actor, data)
                except Blocked as blocked:
                    said.extend(map(str, blocked.reasons))
            if project_id == deeds[0][0]:
                first.set()

        monkeypatch.setitem(EFFECTS, trigger, at_once)
        factory.session.rollback()
        threads = [Thread(target=do, args=deed) for deed in deeds]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(60)
        factory.session.expire_all()
        return said

    @pytest.mark.parametrize("in_turn", [False, True])
    def test_one_receipt(self, app: Flask, session: Session, monkeypatch: pytest.MonkeyPatch, in_turn: bool) -> None:
        factory = SiteProjectFactory(app, session)
        projects = [fifty(factory), another(executing, factory)]
        for project in projects:
            ended(factory, project)
        deeds = [(project.id, factory.actor("finance"), BACK) for project in projects]
        said = self.together(app, factory, monkeypatch, "record_recovery", deeds, in_turn)
        [line] = session.scalars(select(LedgerEntry).where(LedgerEntry.kind == "recovered")).all()
        assert said == [
            f"凭证号 TK-1 已于2024年11月20日在{named(session.get_one(Project, line.project_id))}登记为市级财政追回"
            "（2.00 万元），同一凭证号只登记一次（《办法》第十一条）。"
        ]

    def test_one_bank_slip(self, app: Flask, session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
        factory = SiteProjectFactory(app, session)
        projects = [in_force(factory), another(in_force, factory)]
        handed_in(factory, projects[0], "HD-1", "10")
        with monkeypatch.context() as patch:  # handed in twice in one moment
            patch.setattr("xtbang.domain.vouchers._handed_in", lambda *_args: [])
            handed_in(factory, projects[1], "hd1", "10")
        accepted = {"outcome": "accepted"}
        deeds = [
            (project.id, factory.actor("science"), accepted | {"voucher": str(newest(factory, project))})
            for project in projects
        ]
        said = self.together(app, factory, monkeypatch, "check_voucher", deeds)
        assert len(said) == 1
        assert "已认定），同一凭证只计一次" in said[0]
        assert len(session.scalars(select(LedgerEntry)).all()) == 1


def test_the_issuers_slip_and_the_treasurys_voucher_are_counted_apart(factory: ProjectFactory) -> None:
    checked(factory, in_force(factory), "A-1", "80")
    other = another(ready, factory)
    pay(factory, other, "disburse_first", "20", note="A-1")
