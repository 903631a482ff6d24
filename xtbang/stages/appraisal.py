"""论证 (appraisal): experts judge the need; the officers list the entry or drop it."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from sqlalchemy import select

from xtbang.actions.context import Context
from xtbang.actions.notify import notify, to_bidder, to_issuer
from xtbang.actions.registry import effect, form_guard, guard, prefill
from xtbang.domain.bids import close_bids, in_shanghai, last_moment, moment
from xtbang.domain.event_dates import far_ahead
from xtbang.domain.expert_pool import seated_with_a_stake
from xtbang.domain.experts import cancel_panels, concluded_panel, open_panel
from xtbang.domain.notices import replace_by
from xtbang.domain.panels import locked, scores_needed
from xtbang.domain.shared_notices import publish_for
from xtbang.models import Bid, Notice, NoticeItem
from xtbang.rules.dates import SHANGHAI, day_of
from xtbang.rules.money import wan
from xtbang.rules.needs import reads
from xtbang.rules.quotation import quoted
from xtbang.rules.reasons import Reason


@guard
def appraisal_concluded(context: Context) -> Iterator[Reason]:
    """Yield reasons unless enough experts without a conflict of interest approved the need in writing (2024 方案二)."""
    panel = concluded_panel(context, "appraisal")
    if open_panel(context):
        yield Reason("N3.open", "需求论证专家组尚未形成结论。", context.cite("appraisal"))
    elif panel is None:
        yield Reason("N3.panel", "尚未组织专家论证需求。", context.cite("appraisal"))
    elif not panel.favourable or not panel.opinion:
        yield Reason(
            "N3.result", f"专家论证得分 {panel.result:.2f}，结论为不通过，不能列入榜单。", context.cite("appraisal")
        )
    else:
        seats, needed = locked(panel), scores_needed(context, panel)
        if len(seats) < needed:
            yield Reason(
                "N3.experts", f"参加论证的专家 {len(seats)} 名，至少须有 {needed} 名。", context.cite("appraisal")
            )
        for expert in seated_with_a_stake(context, seats):
            yield Reason(
                "N3.recusal", f"专家{expert.name}所在单位是项目一方，应当回避，须重新论证。", context.cite("appraisal")
            )


@form_guard
@reads("bids_from:datetime bids_until:datetime")
def bid_window_set(context: Context) -> Iterator[Reason]:
    """Yield a reason unless the bid window ends after its start and in the future."""
    start, end = moment(context.data["bids_from"]), last_moment(context.data["bids_until"])
    if moment(context.data["bids_until"]) <= start:
        yield Reason("A5.window", "揭榜截止时间须晚于开始时间。", context.cite("board"), field="bids_until")
    elif end <= context.now:
        text = f"揭榜截止时间{in_shanghai(end)}已过，须晚于现在。"
        yield Reason("A5.window", text, context.cite("board"), field="bids_until")
    yield from far_ahead(context, day_of(end), "bids_until", "揭榜截止时间")


@effect
def list_regular(context: Context) -> None:
    """Put the entry on its list for the market (常态化发布); it takes bids at any time."""
    project = context.project
    project.track, project.bids_from, project.bids_until = "market", context.now, None
    cancel_panels(context)
    notify(context, "list_regular", to_issuer())


@effect
@reads("bids_from:datetime bids_until:datetime notice_number:document_number")
def list_major(context: Context) -> None:
    """Put the entry on the board (列入榜单) with its bid window, and publish a board notice (榜单公告)."""
    project = context.project
    project.track = "funded"
    project.bids_from = moment(context.data["bids_from"])
    project.bids_until = last_moment(context.data["bids_until"])
    publish_board(context)
    cancel_panels(context)
    window = bid_window_text(context)
    notify(context, "list_major", to_issuer(), window=window)
    for bid in context.rows.of(Bid):  # drafts from the time before it was promoted
        notify(context, "list_major_bidder", to_bidder(bid), window=window)


@prefill
def bids_open(context: Context) -> str:
    """Return tomorrow morning, when a bid window may begin."""
    return f"{context.today + timedelta(days=1)}T08:00"


@prefill
def bids_close(context: Context) -> str:
    """Return the end of a bid window of the length that the call gives, from tomorrow on."""
    return f"{context.today + timedelta(days=context.project.call.bid_days)}T17:30"


def bid_window_text(context: Context) -> str:
    """Return the bid window of a board entry in words."""
    times = (context.project.bids_from, context.project.bids_until)
    return "至".join(in_shanghai(time) for time in times if time)


def publish_board(context: Context) -> None:
    """Publish a board notice with the bid window; it supersedes the notice with an earlier window."""
    project, session = context.project, context.session
    figures = {
        "number": project.number,
        "title": project.title,
        "issuer": project.issuer.name,
        "domain": project.domain,
        "region": project.region,
        "total": wan(project.planned_total) if project.planned_total is not None else "",
        "bids_from": _iso(project.bids_from),
        "bids_until": _iso(project.bids_until),
    }
    notice = Notice(
        kind="board",
        call_id=project.call_id,
        number=context.data.get("notice_number", ""),
        title=f"关于发布{quoted(project.title[:150])}榜单的公告",
        body=f"{project.issuer.name}提出的{quoted(project.title)}（{project.number}）现列入榜单，面向全国揭榜。"
        f"揭榜时间：{bid_window_text(context)}。",
        created_at=context.now,
        items=[NoticeItem(project_id=project.id, figures=figures)],
    )
    earlier = select(Notice).join(NoticeItem).where(NoticeItem.project_id == project.id, Notice.kind == "board")
    before = session.scalars(earlier.where(Notice.status == "published")).all()
    named = publish_for(context, notice)
    for old in before:
        replace_by(session, old, named)


def _iso(at: datetime | None) -> str:
    return at.astimezone(SHANGHAI).isoformat(timespec="minutes") if at else ""


@effect
@reads("reason:long")
def drop(context: Context) -> None:
    """Close the entry as not approved (论证未通过)."""
    context.project.closed_at = context.now
    cancel_panels(context)
    close_bids(context, "项目论证未通过", context.data["reason"])
    notify(context, "drop", to_issuer(), reason=context.data["reason"])
