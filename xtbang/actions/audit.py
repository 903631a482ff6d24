"""The audit trail: appending an event to its stream, and checking the chain of digests."""

from collections.abc import Iterable
from datetime import UTC
from hashlib import sha256
from typing import Any

import rfc8785
from sqlalchemy import bindparam, select

from xtbang.models import Event
from xtbang.queries.caller import Caller

# the columns of an event that its digest covers, besides its time
DIGESTED = (
    "stream sequence project_id project_version actor_id actor_name role organisation_id organisation_name trigger "
    "outcome from_state to_state reason data files address request_key previous"
).split()
OF_STREAM = select(Event.sequence, Event.digest).where(Event.stream == bindparam("stream"))
LAST = OF_STREAM.order_by(Event.sequence.desc()).limit(1)


def append(caller: Caller, stream: str, *, trigger: str, **values: Any) -> Event:
    """Append what the caller does as the next event of a stream and flush it; the row the stream is about is locked."""
    session, actor = caller.session, caller.actor
    before = session.connection().execute(LAST, {"stream": stream}).first()
    event = Event(
        stream=stream,
        sequence=before.sequence + 1 if before else 1,
        at=caller.now,
        actor_id=actor.person_id,
        actor_name=actor.name,
        organisation_id=actor.organisation_id,
        organisation_name=actor.organisation_name,
        trigger=trigger,
        address=actor.address,
        previous=before.digest if before else "",
        **{"role": "", "outcome": "done", "from_state": "", "to_state": "", "reason": "", "project_id": None}
        | {"project_version": None, "data": {}, "files": [], "request_key": None}
        | values,
    )
    event.digest = digest(event)
    session.add(event)
    session.flush()
    return event


def digest(event: Event) -> str:
    """Return the SHA-256 of what the event says and of the digest of the event before it."""
    content = {name: getattr(event, name) for name in DIGESTED}
    return sha256(
        rfc8785.dumps(content | {"at": event.at.astimezone(UTC).isoformat(timespec="microseconds")})
    ).hexdigest()


def broken(events: Iterable[Event]) -> list[Event]:
    """Return the events of one stream, given in order, whose digest or link is wrong or whose predecessor is absent."""
    wrong = []
    previous, expected = "", 1
    for event in events:
        if event.digest != digest(event) or event.previous != previous or event.sequence != expected:
            wrong.append(event)
        previous, expected = event.digest, event.sequence + 1
    return wrong
