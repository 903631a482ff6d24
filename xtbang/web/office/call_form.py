"""The forms for calls (批次) and notices, as definitions for the field macros and ``rules.forms``."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal

from xtbang.domain.notices import NUMBER
from xtbang.enums import KIND_LABELS
from xtbang.rules.fields import Field, FieldKind, FormDefinition, Section, choices, one_section
from xtbang.rules.policy import Policy
from xtbang.rules.quotation import quoted

KINDS_HINT = "版本决定每一类使用的项目表、资格条件和金额限制；所选版本没有的类别不能勾选。"


def call_form(policy: Policy, today: date) -> FormDefinition:
    """Return the form of a call: what is collected, when, by which edition of that day."""
    editions = choices({edition.name: f"{edition.label}：{edition.title}" for edition in policy.taken(today)})
    what = (
        Field("title", "批次名称", FieldKind.TEXT, limit=60, hint=f"例如：2026年度{policy.city.scheme}项目"),
        Field("code", "批次编号", FieldKind.TEXT, hint="写入每个项目的编号，例如 2026-01"),
        Field("edition", "适用版本", FieldKind.CHOICE, choices=editions),
        Field("kinds", "征集类别", FieldKind.CHOICES, choices=choices(KIND_LABELS), hint=KINDS_HINT),
    )
    when = (
        Field("opens_at", "征集开始时间", FieldKind.DATETIME, hint="北京时间"),
        Field("closes_at", "征集截止时间", FieldKind.DATETIME, hint="北京时间；截止的这一分钟计到最后一秒"),
        Field("papers_due_on", "纸质材料截止日期", FieldKind.DATE, required=False),
        _days("bid_days", "揭榜期", "天", 1, 365, "列入榜单时据此预填揭榜截止时间", required=True),
    )
    how = (
        _days("notice_days", "公示期", "个工作日", 1, 60, "不填则按所选版本"),
        _days("roadshow_scores", "路演评分人数下限", "人", 3, 30, "不填则按所选版本"),
        Field(
            "guide",
            "申报指南",
            FieldKind.LONG,
            required=False,
            limit=3000,
            hint="重点方向、申报要求、联系方式；随征集通知一并公布",
        ),
    )
    sections = (Section("征集什么", what), Section("征集时间", when), Section("办理要求", how))
    return FormDefinition("call", "征集批次", sections=sections)


def _days(key: str, label: str, unit: str, least: int, most: int, hint: str, required: bool = False) -> Field:
    return Field(
        key,
        label,
        FieldKind.WHOLE,
        required=required,
        unit=unit,
        hint=hint,
        minimum=Decimal(least),
        maximum=Decimal(most),
    )


NOTICE_FIELDS = (
    Field("title", "公告标题", FieldKind.TEXT, limit=80),
    Field("number", "文号", FieldKind.DOCUMENT_NUMBER, required=False, hint=NUMBER.hint),
    Field("body", "公告正文", FieldKind.LONG, limit=5000, hint="每段一行"),
)
PUBLISH_FORM = one_section("publish_call", "发布征集通知", NOTICE_FIELDS, "征集通知")
REASON = Field("reason", "更正原因", FieldKind.LONG, limit=300, hint="记入操作记录，并通知公告所列项目的各方")
SUPERSEDE_FORM = one_section("supersede", "更正公告", (*NOTICE_FIELDS, REASON), "更正后的公告")

WHY = Field("reason", "理由", FieldKind.LONG, limit=300, hint="记入操作记录，并通知本批次有关的申报单位")
PROLONG_FORM = FormDefinition(
    "prolong_call",
    "延长征集时间",
    sections=(
        Section(
            "延长",
            (
                Field("closes_at", "新的征集截止时间", FieldKind.DATETIME, hint="北京时间；截止的这一分钟计到最后一秒"),
                WHY,
            ),
        ),
        Section("公告", NOTICE_FIELDS),
    ),
)


def cancel_form(others: Mapping[str, str]) -> FormDefinition:
    """Return the form of a call that is cancelled; ``others`` are the calls to which its entries can be moved."""
    to = Field(
        "move_to",
        "已提交的申报",
        FieldKind.CHOICE,
        required=False,
        choices=choices({key: f"转入{quoted(title)}" for key, title in others.items()}),
        hint="不选的，已提交、尚未发布的申报随批次终结；已经发布的项目不受影响。",
    )
    return FormDefinition(
        "cancel_call",
        "取消批次",
        sections=(Section("取消", (WHY, to) if others else (WHY,)), Section("公告", NOTICE_FIELDS)),
    )
