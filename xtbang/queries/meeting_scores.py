"""The scores of one meeting (会次) in one ranking (排名), and how far the experts of each project agree."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload, lazyload, selectinload

from xtbang.enums import PANEL_LABELS
from xtbang.models import Call, Meeting, MeetingSeat, Panel, Person, Project, Seat
from xtbang.queries.panel_scores import PanelScores, scores_of
from xtbang.queries.shown.meetings import MeetingSeatShown, meeting_seat_shown
from xtbang.queries.shown.reviews import SeatShown, panel_shown
from xtbang.rules.agreement import deviation, odd_one_out, spread
from xtbang.rules.edition import Edition
from xtbang.rules.policy import Policy

EXPERT = joinedload(Person.organisation), lazyload(Person.roles)  # what is shown of an expert


@dataclass(frozen=True)
class Ranked:
    """A project of a meeting with its scores."""

    row: Any  # of `in_order`, or the project itself
    scores: PanelScores | None
    needed: int  # sheets that a conclusion needs
    rank: int | None = None  # None: no sheet is in yet

    @property
    def totals(self) -> list[int]:
        """Return the sums of the sheets that are in."""
        return [total for _seat, total in self.scores.locked] if self.scores else []

    @property
    def passes(self) -> bool:
        """Return whether its result reaches the pass mark (合格线)."""
        return bool(self.scores and self.scores.passed)

    @property
    def spread(self) -> int | None:
        """Return the distance from the lowest to the highest sheet."""
        return spread(self.totals)

    @property
    def odd(self) -> tuple[SeatShown, int, Decimal] | None:
        """Return the seat whose sheet deviates most, its sum, and how far it lies from the mean of the others."""
        place = odd_one_out(self.totals)
        if place is None or self.scores is None:
            return None
        seat, total = self.scores.locked[place]
        return seat, total, deviation(self.totals, place)


def panels_of(session: Session, meeting: Meeting) -> dict[int, Panel]:
    """Return the panels of a meeting that stand, with seats and experts: project → panel."""
    query = select(Panel).where(Panel.meeting_id == meeting.id, Panel.status.in_(Panel.STANDS)).order_by(Panel.id)
    seats = selectinload(Panel.seats).joinedload(Seat.expert).options(*EXPERT)
    return {panel.project_id: panel for panel in session.scalars(query.options(seats))}


def judged_panels(session: Session, project_ids: Collection[int], kind: str = "roadshow") -> dict[int, Panel]:
    """Return the newest concluded panel of that kind of each project, with seats and experts: project → panel."""
    query = select(Panel).where(Panel.project_id.in_(project_ids), Panel.kind == kind, Panel.status == "concluded")
    seats = selectinload(Panel.seats).joinedload(Seat.expert).options(*EXPERT)
    return {panel.project_id: panel for panel in session.scalars(query.order_by(Panel.id).options(seats))}


def ranking(
    session: Session, policy: Policy, kind: str, rows: Sequence[Any], panels: Mapping[int, Panel]
) -> list[Ranked]:
    """Return projects by the result of their panels of one kind, equal ones with the same rank.

    Those without a sheet come last.
    """
    query = select(Project.id, Call.roadshow_scores).join(Call, Call.id == Project.call_id)
    own = {number: scores for number, scores in session.execute(query.where(Project.id.in_([row.id for row in rows])))}
    found = []
    for row in rows:
        panel, edition = panels.get(row.id), policy.edition(row.edition)
        scores = scores_of(edition, panel_shown(panel)) if panel else None
        found.append(Ranked(row, scores, _needed(edition, kind, own.get(row.id))))
    scored = sorted((item for item in found if item.totals), key=_mean, reverse=True)
    ranked: list[Ranked] = []
    for place, item in enumerate(scored, 1):
        equal = ranked and _mean(ranked[-1]) == _mean(item)
        rank = ranked[-1].rank if equal else place
        ranked.append(Ranked(item.row, item.scores, item.needed, rank))
    return ranked + [item for item in found if not item.totals]


def ranked_projects(
    session: Session, policy: Policy, meeting: Meeting, rows: Sequence[Any], own: Mapping[int, Panel] | None = None
) -> list[Ranked]:
    """Return the projects on a meeting in the ranking of its scores; at a 党组会 in that of their roadshow. [] without scores.

    ``own`` are its panels, where they are known.
    """
    by_roadshow = meeting.kind == "resolution"
    if not by_roadshow and meeting.kind not in PANEL_LABELS:
        return []
    if by_roadshow:
        panels: Mapping[int, Panel] = judged_panels(session, [row.id for row in rows])
    else:
        panels = panels_of(session, meeting) if own is None else own
    return ranking(session, policy, "roadshow" if by_roadshow else meeting.kind, rows, panels) if panels else []


def _needed(edition: Edition, kind: str, own: int | None) -> int:
    least = edition.sheets[kind].experts_minimum
    return own if kind == "roadshow" and own else least


def _mean(item: Ranked) -> Fraction:
    """Return the result unrounded, so that results that differ only by rounding are not equal."""
    counted = [Fraction(score) for score in item.scores.counted] if item.scores else []
    return sum(counted, Fraction(0)) / len(counted) if counted else Fraction(0)


def roster(session: Session, meeting: Meeting, panels: Mapping[int, Panel]) -> list[MeetingSeatShown]:
    """Return the invitations of a meeting with their experts, in the order of their draw, and which of these panels each sits on."""
    places = {number: place for place, number in enumerate(meeting.order, 1) if number in panels}
    sits: dict[int, set[int]] = {}
    for number, place in places.items():
        for seat in panels[number].seats:
            if seat.status in Seat.TAKES_PART:
                sits.setdefault(seat.expert_id, set()).add(place)
    query = select(MeetingSeat).where(MeetingSeat.meeting_id == meeting.id).order_by(MeetingSeat.id)
    rows = session.scalars(query.options(joinedload(MeetingSeat.expert).options(*EXPERT)))
    own = ((row, sits.get(row.expert_id, set())) for row in rows)
    return [meeting_seat_shown(row, tuple(sorted(on)), tuple(sorted({*places.values()} - on))) for row, on in own]
