"""Calls (批次): writing, correcting and publishing them. Each function is one transaction with its event."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from xtbang.actions import audit
from xtbang.domain.bids import last_moment, moment
from xtbang.domain.frozen_editions import freeze
from xtbang.domain.notices import number_taken, publish_alone
from xtbang.enums import KIND_LABELS
from xtbang.errors import Blocked, Forbidden, NotFound, Stale
from xtbang.models import Call, Notice, Project
from xtbang.models.writing import writing
from xtbang.queries.caller import Caller
from xtbang.rules.dates import SHANGHAI
from xtbang.rules.edition import Edition
from xtbang.rules.money import plain
from xtbang.rules.quotation import quoted
from xtbang.rules.reasons import Reason
from xtbang.rules.term import in_chinese

CODE = re.compile(r"[0-9A-Za-z][0-9A-Za-z-]{0,19}")
FIXED = {"code": "批次编号", "edition": "适用版本", "kinds": "征集类别", "opens_at": "征集开始时间"}


def save_call(caller: Caller, values: Mapping[str, Any], call_id: int | None = None, seen: int = 0) -> Call:
    """Create a call, or correct one that was seen as version ``seen``; ``values`` are checked values of the form.

    Raises Forbidden, NotFound, Stale, and Blocked with every reason at once.
    """
    only_science(caller)
    session = caller.session
    with writing(session):
        call = locked_call(session, call_id, seen) if call_id else Call(created_by_id=caller.actor.person_id, version=0)
        if against := reasons(caller, call, values):
            raise Blocked(against)
        fill(call, values)
        call.version += 1
        session.add(call)
        session.flush()
        trigger = "edit_call" if call_id else "create_call"
        audit.append(caller, f"call:{call.id}", trigger=trigger, role="science", data=dict(values))
    return call


def publish_call(caller: Caller, call_id: int, seen: int, values: Mapping[str, Any]) -> Notice:
    """Publish a call as a 征集通知: entries can be begun from now on, and its edition is frozen. Raises as `save_call`."""
    only_science(caller)
    session = caller.session
    with writing(session):
        call = locked_call(session, call_id, seen)
        if call.published_at:
            raise Blocked([Reason("N1.published", "本批次已发布。", caller.cite("entries"))])
        if caller.now > call.closes_at:
            raise Blocked([Reason("N1.window", "征集截止时间已过，请先修改后再发布。", caller.cite("entries"))])
        if taken := list(number_taken(session, values.get("number", ""), "number")):
            raise Blocked(taken)
        edition = caller.policy.newest(call.edition, caller.today)
        if against := [*_in_force(edition, caller.today), *_against_edition(edition, written(call))]:
            raise Blocked(against)
        freeze(caller, edition)
        call.published_at = caller.now
        call.version += 1
        notice = Notice(
            kind="call",
            call_id=call.id,
            number=values.get("number", ""),
            title=values["title"],
            body=values["body"],
            created_at=caller.now,
        )
        publish_alone(caller, notice)
        audit.append(caller, f"call:{call.id}", trigger="publish_call", role="science", data=dict(values))
    return notice


def fill(call: Call, values: Mapping[str, Any]) -> None:
    """Store the values of the form in the row; the closing minute counts to its last second."""
    due = values.get("papers_due_on")
    call.code, call.title, call.edition = values["code"], values["title"], values["edition"]
    call.kinds = list(values["kinds"])
    call.opens_at, call.closes_at = moment(values["opens_at"]), last_moment(values["closes_at"])
    call.papers_due_on = date.fromisoformat(due) if due else None
    call.guide = values.get("guide", "")
    call.bid_days = values["bid_days"]
    call.notice_days = values.get("notice_days") or None
    call.roadshow_scores = values.get("roadshow_scores") or None


def written(call: Call) -> dict[str, Any]:
    """Return the row as values of the form."""
    return {
        "code": call.code,
        "title": call.title,
        "edition": call.edition,
        "kinds": list(call.kinds),
        "opens_at": _typed(call.opens_at),
        "closes_at": _typed(call.closes_at),
        "papers_due_on": call.papers_due_on.isoformat() if call.papers_due_on else "",
        "guide": call.guide,
        "bid_days": call.bid_days,
        "notice_days": "" if call.notice_days is None else call.notice_days,
        "roadshow_scores": "" if call.roadshow_scores is None else call.roadshow_scores,
    }


def reasons(caller: Caller, call: Call, values: Mapping[str, Any]) -> list[Reason]:
    """Return every reason against these values, for a new call or for this one."""
    found = []
    if not CODE.fullmatch(values["code"]):
        text = "批次编号只能用字母、数字和短横线，不超过 20 个字符，例如 2026-01。"
        found.append(Reason("F.format", text, field="code"))
    same = select(Call.id).where(Call.code == values["code"], Call.id != (call.id or 0))
    if caller.session.scalars(same).first():
        found.append(Reason("N1.code", f"批次编号{quoted(values['code'])}已被使用。", field="code"))
    name = values["edition"]
    edition = caller.policy.newest(name, caller.today) if name in caller.policy.names else None
    for kind in values["kinds"] if edition else ():
        if edition and kind not in edition.forms:
            text = f"{quoted(KIND_LABELS.get(kind, kind))}不在所选版本的征集范围内。"
            found.append(Reason("A4.kind", text, caller.cite("entries"), field="kinds"))
    opens, closes = moment(values["opens_at"]), last_moment(values["closes_at"])
    if closes <= opens:
        found.append(Reason("N1.window", "征集截止时间须晚于开始时间。", caller.cite("entries"), field="closes_at"))
    due = values.get("papers_due_on")
    if due and not opens.date() <= date.fromisoformat(due) <= closes.date():
        text = "纸质材料截止日期须在征集时间之内。"
        found.append(Reason("N1.papers", text, caller.cite("entries"), field="papers_due_on"))
    if edition:
        found += _against_edition(edition, values)
        if edition.ends_on and not call.published_at and caller.today > edition.ends_on:
            found += [replace(reason, field="edition") for reason in _in_force(edition, caller.today)]
    if edition and edition.starts_on and opens.date() < edition.starts_on and not call.published_at:
        start = in_chinese(edition.starts_on)
        text = f"征集自{in_chinese(opens.date())}开始，早于所选版本的施行日期{start}。"
        found.append(Reason("N1.in_force", text, edition.articles["window"], field="opens_at"))
    return found + _against_changes(caller, call, values)


def _in_force(edition: Edition, today: date) -> Iterator[Reason]:
    """Yield a reason when a notice of that day cannot rest on the edition: not in force yet, or not any more."""
    article = edition.articles["window"]
    if edition.starts_on and today < edition.starts_on:
        text = f"所选版本自{in_chinese(edition.starts_on)}起施行，此前不能按它发布征集通知。"
        yield Reason("N1.in_force", text, article)
    if edition.ends_on and today > edition.ends_on:
        text = f"所选版本已于{in_chinese(edition.ends_on)}停止施行，不能再按它发布征集通知，请改用现行版本。"
        yield Reason("N1.out_of_force", text, article)


def _against_edition(edition: Edition, values: Mapping[str, Any]) -> Iterator[Reason]:
    """Yield a reason where a call asks for less than its edition; it may ask for more."""
    days, least = values.get("notice_days"), edition.notice_days
    if days and days < least.value:
        text = f"公示期 {days} 个工作日，少于所选版本规定的 {plain(least.value)} 个工作日。"
        yield Reason("A9.notice_days", text, least.article, field="notice_days")
    scores, sheet = values.get("roadshow_scores"), edition.sheets["roadshow"]
    if scores and scores < sheet.experts_minimum:
        text = f"路演评分人数下限 {scores} 人，少于所选版本规定的 {sheet.experts_minimum} 人。"
        yield Reason("A9.roadshow_scores", text, sheet.article, field="roadshow_scores")


def _against_changes(caller: Caller, call: Call, values: Mapping[str, Any]) -> list[Reason]:
    """Return reasons against changes of what was announced or has entries already; the window may only grow."""
    if not call.id:
        return []
    used = caller.session.scalars(select(Project.id).where(Project.call_id == call.id).limit(1)).first()
    if not used and not call.published_at:
        return []
    before, why = written(call), "发布后不能修改" if call.published_at else "已有单位申报，不能修改"
    found = [
        Reason("N1.fixed", f"{label}{why}。", caller.cite("entries"), field=key)
        for key, label in FIXED.items()
        if before[key] != values[key]
    ]
    if call.published_at and last_moment(values["closes_at"]) != call.closes_at:
        text = "征集截止时间发布后不能直接修改；需要延长的，办理“延长征集时间”，并发布公告。"
        found.append(Reason("N1.shorter", text, caller.cite("entries"), field="closes_at"))
    return found


def _typed(at: datetime) -> str:
    return at.astimezone(SHANGHAI).strftime("%Y-%m-%dT%H:%M")


def only_science(caller: Caller) -> None:
    """Raise Forbidden for everyone but an officer of the lead office."""
    if "science" not in caller.actor.roles:
        raise Forbidden(f"只有{caller.policy.city.lead.short}可以办理征集批次。")


def locked_call(session: Session, call_id: int, seen: int) -> Call:
    """Return the call, locked. Raise NotFound, and Stale when it has changed since version ``seen``."""
    call = session.get(Call, call_id, with_for_update=True)
    if call is None:
        raise NotFound(f"call {call_id}")
    if call.version != seen:
        raise Stale([], call.version)
    return call
