"""Every paper in its worst case: ten members, every text at its limit, rare characters."""

import re
from decimal import Decimal
from functools import cache
from io import BytesIO
from typing import Any

import pikepdf
import pytest

from tests.papers.conftest import page_texts, squeezed
from tests.papers.every import CODE, meta, worst_pdf
from tests.papers.worst import papers
from tests.papers.worst_rows import BUREAUS, CITY, MEMBERS, RARE, organisation, policy, project
from xtbang.papers.facts import common as facts
from xtbang.papers.pdf.issued import pdf_from
from xtbang.papers.pdf.render import TEMPLATES, render_html

NAMES = sorted(papers())
PLAIN = [name for name in NAMES if "definition" not in papers()[name]]
TYPED = re.compile(r"[0-9０-９%％]")
MARKUP = re.compile(r"\{#.*?#\}|\{%.*?%\}|\{\{.*?\}\}|<[^>]*>", re.DOTALL)


@cache
def pages(name: str) -> list[str]:
    return [squeezed(page) for page in page_texts(worst_pdf(name))]


@pytest.mark.parametrize("name", NAMES)
def test_every_page_says_what_it_is(name: str) -> None:
    for number, page in enumerate(pages(name), 1):
        assert CODE in page
        assert "第7版" in page
        assert "XTJB-2024-01-0001" in page
        assert "生成时间：2026年11月23日10:05" in page
        assert f"第{number}页/共{len(pages(name))}页" in page


@pytest.mark.parametrize("name", NAMES)
def test_rare_characters_are_text(name: str) -> None:
    whole = "".join(pages(name))
    assert all(character in whole for character in RARE)


@pytest.mark.parametrize("name", NAMES)
def test_fonts_are_embedded_and_subset(name: str) -> None:
    path = pikepdf.open(BytesIO(worst_pdf(name)))
    fonts = [item for item in path.objects if isinstance(item, pikepdf.Dictionary) and item.get("/Type") == "/Font"]
    names = {str(font.BaseFont) for font in fonts}
    described = [item for item in path.objects if isinstance(item, pikepdf.Dictionary) and "/FontFile2" in item]
    assert names
    assert all(re.match(r"/[A-Z]{6}\+XT-", item) for item in names)
    assert len(described) == len(names)


UNSTAMPED = ("receipt", "agenda", "score_sheets", "case_contents", "case_note")


@pytest.mark.parametrize("name", [name for name in NAMES if name not in UNSTAMPED])
def test_who_stamps_finds_room(name: str) -> None:
    whole = "".join(pages(name))
    if name in (
        "notice",
        "termination",
        "recovery_notice",
        "revocation",
        "prior_notice",
        "joint_document",
        "urging_letter",
        "restriction_notice",
        "restriction",
    ):
        assert whole.count(BUREAUS[0]) >= 1
    else:
        assert "（公章）" in whole or "签名" in whole


def test_blocks_of_the_contract_never_split() -> None:
    """Whoever signs finds name, signature and date of a block on one page."""
    signing = [page for page in pages("contract") if "法定代表人（签字或盖章）：" in page]
    counts = []
    for page in signing:
        blocks = page.split("单位名称：")[1:]
        counts.append(len(blocks))
        assert all("（公章）法定代表人（签字或盖章）：联系人：" in block for block in blocks)
        assert all(re.search(r"年月日", block) for block in blocks)
    assert sum(counts) == 4 + MEMBERS


def test_parties_of_the_contract() -> None:
    cover, whole = pages("contract")[0], "".join(pages("contract"))
    names = [organisation(1).name, organisation(2).name, *(organisation(10 + n).name for n in range(MEMBERS))]
    for name in (*names, BUREAUS[0], BUREAUS[1]):
        assert name in cover
        assert whole.count(name) >= 2
    assert "2024年11月至2026年11月" in cover


def test_money_of_the_contract() -> None:
    whole, payments = "".join(pages("contract")), papers()["contract"]["payments"]
    budget = papers()["contract"]["budget"]
    assert budget["sources_sum"] == budget["uses_sum"] == budget["total"]
    assert "9999.99万元（大写：玖仟玖佰玖拾玖万玖仟玖佰元整）" in whole
    assert "50.00万元（大写：伍拾万元整）" in whole
    assert f"总额的40%，即{payments['issuer_minimum']['text'].replace(' ', '')}" in whole
    assert "均与科研投入总额相等" in whole
    assert "收回已拨付财政补助资金的50%（《办法》第十一条）" in whole
    assert "收回已拨付财政补助资金的100%（《办法》第十二条）" in whole
    assert whole.count("例外（经办人") == 4


def test_numbers_of_the_contract_are_facts() -> None:
    """No figure is typed in a template; what the edition says is what is printed."""
    for path in TEMPLATES.glob("*contract*.html"):
        words = MARKUP.sub("", path.read_text(encoding="utf-8"))
        assert not TYPED.search(words), path.name
    changed = dict(papers()["contract"])
    changed["payments"] = changed["payments"] | {"issuer_ratio": "35.5%"}
    changed["ending"] = changed["ending"] | {"objective_rate": "62%"}
    changed["tracking"] = changed["tracking"] | {"self_managed": True, "report_months": 9}
    html = contract_html(changed)
    assert "总额的35.5%" in html
    assert "补助资金的62%" in html
    assert "每9个月" in html
    assert "以乙方自我管理为主" in html


