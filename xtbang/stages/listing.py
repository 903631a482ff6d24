"""发榜 (listing): the entry is published and takes bids; the issuer chooses one."""

from collections.abc import Iterator
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from xtbang.actions.context import Context
from xtbang.actions.documents import freeze, open_document
from xtbang.actions.findings import add_finding
from xtbang.actions.issue import issue
from xtbang.actions.notify import notify, to_bidder, to_bureaus, to_issuer, to_parties, to_role
from xtbang.actions.registry import answered, effect, guard, options
from xtbang.domain.bids import (
    acting,
    ask_again,
    ask_members,
    cancel_paper,
    close_bids,
    in_shanghai,
    last_moment,
    named_members,
    own_bid,
    own_draft,
    partners_of_issuer,
    standing_of,
    submitted,
    sync_members,
    unfit,
)
from xtbang.domain.event_dates import far_ahead
from xtbang.domain.receipts import give_receipt
from xtbang.models import Bid, Event
from xtbang.papers.facts.bid import bid_facts
from xtbang.queries.rights.sealed_bids import unsealed
from xtbang.rules.dates import day_of
from xtbang.rules.eligibility import bid_hints
from xtbang.rules.forms import check
from xtbang.rules.needs import reads
from xtbang.rules.reasons import Reason
from xtbang.stages.bidding import open_application

REOPENABLE = ("withdrawn", "not_chosen")  # states of a bid that may be reopened


@guard
def bids_open(context: Context) -> Iterator[Reason]:
    """Yield a reason outside the bid window; entries of the market track take bids at any time."""
    project = context.project
    if project.track != "funded":
        return
    if project.bids_from and context.now < project.bids_from:
        yield Reason("A5.window", f"揭榜自{in_shanghai(project.bids_from)}开始。", context.cite("board"))
    elif project.bids_until and not context.in_time(project.bids_until):
        text = f"揭榜已于{in_shanghai(project.bids_until, seconds=True)}截止。{context.late_words(project.bids_until)}"
        yield Reason("A5.window", text, context.cite("board"))


@guard
def bidder_fit(context: Context) -> Iterator[Reason]:
    """Yield reasons why lead or members may not bid, or have ties to the issuer."""
    bid, lead = own_draft(context), acting(context)
    named = named_members(context.session, bid, context.edition.documents["bid"]) if bid else []
    members = [item.id for _row, item in named if item]
    yield from unfit(context, lead, members)
    if bid:
        yield from partners_of_issuer(context, bid)
    yield from bid_hints(context.edition, [lead.id, *members], lead.region)


@guard
def no_bid_yet(context: Context) -> Iterator[Reason]:
    """Yield a reason when the lead already has a bid; a withdrawn or not chosen one may be reopened."""
    bid = own_bid(context)
    if bid is None or bid.status in REOPENABLE:
        return
    if bid.status == "released":
        text = f"贵单位的揭榜意向已解除（{bid.closed_reason}），不再接受贵单位揭榜。"
    else:
        text = "贵单位的揭榜申请正在填写。" if bid.status == "draft" else "贵单位已提交揭榜申请。"
    yield Reason("A6.bid", text, context.cite("partners"))


@effect
def open_bid(context: Context) -> None:
    """Open a new bid, or the earlier one with its content."""
    bid, lead, actor = own_bid(context), acting(context), context.actor
    if bid is None:
        definition = context.edition.documents["bid"]
        known = {"leader_name": actor.name, "lead_share": "100"}
        document = open_document(context.session, context.project, "bid", definition, lead.id, **known)
        bid = Bid(
            project_id=context.project.id,
            lead_id=lead.id,
            document_id=document.id,
            status="draft",
            created_at=context.now,
        )
        context.session.add(bid)
        context.session.flush()
    else:
        ask_again(bid)
        ask_members(context, bid, anew=True)
    context.result["document"] = bid.document_id


@answered("open_bid")
def document_of_bid(session: Session, event: Event) -> dict[str, int]:
    """Return the document of the bid that an event opened."""
    query = select(Bid.document_id).filter_by(project_id=event.project_id, lead_id=event.organisation_id)
    return {"document": session.scalars(query.order_by(Bid.id.desc()).limit(1)).one()}


