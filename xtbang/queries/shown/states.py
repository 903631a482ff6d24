"""The state of a notice, a collective slip, a batch and an organisation in words, with its tone: the same on its page, in a list and in a file."""

from datetime import date
from typing import Any, NamedTuple

ORGANISATION_STATES = {"pending": "待确认", "confirmed": "已确认", "refused": "不予确认"}


class RowState(NamedTuple):
    """The words for a state, and the tone in which they are drawn."""

    words: str
    tone: str


def notice_state(notice: Any, today: date) -> RowState:
    """Return the state of a notice (公告): a 公示 runs until its last day."""
    if notice.status == "draft":
        return RowState("待发布", "wait")
    if notice.status == "superseded":
        return RowState("已被更正", "muted")
    if notice.last_day and today <= notice.last_day:
        return RowState("公示中", "go")
    return RowState("公示期满" if notice.last_day else "已发布", "done")


def slip_state(row: Any) -> RowState:
    """Return the state of a collective slip (汇总凭证) as `queries.collective_slips.slips_of` finds it."""
    if row.CollectiveSlip.cancelled_at:
        return RowState("已撤销", "muted")
    if row.used == row.CollectiveSlip.total:
        return RowState("已登记完", "done")
    return RowState("登记中", "wait") if row.lines else RowState("未使用", "muted")


def batch_state(row: Any) -> RowState:
    """Return the state of a batch as `queries.batches.batches_of` finds it."""
    if row.cancelled_at:
        return RowState("已停止", "muted")
    if not row.finished_at:
        return RowState("没有办完", "wait")
    return RowState("全部办成", "done") if row.done == row.total else RowState("有没有办成的", "stop")


def organisation_state(organisation: Any) -> RowState:
    """Return the state of an organisation: whether it is confirmed, or no longer exists."""
    if organisation.dissolved_on:
        return RowState("已注销", "muted")
    tones = {"pending": "wait", "confirmed": "done", "refused": "stop"}
    return RowState(ORGANISATION_STATES[organisation.status], tones[organisation.status])
