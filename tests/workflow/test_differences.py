"""Every difference between two editions is said in a sentence, in its group; nothing is said where nothing differs."""

from dataclasses import fields, replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from tests.workflow.conftest import WORKFLOWS
from xtbang.enums import KIND_LABELS
from xtbang.rules.changes import ChangeRule
from xtbang.rules.crosschecks import CHECKS
from xtbang.rules.edition import Asked, Criterion, Edition, Instalment, MidtermRule, Parameter, Sheet, Source
from xtbang.rules.fields import Cell, Choice, Field, FieldKind, FormDefinition, Section, named
from xtbang.rules.reasons import Force
from xtbang.workflow import labels
from xtbang.workflow.definition import load_policy
from xtbang.workflow.differences import GROUPS, differences
from xtbang.workflow.editions import DOCUMENTS

EDITIONS = load_policy(WORKFLOWS).editions
OLD = EDITIONS["2021"]
TOLD_APART_BY = {
    Parameter: "value", Sheet: "title", FormDefinition: "title", Source: "title", Criterion: "label", Field: "label",
    Instalment: "name", ChangeRule: "decided_by",
}  # fmt: skip


def said(new: Edition, old: Edition = OLD) -> list[tuple[str, str]]:
    return [tuple(item) for item in differences(old, new)]


def other(value: Any) -> Any:
    """A value of the same kind that is not the same."""
    match value:
        case bool():
            return not value
        case int() | Decimal():
            return value + 1
        case FieldKind():
            return FieldKind.LONG if value is FieldKind.TEXT else FieldKind.TEXT
        case str():
            return f"{value}改"
        case date() | None:
            return date(2027, 1, 1)
        case dict():
            first = next(iter(value))
            return value | {first: other(value[first])}
        case Parameter() | Sheet() | FormDefinition() | Source() | Criterion() | Field() | Instalment() | ChangeRule():
            name = TOLD_APART_BY[type(value)]
            return replace(value, **{name: other(getattr(value, name))})
        case tuple():
            return (*map(other, value[:1] or ("企业",)), *value[1:])
    raise AssertionError(value)


def test_an_edition_does_not_differ_from_itself() -> None:
    for edition in EDITIONS.values():
        assert differences(edition, edition) == []


def test_2021_and_2024_differ_in_what_the_notice_changed() -> None:
    found = said(EDITIONS["2024"])
    assert [group for group in GROUPS if group in dict(found)] == ["总则", "参数", "表单", "受理核对清单", "引用文件"]
    assert [group for group, _ in found] == sorted((group for group, _ in found), key=GROUPS.index)
    for group, sentence in (
        ("总则", "施行日期由未定改为 2024 年 8 月 26 日。"),
        ("参数", "实施周期上限由 3 年缩短到 2 年，依据由《办法》第七条改为《2024年征集通知》第三部分第1项。"),
        ("参数", "增加“执行期新增税收下限”：100 万元，原则上（《2024年征集通知》第三部分第2项）。"),
        ("表单", "技术需求：“国内外研究现状”的字数上限由 500 改为 300。"),
        ("表单", "技术需求：取消填写项“计划科研投入总额”。"),
        ("表单", "技术供给：不再征集。"),
        ("受理核对清单", "增加“盖章扫描件与电子版一致（征集通知第三部分第3项）”。"),
        ("引用文件", "增加《关于征集2024年度科技创新“揭榜挂帅”项目技术需求的通知》，简称《2024年征集通知》。"),
    ):
        assert (group, sentence) in found
    back = said(OLD, EDITIONS["2024"])
    assert ("受理核对清单", "删去“盖章扫描件与电子版一致（征集通知第三部分第3项）”。") in back
    assert ("参数", "取消“执行期新增税收下限”（原为 100 万元，《2024年征集通知》第三部分第2项）。") in back


