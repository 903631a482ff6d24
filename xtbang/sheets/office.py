"""Lists of the offices as files: projects, the desk, notices, calls, batches, what was found."""

from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Any

from sqlalchemy import select

from xtbang.enums import (
    BATCH_ITEM_LABELS,
    CALL_STATE_LABELS,
    IMPORT_LABELS,
    KIND_LABELS,
    NOTICE_LABELS,
)
from xtbang.models import Project
from xtbang.queries.assignments import among_tasks, officers_of
from xtbang.queries.batches import batch_page, batches_of
from xtbang.queries.caller import Caller
from xtbang.queries.desk.groups import ENTRY, Statement, issuer
from xtbang.queries.desk.tasks import PLAIN, items
from xtbang.queries.imports import imports
from xtbang.queries.office_list import Filters, calls_with_entries, days_waited, ids
from xtbang.queries.office_notices import drafts, published
from xtbang.queries.project_facts import name_of
from xtbang.queries.rights.lists import OFFICES, SEE_IMPORTS, SEE_OFFICE_WORK, seen_by
from xtbang.queries.search_page import KINDS, SEARCHERS, every_hit, kinds_of
from xtbang.queries.shown.states import batch_state, notice_state
from xtbang.rules.asked import Asked
from xtbang.rules.document_number import number_of
from xtbang.rules.sheet import Column, Kind, Sheet, money, texts
from xtbang.sheets.registry import list_file
from xtbang.workflow.register_actions import REGISTER_ACTIONS, name_of_action

PIECE = 500  # projects read by one statement
EXCERPT = 200  # characters of a text that was found
PROJECTS = [
    *texts("编号", "名称", "类别", "单位", "县市区（园区）", "领域", "环节"),
    *money("拟投入", "市级补助"),
    Column("等待（天）", Kind.WHOLE),
    *texts("承办人"),
]
WAITING = [
    *texts("事项", "编号", "名称", "类别", "单位", "县市区（园区）", "环节"),
    *money("金额"),
    Column("等待（天）", Kind.WHOLE),
    Column("期限", Kind.DATE),
    *texts("说明", "承办人"),
]


@list_file("bureau.projects", OFFICES)
def projects(caller: Caller, asked: Asked) -> Sheet:
    """Return the projects that match."""
    found = sorted(asked.ids, reverse=True) or ids(caller, seen_by(caller.actor), Filters.of(asked), asked.most)
    return Sheet("揭榜挂帅项目", PROJECTS, _projects(caller, found))


def _projects(caller: Caller, project_ids: Sequence[int]) -> Iterator[Sequence[Any]]:
    for first in range(0, len(project_ids), PIECE):
        some = project_ids[first : first + PIECE]
        query: Statement = select(*ENTRY).join(issuer, issuer.id == Project.issuer_id).where(Project.id.in_(some))
        found = {row.id: row for row in caller.session.execute(query.where(seen_by(caller.actor)))}
        officers = officers_of(caller, found)
        for row in (found[number] for number in some if number in found):
            state = caller.policy.life(row.edition).states[row.state]
            about = (
                row.id,
                row.number,
                row.title,
                KIND_LABELS.get(row.kind, row.kind),
                row.issuer,
                row.region,
                row.domain,
            )
            waited = days_waited(row, state, caller.today)
            yield (*about, state.name, row.planned_total, row.subsidy_city, waited, officers.get(row.id))


@list_file("desk.home", OFFICES)
def desk(caller: Caller, asked: Asked) -> Sheet:
    """Return what waits for the caller, of one task or of all, the first due first."""
    waiting = items(caller, asked.most, among_tasks(caller, asked), only=asked.text("group"))
    found = [(task, some) for task, some in waiting if task.opens not in PLAIN]
    officers = officers_of(caller, {item.row.id for _task, some in found for item in some})
    rows = (
        (
            item.row.id, task.title, item.row.number, item.row.title, KIND_LABELS.get(item.row.kind, item.row.kind), item.row.issuer,
            item.row.region, name_of(caller.policy.life(item.row.edition).states[item.row.state], item.row, caller.collected),
            item.row.listed_amount, item.waited, item.due, item.note, officers.get(item.row.id),
        )
        for task, some in found for item in some
    )  # fmt: skip
    return Sheet("待办", WAITING, rows)


