"""Experts (评审专家): the pool that a panel is drawn from, the draw itself, the invitations."""

from collections.abc import Iterable, Iterator, Sequence
from random import Random, SystemRandom

from sqlalchemy import or_, select

from xtbang.actions.context import Context
from xtbang.actions.notify import notify, to_people
from xtbang.actions.registry import effect, form_guard, guard
from xtbang.actions.relations import parties
from xtbang.domain.score_sheets import panel_changed
from xtbang.enums import EXPERT_KINDS, PANEL_LABELS
from xtbang.models import Bid, Finding, Organisation, Panel, Person, Role, Seat
from xtbang.rules.dates import SHANGHAI
from xtbang.rules.needs import reads
from xtbang.rules.reasons import Reason
from xtbang.rules.term import in_chinese

DRAWN = dict(zip(("technical", "financial", "legal"), EXPERT_KINDS, strict=True))  # field → kind of expert
PANEL = " ".join(f"{key}:whole" for key in DRAWN)


def draw(first: Sequence[Person], rest: Sequence[Person], number: int, rng: Random | None = None) -> list[Person]:
    """Return that many people at random, from ``rest`` only when ``first`` is used up. Raise ValueError if too few."""
    rng = rng or SystemRandom()
    preferred = rng.sample(list(first), min(number, len(first)))
    return preferred + rng.sample(list(rest), number - len(preferred))


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
    for panel in context.session.scalars(query):
        panel.status = "cancelled"
        panel_changed(context, panel)
        waiting = [seat.expert for seat in panel.seats if seat.status in ("invited", "accepted")]
        notify(context, "panel_cancelled", to_people(waiting, "expert"), panel=PANEL_LABELS[panel.kind])


def with_a_stake(context: Context) -> set[int]:
    """Return the organisations whose people cannot judge: parties, leads of submitted bids, confirmed members (第九条).

    An organisation that is only named in a draft has no stake: otherwise a bidder could empty the pool by naming many.
    """
    found = parties(context.project)
    for bid in context.rows.of(Bid):
        found |= {bid.lead_id} if bid.submitted_at else set()
        found |= {member.organisation_id for member in bid.members if member.confirmed_at}
    return found


def seated_with_a_stake(context: Context, seats: Iterable[Seat]) -> list[Person]:
    """Return the experts in these seats who work for an organisation with a stake, by its account or by its name."""
    stakes, experts = with_a_stake(context), [seat.expert for seat in seats]
    names: set[str] = set()
    if any(expert.employer for expert in experts):
        names = set(context.session.scalars(select(Organisation.name).where(Organisation.id.in_(stakes))))
    return [expert for expert in experts if expert.organisation_id in stakes or expert.employer in names]


