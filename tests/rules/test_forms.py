from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from xtbang.rules.fields import Field, FieldKind, FormDefinition, Section, named, one_section
from xtbang.rules.forms import CHECKS, COMPUTATIONS, check, clean, unknown_keys
from xtbang.rules.uscc import make

K = FieldKind
MILESTONES = (
    Field("date", "时间", K.DATE),
    Field("content", "内容", K.TEXT, limit=20),
    Field("money", "经费", K.MONEY, required=False),
)
FIELDS = (
    Field("title", "项目名称", K.TEXT, limit=50),
    Field("background", "1.项目的背景与意义", K.LONG, limit=600),
    Field("staff", "职工总数", K.WHOLE, unit="人"),
    Field("revenue", "销售收入总额", K.MONEY),
    Field("profit_tax", "利税总额", K.MONEY, minimum=Decimal(-10000)),
    Field("rd_spend", "年研发经费", K.MONEY),
    Field("rd_ratio", "研发经费占年销售收入比重", K.PERCENT, computed="rd_ratio", unit="%"),
    Field("share", "牵头单位比例", K.PERCENT, unit="%"),
    Field("tolerance", "公差", K.NUMBER, unit="mm"),
    Field("start", "开始日期", K.DATE),
    Field("closes", "截止时间", K.DATETIME),
    Field("domain", "所属领域", K.CHOICE, choices=named(("先进材料", "电机电控", "其他"))),
    Field("bid", "揭榜申请", K.CHOICE, options="submitted_bids"),
    Field("tech_types", "技术类型", K.CHOICES, choices=named(("卡脖子技术", "自主可控技术", "其他"))),
    Field("credit", "信用承诺", K.YES),
    Field("open", "同意公开", K.FLAG),
    Field("uscc", "统一社会信用代码", K.USCC),
    Field("phone", "联系电话", K.PHONE),
    Field("mobile", "手机号码", K.MOBILE),
    Field("email", "电子邮箱", K.EMAIL),
    Field("postcode", "邮编", K.POSTCODE),
    Field("bank_account", "账号", K.TEXT),
    Field("scan", "盖章扫描件", K.FILE),
    Field("milestones", "进度安排", K.ROWS, columns=MILESTONES, min_rows=1, max_rows=3),
)
FORM = FormDefinition("test", "表", sections=(Section("一", FIELDS[:8]), Section("二", FIELDS[8:])))
GOOD: dict[str, Any] = {
    "title": "高精密伺服电机𬭎", "background": "突破\n创新", "staff": 120, "revenue": "1000", "profit_tax": "-3.5",
    "rd_spend": "55.555", "share": "60", "tolerance": "-0.010", "start": "2026-11-23", "closes": "2026-11-23T23:59",
    "domain": "电机电控", "bid": "7", "tech_types": ["卡脖子技术", "其他"], "credit": True, "open": False,
    "uscc": make("1"), "phone": "0731-58570302", "mobile": "13800000000", "email": "a.b@example.com.cn",
    "postcode": "411100", "bank_account": "6217000099998888", "scan": "0f" * 32,
    "milestones": [{"date": "2026-12-01", "content": "样机", "money": "12.5"}],
}  # fmt: skip
ROWS = FORM.field("milestones")


def reasons_of(key: str, value: Any, *, complete: bool = True) -> list[str]:
    """Sentences about one field of an otherwise good form."""
    values = clean(FORM, GOOD | {key: value})
    reasons = check(FORM, values, complete=complete)
    assert {reason.field.split(".")[0] for reason in reasons} <= {key}
    return [str(reason) for reason in reasons]


def test_a_good_form_has_no_reasons_and_is_kept_as_it_is() -> None:
    values = clean(FORM, GOOD)
    assert check(FORM, values, complete=True) == []
    assert values == GOOD | {"rd_ratio": "5.56"}
    assert list(values) == [field.key for field in FORM.fields]
    assert clean(FORM, values) == values


def test_every_blank_field_is_named_at_once() -> None:
    values = clean(FORM, {})
    reasons = check(FORM, values, complete=True)
    asked = [field.key for field in FIELDS if field.key not in ("rd_ratio", "open")]
    assert [reason.field for reason in reasons] == asked
    assert {reason.rule for reason in reasons} == {"F.required"}
    sentences = {reason.field: str(reason) for reason in reasons}
    assert sentences["title"] == "“项目名称”尚未填写。"
    assert sentences["domain"] == "“所属领域”尚未选择。"
    assert sentences["credit"] == "“信用承诺”尚未勾选。"
    assert sentences["scan"] == "“盖章扫描件”尚未上传。"
    assert sentences["milestones"] == "“进度安排”尚未填写。"


