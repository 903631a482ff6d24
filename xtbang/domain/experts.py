"""Experts (评审专家) of a panel: the meeting it belongs to, the draw (抽取), the invitations."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from secrets import token_hex
from typing import Any

from sqlalchemy import select

from xtbang.actions import audit
from xtbang.actions.context import Context
from xtbang.actions.findings import found
from xtbang.actions.notify import notify, to_people
from xtbang.actions.registry import effect, form_guard, guard, prefill_form
from xtbang.actions.relations import parties
from xtbang.domain import meetings
from xtbang.domain.expert_pool import pool, seated_with_a_stake
from xtbang.domain.revocation import standing_moves
from xtbang.domain.score_sheets import panel_changed
from xtbang.enums import EXPERT_KINDS, PANEL_LABELS
from xtbang.models import Event, Meeting, Organisation, Panel, Person, Seat
from xtbang.rules.dates import day_of
from xtbang.rules.drawing import drawn
from xtbang.rules.edition import Sheet
from xtbang.rules.needs import reads
from xtbang.rules.reasons import Force, Reason
from xtbang.rules.term import in_chinese

DRAWN = dict(zip(("technical", "financial", "legal"), EXPERT_KINDS, strict=True))  # field → kind of expert
PANEL = " ".join(f"{key}:whole" for key in DRAWN)
DRAW = "draw_experts"  # the event of a draw, in the stream of the meeting


def open_panel(context: Context) -> Panel | None:
    """Return the open panel; a project has one at a time."""
    return next((panel for panel in reversed(context.rows.of(Panel)) if panel.status == "open"), None)


def concluded_panel(context: Context, kind: str) -> Panel | None:
    """Return the newest panel of that kind with a conclusion."""
    panels = (panel for panel in reversed(context.rows.of(Panel)) if panel.kind == kind)
    return next((panel for panel in panels if panel.status == "concluded"), None)


def cancel_panels(context: Context) -> None:
    """Cancel the open panel of a project that is no longer judged, and notify its experts."""
    query = select(Panel).where(Panel.project_id == context.project.id, Panel.status == "open")
    for panel in context.session.scalars(query).all():
        dissolve(context, panel)
    meetings.leave_planned(context)


def dissolve(context: Context, panel: Panel) -> None:
    """Cancel an open panel and notify its experts."""
    panel.status = "cancelled"
    panel_changed(context, panel)
    waiting = [seat.expert for seat in panel.seats if seat.status in Seat.AWAITED]
    notify(context, "panel_cancelled", to_people(waiting, "expert"), panel=PANEL_LABELS[panel.kind])


@guard
def no_open_panel(context: Context) -> Iterator[Reason]:
    """Yield a reason while another panel is open."""
    panel = open_panel(context)
    if panel:
        text = f"{PANEL_LABELS[panel.kind]}专家组尚未形成结论，不能另行组建。"
        yield Reason("A9.panel", text, context.cite("examination"))


@guard
def no_conclusion_standing(context: Context) -> Iterator[Reason]:
    """Yield a reason while the conclusion of an earlier panel holds, so that no one asks until the answer pleases.

    A new panel is possible once the project has moved on and come back (promoted, rectified), when an expert turns out
    to have a stake, and about liability when a check has found something new.
    """
    kind = context.trigger.removeprefix("convene_")
    panel = concluded_panel(context, kind)
    if panel is None or panel.convened_at < came_here(context):
        return
    if seated_with_a_stake(context, (seat for seat in panel.seats if seat.status == "locked")):
        return
    if kind == "liability" and _found_since(context, panel):
        return
    said = "通过" if panel.favourable else "不通过"
    day = in_chinese(day_of(panel.concluded_at)) if panel.concluded_at else ""
    text = f"{PANEL_LABELS[kind]}专家组已于{day}形成结论（{said}），结论有效期间不再另行组建专家组。"
    if kind == "liability":
        text = f"{text.removesuffix('。')}；跟踪检查登记了新的须关注情况的，可以再次论证。"
    yield Reason("A9.concluded", text, context.cite("examination"))


def came_here(context: Context) -> datetime:
    """Return when the project came into its state by a decision that stands: a revocation brings no new question."""
    moves = standing_moves(context.policy, context.rows.of(Event))
    here = moves and moves[-1].to_state == context.project.state
    return moves[-1].at if here else context.project.state_since


def _found_since(context: Context, panel: Panel) -> bool:
    """Return whether a check recorded after the conclusion asks for attention."""
    late = (row for row in found(context, "check") if panel.concluded_at and row.at > panel.concluded_at)
    return any(row.favourable is False for row in late)


@form_guard
def enough_experts(context: Context) -> Iterator[Reason]:
    """Yield reasons unless the pool has as many experts as are to be drawn, for liability of each kind."""
    wanted = {kind: context.data[key] for key, kind in DRAWN.items()}
    if not sum(wanted.values()):
        yield Reason("A9.draw", "至少抽取 1 名专家。", context.cite("examination"), field="technical")
    for key, kind in DRAWN.items():
        free = len(pool(context, kind).free)
        if wanted[kind] > free:
            text = f"要抽取{kind}专家 {wanted[kind]} 名，专家库中可抽取的只有 {free} 名（已除去有利害关系的和在组的）。"
            yield Reason("A9.pool", text, context.cite("examination"), field=key)
    sheet = context.edition.sheets.get(context.trigger.removeprefix("convene_"))
    if sheet:  # of those who are added to a panel, the first ones count as well
        yield from _composition(sheet, wanted)


def _composition(sheet: Sheet, wanted: Mapping[str, int]) -> Iterator[Reason]:
    """Yield what a panel with so many experts of each kind lacks for a conclusion; for liability that is refused."""
    force = Force.MUST if sheet.key == "liability" else Force.ADVICE
    about, number = PANEL_LABELS[sheet.key], sum(wanted.values())
    if missing := [kind for kind in sheet.kinds_required if not wanted[kind]]:
        text = f"{about}须有{'、'.join(sheet.kinds_required)}专家参加，尚未抽取{'、'.join(missing)}专家。"
        yield Reason("A12.kinds", text, sheet.article, force=force)
    if 0 < number < sheet.experts_minimum:
        text = f"{about}的专家不少于 {sheet.experts_minimum} 名，本次只抽取 {number} 名：补足以前不能形成结论。"
        yield Reason("A9.few", text, sheet.article, force=Force.ADVICE)


def convene(context: Context, **case: Any) -> Panel:
    """Create and return the panel of the project's meeting; the meeting's experts sit on it, those who lack are drawn."""
    kind = context.trigger.removeprefix("convene_")
    planned = meetings.planned_for(context, kind)
    meeting = meetings.locked(context, planned.id) if planned else meetings.begin(context, kind)
    panel = Panel(
        project_id=context.project.id,
        meeting_id=meeting.id,
        kind=kind,
        status="open",
        convened_at=context.now,
        convened_by_id=context.actor.person_id,
        **case,
        blind=kind in context.edition.blind,
    )
    context.session.add(panel)
    context.session.flush()
    seated = _seat_the_meeting(context, panel, meeting)
    lacking = {kind: max(0, context.data[key] - seated.count(kind)) for key, kind in DRAWN.items()}
    _invite(context, panel, meeting, lacking)
    return panel


def _seat_the_meeting(context: Context, panel: Panel, meeting: Meeting) -> list[str]:
    """Put the experts of the whole meeting who have no stake in this project on its panel; return their kinds.

    Who has not answered the invitation yet finds this project in it; who has is asked about this project.
    """
    whole = [seat for seat in meeting.seats if seat.whole and seat.status in meetings.TAKING_PART]
    free = {person.id for kind in {seat.kind for seat in whole} for person in pool(context, kind).free}
    joining = [seat for seat in whole if seat.expert_id in free]
    for seat in joining:
        _seat(context, panel, seat.expert_id, seat.kind)
    again = [seat.expert for seat in joining if seat.status == "accepted"]
    _tell(context, panel, again)
    return [seat.kind for seat in joining]


def _seat(context: Context, panel: Panel, expert_id: int, kind: str) -> None:
    seat = Seat(panel_id=panel.id, expert_id=expert_id, kind=kind, status="invited", invited_at=context.now)
    context.session.add(seat)


def knows(context: Context, person: Person) -> bool:
    """Return whether the expert's domains (专业领域) include that of the project, however the form words it now."""
    field = context.edition.forms[context.project.kind].field("domain")
    return field.key_of(context.project.domain) in map(field.key_of, person.expert_domains)


