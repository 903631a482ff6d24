"""The desk (待办): waiting tasks and the due dates of this week."""

from collections.abc import Collection, Mapping
from datetime import date, timedelta
from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from flask_login import current_user

from xtbang.enums import BUREAU_ROLES, RoleName
from xtbang.queries.assignments import among_tasks, officers_of
from xtbang.queries.blind import blind_titles_of
from xtbang.queries.caller import Caller
from xtbang.queries.desk.calendar import LATE_DAYS, still_shown
from xtbang.queries.desk.due_dates import Reminder, dues_of
from xtbang.queries.desk.tasks import CAP, PLAIN, Item, Waiting, items, waiting
from xtbang.queries.rights.lists import OFFICES
from xtbang.queries.shown.people import organisation_shown
from xtbang.rules.actor import NEWCOMER
from xtbang.rules.asked import Asked
from xtbang.rules.dates import SHANGHAI
from xtbang.rules.term import in_chinese
from xtbang.web.frame.access import SIGNED_IN, access
from xtbang.web.frame.cards import Card, address_of, card
from xtbang.web.frame.lines import Line, heads, line
from xtbang.web.frame.shell import caller
from xtbang.web.office.calendar import address_of_due
from xtbang.web.office.desk_order import COLUMNS, LONGEST, age_of_item, chosen_on_desk, in_desk_order, mine_only
from xtbang.web.office.queue import first_deed
from xtbang.web.office.selection import Picking, deeds_of_group
from xtbang.web.project.reached import visible_project

desk = Blueprint("desk", __name__)

SHOWN = 6  # of each group; “查看全部” shows the rest


@desk.get("/desk")
@access(SIGNED_IN)
def home() -> str:
    """Show the tasks by group, late ones first, and the dates of this week."""
    reader = caller()
    roles = reader.actor.roles
    among = among_tasks(reader, Asked(mine_only()))
    every = waiting(reader, among)
    only = request.args.get("group", "")
    groups = [group for group in every if group.key == only] or every
    if len(groups) == 1:
        groups = [_whole(reader, groups[0], among)]
    shown = SHOWN if len(groups) > 1 else CAP
    week = reader.today + timedelta(days=6 - reader.today.weekday())
    near = reader.today - timedelta(days=LATE_DAYS), week
    dates, later = dues_of(reader, (near, (week + timedelta(days=1), week + timedelta(days=30))))
    dates = still_shown(dates, reader.today)
    projects = {item.row.id for group in groups if group.task.opens not in PLAIN for item in group.tasks}
    officers = officers_of(reader, projects)
    blind = blind_titles_of(reader, projects | {due.project_id for due in (*dates, *later) if due.project_id})
    unit = current_user.organisation if not roles or NEWCOMER in roles else None
    tabs = [_tab(reader, group) for group in every]
    return render_template(
        "desk/home.html",
        groups=[_group(reader, group, shown, officers, blind) for group in groups],
        tabs=tabs,
        only=only if len(groups) == 1 and len(every) > 1 else "",
        total=sum(group.count for group in every),
        more=any(group.more for group in every),
        late=sum(tab["late"] for tab in tabs),
        dates=_dates(dates, reader, blind),
        later=_dates(later, reader, blind)[:5],
        week=f"{in_chinese(reader.today)}至{in_chinese(week)}" if week > reader.today else in_chinese(week),
        roles=roles,
        officer=not roles.isdisjoint(OFFICES),
        bureau=not roles.isdisjoint(BUREAU_ROLES),
        mine=mine_only().get("mine"),
        unit=organisation_shown(unit) if unit else None,
        watches=roles and roles <= {RoleName.AUDITOR, RoleName.ADMIN},
    )


@desk.get("/desk/<key>/<int:project_id>")
@access(*OFFICES)
def deed(key: str, project_id: int) -> Any:
    """Redirect to the first action of that task that can be done with the project, as part of its queue; else to the project."""
    reader, done = caller(), request.args.get("done", type=int)
    project = visible_project(project_id, reader.actor)
    for task, found in items(reader, 1, [project_id], only=key):
        trigger = first_deed(reader, task, found[0], project)
        if task.document and found[0].row.document_id and not task.opens:
            return redirect(url_for("documents.edit", project_id=project_id, document_id=found[0].row.document_id))
        if trigger:
            return redirect(
                url_for("actions.act", project_id=project_id, trigger=trigger, queue=key, done=done, **chosen_on_desk())
            )
    return redirect(url_for("projects.page", project_id=project_id))


def _whole(reader: Caller, group: Waiting, among: Collection[int] | None) -> Waiting:
    """Return a group that is shown by itself with all that can be put in order, not only with what was counted."""
    for task, found in items(reader, LONGEST + 1, among, only=group.key):
        return Waiting(task, tuple(found[:LONGEST]), len(found) > LONGEST)
    return group


