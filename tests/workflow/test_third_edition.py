"""A third edition is only new files: other numbers and limits, a field more, one less, a renamed choice, more scores."""

import re
import shutil
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from random import Random
from typing import Any

import pytest
from sqlalchemy import select

from tests.papers.conftest import META
from tests.support.databases import Database
from tests.workflow.conftest import WORKFLOWS
from tests.workflow.life_players import NoStore
from xtbang.demo.clock import Clock
from xtbang.demo.driver import Driver
from xtbang.demo.participants import ParticipantBuilder
from xtbang.demo.steps import required
from xtbang.demo.walk import FUNDED, Plan, Walk
from xtbang.domain.new_project import create_entry
from xtbang.errors import Blocked
from xtbang.models import Call, Panel, Paper, Project
from xtbang.models.writing import begin_write
from xtbang.papers.pdf.render import render_html
from xtbang.queries.ledger import balances
from xtbang.rules.fields import CONTRACT_PARTS
from xtbang.rules.money import wan
from xtbang.rules.site import Site
from xtbang.workflow.definition import load_policy
from xtbang.workflow.engine import Engine

NEW_FIELD = """
[[section.field]]
key = "green_effect"
label = "节能降碳效果"
kind = "long"
limit = 20
printed = false
contract = "goals"
"""
NEW_TABLE = """
[[section.field]]
key = "devices"
label = "需购置的设备"
kind = "rows"
contract = "duties"
  [[section.field.column]]
  key = "name"
  label = "名称"
  kind = "text"
  [[section.field.column]]
  key = "price"
  label = "金额"
  kind = "money"
  unit = "万元"
"""
NEW_CHOICE = """
[[section.field]]
key = "insured"
label = "是否投保"
kind = "choice"
choices = { insured = "已投保", not_insured = "未投保" }
contract = "breach"
"""


PRINTED = {
    "goals": "节能降碳效果：节能。",
    "duties": "需购置的设备序号名称金额（万元）1球磨机12.502热震炉3.00",
    "breach": "是否投保：未投保。",
}


@pytest.fixture
def policy_folder(tmp_path: Path) -> Path:
    """The published policy, and next year's beside it."""
    folder = tmp_path / "workflows"
    shutil.copytree(WORKFLOWS, folder)
    edition = (folder / "editions" / "2021.toml").read_text(encoding="utf-8")
    for old, new in (
        ('tech_demand = "tech_demand_2021"', 'tech_demand = "tech_demand_2027"'),
        ("[parameters.subsidy_ratio]\nvalue = 0.25", "[parameters.subsidy_ratio]\nvalue = 0.3"),
        ("[parameters.subsidy_maximum]\nvalue = 50", "[parameters.subsidy_maximum]\nvalue = 80"),
        ("[parameters.match_ratio]\nvalue = 3", "[parameters.match_ratio]\nvalue = 2"),
        ('share = 0.5\nafter = "contract"', 'share = 0.6\nafter = "contract"'),
        ('share = 0.5\nafter = "acceptance"', 'share = 0.4\nafter = "acceptance"'),
        ("experts_minimum = 5", "experts_minimum = 7"),
    ):
        assert old in edition
        edition = edition.replace(old, new)
    (folder / "editions" / "2027.toml").write_text(edition, encoding="utf-8")
    form = (folder / "forms" / "tech_demand_2021.toml").read_text(encoding="utf-8")
    form = form.replace("限600字", "限100字").replace("limit = 600", "limit = 100").replace("□军工", "□国防")
    form = form.replace('"军工"', '"国防"')
    lines = form.split("\n[print]")
    (folder / "forms" / "tech_demand_2027.toml").write_text(
        lines[0] + NEW_FIELD + "\n[print]" + lines[1], encoding="utf-8"
    )
    without_title_of_contact(folder / "forms" / "tech_demand_2027.toml")
    for kind, more in (("application", NEW_TABLE), ("contract", NEW_CHOICE)):
        text = (folder / "forms" / f"{kind}.toml").read_text(encoding="utf-8")
        (folder / "forms" / f"{kind}_2027.toml").write_text(text + more, encoding="utf-8")
        edition = edition.replace(f'{kind} = "{kind}"', f'{kind} = "{kind}_2027"')
    (folder / "editions" / "2027.toml").write_text(edition, encoding="utf-8")
    return folder


def without_title_of_contact(path: Path) -> None:
    """Take a field out: 职务 is no longer asked for, the name's cell takes over the place of its two cells."""
    text = path.read_text(encoding="utf-8")
    start = text.index('[[section.field]]\nkey = "contact_title"')
    text = text[:start] + text[text.index("[[section.field]]", start + 10) :]
    cells = re.compile(
        r'\{ field = "contact_name" \},\s*\{ text = "职[^"]*" \},\s*\{ field = "contact_title"( , cols = \d)? \}'
    )
    text, changed = cells.subn('{ field = "contact_name", cols = 3 }', text)
    assert changed == 1
    path.write_text(text, encoding="utf-8")


