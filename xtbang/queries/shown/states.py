"""The states of rows in words, each with its tone: the same on every page, in a list and in a file."""

from collections.abc import Mapping
from datetime import date
from typing import Any, NamedTuple

from xtbang.enums import BID_LABELS, VOUCHER_LABELS

ORGANISATION_STATES = {"pending": "待确认", "confirmed": "已确认", "refused": "不予确认"}


class RowState(NamedTuple):
    """The words for a state, and the tone in which they are drawn."""

    words: str
    tone: str


def _toned(labels: Mapping[str, str], **tones: str) -> dict[str, RowState]:
    return {status: RowState(words, tones.get(status, "muted")) for status, words in labels.items()}


STATES: dict[str, dict[str, RowState]] = {  # kind of row → its states; a state without a tone of its own is muted
    "bid": _toned(BID_LABELS, agreed="done", submitted="go", draft="wait", released="stop"),
    "voucher": _toned(VOUCHER_LABELS, open="wait", accepted="done", refused="stop", false="stop"),
    "objection": _toned(
        {"open": "核查中", "upheld": "异议成立", "dismissed": "异议不成立", "withdrawn": "登记已收回"},
        open="wait", upheld="stop", dismissed="done",
    ),
    "prior_notice": _toned(
        {
            "open": "尚未作出决定", "used": "已作出决定", "withdrawn": "已撤回，不据以作出决定",
            "superseded": "已由新的告知书取代", "overtaken": "未据以作出决定",
        },
        open="wait", used="done",
    ),
    "entered": _toned(  # what one person enters and another confirms
        {
            "waiting": "待复核", "confirmed": "已生效", "refused": "不予确认", "withdrawn": "已撤回",
            "superseded": "已由新的取代",
        },
        waiting="wait", confirmed="done", refused="stop",
    ),
}  # fmt: skip


def state_of(status: str, kind: str) -> RowState:
    """Return the state of a row of that kind: ``state_of("agreed", "bid")``."""
    return STATES[kind][status]


def notice_state(notice: Any, today: date) -> RowState:
    """Return the state of a notice (公告): a 公示 runs until its last day."""
    if notice.status == "draft":
        return RowState("待发布", "wait")
    if notice.status == "superseded":
        return RowState("已被更正", "muted")
    if notice.last_day and today <= notice.last_day:
        return RowState("公示中", "go")
    return RowState("公示期满" if notice.last_day else "已发布", "done")


def slip_state(slip: Any) -> RowState:
    """Return the state of a collective slip (汇总凭证) as `queries.collective_slips.slips_of` finds it."""
    if slip.cancelled_at:
        return RowState("已撤销", "muted")
    if slip.used == slip.total:
        return RowState("已登记完", "done")
    return RowState("登记中", "wait") if slip.lines else RowState("未使用", "muted")


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
