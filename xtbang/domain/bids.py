"""Bids (揭榜申请): their window, who may bid, what becomes of them, how members of a consortium (联合体) confirm."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from xtbang.actions.context import Context
from xtbang.actions.documents import written
from xtbang.actions.issue import cancel
from xtbang.actions.notify import notify, to_bidder, to_organisation
from xtbang.actions.registry import effect, form_of_trigger, guard, options
from xtbang.domain.common import restrictions_on
from xtbang.models import Bid, BidMember, Document, Organisation
from xtbang.queries.caller import Caller
from xtbang.rules import eligibility
from xtbang.rules.dates import SHANGHAI
from xtbang.rules.fields import Field, FieldKind, FormDefinition
from xtbang.rules.forms import readable
from xtbang.rules.needs import reads
from xtbang.rules.quotation import quoted
from xtbang.rules.reasons import Reason
from xtbang.rules.term import in_chinese

MOST_MEMBERS = 10  # rows for members on the form of a bid
REST_OF_MINUTE = timedelta(seconds=59, microseconds=999_999)


def moment(text: str) -> datetime:
    """Return the time of a typed text (``2026-11-23T08:00``, Asia/Shanghai)."""
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)


def last_moment(text: str) -> datetime:
    """Return the end of a window (时间窗口) as typed: its minute counts to the last second."""
    return moment(text) + REST_OF_MINUTE


def in_shanghai(at: datetime, seconds: bool = False) -> str:
    """Return a time as ``2026年11月23日 17:30``, followed by ``:59`` where seconds are wanted."""
    local = at.astimezone(SHANGHAI)
    return f"{in_chinese(local.date())} {local:%H:%M{':%S' if seconds else ''}}"


def acting(context: Context) -> Organisation:
    """Return the organisation that the person acts for."""
    return context.session.get_one(Organisation, context.actor.organisation_id)


def own_bid(context: Context) -> Bid | None:
    """Return the bid that the acting organisation leads, if there is one."""
    bids = context.rows.of(Bid)
    return next((bid for bid in bids if bid.lead_id == context.actor.organisation_id), None)


def own_draft(context: Context) -> Bid | None:
    """Return the bid that the acting organisation leads while it is a draft."""
    bid = own_bid(context)
    return bid if bid and bid.status == "draft" else None


def submitted(context: Context) -> list[Bid]:
    """Return every bid that was submitted and not withdrawn, oldest first, whether or not the actor may read it."""
    return [bid for bid in context.rows.of(Bid) if bid.status == "submitted"]


@reads("members:rows(name uscc)", "bid")
def named_members(
    session: Session, bid: Bid, definition: FormDefinition
) -> list[tuple[dict[str, Any], Organisation | None]]:
    """Return the consortium as the draft names it: each row with its confirmed organisation, if there is one."""
    rows = readable(definition, bid.document.draft).get("members", [])
    codes = [row.get("uscc") for row in rows]
    query = select(Organisation).where(Organisation.uscc.in_(codes), Organisation.status == "confirmed")
    known = {organisation.uscc: organisation for organisation in session.scalars(query)}
    return [(row, known.get(row.get("uscc", ""))) for row in rows]


def sync_members(session: Session, bid: Bid, definition: FormDefinition) -> list[Organisation]:
    """Make the rows of members equal to the draft; return the newly named organisations, which have to confirm.

    Call this after every save of a draft, inside the writing transaction. The lead and the issuer are never members.
    Rows beyond those of the form do not count.
    """
    wanted = {item.id: item for _row, item in named_members(session, bid, definition)[:MOST_MEMBERS] if item}
    for never in (bid.lead_id, bid.project.issuer_id):
        wanted.pop(never, None)
    known = {member.organisation_id: member for member in bid.members}
    for organisation_id in known.keys() - wanted.keys():
        session.delete(known[organisation_id])
    new = [organisation for key, organisation in wanted.items() if key not in known]
    session.add_all(BidMember(bid_id=bid.id, organisation_id=organisation.id) for organisation in new)
    session.flush()
    session.expire(bid, ["members"])
    return new


def unfit(context: Context, lead: Organisation, members: list[int]) -> Iterator[Reason]:
    """Yield reasons against such a bid: kind of bidder, the issuer's part in it, restricted members."""
    issuer = context.project.issuer_id
    yield from eligibility.check_bidding(context.edition, lead.kind, issuer, [lead.id, *members], lead.region)
    yield from restrictions_on(context, *members)


