"""What has happened to a project: everything for the bureaus and the auditor, what concerns them for everyone else."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from xtbang.models import Event, Project
from xtbang.queries.rights.project_parts import Sight, party_ids
from xtbang.queries.rights.sealed_bids import hidden

OF_BIDS = frozenset({"open_bid", "submit_bid", "withdraw_bid", "confirm_membership"})
# what a party to the project is not told: who judges, what the bureaus say among themselves, who objects
INTERNAL = frozenset(
    "answer_invitation submit_scores draw_more withhold record_opinion record_inspection look_at_signature "
    "recommend_province assign_agency".split()
)
# the reasons that are written for the parties
TOLD = frozenset(
    "send_back refuse drop withdraw reopen decline uphold request_extension grant_extension deny_extension rectify "
    "pass_acceptance terminate settle".split()
)
# what anyone knows who has bid and was not chosen
OPEN = frozenset("list_regular list_major promote agree reopen publish_notice conclude register_deal withdraw".split())
STOPS = frozenset("refuse drop decline uphold deny_extension terminate withdraw rectify".split())
WAITS = frozenset("send_back reopen request_extension promote file_objection".split())
ENDS = frozenset("register_deal disburse_final pass_acceptance settle conclude".split())


@dataclass(frozen=True)
class Step:
    """One thing that happened, as one person may know of it."""

    trigger: str
    at: datetime
    role: str  # of who did it; both bureaus: "both"
    who: str  # the organisation, for what parties did; "" for offices
    text: str
    tone: str


def events_of(session: Session, project_id: int) -> list[Event]:
    """Every event of a project, oldest first."""
    return list(session.scalars(select(Event).where(Event.project_id == project_id).order_by(Event.id)))


def entered(events: Iterable[Event]) -> dict[str, datetime]:
    """State → when the project came into it last."""
    return {event.to_state: event.at for event in events if event.outcome == "moved"}


def audit_of(events: Iterable[Event], project: Project, sight: Sight, now: datetime) -> list[Event]:
    """The events for the bureaus and the auditor, newest first; those about sealed bids only for their own bidder."""
    sealed = hidden(project, now)
    shown = [
        event
        for event in events
        if not (sealed and event.trigger in OF_BIDS and event.organisation_id != sight.organisation_id)
    ]
    return shown[::-1]


def steps_of(events: Iterable[Event], project: Project, sight: Sight) -> list[Step]:
    """The events as a party sees them, newest first: dates and offices, no names of officers, experts, other bidders."""
    parties = party_ids(project)
    known = parties | ({sight.organisation_id} if sight.organisation_id else set())
    party = "form" in sight
    return [_step(event, known, party) for event in events if _told(event, parties, sight, party)][::-1]


def _told(event: Event, parties: Collection[int], sight: Sight, party: bool) -> bool:
    if event.organisation_id is not None and event.organisation_id == sight.organisation_id:
        return True
    if event.trigger in OF_BIDS:
        return event.trigger == "submit_bid" and party and event.organisation_id in parties and "bids" in sight
    if event.outcome == "signed" or event.trigger in INTERNAL:
        return False
    return party or event.trigger in OPEN


def _step(event: Event, known: Collection[int], party: bool) -> Step:
    countersigned = event.role in ("science", "industry") and event.trigger in (
        "list_regular list_major drop uphold grant_extension deny_extension rectify pass_acceptance terminate".split()
    )
    tone = "stop" if event.trigger in STOPS else "wait" if event.trigger in WAITS else ""
    return Step(
        trigger=event.trigger,
        at=event.at,
        role="both" if countersigned else event.role,
        who=event.organisation_name if event.organisation_id in known else "",
        text=event.reason if event.trigger in TOLD and party else "",
        tone=tone or ("done" if event.trigger in ENDS else ""),
    )
