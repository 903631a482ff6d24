"""Ways out before the contract is in force (放弃、终结): nothing is paid, so neither audit nor panel is needed.

It is no 终止, and it ends no inquiry into misconduct: a liability panel goes on.
"""

from collections.abc import Iterator

from sqlalchemy import select

from xtbang.actions.context import Context
from xtbang.actions.issue import cancel
from xtbang.actions.notify import notify, to_bureaus, to_issuer, to_parties, to_role
from xtbang.actions.registry import effect, form_guard, guard
from xtbang.domain.bids import cancel_paper, close_bids
from xtbang.domain.experts import cancel_panels, open_panel
from xtbang.domain.payments import ledger
from xtbang.domain.waivers import void
from xtbang.models import Bid, Voucher
from xtbang.rules.needs import reads
from xtbang.rules.reasons import Reason

INQUIRY = "liability"  # the kind of panel that goes on
NEED_PAPER = ("dissolved", "bankrupt")


@guard
def nothing_paid(context: Context) -> Iterator[Reason]:
    """Yield a reason when public money has been paid: then the project is terminated."""
    if any(ledger(context).paid.values()):
        yield Reason("A11.paid", "已拨付财政补助资金，应当按终止办理。", context.cite("recovery"))


@guard
def once_submitted(context: Context) -> Iterator[Reason]:
    """Yield a reason for a draft that was never submitted: its own organisation deletes it."""
    if context.project.number is None:
        yield Reason("A4.draft", "从未提交过的草稿由本单位删除。", context.cite("entries"))


@form_guard
@reads("cause:choice(dissolved bankrupt unsigned idle cancelled other) file:file")
def ending_proved(context: Context) -> Iterator[Reason]:
    """Yield a reason when an organisation is said to be dissolved or bankrupt without a paper that says so."""
    if context.data["cause"] in NEED_PAPER and not context.data.get("file"):
        text = "单位注销、解散或者破产的，须上传登记机关或者人民法院的文书。"
        yield Reason("A6.ended", text, context.cite("partners"), field="file")


@effect
@reads("reason:long")
def give_up_bid(context: Context) -> None:
    """Release the agreed bid, which its bidder gives up; the entry is listed again, its bid window to be extended."""
    project, bid, reason = context.project, context.project.agreed_bid, context.data["reason"]
    if bid is None:
        raise LookupError("nothing was agreed")
    release(context, bid, f"揭榜方放弃：{reason}")
    notify(context, "give_up_bid", to_issuer(), to_role("science"), bidder=bid.lead.name, reason=reason)
    project.bids_until = min(project.bids_until, context.collected) if project.bids_until else None


def release(context: Context, bid: Bid, reason: str) -> None:
    """Take everything back that followed from an agreed bid: application, vouchers and waivers no longer count."""
    project = context.project
    bid.status, bid.closed_reason = "released", reason
    cancel_paper(context, bid)
    project.agreed_bid = project.application = None
    project.agreed_bid_id = project.application_id = None
    project.total_investment = project.contract_amount = project.starts_on = project.ends_on = None
    paid = select(Voucher).where(Voucher.project_id == project.id, Voucher.status.in_(("open", "accepted")))
    for voucher in context.session.scalars(paid):
        voucher.status, voucher.note = "refused", "已重新发榜，付给原揭榜方的款项不计入"
        voucher.checked_at, voucher.checked_by_id = context.now, context.actor.person_id
    void(context)


@effect
@reads("reason:long")
def give_up_entry(context: Context) -> None:
    """Close an entry that its issuer gives up after it has agreed on a bid."""
    _close(context, "发榜方放弃发榜", context.data["reason"])
    notify(context, "give_up_entry", to_parties(), to_bureaus(), reason=context.data["reason"])


@effect
@reads("reason:long")
def give_up(context: Context) -> None:
    """Close a project that a party gives up before the contract is in force."""
    who = "发榜方" if context.actor.organisation_id == context.project.issuer_id else "揭榜方"
    _close(context, f"{who}放弃立项", context.data["reason"])
    notify(context, "give_up", to_parties(), to_bureaus(), to_role("finance"), who=who, reason=context.data["reason"])


@effect
@reads("cause:choice(dissolved bankrupt unsigned idle cancelled other) reason:long")
def end_entry(context: Context) -> None:
    """Close an entry that its parties do not go on with: one is gone, does not sign, or does nothing any more."""
    cause, reason = context.label("cause"), context.data["reason"]
    _close(context, f"项目已终结（{cause}）", reason)
    notify(context, "end_entry", to_parties(), to_role("finance"), cause=cause, reason=reason)


def _close(context: Context, cause: str, reason: str) -> None:
    """Cancel what is under way and what no longer holds; panels that inquire go on."""
    context.project.closed_at = context.now
    for name in ("form", "notice", "contract"):
        cancel(context, name)
    close_bids(context, cause, reason)
    sitting = open_panel(context)
    if sitting is None or sitting.kind != INQUIRY:
        cancel_panels(context)
