"""Meetings as files: all of them, the ranking of one, the calendar of the reader."""

from xtbang.enums import MEETING_LABELS, MEETING_STATE_LABELS
from xtbang.models import Meeting
from xtbang.queries.caller import Caller
from xtbang.queries.desk.calendar import dates_of
from xtbang.queries.meeting_scores import ranked_projects
from xtbang.queries.meetings import in_order, meetings
from xtbang.queries.rights.lists import OFFICES, SEE_OFFICE_WORK
from xtbang.rules.asked import Asked
from xtbang.rules.dates import day_of
from xtbang.rules.sheet import Column, Kind, Sheet, texts
from xtbang.sheets.registry import list_file


@list_file("meetings.index", SEE_OFFICE_WORK)
def meeting_list(caller: Caller, asked: Asked) -> Sheet:
    """Return the meetings, of one kind or of all."""
    columns = [
        *texts("名称", "种类"),
        Column("时间", Kind.MOMENT),
        *texts("地点"),
        Column("项目", Kind.WHOLE),
        *texts("状态"),
    ]
    rows = (
        (
            row.id,
            row.title,
            MEETING_LABELS[row.kind],
            row.starts_at,
            row.place,
            row.count,
            MEETING_STATE_LABELS[row.status],
        )
        for row in meetings(caller.session, asked.text("kind", MEETING_LABELS), most=asked.most, only=asked.ids or None)
    )
    return Sheet("会次", columns, rows)


@list_file("meetings.page", SEE_OFFICE_WORK)
def ranking(caller: Caller, asked: Asked) -> Sheet:
    """Return the projects on the meeting whose number is asked for, in the ranking of its scores where there are any."""
    columns = [
        Column("名次", Kind.WHOLE),
        *texts("编号", "名称", "单位", "县市区（园区）"),
        *(Column(label, Kind.ANY) for label in ("得分", "合格线")),
        *texts("结果"),
        *(Column(label, Kind.WHOLE) for label in ("评分表", "须有评分表", "最高最低分差")),
        *texts("偏离最大的专家"),
    ]
    meeting = caller.session.get(Meeting, asked.number("meeting_id") or 0)
    if meeting is None:
        return Sheet("会次", columns, ())
    on_it = in_order(caller.session, meeting)
    ranked = ranked_projects(caller.session, caller.policy, meeting, on_it)
    if not ranked:
        plain = ((row.id, place, row.number, row.title, row.issuer, row.region) for place, row in enumerate(on_it, 1))
        return Sheet(meeting.title, [Column("顺序", Kind.WHOLE), *columns[1:5]], plain)
    rows = (
        (
            item.row.id, item.rank, item.row.number, item.row.title, item.row.issuer, item.row.region,
            item.scores.result if item.scores else None, item.scores.sheet.pass_mark if item.scores else None,
            ("达到合格线" if item.passes else "低于合格线") if item.totals else "还没有评分",
            len(item.totals), item.needed, item.spread, f"{item.odd[0].expert} {item.odd[1]} 分" if item.odd else "",
        )
        for item in ranked
    )  # fmt: skip
    return Sheet(f"{meeting.title} 评分排名", columns, rows)


@list_file("calendar.page", OFFICES)
def calendar(caller: Caller, asked: Asked) -> Sheet:
    """Return the due dates and meetings of the reader, by day."""
    columns = [
        Column("日期", Kind.DATE),
        Column("时间", Kind.MOMENT),
        *texts("事项", "项目编号", "项目或会次", "地点", "要办的事"),
    ]
    found = dates_of(caller)
    dates = [
        (
            due.project_id,
            due.on,
            due.at,
            due.about.name,
            due.number,
            found.blind.get(due.project_id or 0, due.title),
            due.place,
            due.todo_for(caller.actor),
        )
        for due in found.dues
    ]
    dates += [
        (
            None,
            day_of(one.starts_at),
            one.starts_at,
            MEETING_LABELS[one.kind],
            "",
            one.title,
            one.place,
            f"{one.projects} 个项目",
        )
        for one in found.meetings
    ]
    return Sheet("日历", columns, sorted(dates, key=lambda row: row[1]))