@reads("team:rows(organisation)", "bid")
def partners_of_issuer(context: Context, bid: Bid) -> Iterator[Reason]:
    """Yield a reason when the bidder's team names people of the issuer, which may not bid as a partner."""
    team = written(context, bid.document).get("team", [])
    for number, row in enumerate(team):
        if row.get("organisation") == context.project.issuer.name:
            text = f"攻关团队中列有发榜方{quoted(context.project.issuer.name)}的人员，发榜方不能作为项目合作单位揭榜。"
            yield Reason("A6.issuer", text, context.cite("partners"), field=f"team.{number}.organisation")
            return


def standing_of(context: Context, bid: Bid) -> Iterator[Reason]:
    """Yield reasons why a submitted bid can no longer be agreed to: bidder and members as of today."""
    members = [member.organisation_id for member in bid.members]
    for reason in unfit(context, bid.lead, members):
        yield replace(reason, text=reason.text.replace("贵单位", f"{quoted(bid.lead.name)}"))
    yield from restrictions_on(context, bid.lead_id)
    for organisation in (bid.lead, *(member.organisation for member in bid.members)):
        if organisation.dissolved_on:
            yield Reason("A6.dissolved", f"{quoted(organisation.name)}已登记注销。", context.cite("partners"))
        if organisation.status != "confirmed":
            yield Reason(
                "A6.unconfirmed", f"{quoted(organisation.name)}的单位资料未通过核实。", context.cite("partners")
            )


def ask_again(bid: Bid) -> None:
    """Set a bid back to a draft: members confirm again; the time of their first confirmation is not deleted."""
    bid.status = "draft"
    bid.closed_reason = ""
    for member in bid.members:
        member.confirmed_draft = None


def cancel_paper(context: Context, bid: Bid) -> None:
    """Cancel the printed bid."""
    cancel(context, "bid", f"bid:{bid.id}")


def close_bids(context: Context, cause: str, reason: str, chosen: Bid | None = None) -> None:
    """Mark every other submitted bid as not chosen; notify its bidder of cause and reason, and the writers of drafts."""
    query = select(Bid).where(Bid.project_id == context.project.id, Bid.status.in_(("draft", "submitted")))
    for bid in context.session.scalars(query.order_by(Bid.id)).all():
        if chosen is not None and bid.id == chosen.id:
            continue
        if bid.status == "submitted":
            bid.status, bid.closed_reason = "not_chosen", f"{cause}。理由：{reason.rstrip('。')}"
            notify(context, "bid_not_chosen", to_bidder(bid), cause=cause, reason=reason)
        else:
            notify(context, "bidding_closed", to_organisation(bid.lead_id, "bidder"), cause=cause)


def ask_members(caller: Caller, bid: Bid, anew: bool = False) -> None:
    """Ask the members that a draft names to confirm it: once when it names them and after each confirmed draft, and ``anew``."""
    lead, version = bid.lead.name, bid.document.draft_version
    for member in bid.members:
        if member.confirmed_draft != version:
            key = None if anew else f"membership:{bid.id}:{member.organisation_id}:{member.confirmed_draft or 0}"
            told, again = to_organisation(member.organisation_id, "member"), member.confirmed_at is not None
            notify(caller, "ask_member", told, project=bid.project, key=key, lead=lead, again=again)


