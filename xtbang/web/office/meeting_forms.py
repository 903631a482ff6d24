"""The forms for meetings (会次), as definitions for the field macros and ``rules.forms``."""

from decimal import Decimal

from xtbang.domain.experts import DRAWN
from xtbang.enums import MEETING_LABELS
from xtbang.rules.fields import Field, FieldKind, FormDefinition, Section, choices

REASON = Field("reason", "原因", FieldKind.LONG, limit=300, hint="记入操作记录，并通知已作准备的各方和专家")
WHEN = (
    Field("title", "会次名称", FieldKind.TEXT, limit=60, hint="例如：2026年第一批项目路演（上午场）"),
    Field("starts_at", "开始时间", FieldKind.DATETIME, required=False, hint="北京时间；不填为函评，或者另行通知"),
    Field("place", "地点", FieldKind.TEXT, required=False, limit=100),
    Field(
        "minutes",
        "每个项目时长",
        FieldKind.WHOLE,
        required=False,
        unit="分钟",
        minimum=Decimal(5),
        maximum=Decimal(240),
        hint="议程按此推算每个项目的开始时间",
    ),
)
KIND = Field("kind", "会次种类", FieldKind.CHOICE, choices=choices(MEETING_LABELS))
NEW_FORM = FormDefinition("plan_meeting", "新建会次", sections=(Section("会次", (KIND, *WHEN)),))
CHANGE_FORM = FormDefinition("change_meeting", "修改会次", sections=(Section("会次", (*WHEN, REASON)),))
CANCEL_FORM = FormDefinition("cancel_meeting", "取消会次", sections=(Section("取消会次", (REASON,)),))


def _number(key: str, kind: str) -> Field:
    return Field(key, f"{kind}专家", FieldKind.WHOLE, unit="名", minimum=Decimal(0), maximum=Decimal(30))


DRAW_FORM = FormDefinition(
    "draw_for_meeting",
    "抽取专家",
    sections=(Section("抽取人数", tuple(_number(key, kind) for key, kind in DRAWN.items())),),
)
