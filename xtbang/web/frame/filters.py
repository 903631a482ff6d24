"""Formats of values on pages: dates as 2026年11月23日, money as 12.50 万元, times in Shanghai."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from urllib.parse import urlsplit

from flask import Flask

from xtbang import enums
from xtbang.domain.notices import number_of
from xtbang.rules.dates import SHANGHAI, day_of
from xtbang.rules.fields import Field, FieldKind
from xtbang.rules.funding_facts import yuan
from xtbang.rules.money import format_sum, format_wan, grouped
from xtbang.rules.quotation import quoted
from xtbang.rules.term import in_chinese
from xtbang.rules.values import readable_value
from xtbang.web.frame.shell import policy

LABELS = {
    "track": enums.TRACK_LABELS,
    "bid": enums.BID_LABELS,
    "voucher": enums.VOUCHER_LABELS,
    "meeting": enums.MEETING_LABELS,
    "meeting_state": enums.MEETING_STATE_LABELS,
    "panel": enums.PANEL_LABELS,
    "seat": enums.SEAT_LABELS,
    "notice": enums.NOTICE_LABELS,
    "call_state": enums.CALL_STATE_LABELS,
    "batch_item": enums.BATCH_ITEM_LABELS,
    "ledger": enums.LEDGER_LABELS,
    "reversal": enums.REVERSAL_LABELS,
    "source": enums.SOURCE_LABELS,
    "kind": enums.KIND_LABELS,
}
EVENT_NAMES = {
    "register": "注册单位",
    "confirm_organisation": "确认单位",
    "refuse_organisation": "不予确认单位",
    "edit_organisation": "修改单位资料",
    "ask_change": "申请单位变更",
    "refuse_change": "不予确认单位变更",
    **{f"change_{kind}": f"单位变更：{name}" for kind, name in enums.CHANGE_LABELS.items()},
    "succeed": "由另一单位承继",
    "add_person": "添加人员",
    "edit_person": "修改人员",
    "appoint_deputy": "指定代办",
    "end_deputy": "结束代办",
    "hand_over": "离岗交接",
    "take_over": "接手工作",
    "sign_in": "登录",
    "sign_in_refused": "登录被拒绝",
    "sign_in_locked": "登录失败过多，暂停登录",
    "sign_in_slowed": "登录失败过多，放慢登录",
    "end_sign_in": "退出一台设备",
    "end_sign_ins": "退出全部设备",
    "ask_password_reset": "申请重设密码",
    "reset_password": "通过邮件重设密码",
    "ask_email_change": "申请更换登录邮箱",
    "change_email": "更换登录邮箱",
    "set_second_factor": "启用登录验证码",
    "drop_second_factor": "停用登录验证码",
    "renew_recovery_codes": "重新生成恢复码",
    "use_recovery_code": "使用恢复码",
    "reset_second_factor": "解除登录验证码",
    "open_calendar_address": "启用日历订阅地址",
    "close_calendar_address": "停用日历订阅地址",
    "export_case_files": "导出案卷",
    "export_list": "导出表格",
    "erase_personal_data": "清除期满的个人信息",
    "create_call": "新建批次",
    "edit_call": "修改批次",
    "publish_call": "发布征集通知",
    "supersede_notice": "更正公告",
    "publish_shared_notice": "发布合并公告",
    "plan_meeting": "新建会次",
    "change_meeting": "修改会次",
    "close_meeting": "结束会次",
    "cancel_meeting": "取消会次",
    "sign_in_experts": "登记专家签到",
    "print_meeting_paper": "打印会次文书",
    "reorder_meeting": "调整会次顺序",
    "reorder_roadshow": "调整路演顺序",
    "draw_experts": "抽取专家",
    "print_sheets": "打印空白评分表",
    "print_payment_sheet": "出具批次拨款审批单",
    "record_account": "登记收款账户",
    "declare_slip": "登记汇总凭证",
    "cancel_slip": "撤销汇总凭证",
    "ask_budget": "登记预算变动",
    "confirm_budget": "复核预算变动",
    "refuse_budget": "不予确认预算变动",
    "withdraw_budget": "撤回预算变动",
    "create_entry": "新建申报",
    "restrict": "限制申报",
    "tell_restriction": "出具限制申报告知书",
    "withdraw_restriction_notice": "撤回限制申报告知书",
    "serve_restriction_notice": "登记限制申报告知书送达",
    "state_on_restriction": "陈述、申辩",
    "enter_restriction_statement": "登记陈述、申辩",
    "take_back_restriction_statement": "收回陈述、申辩的登记",
    "inherit_notice": "承继告知书",
    "lift_restriction": "解除限制",
    "correct_restriction": "更正限制期",
    "retry_mail": "重发邮件",
    "retry_job": "重做后台任务",
    "cancel_job": "取消后台任务",
    "start_batch": "批量办理",
    "cancel_batch": "停止批量办理",
}
DATED = {FieldKind.DATE: "date", FieldKind.DATETIME: "datetime-local"}


def day(value: date | str | None) -> str:
    """Return a date as 2026年11月23日."""
    if not value:
        return ""
    if isinstance(value, str):
        value = date.fromisoformat(value[:10])
    elif isinstance(value, datetime):
        value = day_of(value)
    return in_chinese(value)


def moment(value: datetime | None) -> str:
    """Return a time in Shanghai as 2026年11月23日 09:05."""
    if value is None:
        return ""
    local = value.astimezone(SHANGHAI)
    return f"{in_chinese(local.date())} {local:%H:%M}"


def second(value: datetime | None) -> str:
    """Return a time in Shanghai as 2026年11月23日 09:05:07."""
    return f"{moment(value)}{value.astimezone(SHANGHAI).strftime(':%S')}" if value else ""


def left(until: datetime, now: datetime) -> str:
    """Return the time that is left as 还剩 3 天 5 小时."""
    time = until - now
    return f"还剩 {time.days} 天 {time.seconds // 3600} 小时"


def wan(value: Decimal | None) -> str:
    """Return an amount in yuan as 12.50 万元."""
    return "" if value is None else format_wan(value)


def figure(value: Decimal | None) -> str:
    """Return an amount in yuan as 1,234.50, for a table whose head says 万元; "—" for none."""
    return "—" if value is None else grouped(value)


def sum_of(fields: Iterable[Field], values: Mapping[str, Any]) -> str:
    """Return the sum of the amounts in these fields that can be read, without a total among them; "" when there is none."""
    typed = (values.get(field.key) for field in fields if not field.key.startswith("total"))
    amounts = [amount for text in typed if (amount := yuan(text)) is not None]
    return format_sum(sum(amounts, Decimal(0))) if amounts else ""


def label(value: str | None, table: str) -> str:
    """Return the Chinese name of a stored value: ``label("city", "source")``."""
    names = policy().city.role_labels if table == "role" else LABELS[table]
    return names.get(value or "", value or "")


def box_type(field: Field, value: Any) -> str:
    """Return the type of the box for a value of one line. A date that cannot be read stands in a box of text.

    A box for dates would be empty.
    """
    if field.kind in DATED:
        return DATED[field.kind] if not value or readable_value(field, value) else "text"
    return {FieldKind.PHONE: "tel", FieldKind.MOBILE: "tel", FieldKind.EMAIL: "email"}.get(field.kind, "text")


def action_name(trigger: str) -> str:
    """Return the Chinese name of a trigger; events of organisations and people have their own names."""
    action = policy().actions.get(trigger)
    return action.name if action else EVENT_NAMES.get(trigger, trigger)


def is_confirmed(trigger: str) -> bool:
    """Return whether another person confirms that action (复核)."""
    action = policy().actions.get(trigger)
    return action is not None and bool(action.second)


def awaited(signed: Iterable[str], trigger: str) -> str:
    """Return who has still to countersign that action after these roles."""
    return policy().city.awaited(signed, policy().actions[trigger].who)


def local(link: str) -> str:
    """Return the link of a mail as a path on this site, whatever host name it has."""
    return urlsplit(link)._replace(scheme="", netloc="").geturl() or "/"


def add_filters(app: Flask) -> None:
    """Add the filters to every template."""
    for function in (
        day,
        moment,
        second,
        left,
        wan,
        figure,
        sum_of,
        label,
        box_type,
        action_name,
        is_confirmed,
        awaited,
        number_of,
        quoted,
    ):
        app.jinja_env.filters[function.__name__] = function