def pool(context: Context, kind: str) -> list[Person]:
    """Return the experts of that kind who can be drawn: no stake, not seated, never recused from this project."""
    stakes = with_a_stake(context)
    seated = select(Seat.expert_id).join(Panel).where(Panel.project_id == context.project.id)
    seated = seated.where(or_(Panel.status == "open", Seat.status == "recused"))
    query = select(Person).join(Person.roles).outerjoin(Organisation, Person.organisation_id == Organisation.id)
    query = query.where(
        Role.name == "expert",
        Person.active,
        Person.expert_kind == kind,
        Person.id.not_in(seated),
        Person.id != context.actor.person_id,
        or_(
            Person.organisation_id.is_(None)
            & Person.employer.not_in(select(Organisation.name).where(Organisation.id.in_(stakes))),
            Person.organisation_id.not_in(stakes) & (Organisation.status == "confirmed"),
        ),
    )
    return list(context.session.scalars(query.order_by(Person.id)).unique())


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
    to have a stake, and about liability when a check has found something new (第九条).
    """
    kind = context.trigger.removeprefix("convene_")
    panel = concluded_panel(context, kind)
    if panel is None or panel.convened_at < context.project.state_since:
        return
    if seated_with_a_stake(context, (seat for seat in panel.seats if seat.status == "locked")):
        return
    if kind == "liability" and _found_since(context, panel):
        return
    said = "通过" if panel.favourable else "不通过"
    day = in_chinese(panel.concluded_at.astimezone(SHANGHAI).date()) if panel.concluded_at else ""
    text = f"{PANEL_LABELS[kind]}专家组已于{day}形成结论（{said}），结论有效期间不再另行组建专家组。"
    if kind == "liability":
        text = f"{text.removesuffix('。')}；跟踪检查登记了新的须关注情况的，可以再次论证。"
    yield Reason("A9.concluded", text, context.cite("examination"))


def _found_since(context: Context, panel: Panel) -> bool:
    """Return whether a check recorded after the conclusion asks for attention."""
    checks = (finding for finding in context.rows.of(Finding) if finding.kind == "check")
    return any(check.favourable is False and panel.concluded_at and check.at > panel.concluded_at for check in checks)


@form_guard
def enough_experts(context: Context) -> Iterator[Reason]:
    """Yield reasons unless the pool has as many experts as are to be drawn, for liability of each kind (第十二条)."""
    wanted = {kind: context.data[key] for key, kind in DRAWN.items()}
    if not sum(wanted.values()):
        yield Reason("A9.draw", "至少抽取 1 名专家。", context.cite("examination"), field="technical")
    for key, kind in DRAWN.items():
        free = len(pool(context, kind))
        if wanted[kind] > free:
            text = f"要抽取{kind}专家 {wanted[kind]} 名，专家库中可抽取的只有 {free} 名（已除去有利害关系的和在组的）。"
            yield Reason("A9.pool", text, context.cite("examination"), field=key)
    if context.trigger == "convene_liability":
        sheet = context.edition.sheets["liability"]
        missing = [kind for kind in sheet.kinds_required if not wanted[kind]]
        if missing:
            text = f"责任论证须有{'、'.join(sheet.kinds_required)}专家参加，尚未抽取{'、'.join(missing)}专家。"
            yield Reason("A12.kinds", text, sheet.article)


def _convene(context: Context) -> None:
    """Create a panel, draw its experts and invite them."""
    panel = Panel(
        project_id=context.project.id,
        kind=context.trigger.removeprefix("convene_"),
        status="open",
        convened_at=context.now,
        convened_by_id=context.actor.person_id,
    )
    context.session.add(panel)
    context.session.flush()
    _invite(context, panel)


def _knows(context: Context, person: Person) -> bool:
    """Return whether the expert's domains (专业领域) include that of the project, however the form words it now."""
    field = context.edition.forms[context.project.kind].field("domain")
    return field.key_of(context.project.domain) in map(field.key_of, person.expert_domains)


def _invite(context: Context, panel: Panel) -> None:
    """Draw and invite experts. The mail names only the parties, so that experts can declare a conflict."""
    people = []
    for key, kind in DRAWN.items():
        free = pool(context, kind)
        match = [person for person in free if kind == "技术" and _knows(context, person)]
        for person in draw(match, [person for person in free if person not in match], context.data[key]):
            seat = Seat(panel_id=panel.id, expert_id=person.id, kind=kind, status="invited", invited_at=context.now)
            context.session.add(seat)
            people.append(person)
    context.session.flush()
    context.session.expire(panel, ["seats"])
    panel_changed(context, panel)
    involved = select(Organisation.name).where(Organisation.id.in_(parties(context.project)))
    names = sorted(context.session.scalars(involved))
    invited = to_people(people, "expert")
    notify(context, "invite_expert", invited, panel=PANEL_LABELS[panel.kind], parties=names)


@effect
@reads(PANEL)
def convene_appraisal(context: Context) -> None:
    """Convene the panel for the appraisal, 论证专家组 (2024 方案二)."""
    _convene(context)


@effect
@reads(PANEL)
def convene_roadshow(context: Context) -> None:
    """Convene the panel for the roadshow, 路演评审专家组 (第九条)."""
    _convene(context)


@effect
@reads(PANEL)
def convene_acceptance(context: Context) -> None:
    """Convene the panel for the acceptance, 验收专家组 (第八条)."""
    _convene(context)


@effect
@reads(PANEL)
def convene_midterm(context: Context) -> None:
    """Convene the panel for the midterm check, 中期检查专家组."""
    _convene(context)


@effect
@reads(PANEL)
def convene_liability(context: Context) -> None:
    """Convene the panel for the liability, 责任论证专家组 (第十二条)."""
    _convene(context)


@effect
@reads(PANEL)
def draw_more(context: Context) -> None:
    """Draw further experts for the open panel, to replace those who declined or recused themselves."""
    panel = open_panel(context)
    if panel:
        _invite(context, panel)