@options
def member_bids(context: Context) -> dict[str, str]:
    """Return the bids that name the acting organisation as a member and wait for its confirmation."""
    query = (
        select(Bid)
        .join(BidMember)
        .join(Bid.document)
        .where(Bid.project_id == context.project.id, Bid.status == "draft")
    )
    query = query.where(BidMember.organisation_id == context.actor.organisation_id).order_by(Bid.id)
    query = query.where(or_(BidMember.confirmed_draft.is_(None), BidMember.confirmed_draft != Document.draft_version))
    return {str(bid.id): f"{bid.lead.name}牵头" for bid in context.session.scalars(query)}


@form_of_trigger("confirm_membership")
def membership_form(_context: Context) -> tuple[Field, ...]:
    """Return the fields for the bid and the draft version shown on the page: no later draft is confirmed unread."""
    return (
        Field("bid", "揭榜申请", FieldKind.CHOICE, options="member_bids"),
        Field("draft_version", "所阅读的申请书稿次", FieldKind.WHOLE, required=False),
    )


@guard
def member_named(context: Context) -> Iterator[Reason]:
    """Yield a reason unless a bid names the acting organisation and its draft is still the one that was read."""
    waiting = member_bids(context)
    chosen = str(context.data.get("bid") or "")
    if not waiting or (chosen and chosen not in waiting):
        yield Reason("A6.member", "贵单位没有待确认的联合体揭榜申请。", context.cite("partners"), nothing=True)
    elif chosen:
        now = context.session.get_one(Bid, int(chosen)).document.draft_version
        if context.data.get("draft_version") not in ("", now):
            text = f"揭榜申请书在您阅读之后又有修改（现为第 {now} 稿），请重新阅读后确认。"
            yield Reason("A6.member_draft", text, context.cite("partners"), field="draft_version")


@guard
def member_fit(context: Context) -> Iterator[Reason]:
    """Yield reasons when the member is the issuer or is restricted."""
    organisation = acting(context)
    if organisation.id == context.project.issuer_id:
        yield Reason("A6.issuer", "发榜方不能作为联合体成员揭榜。", context.cite("partners"))
    yield from restrictions_on(context, organisation.id)


@effect
def confirm_membership(context: Context) -> None:
    """Record the member's confirmation of the draft it has read; any later change asks for it again."""
    bid = context.session.get_one(Bid, int(context.data["bid"]))
    member = next(item for item in bid.members if item.organisation_id == context.actor.organisation_id)
    member.confirmed_at = context.now
    member.confirmed_by_id = context.actor.person_id
    member.confirmed_draft = bid.document.draft_version
    lead = to_organisation(bid.lead_id, "bidder")
    notify(context, "confirm_membership", lead, member=context.actor.organisation_name)


@guard
def members_confirmed(context: Context) -> Iterator[Reason]:
    """Yield reasons unless each member has an account here and has confirmed this very draft with it."""
    bid = own_draft(context)
    if bid is None:
        return
    rows = {member.organisation_id: member for member in bid.members}
    named = named_members(context.session, bid, context.edition.documents["bid"])
    for number, (row, organisation) in enumerate(named):
        if organisation is None:
            text = f"联合体成员{quoted(row.get('name', ''))}尚未在本系统登记或单位资料未经核实，不能确认加入。"
            yield Reason("A6.member", text, context.cite("partners"), field=f"members.{number}.uscc")
        elif organisation.id not in (bid.lead_id, context.project.issuer_id):
            member = rows.get(organisation.id)
            if member is None or member.confirmed_draft is None:
                text = (
                    f"联合体成员{quoted(organisation.name)}尚未确认。"  # of no field: the draft is not wrong, it waits
                )
                yield Reason("A6.member_draft", text, context.cite("partners"))
            elif member.confirmed_draft != bid.document.draft_version:
                text = f"联合体成员{quoted(organisation.name)}确认后申请书又有修改，须由该单位重新确认。"
                yield Reason("A6.member_draft", text, context.cite("partners"))
