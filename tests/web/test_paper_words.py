"""What a stranger is told of a paper: every kind of paper has its words."""

from tests.papers.issued import policy, rows
from tests.papers.test_papers_issued import issued_names
from xtbang.web.public.paper_words import ABOUT, what_it_is, whose_it_is


def test_every_kind_of_paper_has_its_words() -> None:
    assert set(ABOUT) == issued_names()


def test_the_offices_are_those_of_the_paper() -> None:
    """As its own facts name them, or whoever fills it in."""
    found = {row.name: (what_it_is(row), whose_it_is(row, policy().city)) for row in rows("closed")}
    assert found["receipt"] == ("收到所提交材料的凭证，写明编号、提交时间和内容摘要。", "湘潭市科学技术局")
    assert found["certificate"][1] == "湘潭市科学技术局、湘潭市工业和信息化局"
    assert found["extension"][1] == "湘潭市科学技术局、湘潭市工业和信息化局"
    assert found["form"][1] == "申报单位填写，提交后由本系统登记"
