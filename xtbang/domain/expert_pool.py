"""The pool of experts (专家库) for one project: who can be drawn, and why the others cannot."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import timedelta

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session, contains_eager, joinedload

from xtbang.actions.context import Context
from xtbang.actions.relations import parties
from xtbang.models import Bid, MeetingSeat, Panel, Person, Project, Recusal, Role, Seat
from xtbang.queries.organisations import compared_names, ids_of
from xtbang.rules.dates import years_before
from xtbang.rules.search_words import as_compared

PARTNER_YEARS = 3  # of technical contracts
GONE = ("recused", "voided")  # who left a panel of the project like this is never drawn for it again


def with_a_stake(context: Context) -> set[int]:
    """Return the organisations whose people cannot judge: parties, leads of submitted bids, confirmed members.

    An organisation that is only named in a draft has no stake: otherwise a bidder could empty the pool by naming many.
    """
    found = parties(context.project)
    for bid in context.rows.of(Bid):
        found |= {bid.lead_id} if bid.submitted_at else set()
        found |= {member.organisation_id for member in bid.members if member.confirmed_at}
    return found


def seated_with_a_stake(context: Context, seats: Iterable[Seat]) -> list[Person]:
    """Return the experts in these seats who work for an organisation with a stake, by its account or by its name."""
    names = compared_names(context.session, with_a_stake(context))
    return [seat.expert for seat in seats if not names.isdisjoint(seat.expert.employed_by)]


def seated_though_named(context: Context, seats: Iterable[Seat]) -> list[Person]:
    """Return the experts in these seats whom a party has named, with leave of the office (准许回避)."""
    named = named_in(context.session, granted(context))
    return [seat.expert for seat in seats if named(seat.expert)]


def granted(context: Context) -> list[Recusal]:
    """Return the requests of the parties (回避申请) that were granted."""
    return [row for row in context.rows.of(Recusal) if row.status == "granted"]


def named_in(session: Session, rows: Iterable[Recusal]) -> Callable[[Person], Recusal | None]:
    """Return what tells which of these requests names a person; an employer counts by all of its names and codes."""
    employers: dict[str, set[str]] = {"": set()}
    rows = list(rows)
    for row in rows:
        if row.employer not in employers:
            known = compared_names(session, ids_of(session, [row.employer]))
            employers[row.employer] = known | {as_compared(row.employer)}

    def found(person: Person) -> Recusal | None:
        works = person.employed_by
        for row in rows:
            there = not row.employer or not employers[row.employer].isdisjoint(works)
            if there and row.person in ("", person.name):
                return row
        return None

    return found


def partners(context: Context) -> set[int]:
    """Return the organisations with a technical contract with a party in the three years before today.

    As far as projects of this site tell: issuer on one side, the agreed bidder and its members on the other.
    """
    own, since = parties(context.project), years_before(context.today, PARTNER_YEARS)
    query = select(Project).where(Project.id != context.project.id, Project.contract_amount.is_not(None))
    begun = func.coalesce(Project.starts_on, func.date(Project.state_since))
    query = query.where(Project.agreed_bid_id.is_not(None), begun >= since)
    query = query.options(joinedload(Project.agreed_bid).selectinload(Bid.members))
    found: set[int] = set()
    for project in context.session.scalars(query):
        bid = project.agreed_bid
        bidders = {bid.lead_id, *(member.organisation_id for member in bid.members)} if bid else set()
        if project.issuer_id in own:
            found |= bidders
        if own & bidders:
            found.add(project.issuer_id)
    return found - own


@dataclass(frozen=True)
class Barred:
    """The organisations whose people are not drawn, by all of their names and codes, and whom the parties have named."""

    stakes: set[str]
    partners: set[str]
    named: Callable[[Person], Recusal | None]

    def why(self, person: Person) -> str:
        """Return the reason against an expert, blank for none."""
        works = person.employed_by
        if not self.stakes.isdisjoint(works):
            return "任职单位与项目有利害关系"
        if not self.partners.isdisjoint(works):
            return f"任职单位近 {PARTNER_YEARS} 年内与项目一方有技术合同"
        if row := self.named(person):
            return f"{row.organisation.name}申请其回避（{row.reason}），已准许：{row.finding}"
        if person.organisation is not None and person.organisation.status != "confirmed":
            return "任职单位尚未核实"
        return ""


def _drawn_lately(context: Context) -> dict[int, int]:
    """Return how often each expert was invited to a meeting in the year before now, as far as they did not decline."""
    query = select(MeetingSeat.expert_id, func.count()).where(
        MeetingSeat.invited_at > context.now - timedelta(days=365)
    )
    query = query.where(MeetingSeat.status.in_(("invited", "accepted"))).group_by(MeetingSeat.expert_id)
    return {expert: count for expert, count in context.session.execute(query)}


@dataclass
class Pool:
    """The experts of one kind: those who can be drawn, and the others with the reason, by their ids."""

    free: list[Person] = field(default_factory=list)
    excluded: dict[int, str] = field(default_factory=dict)


def pool(context: Context, kind: str) -> Pool:
    """Return the active experts of that kind: those who can be drawn, and the others with what excludes them."""
    stakes = with_a_stake(context)
    related, limit = partners(context) - stakes, context.edition.draws_per_year
    session = context.session
    barred = Barred(
        compared_names(session, stakes), compared_names(session, related), named_in(session, granted(context))
    )
    often = _drawn_lately(context) if limit is not None else {}
    seats = select(Seat.expert_id, Seat.status, Panel.status).join(Panel).where(Panel.project_id == context.project.id)
    seats = seats.where(or_(Panel.status == "open", Seat.status.in_(GONE)))
    seated = {expert: seat for expert, seat, _panel in context.session.execute(seats)}
    query = select(Person).join(Person.roles).outerjoin(Person.organisation)
    query = query.where(Role.name == "expert", Person.active, Person.expert_kind == kind).order_by(Person.id)
    found = Pool()
    for person in session.scalars(query.options(contains_eager(Person.organisation))).unique():
        why = _own(context, person) or barred.why(person) or _seated(seated.get(person.id))
        if not why and limit is not None and often.get(person.id, 0) >= limit:
            why = f"近一年已抽取 {often[person.id]} 次，达到上限 {limit} 次"
        if why:
            found.excluded[person.id] = why
        else:
            found.free.append(person)
    return found


def _own(context: Context, person: Person) -> str:
    return "组建专家组的人员本人" if person.id == context.actor.person_id else ""


def _seated(status: str | None) -> str:
    if status is None:
        return ""
    said = {"recused": "已申请回避本项目", "voided": "对本项目的评分曾被作废"}
    return said.get(status, "已在本项目的专家组中")