def contract_html(data: dict[str, Any]) -> str:
    return render_html("contract.html", {"facts": data, "city": policy().city}, meta=meta("contract"))


def test_no_line_break_of_a_template_is_printed() -> None:
    """A line break between two Chinese characters would show as a space."""
    for name in ("contract", "termination", "recovery_notice", "receipt", "certificate"):
        html = render_html(f"{name}.html", {"facts": papers()[name], "city": policy().city}, meta=meta(name))
        for words in re.findall(r"<p class=\"(?:text|clause)[^>]*>(.*?)</p>", html, flags=re.DOTALL):
            assert not re.search(r"[一-鿿，。；：）》]\s+[一-鿿（《“]", words), words


def called(value: Any) -> Any:
    """The same facts of a project, a meeting and papers with “揭榜挂帅” in their titles."""
    if isinstance(value, dict):
        return {key: "面向“揭榜挂帅”的平台" if key == "title" else called(item) for key, item in value.items()}
    return [called(item) for item in value] if isinstance(value, list) else value


def test_marks_inside_of_marks_are_single() -> None:
    single = 0
    for name in PLAIN:
        html = render_html(f"{name}.html", {"facts": called(papers()[name]), "city": policy().city}, meta=meta(name))
        assert not re.search("“[^”]*“", html), name
        single += "“面向‘揭榜挂帅’的平台”" in html
    assert single > 3


def test_without_extensions_the_contract_does_not_speak_of_them() -> None:
    data = papers()["contract"]
    html = contract_html(data | {"ending": data["ending"] | {"extension": False}, "waivers": []})
    assert "延期" not in html and "十、变更与终止" in html
    assert "十、变更、延期与终止" in contract_html(data)


def test_clauses_of_a_technology_contract() -> None:
    """Civil Code 845, 852–854, 857, 858, each in its chapter; an item is cited by its number."""
    whole = squeezed(re.sub(r"<[^>]*>", "", contract_html(papers()["contract"])))
    chapters = {
        "四、进度安排": f"本合同在甲方所在地（{organisation(1).address}）、乙方所在地",
        "八、各方权利义务": "乙方应当在申请验收前向甲方交付研究报告",
        "十、变更、延期与终止": "技术已经由他人公开，致使合同的履行没有意义的",
        "十一、违约责任与诚信": "造成研究开发工作停滞、延误或者失败的，由违约方",
        "十四、附则": "名词术语解释：技术合同，指",
    }
    for title, clause in chapters.items():
        assert clause in whole.partition(title)[2], title
    assert "损失由甲方、乙方按技术合同的约定承担" in whole and "应当就扩大的损失承担责任" in whole
    assert "付款凭据经核验符合本部分第1项" in whole
    assert "县市区（园区）补助资金50.00万元（大写：伍拾万元整）" in whole
    assert "县级" not in whole
    assert '<p class="text">因本合同发生的争议' in contract_html(
        papers()["contract"]
    )  # alone in its chapter: no number
    assert "本合同自各方（含联合体成员）法定代表人" in whole
    alone = dict(papers()["contract"])
    alone["project"] = alone["project"] | {"members": []}
    assert "本合同自各方法定代表人" in contract_html(alone)


def test_the_sum_of_the_milestones() -> None:
    rows = papers()["contract"]["milestones"]
    assert papers()["contract"]["milestones_sum"] == f"{len(rows) * Decimal('99999999.99')}"
    assert f"合计{papers()['contract']['milestones_sum']}" in "".join(pages("contract"))


def test_nothing_paid_is_nothing_to_recover() -> None:
    """No table of noughts."""
    none = facts.money(Decimal(0))
    data = papers()["termination"] | {"restrict_until": "", "audited": True}
    data["recoveries"] = [row | {"paid": none, "due": none} for row in data["recoveries"]]
    html = render_html("termination.html", {"facts": data, "city": policy().city}, meta=meta("termination"))
    assert "该项目尚未拨付财政补助资金，无应收回的资金。" in html
    assert "三、救济途径" in html and "第三方机构出具的审计报告为依据" in html


def test_an_unfinished_contract_prints() -> None:
    """What the officers have not filled in yet leaves room for writing."""
    data = dict(papers()["contract"]) | dict.fromkeys(("number", "confidential_years", "dispute", "copies"), "")
    html = contract_html(data | {"waivers": [], "supplement": ""})
    assert "本合同一式　　份，各签约单位各执　　份" in html
    assert "之日起　　年" in html