def _invite(context: Context, panel: Panel, meeting: Meeting, wanted: dict[str, int]) -> None:
    """Draw that many experts of each kind for this project and invite them to its meeting.

    Who is at the meeting already comes first, then, of technical experts, who knows the project's domain.
    """
    there = {seat.expert_id for seat in meeting.seats if seat.status in meetings.TAKING_PART}
    alone, seed, said, people = len(meeting.order) == 1, token_hex(16), {}, []
    for kind, number in wanted.items():
        if not number:
            continue
        found = pool(context, kind)
        free = {person.id: person for person in found.free}
        known = [person.id for person in found.free if kind == "技术" and knows(context, person)]
        circles = [sorted(free.keys() & there), known, sorted(free)]
        chosen = drawn(seed, circles, number)
        said[kind] = {"wanted": number, "circles": circles, "excluded": list(found.excluded.items()), "drawn": chosen}
        for expert_id in chosen:
            _seat(context, panel, expert_id, kind)
            meetings.invite(context, meeting, free[expert_id], kind, whole=alone)
        people += [free[expert_id] for expert_id in chosen]
    if said:
        about = {"project_id": context.project.id, "panel_id": panel.id, "seed": seed, "kinds": said}
        audit.append(context, f"meeting:{meeting.id}", trigger=DRAW, role=context.role, data=about)
    context.session.flush()
    context.session.expire(panel, ["seats"])
    panel_changed(context, panel)
    unasked = {seat.expert_id for seat in meeting.seats if seat.whole and seat.status == "invited"} & there
    _tell(context, panel, [person for person in people if person.id not in unasked])


