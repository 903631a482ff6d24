"""Guards and lists of choices that several states share."""

from collections.abc import Collection, Iterator, Mapping
from datetime import date

from sqlalchemy import bindparam, or_, select
from sqlalchemy.orm import joinedload

from xtbang.actions.context import Context
from xtbang.actions.registry import effect, form_guard, guard, options, prefill
from xtbang.models import Bid, Countersignature, Project, Restriction
from xtbang.queries.prepared import NOW, TODAY, bound
from xtbang.rules.dates import SHANGHAI, day_of
from xtbang.rules.needs import reads
from xtbang.rules.quotation import quoted
from xtbang.rules.reasons import Force, Reason
from xtbang.rules.term import in_chinese

UNFINISHED = (
    "contracting",
    "first_payment",
    "execution",
    "extension",
    "acceptance",
    "final_payment",
    "termination",
)


def chosen_id(context: Context, key: str) -> int:
    """Return the id of the row that is chosen in that field; 0 where nothing is that can be an id."""
    said = str(context.data.get(key) or "")
    return int(said) if said.isascii() and said.isdecimal() and len(said) < 10 else 0


IN_FORCE = (  # built once: the guards of most actions ask it
    select(Restriction)
    .where(
        Restriction.organisation_id.in_(bindparam("organisations", expanding=True)),
        Restriction.starts_on <= TODAY,
        Restriction.ends_on >= TODAY,
        or_(Restriction.lifted_at.is_(None), Restriction.lifted_at > NOW),
    )
    .options(joinedload(Restriction.organisation))
    .order_by(Restriction.id)
)


def restrictions_on(context: Context, *organisations: int) -> Iterator[Reason]:
    """Yield a reason for each restriction in force on one of those organisations."""
    for item in (item for number in organisations for item in _in_force(context, organisations)[number]):
        text = (
            f"{item.organisation.name}自{in_chinese(item.starts_on)}至{in_chinese(item.ends_on)}"
            f"被限制申报、揭榜和拨款：{item.reason}。"
        )
        yield Reason("A13", text, context.cite("integrity"))


def _in_force(context: Context, organisations: Collection[int]) -> Mapping[int, list[Restriction]]:
    """Return the restrictions in force by organisation: of these, and of the parties, of which guards ask one by one."""
    known, bid = context.rows.in_force, context.project.agreed_bid
    agreed = [bid.lead_id, *(member.organisation_id for member in bid.members)] if bid else []
    missing = {*organisations, context.project.issuer_id, *agreed} - known.keys()
    if missing:
        known |= {number: [] for number in missing}
        for item in context.session.scalars(IN_FORCE, bound(context, organisations=sorted(missing))):
            known[item.organisation_id].append(item)
    return known


@guard
def no_restriction(context: Context) -> Iterator[Reason]:
    """Yield a reason when the issuer is restricted."""
    yield from restrictions_on(context, context.project.issuer_id)


@guard
def bidder_unrestricted(context: Context) -> Iterator[Reason]:
    """Yield a reason when the agreed or, before, the acting bidder or a member is restricted."""
    bid = context.project.agreed_bid
    if bid:
        yield from restrictions_on(context, bid.lead_id, *(member.organisation_id for member in bid.members))
    elif context.actor.organisation_id:
        yield from restrictions_on(context, context.actor.organisation_id)


@form_guard
@reads("dated:date")
def not_after_today(context: Context) -> Iterator[Reason]:
    """Yield a reason when the date of what is recorded (``dated``) is in the future; one before the entry is asked back."""
    dated, submitted = date.fromisoformat(context.data["dated"]), context.project.submitted_at
    if dated > context.today:
        yield Reason("date.future", "日期不能晚于今天。", field="dated")
    elif submitted and dated < day_of(submitted):
        text = f"日期{in_chinese(dated)}早于项目提交的日期{in_chinese(day_of(submitted))}。"
        yield Reason("date.early", text, force=Force.ADVICE, field="dated")


@prefill
def today(context: Context) -> str:
    """Return today's date in Shanghai."""
    return context.today.isoformat()


@guard
def demand_only(context: Context) -> Iterator[Reason]:
    """Yield a reason unless the entry is a demand: only demands go on the board and are funded."""
    if not context.project.kind.endswith("_demand"):
        yield Reason("A5.2", "重大项目只从需求清单中选择，供给类项目不列入榜单。", context.cite("board"))


@guard
def funded_track(context: Context) -> Iterator[Reason]:
    """Yield a reason unless the project is on the funded track."""
    if context.project.track != "funded":
        yield Reason("A5.2", "常态化对接项目不申报财政补助。", context.cite("board"))


@guard
def market_track(context: Context) -> Iterator[Reason]:
    """Yield a reason unless the project is on the market track."""
    if context.project.track != "market":
        yield Reason("A5.1", "本项目已列入榜单，按重大项目办理。", context.cite("market"))


@guard
def no_bid_agreed(context: Context) -> Iterator[Reason]:
    """Yield a reason when a bid has been agreed."""
    if context.project.agreed_bid_id:
        yield Reason("A5.agreed", "已与揭榜方达成意向。", context.cite("matching"))


def signed_already(context: Context) -> Iterator[Reason]:
    """Yield a reason once a bureau has signed a decision on the state, or on what this action shows: it is not taken back.

    A correction that waits for its second person, or a decision on something else, stands in the way of nothing.
    """
    shown = {*context.policy.actions[context.trigger].shows}
    for item in context.rows.of(Countersignature):
        action = context.policy.actions[item.trigger]
        if item.status == "open" and action.both and (action.moves or shown & {*action.shows}):
            text = f"{context.policy.city.by_role[item.role].short}已会签{quoted(action.name)}，不能再撤回。"
            yield Reason("countersign", text)


@guard
def signature_open(context: Context) -> Iterator[Reason]:
    """Yield a reason unless a transition waits for a further countersignature."""
    if not open_signatures(context):
        yield Reason("countersign", "没有等待会签的事项。", nothing=True)


@options
def open_signatures(context: Context) -> dict[str, str]:
    """Return the actions that wait for a further signature (会签、复核), each with who has signed first, and when."""
    return {
        str(
            item.id
        ): f"{context.policy.actions[item.trigger].name}（{item.person.name}，{item.at.astimezone(SHANGHAI):%Y-%m-%d %H:%M}）"
        for item in context.rows.of(Countersignature)
        if item.status == "open" and context.role in _signers_of(context, item.trigger)
    }


def _signers_of(context: Context, trigger: str) -> tuple[str, ...]:
    action = context.policy.actions[trigger]
    return (*action.who, *action.second)


@effect
@reads("signature:choice")
def withhold(context: Context) -> None:
    """Cancel every signature under the transition that the chosen one is about (不予会签)."""
    chosen = context.session.get_one(Countersignature, int(context.data["signature"]))
    for item in context.rows.of(Countersignature):
        if item.status == "open" and item.trigger == chosen.trigger:
            item.status = "cancelled"


def unfinished_project_of(context: Context, organisation_id: int) -> Project | None:
    """Return an unfinished city project with the organisation as issuer or agreed bidder, if there is one.

    Unfinished is from 签约 to 尾拨, in 延期, or in 终止 with money still to come back.
    """
    bids = select(Bid.id).where(Bid.lead_id == organisation_id, Bid.status == "agreed")
    query = select(Project).where(
        Project.state.in_(UNFINISHED),
        Project.id != context.project.id,
        or_(Project.issuer_id == organisation_id, Project.agreed_bid_id.in_(bids)),
    )
    return context.session.scalars(query.order_by(Project.id).limit(1)).first()
