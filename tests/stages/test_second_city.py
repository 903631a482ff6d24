"""A city that has only its own files: one office, two regions, other articles, and a county that pays nothing."""

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import select

from tests.factories.later import paper
from tests.papers.conftest import META
from tests.stages.second_city import (
    COUNTY,
    MORE_OFFICES,
    OURS,
    REGION,
    SecondWorld,
    first_paid,
    signed_by_all,
    write_city,
)
from xtbang.enums import RoleName
from xtbang.models import Mail, Paper
from xtbang.papers.pdf.render import render_html
from xtbang.queries.desk.tasks import waiting as waiting_tasks
from xtbang.queries.desk.waits import waits_of
from xtbang.workflow.definition import load_policy

PRINTED = {"contract", "payment_order", "funding", "notice"}


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
    sentence = "市科工局已会签“常态化发布”，等待市科工局另一名人员会签（《办法》第三条第7款）。"
    assert factory.why_not(project, "list_regular", "science")["countersign"] == sentence
    asked = "请会签常态化发布：" + project.title
    assert factory.mails("science2")[-1] == asked and asked not in factory.mails("science")
    assert factory.perform(project, "list_regular", "science2").kind == "moved"


def test_three_offices_countersign_in_any_order(tmp_path: Path) -> None:
    factory = SecondWorld(load_policy(write_city(tmp_path / "workflows", MORE_OFFICES)))
    with factory.writing():
        factory.person("third", RoleName.THIRD)
    project = factory.accepted(region=REGION)
    assert factory.perform(project, "list_regular", "third").kind == "signed"
    assert factory.perform(project, "list_regular", "science").kind == "signed"
    told = ["请会签常态化发布：" in "；".join(factory.mails(who)) for who in ("third", "science", "industry")]
    assert told == [False, True, True]
    sentence = "市科工局已会签“常态化发布”，等待市经济局会签（《办法》第三条第7款）。"
    assert factory.why_not(project, "list_regular", "science")["countersign"] == sentence
    caller = factory.caller("industry")
    (waiting,) = [group for group in waiting_tasks(caller) if group.key == "countersign"]
    assert [item.note for item in waiting.tasks] == ["third已会签，您会签后生效。"]
    assert [group.key for group in waiting_tasks(factory.caller("third")) if group.key == "countersign"] == []
    assert factory.perform(project, "list_regular", "industry").kind == "moved"
    factory.session.close()


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