@guard
def bid_drafted(context: Context) -> Iterator[Reason]:
    """Yield a reason unless the organisation of the actor has a draft bid."""
    if own_draft(context) is None:
        yield Reason("A6.bid", "贵单位没有正在填写的揭榜申请。", context.cite("partners"), nothing=True)


@guard
def bid_valid(context: Context) -> Iterator[Reason]:
    """Yield reasons unless every field of the bid is complete and within its limit."""
    bid = own_draft(context)
    if bid:
        yield from check(context.edition.documents["bid"], bid.document.draft, complete=True)


@effect
def submit_bid(context: Context) -> None:
    """Freeze the bid; on the board it stays sealed until the bid window is over and every bid has arrived."""
    bid, project = own_draft(context), context.project
    if bid is None:
        raise LookupError("a bid that nobody writes")
    sync_members(context.session, bid, context.edition.documents["bid"])
    version = freeze(context, bid.document)
    bid.status, bid.submitted_at, bid.closed_reason = "submitted", context.received_at, ""
    facts = bid_facts(bid, version, context.edition)
    title = context.edition.documents["bid"].title
    issue(context, "bid", title, facts, subject=f"bid:{bid.id}", version=version.number, owner_id=bid.lead_id)
    receipt = give_receipt(context, version, title, f"bid:{bid.id}", owner_id=bid.lead_id)
    notify(context, "submit_bid", to_bidder(bid), receipt=receipt)
    if unsealed(project, context.collected):
        notify(context, "submit_bid_issuer", to_issuer(), bidder=bid.lead.name)


@guard
def bid_withdrawable(context: Context) -> Iterator[Reason]:
    """Yield a reason unless there is a bid that is not agreed yet."""
    bid = own_bid(context)
    if bid is None or bid.status not in ("draft", "submitted"):
        yield Reason("A6.bid", "贵单位没有可以撤回的揭榜申请。", context.cite("partners"), nothing=True)


@effect
def withdraw_bid(context: Context) -> None:
    """Withdraw the bid; a draft that was never submitted is deleted."""
    bid, project = own_bid(context), context.project
    if bid is None:
        raise LookupError("no bid to withdraw")
    was_submitted = bid.status == "submitted"
    notify(context, "withdraw_bid", to_bidder(bid))
    if bid.submitted_at is None:
        for row in (*bid.members, bid, bid.document):
            context.session.delete(row)
        return
    bid.status, bid.closed_reason = "withdrawn", "由揭榜方撤回"
    cancel_paper(context, bid)
    if was_submitted and unsealed(project, context.collected):
        notify(context, "withdraw_bid_issuer", to_issuer(), bidder=bid.lead.name)


@guard
def not_yet_recommended(context: Context) -> Iterator[Reason]:
    """Yield a reason when the project has been recommended to the province."""
    if context.project.provincial:
        yield Reason("A5.3", "本项目已推荐申报省级“揭榜挂帅”项目。", context.cite("province"))


@effect
def recommend_province(context: Context) -> None:
    """Put the project on the list of recommendations to the province."""
    context.project.provincial = True
    notify(context, "recommend_province", to_parties())


@effect
def promote(context: Context) -> None:
    """Select the entry as a major project: submitted bids become drafts, to be submitted again on the board."""
    project = context.project
    for bid in submitted(context):
        ask_again(bid)
        cancel_paper(context, bid)
        notify(context, "promote_bidder", to_bidder(bid))
    project.track = project.bids_from = project.bids_until = None
    notify(context, "promote", to_issuer())
    notify(context, "promote_industry", to_bureaus(lead=False))


@guard
def bids_unsealed(context: Context) -> Iterator[Reason]:
    """Yield a reason while the bids of a board entry are sealed: until the bid window is over and every bid has arrived."""
    project = context.project
    if not unsealed(project, context.collected) and project.bids_until:
        text = f"{_collected_from(context, project.bids_until)}方可查看揭榜申请并选定揭榜方。"
        yield Reason("A5.sealed", text, context.cite("board"))


def _collected_from(context: Context, until: datetime) -> str:
    """Return the words for the moment from which on no more bids can arrive."""
    shown, last = in_shanghai(until, seconds=True), in_shanghai(until + context.site.grace, seconds=True)
    return f"揭榜截止（{shown}）、截止前已开始提交的揭榜申请收齐（{last}）后"


