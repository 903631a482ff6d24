"""The papers that projects bring with them on their way through the real stages."""

import ast
from pathlib import Path

import pytest

from tests.papers.conftest import page_pictures, page_texts, squeezed
from tests.papers.issued import ROOT, SITE, label, pdf, policy, rows
from tests.support.scans import read_codes
from xtbang.domain.meeting_lists import TITLES
from xtbang.enums import NOTICE_LABELS
from xtbang.models import Paper
from xtbang.papers.pdf.issued import definition_of, pdf_of
from xtbang.papers.pdf.render import TEMPLATES

SHEETS = {"case_contents.html", "case_note.html"}  # of a case file: printed, not issued
LAYOUTS = {"base.html", "form.html", "parts.html"}  # what is extended or imported, beside the names with a _

Printed = dict[str, list[tuple[Paper, str]]]


def rendered(way: str) -> Printed:
    found: Printed = {}
    for place, row in enumerate(rows(way)):
        text = squeezed("".join(page_texts(pdf(way, place))))
        found.setdefault(row.name, []).append((row, text))
    return found


@pytest.fixture(scope="module")
def printed() -> Printed:
    """One project that was extended and closed."""
    return rendered("closed")


@pytest.fixture(scope="module")
def printed_ended() -> Printed:
    """One that was terminated with everything to come back."""
    return rendered("ended")


@pytest.fixture(scope="module")
def agenda() -> tuple[Paper, str]:
    """Of a roadshow with one project."""
    return rendered("roadshow")["agenda"][0]


def test_the_score_summary_names_the_employers_of_the_experts(printed: Printed) -> None:
    for row, text in printed["panel_summary"]:
        assert text.count("湖南师范大学") == 2 * len(row.data["experts"])  # in the summary and on each sheet


def issued_names() -> set[str]:
    """The names in every call of ``issue()`` and every ``add_paper()`` in stages, domain and people."""
    names = set()
    for path in (path for room in ("stages", "domain", "people") for path in (ROOT / "xtbang" / room).glob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Name):
                continue
            given = {
                "issue": node.args[1:2],
                "issue_for": node.args[2:3],
                "issue_for_organisation": node.args[2:3],
            }.get(node.func.id, [])
            if node.func.id == "add_paper":
                given = [item.value for item in node.keywords if item.arg == "name"]
            names |= {item.value for item in given if isinstance(item, ast.Constant)}
    return names | set(TITLES)


def test_every_paper_has_its_template_and_every_template_its_paper() -> None:
    templates = {path.name for path in TEMPLATES.glob("*.html") if not path.name.startswith("_")} - LAYOUTS - SHEETS
    assert {path.removesuffix(".html") for path in templates} == issued_names() - {"form"}


def test_every_part_is_used() -> None:
    texts = {path.name: path.read_text(encoding="utf-8") for path in TEMPLATES.glob("*.html")}
    for part in (name for name in texts if name.startswith("_")):
        assert any(f'"{part}"' in text for name, text in texts.items() if name != part), part


def test_the_stages_issue_every_paper(printed: Printed, printed_ended: Printed) -> None:
    only_some = {"midterm_opinion"}  # of editions with a midterm check
    only_some |= {"correction", "revocation", "urging_letter"}  # of what went wrong
    only_some |= {"joint_document", "yearly_statement", "restriction", "restriction_notice"}  # of no single project
    assert {*printed, *printed_ended, "agenda", "score_sheets", *TITLES} == issued_names() - only_some


def test_every_kind_of_notice_is_printed() -> None:
    ways = ("closed", "ended", "called")
    assert {label(row) for way in ways for row in rows(way) if row.name == "notice"} == {
        f"notice_{kind}" for kind in NOTICE_LABELS
    }


def test_a_notice_bears_its_own_number(printed: Printed) -> None:
    """At the foot of what may be about several projects stands no project's number."""
    for row, text in [*printed["notice"], *rendered("called")["notice"]]:
        assert row.number == (row.data["number"] or f"GG-2024-{row.notice_id:04d}")
        assert f"编号：{row.number}第1版" in text


def test_agenda(agenda: tuple[Paper, str]) -> None:
    row, text = agenda
    assert row.number == "LY-2024-0002"
    assert "“智造莲城”路演开始时间2024年11月20日09:00每个项目20分钟地点路演厅" in text.replace("　", "")
    assert "109:00XTJB-2024-01-0001高温合金涂层关键技术湘潭电机有限公司湘潭大学" in text


def test_blank_score_sheets_bear_a_code_on_every_page() -> None:
    [(row, _)] = rendered("roadshow")["score_sheets"]
    place = [row.name for row in rows("roadshow")].index("score_sheets")
    pages = [squeezed(page) for page in page_texts(pdf("roadshow", place))]
    assert (row.title, row.number, row.version) == ("路演评审评分表（空白）", "LY-2024-0002", 1)
    assert len(pages) == 3  # nobody is seated yet: a sheet without a name, the summary, the opinion
    assert all(row.code in page and "编号：LY-2024-0002第1版" in page for page in pages)