@pytest.mark.parametrize(
    ("name", "new", "sentence"),
    [
        ("subsidy_ratio", {"value": Decimal("0.3")}, "市级补助比例由 25% 提高到 30%（《办法》第七条）。"),
        ("subsidy_maximum", {"value": Decimal(45)}, "市级补助上限由 50 万元降低到 45 万元（《办法》第七条）。"),
        ("notice_days", {"value": Decimal(7)}, "公示期由 5 个工作日延长到 7 个工作日（《办法》第九条）。"),
        ("term_years", {"force": Force.MUST}, "实施周期上限（3 年）：原则上改为必须（《办法》第七条）。"),
        ("clean_years", {"article": "《办法》第五条"},
         "无不良记录的年限（3 年）：依据由《办法》第六条改为《办法》第五条。"),
    ],
)  # fmt: skip
def test_a_number_is_said_with_unit_force_and_article(name: str, new: dict[str, Any], sentence: str) -> None:
    assert said(replace(OLD, **{name: replace(getattr(OLD, name), **new)})) == [("参数", sentence)]


@pytest.mark.parametrize("name", [item.name for item in fields(Edition) if item.name != "key"])
def test_whatever_changes_in_an_edition_is_said(name: str) -> None:
    edition = EDITIONS["2024"]
    asked = {
        "days": {"appraisal": 20},
        "asks": (Asked("request_acceptance", ("no_restriction",)),),
        "midterm": MidtermRule("panel", Decimal("0.5"), "《办法》第八条"),
    }
    new = asked.get(name) or other(getattr(edition, name))
    assert said(replace(edition, **{name: new}), edition)


@pytest.mark.parametrize("name", [item.name for item in fields(Sheet) if item.name != "key"])
def test_whatever_changes_in_a_sheet_is_said(name: str) -> None:
    sheet = OLD.sheets["roadshow"]
    value = "mean" if name == "aggregate" else other(getattr(sheet, name))
    [(group, sentence)] = said(replace(OLD, sheets=OLD.sheets | {"roadshow": replace(sheet, **{name: value})}))
    assert group == "评分表" and sentence.startswith("路演评审评分表")


@pytest.mark.parametrize("name", [item.name for item in fields(Criterion) if item.name != "key"])
def test_whatever_changes_in_a_criterion_is_said(name: str) -> None:
    sheet = OLD.sheets["roadshow"]
    first = replace(sheet.criteria[0], **{name: other(getattr(sheet.criteria[0], name))})
    new = replace(sheet, criteria=(first, *sheet.criteria[1:]))
    assert len(said(replace(OLD, sheets=OLD.sheets | {"roadshow": new}))) == 1


def test_a_change_of_payments_is_told_in_plain_words() -> None:
    first, last = OLD.instalments
    middle = replace(last, number=2, name="中期款", share=Decimal("0.3"), needs=("reports_handed_in",))
    new = replace(OLD, instalments=(replace(first, share=Decimal("0.4")), middle, replace(last, share=Decimal("0.3"))))
    assert said(new) == [
        (
            "拨付",
            "补助由分两期拨付（首期 50%，合同生效后；尾款 50%，通过验收后）"
            "改为分三期拨付（首期 40%，合同生效后；中期款 30%，通过验收后；尾款 30%，通过验收后）。",
        ),
        ("拨付", "新增的“中期款”的拨付条件：到期的报告已提交（《办法》第七条）。"),
    ]
    free = replace(OLD, instalments=(first, replace(last, needs=("county_match_confirmed",))))
    assert said(free) == [("拨付", "“尾款”的拨付条件删去县市区（园区）以前各期已拨付。")]


FIELD = Field(
    "team", "团队", FieldKind.ROWS, limit=5, choices=named("甲"), minimum=Decimal(0), maximum=Decimal(9),
    columns=(Field("name", "姓名", FieldKind.TEXT),),
)  # fmt: skip
FORM = FormDefinition(
    "a", "表", sections=(Section("一", (FIELD,), "说明"),), widths=(Decimal(100),), layout=((Cell("甲"),),)
)