@options
def submitted_bids(context: Context) -> dict[str, str]:
    """Return the bids to choose from: id → lead; {} while they are sealed."""
    if not unsealed(context.project, context.collected):
        return {}
    return {str(bid.id): bid.lead.name for bid in submitted(context)}


@guard
@reads("bid:choice")
def bid_chosen(context: Context) -> Iterator[Reason]:
    """Yield a reason unless one of the submitted bids is chosen; nothing while they are sealed."""
    if not unsealed(context.project, context.collected):
        return
    known = submitted_bids(context)
    if not known:
        yield Reason("A5.bid", "尚无已提交的揭榜申请。", context.cite("choosing"))
    elif context.data.get("bid") and context.data["bid"] not in known:
        yield Reason("A5.bid", "所选揭榜申请不存在或已撤回。", context.cite("choosing"), field="bid")


@guard
def chosen_bidder_eligible(context: Context) -> Iterator[Reason]:
    """Yield reasons why the chosen or agreed bidder and its consortium may no longer bid."""
    bid = context.project.agreed_bid or _chosen(context)
    if bid:
        yield from standing_of(context, bid)


@effect
@reads("bid:choice satisfaction:choice reason:long")
def agree(context: Context) -> None:
    """Record the agreement: close the other bids, and open the application (项目申报书) on the funded track."""
    project = context.project
    bid = _chosen(context)
    if bid is None:
        raise LookupError("no bid was chosen")
    bid.status = "agreed"
    project.agreed_bid, project.agreed_bid_id = bid, bid.id
    text = f"{context.label('satisfaction')}。{context.data['reason']}"
    add_finding(context, "satisfaction", favourable=True, text=text)
    close_bids(context, "发榜方已与其他揭榜方达成意向", context.data["reason"], chosen=bid)
    next_step = f"签订技术合同后由{context.policy.city.lead.short}登记对接成功"
    if project.track == "funded":
        open_application(context, bid)
        next_step = "签订技术合同后由发榜方申报立项"
    bidder = bid.lead.name
    notify(context, "agree", to_issuer(), bidder=bidder, next_step=next_step)
    notify(context, "agree_bidder", to_bidder(bid), bidder=bidder, next_step=next_step)
    notify(context, "agree_science", to_role("science"), bidder=bidder, next_step=next_step)


def _chosen(context: Context) -> Bid | None:
    """Return the chosen bid; None while bids are sealed, whatever the request contains."""
    if not unsealed(context.project, context.collected):
        return None
    chosen = context.data.get("bid")
    return next((bid for bid in submitted(context) if str(bid.id) == chosen), None)


@guard
@reads("bids_until:datetime")
def window_extendable(context: Context) -> Iterator[Reason]:
    """Yield a reason once sealed bids have been opened or while the last may arrive, or when the new end is not later."""
    until, bids = context.project.bids_until, submitted(context)
    if until and until < context.now and until >= context.collected:
        yield Reason("A5.opened", f"{_collected_from(context, until)}方可办理。", context.cite("board"))
    elif until and until < context.collected and bids:
        text = f"揭榜已于{in_shanghai(until)}截止，已有 {len(bids)} 份揭榜申请启封，不能再延长。"
        yield Reason("A5.opened", text, context.cite("board"))
    elif until and context.data.get("bids_until") and last_moment(context.data["bids_until"]) <= until:
        text = f"新的揭榜截止时间须晚于原定的{in_shanghai(until)}。"
        yield Reason("A5.window", text, context.cite("board"), field="bids_until")
    elif context.data.get("bids_until"):
        day = day_of(last_moment(context.data["bids_until"]))
        yield from far_ahead(context, day, "bids_until", "揭榜截止时间")


@effect
@reads("bids_until:datetime reason:long")
def extend_bids(context: Context) -> None:
    """Extend the bid window of a board entry; notify issuer and bidders."""
    project = context.project
    project.bids_until = last_moment(context.data["bids_until"])
    query = select(Bid).where(Bid.project_id == project.id, Bid.status.in_(("draft", "submitted")))
    bidders = [to_bidder(bid) for bid in context.session.scalars(query)]
    until, reason = in_shanghai(project.bids_until), context.data["reason"]
    notify(context, "extend_bids", to_issuer(), *bidders, until=until, reason=reason)