def _tell(context: Context, panel: Panel, people: list[Person]) -> None:
    """Invite these experts by mail; for their declaration it names the parties, unless they review blind."""
    involved = select(Organisation.name).where(Organisation.id.in_(() if panel.blind else parties(context.project)))
    names = sorted(context.session.scalars(involved))
    notify(context, "invite_expert", to_people(people, "expert"), panel=PANEL_LABELS[panel.kind], parties=names)


def number_to_draw(context: Context) -> dict[str, int]:
    """Return how many of each kind stand in the form: those of the meeting, else as few as the sheet asks for, of each kind."""
    kind = context.trigger.removeprefix("convene_")
    meeting, sheet = meetings.planned_for(context, kind), context.edition.sheets.get(kind)
    there = (
        [seat.kind for seat in meeting.seats if seat.whole and seat.status in meetings.TAKING_PART] if meeting else []
    )
    if not there and sheet:
        others = [name for name in sheet.kinds_required if name != EXPERT_KINDS[0]]
        there = [EXPERT_KINDS[0]] * max(1, sheet.experts_minimum - len(others)) + others
    return {key: there.count(name) for key, name in DRAWN.items()}


for _kind in PANEL_LABELS:
    prefill_form(f"convene_{_kind}")(number_to_draw)


@prefill_form("draw_more")
def number_to_replace(context: Context) -> dict[str, int]:
    """Return how many of each kind the open panel lacks of those for which it was convened: they declined, or left."""
    panel = open_panel(context)
    if panel is None:
        return dict.fromkeys(DRAWN, 0)
    convened = [event for event in context.rows.of(Event) if event.trigger == f"convene_{panel.kind}"]
    wanted = convened[-1].data if convened else {}
    sitting = [seat.kind for seat in panel.seats if seat.status in (*meetings.TAKING_PART, "locked")]
    return {key: max(0, wanted.get(key, 0) - sitting.count(kind)) for key, kind in DRAWN.items()}


@effect
@reads(PANEL)
def convene_appraisal(context: Context) -> None:
    """Convene the panel for the appraisal, 论证专家组 (2024 方案二)."""
    convene(context)


@effect
@reads(PANEL)
def convene_roadshow(context: Context) -> None:
    """Convene the panel for the roadshow, 路演评审专家组."""
    convene(context)


@effect
@reads(PANEL)
def convene_acceptance(context: Context) -> None:
    """Convene the panel for the acceptance, 验收专家组."""
    convene(context)


@effect
@reads(PANEL)
def convene_midterm(context: Context) -> None:
    """Convene the panel for the midterm check, 中期检查专家组."""
    convene(context)


@effect
@reads(PANEL)
def draw_more(context: Context) -> None:
    """Draw further experts for the open panel, to replace those who declined or recused themselves."""
    panel = open_panel(context)
    if panel:
        wanted = {kind: context.data[key] for key, kind in DRAWN.items()}
        _invite(context, panel, meetings.locked(context, panel.meeting_id), wanted)