def test_every_paper_says_title_code_and_number(printed: Printed, printed_ended: Printed) -> None:
    for row, text in (item for found in (printed, printed_ended) for items in found.values() for item in items):
        assert squeezed(row.title) in text, row.name
        assert row.code in text, row.name
        if row.name == "form":
            assert "编号：" not in text  # it was printed and stamped before the entry had a number
        else:
            assert squeezed(row.number) in text, row.name


def test_figures_of_the_money_papers(printed: Printed) -> None:
    (first, order), (_, last) = printed["payment_order"]
    assert first.title == "首期拨款审批单"
    assert "20.00万元（￥200,000.00）" in order
    assert "人民币贰拾万元整" in order
    assert "市级补助资金总额40.00万元（大写：肆拾万元整）" in order
    assert "发榜方已付揭榜方80.00万元" in order
    assert "潭财教〔2024〕88号" in order
    assert "尾款（第2期，50%）" in last
    ((_, table),) = printed["funding"]
    assert "财政补助总计80.00万元（大写：捌拾万元整）" in table


def test_contract(printed: Printed) -> None:
    ((_, text),) = printed["contract"]
    assert "200.00万元（大写：贰佰万元整）" in text
    assert "不低于科研投入总额的40%，即80.00万元（大写：捌拾万元整）" in text
    assert "不低于市级补助资金的3倍，即120.00万元" in text
    assert "按与市级1:1的比例给予补助资金40.00万元" in text
    assert "本合同一式8份，各签约单位各执2份" in text
    assert "向湘潭仲裁委员会申请仲裁" in text
    assert "保密期限为本合同生效之日起3年" in text
    assert "乙方每6个月提交一次执行情况报告，到期日为2025年5月19日、" in text


def test_extension_and_acceptance(printed: Printed) -> None:
    ((_, extension),) = printed["extension"]
    assert "项目结束日期由2026年11月19日调整为2027年2月19日" in extension
    assert "实施期限2024年11月20日至2026年11月19日" in extension  # the term before it moved
    assert "审计报告.pdf" not in extension
    assert "湘潭市科学技术局：经办人：science（系统会签2025年3月10日09:00）" in extension
    ((_, opinion),) = printed["acceptance_opinion"]
    assert "达到考核要求结论：通过验收。" in opinion
    assert "专家组验收" in opinion
    ((_, certificate),) = printed["certificate"]
    assert "于2025年5月20日通过验收，特发此证" in certificate


def test_termination(printed_ended: Printed) -> None:
    ((_, decision),) = printed_ended["termination"]
    assert "市级财政25.00万元100%25.00万元贰拾伍万元整《办法》第十二条" in decision
    assert "因揭榜方主观原因不能继续实施" in decision
    assert "责任方为揭榜方（湘潭大学）" in decision
    assert "对湘潭大学在科研项目申报" in decision
    assert "向湘潭市人民政府申请行政复议" in decision
    (said,) = (text for row, text in printed_ended["notice"] if row.data["kind"] == "termination")
    assert "因揭榜方主观原因" in said and "对湘潭大学在科研项目申报" in said
    assert {row.subject for row, _ in printed_ended["recovery_notice"]} == {"city", "county"}
    for row, text in printed_ended["recovery_notice"]:
        assert f"收回{row.data['line']['name']}已拨付补助资金的100%" in text
        assert "2026年12月31日前" in text
        assert "因揭榜方主观原因" in text
        if row.subject == "city":
            assert "收款单位湘潭市财政局户名湘潭市财政国库开户银行湘潭银行城中支行账号999900001111" in text.replace(
                "　", ""
            )
        else:
            assert "收款单位湘潭高新区财政部门开户银行账号" in text.replace("　", "")  # no name: to be written by hand


def test_equal_rows_give_equal_bytes() -> None:
    for place, row in enumerate(rows("closed")):
        if row.name in ("contract", "payment_order"):
            again = Paper(
                name=row.name, title=row.title, number=row.number, version=row.version, code=row.code,
                data=dict(reversed(row.data.items())), made_at=row.made_at, state="superseded",
            )  # fmt: skip
            assert pdf("closed", place) == pdf_of(again, SITE, policy())


def test_the_code_can_be_read_from_a_scan(tmp_path: Path) -> None:
    place, row = next((place, row) for place, row in enumerate(rows("closed")) if row.name == "payment_order")
    picture = page_pictures(pdf("closed", place), dpi=150)[0]
    picture.save(tmp_path / "scan.png")
    assert read_codes((tmp_path / "scan.png").read_bytes(), "image/png") == {row.code}


def test_an_unknown_definition_is_said() -> None:
    with pytest.raises(LookupError, match="no form 'other'"):
        definition_of({"definition": "other", "edition": "2024", "values": {}}, policy().editions)
    with pytest.raises(LookupError):
        definition_of({"definition": "bid", "edition": "1999", "values": {}}, policy().editions)
