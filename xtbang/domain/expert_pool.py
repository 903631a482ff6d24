"""The pool of experts (专家库) for one project: who can be drawn, and why the others cannot."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from sqlalchemy import or_, select
from sqlalchemy.orm import contains_eager

from xtbang.actions.context import Context
from xtbang.actions.relations import parties
from xtbang.models import Bid, Panel, Person, Role, Seat
from xtbang.queries.organisations import all_names

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
    stakes, experts = with_a_stake(context), [seat.expert for seat in seats]
    names: set[str] = set()
    if any(expert.employer for expert in experts):
        names = all_names(context.session, stakes)
    return [expert for expert in experts if expert.organisation_id in stakes or expert.employer in names]


@dataclass
class Pool:
    """The experts of one kind: those who can be drawn, and the others with the reason, by their ids."""

    free: list[Person] = field(default_factory=list)
    excluded: dict[int, str] = field(default_factory=dict)


def pool(context: Context, kind: str) -> Pool:
    """Return the active experts of that kind, those who can be drawn apart from the others: no stake, not seated, never recused from this project."""
    stakes = with_a_stake(context)
    names = all_names(context.session, stakes)
    seats = select(Seat.expert_id, Seat.status, Panel.status).join(Panel).where(Panel.project_id == context.project.id)
    seats = seats.where(or_(Panel.status == "open", Seat.status.in_(GONE)))
    seated = {expert: seat for expert, seat, _panel in context.session.execute(seats)}
    query = select(Person).join(Person.roles).outerjoin(Person.organisation)
    query = query.where(Role.name == "expert", Person.active, Person.expert_kind == kind).order_by(Person.id)
    found = Pool()
    for person in context.session.scalars(query.options(contains_eager(Person.organisation))).unique():
        why = _own(context, person) or _stake(person, stakes, names) or _seated(seated.get(person.id))
        if why:
            found.excluded[person.id] = why
        else:
            found.free.append(person)
    return found


def _own(context: Context, person: Person) -> str:
    return "组建专家组的人员本人" if person.id == context.actor.person_id else ""


def _stake(person: Person, stakes: set[int], names: set[str]) -> str:
    if person.organisation_id in stakes or person.employer in names:
        return "任职单位与项目有利害关系"
    if person.organisation is not None and person.organisation.status != "confirmed":
        return "任职单位尚未核实"
    return ""


def _seated(status: str | None) -> str:
    if status is None:
        return ""
    said = {"recused": "已申请回避本项目", "voided": "对本项目的评分曾被作废"}
    return said.get(status, "已在本项目的专家组中")
