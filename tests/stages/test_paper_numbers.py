"""登记文号: decisions bear the number that the bureau's office gives them, or a blank to write it on."""

import pytest
from sqlalchemy import select

from tests.factories import later
from tests.factories.projects import ProjectFactory
from xtbang.models import Paper, Project

DECISION, CITY, COUNTY = "termination:", "recovery_notice:city", "recovery_notice:county"


def ended(factory: ProjectFactory) -> Project:
    project = later.fifty(factory)
    later.blamed(factory, project)
    later.ended(factory, project, **later.SUBJECTIVE)
    return project


def number(factory: ProjectFactory, project: Project, paper: str, number: str) -> None:
    factory.perform(project, "record_document_number", "industry", {"paper": paper, "number": number})


def printed(factory: ProjectFactory, project: Project) -> dict[str, tuple[int, str]]:
    """Version and number of each paper in force."""
    query = select(Paper).where(Paper.project_id == project.id, Paper.state == "current")
    rows = [row for row in factory.session.scalars(query) if "document_number" in row.data]
    return {f"{row.name}:{row.subject}": (row.version, row.data["document_number"]) for row in rows}


def test_a_number_is_entered_later_and_corrected(factory: ProjectFactory) -> None:
    project = ended(factory)
    assert printed(factory, project) == {DECISION: (1, ""), CITY: (1, ""), COUNTY: (1, "")}
    number(factory, project, DECISION, "潭科发[2024]31号")
    assert printed(factory, project)[DECISION] == (2, "潭科发〔2024〕31号")
    number(factory, project, DECISION, "潭科发〔2024〕32号")
    number(factory, project, CITY, "潭科发〔2024〕33号")
    assert printed(factory, project) == {
        DECISION: (3, "潭科发〔2024〕32号"),
        CITY: (2, "潭科发〔2024〕33号"),
        COUNTY: (1, ""),
    }
    assert factory.mails("issuer")[-1].startswith("文书已编发文字号")
    same = {"paper": COUNTY, "number": "潭科发〔2024〕32号"}
    against = factory.blocked(project, "record_document_number", "science", same)["A9.number"]
    assert against.startswith("文号 潭科发〔2024〕32号 已用于项目") and "项目终止决定书" in against


@pytest.mark.parametrize("typed", ["12号", "潭科发〔2024〕012号"])
def test_what_is_no_document_number_is_refused(factory: ProjectFactory, typed: str) -> None:
    project = ended(factory)
    against = factory.blocked(project, "record_document_number", "science", {"paper": CITY, "number": typed})
    assert "GB/T 9704-2012" in " ".join(against.values())