def test_a_project_lives_under_a_third_edition(policy_folder: Path, database: Database) -> None:
    with database.session() as session:
        clock, rng = Clock(datetime(2030, 1, 1, tzinfo=UTC)), Random(3)
        engine = Engine(load_policy(policy_folder), Site(b"k", "http://127.0.0.1:8000"), clock)
        begin_write(session)
        participants = ParticipantBuilder(session, rng, "!").everyone()
        call = Call(
            code="2027", title="2027年度征集", edition="2027", kinds=["tech_demand"],
            opens_at=datetime(2027, 1, 1, tzinfo=UTC), closes_at=datetime(2029, 1, 1, tzinfo=UTC),
        )  # fmt: skip
        session.add(call)
        session.flush()
        clock.set(datetime(2027, 3, 1, 2, tzinfo=UTC))
        driver = Driver(session, engine, NoStore(), clock, participants.people, rng)  # type: ignore[arg-type]
        issuer = participants.issuers[0]
        bidders = [bidder for bidder in participants.bidders if bidder != issuer][:2]
        project = create_entry(driver.caller(driver.member(issuer)), call, "tech_demand")
        session.commit()
        walk = ThirdWalk(
            driver, project, Plan("tech_demand", 0, issuer, bidders, None, Decimal(100), Decimal(28), words="2021")
        )
        with pytest.raises(Blocked, match="100 字"):
            walk.write_form(green_effect="节能")
            walk.submit()
        walk.write_form(background="短" * 100, green_effect="节能", domain="国防")
        walk.go(FUNDED[: FUNDED.index("show")])
        with pytest.raises(Blocked, match="7 名"):
            walk.show()
        walk.finish_roadshow()
        walk.go(FUNDED[FUNDED.index("recommend") : FUNDED.index("county_pays")])
        contract = session.scalars(select(Paper).where(Paper.name == "contract")).one()
        html = render_html("contract.html", {"facts": contract.data, "city": engine.policy.city}, meta=META)
        for part, printed in PRINTED.items():
            chapter = html[html.index(f"<h2>{CONTRACT_PARTS[part]}</h2>") + 4 :].partition("<h2>")[0]
            assert printed in re.sub(r"<[^>]*>|\s", "", chapter), part
        paid = balances(session, project.id).paid
        assert wan(paid["city"]) == "16.8"  # 60 % of 28, which 2021 would not have granted to a total of 100
        assert session.get_one(Project, project.id).state == "execution"


class ThirdWalk(Walk):
    """As usual, but the roadshow takes seven scores."""

    def write_application(self) -> None:
        """The words of 2021, with the larger subsidy that 2027 allows."""
        self.plan.subsidy = Decimal(25)
        super().write_application()
        document = required(self.project.application)
        devices = {"devices": [{"name": "球磨机", "price": "12.5"}, {"name": "热震炉", "price": "3"}]}
        money = {"src_city": "28", "src_issuer_own": str(Decimal(document.draft["src_issuer_own"]) - 3)}
        definition = self.driver.engine.policy.edition("2027").documents["application"]
        self.driver.write(document, definition, self.issuer, document.draft | money | devices)
        self.plan.subsidy = Decimal(28)

    def issue_contract(self) -> None:
        """As usual, but it says whether there is an insurance."""
        document, definition = required(self.project.contract), self.driver.engine.policy.edition("2027").documents
        insured = document.draft | {"insured": "not_insured"}
        self.driver.write(document, definition["contract"], self.driver.office("science"), insured)
        super().issue_contract()

    def finish_roadshow(self) -> None:
        """One more expert is drawn, and the panel concludes."""
        driver = self.driver
        panel = driver.session.scalars(select(Panel).where(Panel.project_id == self.project_id, Panel.status == "open"))
        assert panel.one()
        driver.do(
            self.project, "draw_more", driver.office("science"), {"technical": "1", "financial": "0", "legal": "0"}
        )
        driver.score(self.project)
        data: dict[str, Any] = {"favourable": "passed", "opinion": "同意。"}
        driver.do(self.project, "conclude_panel", driver.office("science"), data)
        driver.clock.pass_days(driver.rng, 1, 2)
        visit = {"dated": driver.day(), "text": "实地考察。"}
        driver.do(self.project, "record_inspection", driver.office("science"), visit)
        for role in ("science", "industry"):
            driver.do(self.project, "record_opinion", driver.office(role), {"favourable": "agreed", "text": "同意。"})