def _tab(reader: Caller, group: Waiting) -> dict[str, Any]:
    count = f"{group.count}+" if group.more else str(group.count)
    return {"key": group.key, "title": group.task.title, "count": count, "late": _late(reader, group)}


def _late(reader: Caller, group: Waiting) -> int:
    """Return how many of a group are late; to officers also what waits longer than planned for its state."""
    if group.task.opens in PLAIN or reader.actor.roles.isdisjoint(OFFICES):
        return group.late
    return sum(age_of_item(reader.policy, item) == "late" for item in group.tasks)


def _group(
    reader: Caller, group: Waiting, most: int, officers: Mapping[int, str], blind: Mapping[int, str]
) -> dict[str, Any]:
    plain, officer = group.task.opens in PLAIN, not reader.actor.roles.isdisjoint(OFFICES)
    shown, sort = group.tasks[:most], request.args.get("sort", "")
    listed = in_desk_order(reader, group.tasks, officers)[:most] if officer and not plain else ()
    chosen: dict[str, Any] = {"group": group.key} | mine_only()
    deeds = deeds_of_group(reader.policy, reader.actor.roles, group) if listed else ()
    tab = _tab(reader, group)
    return tab | {
        "rows": [_row(reader, group, item, officers) for item in listed],
        "heads": heads(COLUMNS, sort, lambda key: url_for("desk.home", **chosen, sort=key)),
        "pick": Picking("desk", tuple(chosen.items()), tab["count"], deeds),
        "cards": [] if plain or officer else [_card(group, item, blind) for item in shown],
        "lines": [_line(group, item) for item in shown] if plain else [],
        "cut": len(group.tasks) > most,
        "more": group.more,
    }


def _card(group: Waiting, item: Item, blind: Mapping[int, str]) -> Card:
    document = item.row.document_id if group.task.document else None
    url = address_of(item.row, group.task.opens, document, item.trigger)
    shown: dict[str, Any] = {
        "next": (item.button, url),
        "note": item.note,
        "turn": f"已等待 {item.waited} 天" if item.due is None and item.waited > 0 else "",
        "due_text": in_chinese(item.due) if item.due else "",
        "due_days": item.days,
    }
    if group.key == "invitations":
        shown |= {"url": url, "org": "", "amount": ""}
    if item.row.id in blind:
        shown |= {"url": url, "org": "", "amount": "", "title": blind[item.row.id]}
    return card(item.row, **shown)


def _row(reader: Caller, group: Waiting, item: Item, officers: Mapping[int, str]) -> Line:
    plan = reader.policy.days_in(item.row.edition, item.row.state)
    opens = group.task.opens or not (item.trigger or group.task.deeds)
    document = item.row.document_id if group.task.document else None
    return line(
        item.row,
        next=(
            item.button,
            address_of(item.row, group.task.opens, document, item.trigger)
            if opens
            else url_for("desk.deed", key=group.key, project_id=item.row.id, **chosen_on_desk()),
        ),
        note=item.note,
        waited=item.waited,
        age=age_of_item(reader.policy, item),
        due=in_chinese(item.due) if item.due else f"计划 {plan} 天" if plan else "",
        who=officers.get(item.row.id, ""),
    )


def _line(group: Waiting, item: Item) -> dict[str, Any]:
    row = item.row
    urls = {
        "notice": lambda: url_for("notices_admin.page", notice_id=row.id),
        "organisation": lambda: url_for("admin.organisation", organisation_id=row.id),
        "mail": lambda: url_for("admin.mails"),
    }
    waited = f"已等待 {item.waited} 天" if item.waited > 0 else ""
    return {"title": row.title, "url": urls[group.task.opens](), "note": item.note, "waited": waited}


def _dates(found: list[Reminder], reader: Caller, blind: Mapping[int, str]) -> list[dict[str, Any]]:
    """Return one line for each date; an officer sees a roadshow day once, however many projects it has."""
    shown: dict[Any, dict[str, Any]] = {}
    for due in found:
        together = due.meeting and "science" in reader.actor.roles
        key = due.at if together else (due.about.key, due.on, due.project_id, due.notice_id)
        line = shown.setdefault(key, _date(due, reader.today, blind) | {"count": 0})
        line["count"] += 1
        if together and line["count"] > 1:
            line |= {"title": f"{line['count']} 个项目", "url": url_for("meetings.index")}
    return list(shown.values())


def _date(due: Reminder, today: date, blind: Mapping[int, str]) -> dict[str, Any]:
    return {
        "name": due.about.name,
        "title": blind.get(due.project_id or 0, due.title) or "未命名的草稿",
        "url": address_of_due(due, blind),
        "text": in_chinese(due.on),
        "days": (due.on - today).days,
        "time": f"{due.at.astimezone(SHANGHAI):%H:%M}" if due.at and due.meeting else "",
    }
