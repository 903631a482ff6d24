"""A city that has only its own files: one office, two regions, other articles, and a county that pays nothing."""

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import select

from tests.factories.later import checked, fill_contract, funded, paper, pay, sign, waive
from tests.factories.values import APPLICATION, RESOLUTION
from tests.papers.conftest import META
from tests.stages.second_city import MORE_OFFICES, SecondWorld, write_city
from xtbang.enums import RoleName
from xtbang.models import Mail, Paper, Project
from xtbang.papers.pdf.render import render_html
from xtbang.queries.desk.tasks import waiting as waiting_tasks
from xtbang.queries.desk.waits import waits_of
from xtbang.workflow.definition import load_policy

# what names our own city, and articles that the second one does not have
COUNTY = re.compile("县市区（园区）(?:补助|财政配套|确认)|配套资金|1:0")
OURS = re.compile(
    "湘潭|市科技局|市工信局|科学技术局|工业和信息化局|市财政局|两局|丁方|《办法》第[一二四五六七八九十]+条"
)
REGION = "云溪经开区"
PRINTED = {"contract", "payment_order", "funding", "notice"}
MONEY = {"src_county": "0", "src_issuer_own": str(int(APPLICATION["src_issuer_own"]) + int(APPLICATION["src_county"]))}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_city(tmp_path_factory.mktemp("second") / "workflows")


@pytest.fixture
def factory(folder: Path) -> Iterator[SecondWorld]:
    made = SecondWorld(load_policy(folder))
    yield made
    made.session.close()


def test_two_people_of_the_only_office_countersign(factory: SecondWorld) -> None:
    project = factory.accepted(region=REGION)
    factory.perform(project, "list_regular", "science")
    sentence = "市科工局已会签“常态化发布”，等待市科工局另一名人员会签（《办法》第三条）。"
    assert factory.why_not(project, "list_regular", "science")["countersign"] == sentence
    assert factory.perform(project, "list_regular", "science2").kind == "moved"


def test_three_offices_countersign_in_any_order(tmp_path: Path) -> None:
    factory = SecondWorld(load_policy(write_city(tmp_path / "workflows", MORE_OFFICES)))
    with factory.writing():
        factory.person("third", RoleName.THIRD)
    project = factory.accepted(region=REGION)
    assert factory.perform(project, "list_regular", "third").kind == "signed"
    assert factory.perform(project, "list_regular", "science").kind == "signed"
    sentence = "市科工局已会签“常态化发布”，等待市经济局会签（《办法》第三条）。"
    assert factory.why_not(project, "list_regular", "science")["countersign"] == sentence
    caller = factory.caller("industry")
    (waiting,) = [group for group in waiting_tasks(caller) if group.key == "countersign"]
    assert [item.note for item in waiting.tasks] == ["third已会签，您会签后生效。"]
    assert [group.key for group in waiting_tasks(factory.caller("third")) if group.key == "countersign"] == []
    assert factory.perform(project, "list_regular", "industry").kind == "moved"
    factory.session.close()


def signed_by_all(factory: SecondWorld) -> Project:
    """In 签约, the contract signed by all three parties and the funding document recorded."""
    team = [{"name": "周明", "title": "教授", "organisation": "云溪大学", "role": "总体"}]
    project = factory.applied(MONEY | {"team": team}, region=REGION)
    factory.concluded(project, "roadshow", (3, 2, 0))
    factory.at("2024-11-11 09:00")
    factory.perform(project, "record_inspection", "science", {"dated": "2024-11-08", "text": "属实"})
    factory.perform(project, "record_opinion", "science", {"favourable": "agreed", "text": "可行"})
    minutes = {"minutes": factory.file("会议纪要.pdf"), "subsidy_city": "40"}
    factory.perform(project, "recommend", "leader", RESOLUTION | minutes)
    factory.perform(project, "publish_notice", "science", {"title": "拟立项公示", "body": "经审议，\n现予公示。"})
    factory.at("2024-11-19 09:00")
    factory.perform(project, "confirm", "science")
    fill_contract(factory, project, payee_bank="云溪农商行")
    factory.perform(project, "issue_contract", "science")
    sign(factory, project, "issuer", "bidder", "science")
    funded(factory, project, "云财教〔2024〕88号")
    return project


def first_paid(factory: SecondWorld) -> Project:
    """In 实施: nobody of a county had anything to confirm."""
    project = signed_by_all(factory)
    factory.perform(project, "conclude", "science")
    checked(factory, project, "A1", "10")
    for who in ("science", "science2"):
        waive(factory, project, "A7.issuer_payment", who)
    factory.at("2024-11-20 09:00")
    pay(factory, project, "disburse_first", "20")
    return project


def test_an_office_that_the_city_does_not_have_is_not_waited_for(factory: SecondWorld) -> None:
    project = signed_by_all(factory)
    waits = waits_of(factory.caller("science"), [project.id])[project.id]
    assert [wait.fact for wait in waits] == ["conclusion"]


def test_a_project_lives_there_and_nothing_names_our_city(factory: SecondWorld) -> None:
    """Its papers, mails and events; the contract has three parties, and a county that owes nothing is not mentioned."""
    project = first_paid(factory)
    assert project.state == "execution"
    papers = factory.session.scalars(select(Paper).where(Paper.project_id == project.id)).all()
    texts = {f"{row.name} {row.subject}": html(factory, row) for row in papers if row.name in PRINTED}
    assert {row.name for row in papers} >= PRINTED
    texts |= {mail.kind: mail.subject + mail.body for mail in factory.session.scalars(select(Mail))}
    texts |= {row.name: json.dumps(row.data, ensure_ascii=False) for row in papers}
    assert {name: found for name, text in texts.items() if (found := OURS.findall(text))} == {}
    shown = {name: text for name, text in texts.items() if name not in PRINTED}  # without the facts, that hold a zero
    assert {name: found for name, text in shown.items() if (found := COUNTY.findall(text))} == {}
    contract = paper(factory, project, "contract").data
    assert [party["key"] for party in contract["parties"]] == ["issuer", "bidder", "science"]
    order = paper(factory, project, "payment_order", "instalment:1").data
    assert [row["office"] for row in order["waivers"]] == ["云溪市科学技术和工业局"] * 2


def html(factory: SecondWorld, row: Paper) -> str:
    """A paper as it is laid out, without its footer."""
    context = {"facts": row.data, "city": factory.engine.policy.city}
    return render_html(f"{row.name}.html", context, meta=replace(META, name=row.title))