@list_file("notices_admin.index", SEE_OFFICE_WORK)
def notice_list(caller: Caller, asked: Asked) -> Sheet:
    """Return the notices, of one kind or of all: the drafts, then the published ones."""
    columns = [
        *texts("文号", "公告", "类别"),
        Column("项目", Kind.WHOLE),
        *(Column(label, Kind.DATE) for label in ("发布日期", "公示期起", "公示期止")),
        *texts("状态"),
    ]
    kind = asked.text("kind", NOTICE_LABELS)
    waiting = [row for row in drafts(caller.session) if kind in ("", row.kind)]
    rows = (
        (
            row.id, number_of(row), row.title, NOTICE_LABELS[row.kind], row.count, row.published_at, row.first_day, row.last_day,
            notice_state(row, caller.today).words,
        )
        for row in (*waiting, *published(caller.session, kind, most=asked.most, only=asked.ids or None))
    )  # fmt: skip
    return Sheet("公告", columns, rows)


@list_file("calls.index", ("science",))
def call_list(caller: Caller, asked: Asked) -> Sheet:
    """Return every call with its number of entries."""
    columns = [
        *texts("批次", "代号", "版本", "类别"),
        *(Column(label, Kind.MOMENT) for label in ("征集开始", "征集截止", "发布时间")),
        Column("申报", Kind.WHOLE),
        *texts("状态"),
    ]
    rows = (
        (
            call.id, call.title, call.code, call.edition, "、".join(KIND_LABELS.get(kind, kind) for kind in call.kinds),
            call.opens_at, call.closes_at, call.published_at, count,
            CALL_STATE_LABELS[call.state(caller.now)],
        )
        for call, count in calls_with_entries(caller.session, only=asked.ids)
    )  # fmt: skip
    return Sheet("征集批次", columns, rows)


@list_file("batches.index", (*OFFICES, "admin"))
def batch_list(caller: Caller, asked: Asked) -> Sheet:
    """Return the batches of the caller and of the office."""
    columns = [
        Column("编号", Kind.WHOLE),
        Column("办理时间", Kind.MOMENT),
        *texts("事项", "办理人"),
        *(Column(label, Kind.WHOLE) for label in ("项数", "已办理")),
        *texts("结果"),
    ]
    rows = (
        (
            row.id, row.id, row.created_at, name_of_action(caller.policy, row.trigger), row.name, row.total, row.done,
            batch_state(row).words,
        )
        for row in batches_of(caller, None, asked.most, only=asked.ids or None)
    )  # fmt: skip
    return Sheet("批量办理", columns, rows)


@list_file("batches.page", (*OFFICES, "admin"))
def batch_results(caller: Caller, asked: Asked) -> Sheet:
    """Return what became of each project, or row of a register, of the batch whose number is asked for."""
    columns = [*texts("编号", "名称", "单位", "县市区（园区）"), *money("金额"), *texts("结果", "原因")]
    found = batch_page(caller, asked.number("batch_id") or 0)
    if found is None:
        return Sheet("批量办理", columns, ())
    title, outcomes = f"批量办理第{found.batch.id}号", BATCH_ITEM_LABELS
    if deed := REGISTER_ACTIONS.get(found.batch.trigger):
        named = {item.id: item for item in deed.subjects(caller, [row.subject_id for row in found.rows])}
        known = ((row, named[row.subject_id]) for row in found.rows if row.subject_id in named)
        told = (
            (row.subject_id, item.name, item.told, outcomes[row.status], "；".join(row.reasons)) for row, item in known
        )
        return Sheet(title, texts("名称", "资料", "结果", "原因"), told)
    rows = (
        (
            row.id, row.number, row.title, row.issuer, row.region,
            found.amount_of(row), outcomes[row.status], "；".join(row.reasons),
        )
        for row in found.rows
    )  # fmt: skip
    return Sheet(title, columns, rows)


@list_file("imports.index", SEE_IMPORTS)
def import_list(caller: Caller, asked: Asked) -> Sheet:
    """Return the tables of past projects."""
    columns = [
        Column("编号", Kind.WHOLE),
        *texts("批次", "表格"),
        Column("项目", Kind.WHOLE),
        *texts("状态", "提交人"),
        Column("提交时间", Kind.MOMENT),
    ]
    rows = (
        (row.id, row.id, row.call, row.file_name, row.size, IMPORT_LABELS[row.status], row.asked_by, row.asked_at)
        for row in imports(caller.session, most=asked.most, only=asked.ids or None)
    )
    return Sheet("导入历年项目", columns, rows)


@list_file("search.page", SEARCHERS)
def search_results(caller: Caller, asked: Asked) -> Sheet:
    """Return what is found, of one kind or of all, as far as the caller may see it."""
    kinds = [kind for kind in kinds_of(caller.actor) if asked.text("kind") in ("", kind)]
    rows = (
        (
            hit.project_id or 0,
            KINDS[kind],
            hit.number,
            hit.project or hit.title,
            hit.title if hit.project else "",
            hit.text[:EXCERPT],
        )
        for kind in kinds
        for hit in every_hit(caller, asked.words(), kind)
    )
    return Sheet("检索结果", texts("类别", "编号", "名称", "所在", "内容"), islice(rows, asked.most))