@pytest.mark.parametrize("name", ["payment_order", "extension", "acceptance_opinion", "termination", "recovery_notice"])
def test_the_measures_are_named_in_full_first(name: str) -> None:
    """A paper that stands alone says what 《办法》 is before it cites it."""
    whole = "".join(pages(name))
    full = "《湘潭市科技创新“揭榜挂帅”项目管理办法》（潭政办发〔2021〕14号，以下简称《办法》）"
    assert whole.count(full) == 1
    assert "《办法》" not in whole.partition(full)[0]


@pytest.mark.parametrize("name", PLAIN)
def test_no_space_between_a_figure_and_its_unit(name: str) -> None:
    html = render_html(f"{name}.html", {"facts": papers()[name], "city": policy().city}, meta=meta(name))
    assert not re.search(r"[0-9] 万元|[0-9] 期", html)


def test_totals_of_long_tables() -> None:
    whole = "".join(pages("funding"))
    assert "合计（2项）" in whole
    assert "100.00万元（大写：壹佰万元整）" in whole
    assert "200.00万元（大写：贰佰万元整）" in whole


def test_payment_order_says_the_amount_twice() -> None:
    whole = "".join(pages("payment_order"))
    assert "25.00万元（￥250,000.00）" in whole
    assert "人民币贰拾伍万元整" in whole
    assert "同意“发榜方首拨前付款比例”例外" in whole
    assert facts.money(CITY)["words"] in whole
    assert f"湘潭市财政局：经办人：{RARE}（系统会签2026年11月23日10:05）" in whole
    assert "例外（市科技局、市工信局同意）" in whole and "两局" not in whole


def test_recovery_notice_leaves_the_account_open() -> None:
    whole = "".join(pages("recovery_notice"))
    assert f"{project().region}财政部门" in whole
    assert "50.00万元（￥500,000.00）" in whole
    assert "2027年1月22日前" in whole


def test_notice_never_ends_on_a_page_of_seals_alone() -> None:
    for name in ("notice", "termination", "recovery_notice"):
        ending = [page for page in pages(name) if BUREAUS[0] in page][-1]
        before = ending.partition(BUREAUS[0])[0]
        assert len(before) > 10, name


@pytest.mark.parametrize(
    ("yuan", "figures", "words"),
    [("0", "0.00万元（￥0.00）", "零元整"), ("0.01", "0.000001万元（￥0.01）", "壹分"),
     ("99990000", "9999.00万元（￥99,990,000.00）", "玖仟玖佰玖拾玖万元整")],
)  # fmt: skip
def test_the_smallest_and_the_largest_amount(yuan: str, figures: str, words: str) -> None:
    amount = facts.money(Decimal(yuan))
    order = papers()["payment_order"] | {"amount": amount}
    whole = squeezed("".join(page_texts(pdf_from("payment_order", order, meta=meta("payment_order"), policy=policy()))))
    assert figures in whole
    assert f"人民币{words}" in whole
    table = papers()["funding"] | {"city": amount, "county": amount, "sum": amount}
    whole = squeezed("".join(page_texts(pdf_from("funding", table, meta=meta("funding"), policy=policy()))))
    assert f"大写：{words}" in whole


def test_a_supplement_names_every_party_by_its_role_and_whole() -> None:
    roles = {
        "issuer": "甲方（发榜方）示范（湘潭）公司",
        "member:9": "乙方联合体成员 示范（集团）大学",
        "science": "丙方 示范局",
    }
    parties = [{"key": key, "label": label, "unit": True, "name": ""} for key, label in roles.items()]
    facts = papers()["supplement"] | {"parties": parties}
    whole = squeezed("".join(page_texts(pdf_from("supplement", facts, meta=meta("supplement"), policy=policy()))))
    assert "甲方（发榜方）单位名称：示范（湘潭）公司（公章）" in whole
    assert "乙方（联合体成员）单位名称：示范（集团）大学（公章）" in whole
    assert "丙方单位名称：示范局（公章）" in whole


def test_the_certificate_is_one_page() -> None:
    assert len(pages("certificate")) == 1


def test_a_score_sheet_is_one_page_for_each_expert() -> None:
    sheets = pages("score_sheets")
    assert sum("专家签名：" in page for page in sheets) == len(papers()["score_sheets"]["sheets"][0]["experts"])
    assert all("专家签名：" in page for page in sheets[:9])
    assert "二、专家组论证意见" in sheets[-1]
    assert "组长（签名）：" in sheets[-1]


def test_a_joint_document_repeats_the_head_of_its_table_and_ends_with_the_total_of_all() -> None:
    found = pages("joint_document")
    table = [page for page in found if "发榜方" in page]
    assert len(table) > 1
    for page in table:
        assert "项目编号" in page
    assert "合计（12项）" in table[-1]
    assert "〔2026〕" in found[0]
    assert sum("附件：项目立项及资金安排表" in page for page in found) == 1


def test_a_payment_sheet_repeats_its_head_and_ends_with_the_total_and_room_for_every_seal() -> None:
    sheet = pages("payment_sheet")
    assert len(sheet) > 1
    for page in sheet[:-1]:
        assert "收款单位" in page
    assert "合计（6项）" in sheet[-1]
    assert "150.00万元" in sheet[-1]
    assert sheet[-1].count("（公章）") == 3