def test_a_draft_may_be_blank_but_not_wrong() -> None:
    assert check(FORM, clean(FORM, {}), complete=False) == []
    assert reasons_of("staff", "上百", complete=False) == ["“职工总数”须为整数，例如 120。"]
    assert reasons_of("milestones", [{"content": "样机"}], complete=False) == []


def test_too_long_a_text_says_by_how_much() -> None:
    assert reasons_of("background", "字" * 600) == []
    assert reasons_of("background", "字" * 612) == ["“1.项目的背景与意义”共 612 字，限 600 字，请删减 12 字。"]
    assert clean(FORM, GOOD | {"background": "字" * 612})["background"] == "字" * 612
    assert reasons_of("background", "x" * 20_001) == ["“1.项目的背景与意义”共 20001 个字符，最多 20000 个。"]


@pytest.mark.parametrize(
    ("key", "typed", "kept"),
    [
        ("title", " e\u0301\u200b高\ufeff\t精\r\n密\u3000", "é高 精 密"), ("title", None, ""),
        ("title", "䶮㛃𫟅𬭎", "䶮㛃𫟅𬭎"), ("title", "甲\u202e乙\u200d\U000e0041丙", "甲乙丙"), ("title", "5\u2009kg", "5 kg"),
        ("background", "一 \r\n二\x0b三\n\n", "一\n二\n三"), ("staff", " 120 ", 120), ("staff", "１２０", 120),
        ("staff", "", ""), ("staff", "0", 0), ("revenue", " 0012.50", "12.5"), ("revenue", "-0", "0"),
        ("revenue", 12, "12"),
        ("revenue", "100", "100"), ("revenue", "1e3", "1e3"), ("share", "33.30", "33.3"),
        ("tolerance", "0.010", "0.010"),
        ("closes", "2026-11-23T23:59:00", "2026-11-23T23:59"), ("tech_types", "其他", ["其他"]),
        ("credit", "on", True),
        ("tech_types", ["其他", "", "卡脖子技术", "其他"], ["卡脖子技术", "其他"]), ("tech_types", None, []),
        ("credit", "true", True), ("credit", "off", False), ("credit", None, False), ("open", "1", True),
        ("uscc", f" {make('1')[:8]} {make('1')[8:].lower()}", make("1")), ("scan", "AB" * 32, "ab" * 32),
        ("milestones", [{}, {"date": " "}, {"content": " 样机"}], [{"date": "", "content": "样机", "money": ""}]),
        ("milestones", "", []), ("milestones", "x", "x"),
    ],
)  # fmt: skip
def test_clean(key: str, typed: Any, kept: Any) -> None:
    values = clean(FORM, {key: typed})
    assert values[key] == kept
    assert type(values[key]) is type(kept)
    assert clean(FORM, values) == values


@pytest.mark.parametrize(
    ("key", "value", "part"),
    [
        ("title", "a\ud800", "U+D800"), ("title", "a\ufffe", "U+FFFE"),
        ("title", ["x"], "格式不正确"), ("title", 5, "格式不正确"), ("staff", "-1", "须为整数"),
        ("staff", 1.5, "须为整数"),
        ("revenue", "1e5", "须为以万元为单位的数"), ("revenue", "12.3456789", "最多六位小数"),
        ("revenue", "0.001元", "最多六位小数"), ("revenue", "12²", "须为以万元为单位的数"),
        ("staff", True, "须为整数"), ("staff", -1, "不得小于 0 人"), ("revenue", "nan", "须为以万元为单位的数"), ("revenue", "1.0000001", "最多六位小数"),
        ("revenue", "-1", "不得小于 0 万元"),
        ("revenue", "123456789", "过大，须小于 1 亿万元"), ("revenue", 12.5, "格式不正确"),
        ("profit_tax", "-10000.5", "为 -10000.5 万元，不得小于 -10000 万元"), ("share", "100.01", "不得大于 100%"),
        ("revenue", "1,234,567,890万元", "过大，须小于 1 亿万元"), ("share", "5‰", "须为百分数"),
        ("tolerance", "约1", "确定的数"), ("start", "2026-02-29", "没有 2026 年 2 月 29 日这一天"),
        ("start", "0026-11-23", "须为日期"), ("closes", "2026-11-23T25:00", "日期和时间"),
        ("domain", "食品", "没有“食品”这一选项，可选：先进材料、电机电控、其他"),
        ("tech_types", ["甲", "其他"], "没有“甲”"),
        ("tech_types", [1], "格式不正确"), ("credit", "maybe", "勾选"), ("uscc", make("1")[:-1] + "?", "只含半角"),
        ("phone", "12345", "像是短号或者服务号码"), ("mobile", "1380000000", "手机号码"), ("mobile", "23800000000", "手机号码"),
        ("email", "a@b", "电子邮箱"), ("email", "a..b@example.com", "电子邮箱"),
        ("email", "张@example.com", "电子邮箱"),
        ("email", "a@example.com\nb@example.com", "电子邮箱"), ("postcode", "41110", "邮政编码"),
        ("scan", "x.pdf", "上传"),
        ("milestones", "x", "格式不正确"), ("milestones", ["x"], "格式不正确"),
        ("milestones", [{"money": "x"}] * 4, "最多填写 3 行"),
    ],
)  # fmt: skip
def test_wrong_values(key: str, value: Any, part: str) -> None:
    sentences = reasons_of(key, value)
    assert any(part in sentence for sentence in sentences), sentences
    assert all(sentence.startswith(f"“{FORM.field(key).label}”") for sentence in sentences)


