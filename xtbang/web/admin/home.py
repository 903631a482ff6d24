"""Administration (管理): the start page. The other pages of this blueprint are in modules of their own, by subject."""

from datetime import datetime
from typing import Any

from flask import Blueprint, current_app, render_template, url_for
from sqlalchemy import ColumnElement, func, select

from xtbang.backup import last, warning
from xtbang.editions import standings_of
from xtbang.extensions import db
from xtbang.jobs.job_table import GIVEN_UP
from xtbang.models import Event, HolidayYear, Job, Mail, Organisation, Person, Restriction, RestrictionAct
from xtbang.people.mails import FAILED
from xtbang.rules.dates import day_of
from xtbang.rules.term import in_chinese
from xtbang.web.frame.access import access, actor
from xtbang.web.frame.shell import caller, engine

admin = Blueprint("admin", __name__)

COUNTED = 1000


@admin.get("/admin")
@access("admin", "science", "auditor")
def home() -> str:
    """Show the subjects this person administers, each with the number of waiting items."""
    roles = actor().roles
    subjects = [found for found in _subjects() if roles & found["roles"]]
    return render_template("admin/home.html", subjects=subjects)


def at_home() -> bool:
    """Return whether the reader may open the start page of the administration."""
    return not actor().roles.isdisjoint(("science", "auditor", "admin"))


def _subjects() -> list[dict[str, Any]]:
    now = engine().clock()
    today = day_of(now)
    in_force = (Restriction.starts_on <= today, Restriction.ends_on >= today, Restriction.lifted_at.is_(None))
    latest = db.session.scalar(select(Event.at).order_by(Event.id.desc()).limit(1))
    pending = _count(Organisation.id, Organisation.status == "pending")
    waiting = _count(HolidayYear.id, HolidayYear.status == "waiting")
    unconfirmed = _count(RestrictionAct.id, RestrictionAct.status == "waiting")
    failed = _count(Mail.id, *FAILED)
    given_up = _count(Job.id, *GIVEN_UP)
    backup = last(current_app.config["INSTANCE"])
    late = warning(backup, now)
    changed = sum(standing.wrong for standing in standings_of(current_app))
    return [
        _subject(
            "单位", "admin.organisations", "building", "核对注册单位的资料，确认或不予确认。", {"science", "admin"},
            f"{pending} 家待确认" if pending else "没有待确认的单位", "wait" if pending else "",
        ),
        _subject(
            "征集批次", "calls.index", "speakerphone", "新建、修改批次，发布征集通知。", {"science"},
        ),
        _subject(
            "放假安排", "admin.holidays", "calendar", "登记、复核国务院公布的放假安排，工作日按它计算。",
            {"science", "auditor", "admin"}, f"{waiting} 项待复核" if waiting else "", "wait" if waiting else "",
        ),
        _subject(
            "规则版本", "admin.editions", "gavel", "查看各版本何时施行、有哪些不同、用哪些表格，文件与冻结的内容是否一致。",
            {"science", "auditor", "admin"}, f"{changed} 个版本的文件与冻结的不同" if changed else "", "stop" if changed else "",
        ),
        _subject(
            "限制名单", "admin.restrictions", "ban", f"依照{caller().cite('integrity')}限制申报、揭榜和拨款，到期自动解除。",
            {"science", "auditor", "admin"}, f"{unconfirmed} 项待另一人确认" if unconfirmed else f"{_count(Restriction.id, *in_force) or 0} 项限制生效中",
            "wait" if unconfirmed else "",
        ),
        _subject(
            "人员与角色", "admin.people", "users", "开通账号，分配角色，停用账号。", {"admin"},
            f"{_count(Person.id, Person.active.is_(True)) or 0} 个启用的账号",
        ),
        _subject(
            "邮件记录", "admin.mails", "mail", "查看邮件是否送达，重发失败的邮件。", {"admin"},
            f"{failed} 封发送失败" if failed else "没有发送失败的邮件", "stop" if failed else "",
        ),
        _subject(
            "操作记录", "admin.audit", "history", "按项目、人员、事项和日期查询全部办理记录，核验记录是否完整。",
            {"auditor", "admin"}, f"最近一条：{_day(latest)}" if latest else "还没有记录",
        ),
        _subject(
            "后台任务", "admin.jobs", "clock", "查看提醒、备份、核验等任务的进度和结果，取消或重做。", {"admin", "auditor"},
            f"{given_up} 项没有完成" if given_up else "没有失败的任务", "stop" if given_up else "",
        ),
        _subject(
            "数据备份", "admin.backup", "database", "查看最近一次备份的时间、位置和核验结果。", {"admin"},
            late.rstrip("。") or f"最近一次：{_day(backup and backup.at)}", "stop" if late else "",
        ),
    ]  # fmt: skip


def _day(moment: datetime | None) -> str:
    return in_chinese(day_of(moment)) if moment else ""


def _subject(
    name: str, endpoint: str, picture: str, about: str, roles: set[str], state: str = "", tone: str = ""
) -> dict[str, Any]:
    url = url_for(endpoint)
    return {"name": name, "url": url, "icon": picture, "about": about, "roles": roles, "state": state, "tone": tone}


def _count(column: Any, *conditions: ColumnElement[bool]) -> str:
    """Return how many rows meet the conditions, counted to COUNTED; "" for none."""
    some = select(column).where(*conditions).limit(COUNTED + 1).subquery()
    number = db.session.scalar(select(func.count()).select_from(some)) or 0
    return f"超过 {COUNTED}" if number > COUNTED else str(number or "")
