"""责任论证: a third party organises it; its experts read the allegation and what both sides have stated, and its papers name it."""

import pytest
from sqlalchemy import select

from tests.factories.later import executing, paper, told
from tests.factories.projects import ProjectFactory
from xtbang.models import Panel, Paper, PartyStatement, StoredFile
from xtbang.queries.case import case_of
from xtbang.queries.rights.files import may_open_file

pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)

CASE = {"organiser": "湘潭市科技评估中心", "allegation": "未投入约定的人员"}
DRAW = {"technical": 1, "financial": 1, "legal": 1}


@pytest.mark.parametrize(
    ("organiser", "sentence"),
    [
        ("湘潭大学", "湘潭大学是项目的一方，须委托与各方没有利害关系的第三方组织论证（《办法》第十二条）。"),
        ("湘潭 大学", "湘潭 大学是项目的一方，须委托与各方没有利害关系的第三方组织论证（《办法》第十二条）。"),
        ("市科技局", "市科技局是办理本项目的部门，须委托第三方机构组织论证（《办法》第十二条）。"),
    ],
)
def test_neither_a_party_nor_an_office_organises_the_inquiry_itself(
    factory: ProjectFactory, organiser: str, sentence: str
) -> None:
    project = executing(factory)
    asked = DRAW | CASE | {"organiser": organiser}
    assert factory.blocked(project, "convene_liability", "science", asked) == {"A12.organiser": sentence}


def test_the_panel_gets_the_case_of_both_sides_and_its_papers_name_the_third_party(factory: ProjectFactory) -> None:
    project = executing(factory)
    assert "A12.panel" in factory.why_not(project, "state_in_inquiry", "issuer")
    evidence = {"evidence": factory.file("检查记录.pdf")}
    factory.perform(project, "convene_liability", "science", DRAW | CASE | evidence)
    assert factory.mails("bidder")[-1].startswith("责任论证")
    factory.perform(project, "state_in_inquiry", "issuer", {"text": "已按约付款。"})
    said = {"text": "设备到货延迟。", "file": factory.file("到货单.pdf")}
    factory.perform(project, "state_in_inquiry", "bidder", said)
    statements = factory.session.scalars(select(PartyStatement).order_by(PartyStatement.id)).all()
    panel = factory.session.scalars(select(Panel).where(Panel.kind == "liability")).one()
    case = case_of(factory.session, panel)
    assert case is not None
    assert (case.organiser, case.allegation) == ("湘潭市科技评估中心", "未投入约定的人员")
    assert [(one.name, one.text) for one, _file in case.statements] == [
        ("湘潭电机有限公司", "已按约付款。"),
        ("湘潭大学", "设备到货延迟。"),
    ]
    experts = factory.seats(panel)
    for number in (panel.evidence_id, statements[1].file_id):
        row = factory.session.get_one(StoredFile, number)
        reads = {who: may_open_file(factory.caller(who), row) for who in ("issuer", "bidder", "finance", experts[0])}
        own = number == panel.evidence_id
        assert reads == {"issuer": own, "bidder": True, "finance": False, experts[0]: False}, "not yet accepted"
    for who in experts:
        factory.score(project, panel, who)
    assert may_open_file(factory.caller(experts[0]), factory.session.get_one(StoredFile, statements[1].file_id))
    factory.perform(
        project, "conclude_panel", "science", {"favourable": "passed", "opinion": "属实", "responsible": "bidder"}
    )
    assert not may_open_file(factory.caller(experts[0]), factory.session.get_one(StoredFile, statements[1].file_id))
    told(factory, project)
    query = select(Paper).where(Paper.project_id == project.id, Paper.name == "panel_summary").order_by(Paper.id.desc())
    summary = factory.session.scalars(query.limit(1)).one()
    assert summary.data["organiser"] == "湘潭市科技评估中心"
    assert paper(factory, project, "prior_notice").data["panel"]["organiser"] == "湘潭市科技评估中心"
