"""Tell what has happened to a project: all events for the bureaus and the auditor, for others those that concern them."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime

from xtbang.enums import BUREAU_ROLES, CHANGE_LABELS
from xtbang.models import Event, Project
from xtbang.queries.rights.project_parts import Sight, party_ids
from xtbang.queries.rights.sealed_bids import hidden
from xtbang.rules.lives import Action
from xtbang.rules.policy import Policy

SEALED = "succeed"  # another organisation has a draft or a bid now, which may still be sealed
OF_PARTIES = frozenset(f"change_{kind}" for kind in CHANGE_LABELS)  # these events tell the parties their reason


@dataclass(frozen=True)
class Step:
    """One event as one person may know of it."""

    trigger: str
    at: datetime
    role: str  # role of the actor; "both" for both bureaus
    who: str  # the organisation, if it is a party; "" for offices
    text: str
    tone: str


def entered(events: Iterable[Event]) -> dict[str, datetime]:
    """Return state → when the project last entered it."""
    return {event.to_state: event.at for event in events if event.outcome == "moved"}


def triggers_known_to(policy: Policy, circle: str) -> frozenset[str]:
    """Return the triggers whose events only that circle of readers sees (``known_to`` in the lifecycle)."""
    of_policy = (action.trigger for action in policy.actions.values() if action.known_to == circle)
    return frozenset(of_policy) | (frozenset({SEALED}) if circle == "bidder" else frozenset())


def audit_of(
    events: Iterable[Event], project: Project, sight: Sight, collected: datetime, policy: Policy
) -> list[Event]:
    """Return the events for the bureaus and the auditor, newest first; those of sealed bids only to their bidder."""
    concealed = triggers_known_to(policy, "bidder") if hidden(project, collected) else frozenset()
    shown = [
        event for event in events if event.trigger not in concealed or event.organisation_id == sight.organisation_id
    ]
    return shown[::-1]


def steps_of(events: Iterable[Event], project: Project, sight: Sight, policy: Policy) -> list[Step]:
    """Return the events as a party sees them, newest first: no names of officers, experts or other bidders."""
    parties = party_ids(project)
    known = parties | ({sight.organisation_id} if sight.organisation_id else set())
    party = "form" in sight
    shown = [
        (event, policy.actions.get(event.trigger))
        for event in events
        if _is_known(event, policy.actions.get(event.trigger), parties, sight, party)
    ]
    return [_step(event, action, known, party) for event, action in shown][::-1]


def _is_known(event: Event, action: Action | None, parties: Collection[int], sight: Sight, party: bool) -> bool:
    if event.organisation_id is not None and event.organisation_id == sight.organisation_id:
        return True
    known_to = action.known_to if action else "bidder" if event.trigger == SEALED else "parties"
    if known_to == "bidder":
        handed_in = action is not None and bool(action.hands_in)
        return handed_in and party and event.organisation_id in parties and "bids" in sight
    if event.outcome == "signed" or known_to == "offices":
        return False
    return party or known_to == "everyone"


def _step(event: Event, action: Action | None, known: Collection[int], party: bool) -> Step:
    countersigned = action is not None and action.both and event.role in BUREAU_ROLES
    return Step(
        trigger=event.trigger,
        at=event.at,
        role="both" if countersigned else event.role,
        who=event.organisation_name if event.organisation_id in known else "",
        text=event.reason if party and (action.reason_told if action else event.trigger in OF_PARTIES) else "",
        tone=action.tone if action else "",
    )