def said_of_form(new: FormDefinition, old: FormDefinition = FORM) -> list[str]:
    before, after = (replace(OLD, forms={"tech_demand": form}) for form in (old, new))
    assert {item.group for item in differences(before, after)} <= {"表单"}
    return [item.sentence for item in differences(before, after)]


@pytest.mark.parametrize("name", [item.name for item in fields(Field) if item.name not in ("key", "former")])
def test_whatever_changes_in_a_field_is_said(name: str) -> None:
    new = replace(FIELD, **{name: named("乙") if name == "choices" else other(getattr(FIELD, name))})
    [sentence] = said_of_form(replace(FORM, sections=(Section("一", (new,), "说明"),)))
    assert "团队" in sentence


@pytest.mark.parametrize(
    ("new", "sentence"),
    [
        ({"title": "新表"}, "技术需求：表名由“表”改为“新表”。"),
        ({"subtitle": "（甲类）"}, "技术需求：增加副标题：“（甲类）”。"),
        ({"attachment": "附件1"}, "技术需求：增加附件号：“附件1”。"),
        ({"checks": ("end_after_start",)}, "技术需求：程序核对的内容增加结束日期晚于开始日期。"),
        ({"widths": (Decimal(50), Decimal(50))}, "技术需求：印刷的表格有变化。"),
        ({"layout": ((Cell("乙"),),)}, "技术需求：印刷的表格有变化。"),
        ({"sections": (Section("一", (FIELD,), "新说明"),)}, "技术需求：“一”的说明由“说明”改为“新说明”。"),
        ({"sections": (Section("二", (FIELD,), "说明"),)}, "技术需求：各部分的标题增加二，删去一。"),
        ({"sections": (Section("一", (), "说明"),)}, "技术需求：取消填写项“团队”。"),
        (
            {"sections": (Section("一", (FIELD, Field("aim", "目标", FieldKind.LONG, False, 300)), "说明"),)},
            "技术需求：新增填写项“目标”（多行文字，选填，字数上限 300）。",
        ),
        (
            {"sections": (Section("一", (replace(FIELD, choices=(Choice("甲", "甲类"),)),), "说明"),)},
            "技术需求：“团队”的选项“甲”改称“甲类”。",
        ),
        (
            {"sections": (Section("一", (replace(FIELD, choices=(Choice("a", "甲"),)),), "说明"),)},
            "技术需求：“团队”的选项代号有变化。",
        ),
        (
            {"sections": (Section("一", (replace(FIELD, columns=()),), "说明"),)},
            "技术需求：“团队”取消列“姓名”。",
        ),
    ],
)
def test_whatever_changes_in_a_form_is_said(new: dict[str, Any], sentence: str) -> None:
    assert sentence in said_of_form(replace(FORM, **new))


def test_of_a_long_text_only_what_changed_is_quoted() -> None:
    old, new = (replace(FIELD, note=f"（{'重点说明' * 20}。限{limit}字）") for limit in (600, 500))
    before, after = (replace(FORM, sections=(Section("一", (field,)),)) for field in (old, new))
    assert said_of_form(after, before) == [
        "技术需求：“团队”的表上的说明由“……重点说明。限600字）”改为“……重点说明。限500字）”。"
    ]


def test_every_name_of_the_program_has_its_words() -> None:
    parameters = {item.name for item in fields(Edition) if item.type in (Parameter, Parameter | None)}
    assert {*labels.PARAMETERS} == parameters | {"report_months_tracked", "report_months_self"}
    assert {*labels.DOCUMENTS} == {*DOCUMENTS}
    assert {*labels.FIELD_KINDS} == {*FieldKind}
    assert {*labels.CHECKS} == {*CHECKS}
    assert {*labels.FORCES} == {*Force}
    assert {*OLD.forms} == {*KIND_LABELS}
