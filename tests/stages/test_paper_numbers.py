"""登记文号: decisions bear the number that the bureau's office gives them, or a blank to write it on."""

import pytest
from sqlalchemy import select

from tests.factories import later
from tests.factories.projects import ProjectFactory
from xtbang.domain.paper_numbers import NUMBERED
from xtbang.models import Event, Paper, Project
from xtbang.papers.pdf.render import TEMPLATES

DECISION, CITY, COUNTY = "termination:", "recovery_notice:city", "recovery_notice:county"
TOLD = "prior_notice:"


def ended(factory: ProjectFactory) -> Project:
    project = later.fifty(factory)
    later.blamed(factory, project)
    later.ended(factory, project, **later.SUBJECTIVE)
    return project


def number(factory: ProjectFactory, project: Project, paper: str, number: str) -> None:
    factory.perform(project, "record_document_number", "industry", {"paper": paper, "number": number})


def offered(factory: ProjectFactory, project: Project) -> bool:
    found = factory.engine.offers(factory.session, project, factory.actor("science"))
    return "record_document_number" in {offer.action.trigger for offer in found}


def printed(factory: ProjectFactory, project: Project) -> dict[str, tuple[int, str]]:
    """Version and number of each paper in force."""
    query = select(Paper).where(Paper.project_id == project.id, Paper.state == "current")
    rows = [row for row in factory.session.scalars(query) if "document_number" in row.data]
    return {f"{row.name}:{row.subject}": (row.version, row.data["document_number"]) for row in rows}


def test_a_number_is_entered_later_and_corrected(factory: ProjectFactory) -> None:
    project = ended(factory)
    assert printed(factory, project) == {TOLD: (1, ""), DECISION: (1, ""), CITY: (1, ""), COUNTY: (1, "")}
    number(factory, project, DECISION, "潭科发[2024]31号")
    assert printed(factory, project)[DECISION] == (2, "潭科发〔2024〕31号")
    number(factory, project, DECISION, "潭科发〔2024〕32号")
    number(factory, project, CITY, "潭科发〔2024〕33号")
    assert printed(factory, project) == {
        TOLD: (1, ""),
        DECISION: (3, "潭科发〔2024〕32号"),
        CITY: (2, "潭科发〔2024〕33号"),
        COUNTY: (1, ""),
    }
    assert factory.mails("issuer")[-1].startswith("文书已编发文字号")
    same = {"paper": COUNTY, "number": "潭科发〔2024〕32号"}
    against = factory.blocked(project, "record_document_number", "science", same)["A9.number"]
    assert against.startswith("文号 潭科发〔2024〕32号 已用于项目") and "项目终止决定书" in against


def test_every_decree_leaves_room_for_its_number() -> None:
    """A notice is numbered when it is published, the paper of a batch by its form; those of no project by hand."""
    decrees = [path.stem for path in TEMPLATES.glob("*.html") if '"_decree.html"' in path.read_text()]
    otherwise = {"joint_document", "restriction", "restriction_notice"}
    assert sorted(decrees) == sorted({*NUMBERED, *otherwise, "notice"})
    for name in (*NUMBERED, *otherwise):
        printed = "numbered(" if name in otherwise else "numbered(facts.document_number"
        assert printed in (TEMPLATES / f"{name}.html").read_text()


def test_a_revocation_gets_its_number_wherever_it_leads(factory: ProjectFactory) -> None:
    project = factory.submitted()
    factory.perform(project, "refuse", "science", {"rule": "《办法》第六条", "reason": "材料不齐"})
    assert not offered(factory, project)
    decision = factory.session.scalars(select(Event.id).where(Event.trigger == "refuse")).one()
    for who in ("science", "industry"):
        factory.perform(project, "revoke", who, {"decision": str(decision), "reason": "材料已补齐"})
    assert project.state == "solicitation" and offered(factory, project)
    [paper] = printed(factory, project)
    number(factory, project, paper, "潭科发〔2024〕41号")
    assert printed(factory, project) == {paper: (2, "潭科发〔2024〕41号")}


def test_another_paper_than_those_of_the_project_is_refused(factory: ProjectFactory) -> None:
    project = ended(factory)
    other = {"paper": "termination:another", "number": "潭科发〔2024〕31号"}
    assert factory.blocked(project, "record_document_number", "science", other)


@pytest.mark.parametrize("typed", ["12号", "潭科发〔2024〕012号"])
def test_what_is_no_document_number_is_refused(factory: ProjectFactory, typed: str) -> None:
    project = ended(factory)
    against = factory.blocked(project, "record_document_number", "science", {"paper": CITY, "number": typed})
    assert "GB/T 9704-2012" in " ".join(against.values())
