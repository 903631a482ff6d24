"""The forms for meetings (会次), as definitions for the field macros and ``rules.forms``."""

from decimal import Decimal

from xtbang.domain.experts import DRAWN
from xtbang.enums import MEETING_LABELS
from xtbang.rules.fields import Field, FieldKind, choices, one_section

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
NEW_FORM = one_section("plan_meeting", "新建会次", (KIND, *WHEN), "会次")
CHANGE_FORM = one_section("change_meeting", "修改会次", (*WHEN, REASON), "会次")
CANCEL_FORM = one_section("cancel_meeting", "取消会次", (REASON,), "取消会次")


def _number(key: str, kind: str) -> Field:
    return Field(key, f"{kind}专家", FieldKind.WHOLE, unit="名", minimum=Decimal(0), maximum=Decimal(30))


DRAW_FORM = one_section(
    "draw_for_meeting", "抽取专家", tuple(_number(key, kind) for key, kind in DRAWN.items()), "抽取人数"
)