@pytest.mark.parametrize("phone", ["58570302", "0731-58570302", "+86 0731-58570302", "13800000000", "400-800-1234"])
def test_phones(phone: str) -> None:
    assert reasons_of("phone", phone) == []


def test_rows_are_checked_cell_by_cell() -> None:
    rows = [{"date": "2026-12-01", "content": "样机"}, {"date": "x", "money": "y"}]
    reasons = check(FORM, clean(FORM, GOOD | {"milestones": rows}), complete=True)
    assert [reason.field for reason in reasons] == ["milestones.1.date", "milestones.1.content", "milestones.1.money"]
    assert str(reasons[0]) == "“进度安排”第 2 行“时间”须为日期，例如 2026-11-23。"
    assert str(reasons[1]) == "“进度安排”第 2 行“内容”尚未填写。"
    team = Field("team", "团队", K.ROWS, columns=(Field("name", "姓名", K.TEXT),), min_rows=2)
    form = one_section("team", "表", (team,))
    (reason,) = check(form, clean(form, {"team": [{"name": "颜㛃"}]}), complete=True)
    assert str(reason) == "“团队”至少填写 2 行，现有 1 行。"


def test_rows_inside_rows() -> None:
    part = Field("parts", "部件", K.ROWS, columns=(Field("name", "名称", K.TEXT),))
    form = one_section("deep", "表", (Field("sets", "组", K.ROWS, columns=(part,)),))
    values = clean(form, {"sets": [{"parts": [{"name": "a\ufffe"}, {}]}]})
    assert values == {"sets": [{"parts": [{"name": "a\ufffe"}]}]}
    (reason,) = check(form, values, complete=True)
    assert reason.field == "sets.0.parts.0.name"
    assert unknown_keys(form, {"sets": [{"parts": [{"x": 1}]}]}) == ["sets.0.parts.0.x"]


def test_unknown_keys() -> None:
    assert unknown_keys(FORM, GOOD) == []
    sent = GOOD | {"state": "closed", "milestones": [{"date": ""}, {"paid": 1}]}
    assert unknown_keys(FORM, sent) == ["milestones.1.paid", "state"]
    assert "state" not in clean(FORM, sent)


def test_what_is_computed_is_never_typed() -> None:
    assert clean(FORM, GOOD | {"rd_ratio": "99"})["rd_ratio"] == "5.56"
    assert clean(FORM, GOOD | {"revenue": "0"})["rd_ratio"] == ""


def test_every_name_of_the_contract_exists() -> None:
    assert set(COMPUTATIONS) == {"rd_ratio"}
    assert set(CHECKS) == {
        "rd_staff_within_staff", "investment_adds_up", "budget_totals", "milestone_money", "end_after_start",
        "shares_add_up", "spending_adds_up",
    }  # fmt: skip


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=4),
    max_leaves=8,
)


@given(st.dictionaries(st.sampled_from([field.key for field in FIELDS]), JSON), st.booleans())
def test_anything_can_be_sent_without_an_exception(raw: dict[str, Any], complete: bool) -> None:
    form = FormDefinition("all", "表", sections=FORM.sections, checks=tuple(CHECKS))
    values = clean(form, raw)
    for reason in check(form, values, complete=complete):
        assert reason.text.endswith("。")
    for reason in check(form, raw, complete=complete):
        assert reason.text.endswith("。")


@given(st.text())
def test_cleaning_twice_changes_nothing(text: str) -> None:
    once = clean(FORM, dict.fromkeys((field.key for field in FIELDS), text))
    assert clean(FORM, once) == once
