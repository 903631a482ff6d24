"""Editions of other shapes, made of the published files by replacing texts, and who takes the steps of their projects."""

import shutil
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from random import Random
from typing import Any

from tests.workflow.conftest import WORKFLOWS
from tests.workflow.life_players import FineWalk, NoStore
from xtbang.demo.clock import Clock
from xtbang.demo.driver import Driver
from xtbang.demo.participants import ParticipantBuilder
from xtbang.demo.walk import Plan
from xtbang.domain.new_project import create_entry
from xtbang.models import Call
from xtbang.models.writing import begin_write
from xtbang.rules.policy import Policy
from xtbang.rules.site import Site
from xtbang.workflow.engine import Engine

FIRST = '[[instalment]]\nname = "首期"\nshare = 0.5\n'
NEW = FIRST.replace("0.5", "0.3")


def edition_of(folder: Path, name: str, *changes: tuple[str, str], more: str = "") -> Path:
    """The published policy with one more edition, made of 2021 by replacing texts."""
    shutil.copytree(WORKFLOWS, folder)
    text = (folder / "editions" / "2021.toml").read_text(encoding="utf-8")
    for old, new in changes:
        assert old in text, old
        text = text.replace(old, new, 1)
    (folder / "editions" / f"{name}.toml").write_text(text + more, encoding="utf-8")
    return folder


def without(*stages: str) -> tuple[str, str]:
    names = ", ".join(f'"{stage}"' for stage in stages)
    return "consortium_allowed", f"without = [{names}]\nconsortium_allowed"


class ShapedWalk(FineWalk):
    """The steps of an edition whose stages differ."""

    def pay_out(self, trigger: str) -> None:
        """The county confirms, the city pays, the county pays."""
        self.match()
        self._disburse(trigger)
        self.county_pays()


def begun(database_session: Any, policy: Policy, edition: str = "2027") -> ShapedWalk:
    """A project of the edition, still a draft, and who takes its steps."""
    clock, rng = Clock(datetime(2035, 1, 1, tzinfo=UTC)), Random(5)
    engine = Engine(policy, Site(b"k", "http://127.0.0.1:8000"), clock)
    begin_write(database_session)
    participants = ParticipantBuilder(database_session, rng, "!").everyone()
    call = Call(
        code=edition, title="2027年度征集", edition=edition, kinds=["tech_demand"],
        opens_at=datetime(2027, 1, 1, tzinfo=UTC), closes_at=datetime(2029, 1, 1, tzinfo=UTC),
    )  # fmt: skip
    database_session.add(call)
    database_session.flush()
    clock.set(datetime(2027, 3, 1, 2, tzinfo=UTC))
    driver = Driver(database_session, engine, NoStore(), clock, participants.people, rng)  # type: ignore[arg-type]
    issuer = participants.issuers[0]
    bidders = [bidder for bidder in participants.bidders if bidder != issuer]
    project = create_entry(driver.caller(driver.member(issuer)), call, "tech_demand")
    database_session.commit()
    plan = Plan("tech_demand", 0, issuer, bidders[:2], None, Decimal(160), Decimal(20), words="2021")
    steps = ShapedWalk(driver, project, plan)
    steps.write_form()
    return steps
