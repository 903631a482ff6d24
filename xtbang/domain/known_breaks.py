"""Known breaks (已知断点) of the chains of events: changes by hand which the operator has explained.

The events stay as they are and every verification names them; one more event records the explanation.
"""

import logging
from collections.abc import Iterator
from contextlib import closing
from itertools import groupby

from sqlalchemy.orm import Session

from xtbang.actions import audit
from xtbang.models.writing import writing
from xtbang.queries.audit import in_chains
from xtbang.queries.caller import Caller

LOG = logging.getLogger("xtbang.audit")
CHANGED = "办理记录"  # begins the sentence about a changed event
STREAM = "chain:all"
NAMED = 10  # events of one stream that a sentence names


def broken_chains(session: Session) -> Iterator[str]:
    """Yield a sentence for every chain with changed events, with their numbers."""
    with closing(in_chains(session, "")) as chains:
        for stream, events in groupby(chains, key=lambda event: event.stream):
            if wrong := audit.broken(events):
                named = "、".join(str(event.sequence) for event in wrong[:NAMED])
                more = f"等 {len(wrong)} " if len(wrong) > NAMED else ""
                yield f"{CHANGED} {stream} 第 {named} {more}条被改动过。"


def admit_breaks(caller: Caller, reason: str) -> list[str]:
    """Record the explanation of all breaks there are; return their sentences. Without a break nothing is recorded.

    All other events are verified by that, those before a break and those after it.
    """
    found = list(broken_chains(caller.session))
    if found:
        with writing(caller.session):
            audit.append(caller, STREAM, trigger="admit_breaks", reason=reason, data={"breaks": found})
        LOG.warning("%s breaks of chains of events are admitted", len(found))
    return found
