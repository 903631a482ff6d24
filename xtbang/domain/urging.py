"""Reminders by hand (催办): an office asks those whose turn it is to go on, by mail and in the inbox."""

from collections.abc import Iterable, Iterator
from datetime import date

from sqlalchemy import select

from xtbang.actions.context import Context
from xtbang.actions.notify import (
    Receivers,
    notify,
    to_bidder,
    to_issuer,
    to_members,
    to_people,
    to_role,
)
from xtbang.actions.registry import effect, form_guard, guard, options, prefill
from xtbang.domain.payments import date_in
from xtbang.domain.urging_letters import print_letter
from xtbang.models import Event, Organisation, Panel, Person, Seat
from xtbang.queries.desk.due_dates import Due
from xtbang.queries.desk.waits import waits_of
from xtbang.queries.next_step import overdue, turn
from xtbang.rules.dates import day_of
from xtbang.rules.lives import Wait
from xtbang.rules.needs import reads
from xtbang.rules.quotation import quoted
from xtbang.rules.reasons import Reason
from xtbang.rules.term import in_chinese


@options
def awaited(context: Context) -> dict[str, str]:
    """Return who is late or has to act now and can be reached, but for the actor's own office: role → label."""
    return _labels(context, [*_late(context), *_turn(context, _waits(context))])


@prefill
def everyone_awaited(context: Context) -> list[str]:
    """Return the parties that are late, or all who are awaited."""
    return list(_labels(context, _late(context))) or list(awaited(context))


@prefill
def what_is_awaited(context: Context) -> str:
    """Return what is overdue, since when, or else what the state waits for."""
    late = [due for due in overdue(context, context.project) if _labels(context, _who(due))]
    if late:
        named = "、".join(f"{due.about.label}（{in_chinese(due.on)}到期）" for due in late)
        todo = "；".join(dict.fromkeys(due.about.todo for due in late))
        return f"{named}已经逾期。{todo}。"
    missing = "；".join(wait.words for wait in _waits(context))
    stage = quoted(context.life.states[context.project.state].name)
    return f"项目现处于{stage}{f'，还需办理：{missing}' if missing else ''}。请尽快办理。"


@guard
def somebody_awaited(context: Context) -> Iterator[Reason]:
    """Yield a reason when only the actor's own office acts in this state, or people who are not known yet."""
    if not _labels(context, _turn(context)) and not _labels(context, _late(context)):
        state = context.life.states[context.project.state].name
        text = f"项目现处于{quoted(state)}，没有等待其他单位办理的事项，无须催办。"
        yield Reason("A8.remind", text, context.cite("tracking"), nothing=True)


@form_guard
@reads("until:date")
def remind_ahead(context: Context) -> Iterator[Reason]:
    """Yield a reason when the day that is asked for is over."""
    until = date_in(context, "until") if context.data.get("until") else None
    if until and until < context.today:
        yield Reason("A8.remind_until", "请办理的期限不能早于今天。", context.cite("tracking"), field="until")


@effect
@reads("whom:choices text:long until:date")
def remind(context: Context) -> None:
    """Send the reminder to everyone chosen; the event says what was asked for and until when.

    On a second day since the project came into its state a letter is printed for the organisations among them.
    """
    until = date_in(context, "until") if context.data.get("until") else None
    receivers = [_receivers(context, role) for role in context.data["whom"]]
    stage = context.life.states[context.project.state].name
    notify(context, "remind", *receivers, text=context.data["text"], runs_until=until, stage=stage)
    told, days = _organisations(context), _asked_on(context)
    if told and days:
        print_letter(context, stage, told, days, until)


def _asked_on(context: Context) -> list[date]:
    """Return the days before today of reminders by hand, since the project came into its state."""
    project, own = context.project, context.event.id if context.event else 0
    query = select(Event.at).where(Event.project_id == project.id, Event.trigger == "remind")
    before = context.session.scalars(query.where(Event.at >= project.state_since, Event.id != own))
    return sorted({day_of(at) for at in before} - {context.today})


def _organisations(context: Context) -> list[Organisation]:
    """Return the organisations that are asked."""
    bid, whom = context.project.agreed_bid, context.data["whom"]
    found = [context.project.issuer] if "issuer" in whom else []
    found += [bid.lead] if bid and "bidder" in whom else []
    return found + ([member.organisation for member in bid.members] if bid and "member" in whom else [])


def _waits(context: Context) -> Iterable[Wait]:
    return waits_of(context, [context.project.id]).get(context.project.id, ())


def _turn(context: Context, waits: Iterable[Wait] = ()) -> tuple[str, ...]:
    return turn(context.project, context.collected, context.policy, waits)


def _late(context: Context) -> list[str]:
    """Return the parties who have not done what was due before today."""
    return [role for due in overdue(context, context.project) for role in _who(due)]


def _who(due: Due) -> list[str]:
    return [role for role in ("issuer", "bidder") if role in due.about.tell and due.about.acts(role)]


def _labels(context: Context, roles: Iterable[str]) -> dict[str, str]:
    labels = context.policy.city.role_labels
    return {role: labels[role] for role in roles if role != context.role and _reached(context, role)}


def _reached(context: Context, role: str) -> bool:
    if role in ("bidder", "member"):
        return context.project.agreed_bid is not None
    return role != "public" and (role != "expert" or bool(_experts(context)))


def _experts(context: Context) -> list[Person]:
    panels = [panel for panel in context.rows.of(Panel) if panel.status == "open"]
    found = {seat.expert_id: seat.expert for panel in panels for seat in panel.seats if seat.status in Seat.AWAITED}
    return [found[number] for number in sorted(found)]


def _receivers(context: Context, role: str) -> Receivers:
    bid = context.project.agreed_bid
    if role == "issuer":
        return to_issuer()
    if role == "bidder" and bid:
        return to_bidder(bid)
    if role == "member":
        return to_members(bid)
    if role == "expert":
        return to_people(_experts(context), "expert")
    return to_role(role)
