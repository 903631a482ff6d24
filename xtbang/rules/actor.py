"""The person who acts, as plain values: rules, guards and queries need no database row of a person."""

from dataclasses import dataclass

from xtbang.rules.arrival import Arrival

NEWCOMER = "newcomer"  # acts for an organisation that waits to be confirmed: it writes drafts and hands nothing in
WRITERS = frozenset({"applicant", NEWCOMER})


@dataclass(frozen=True)
class Actor:
    """A person with roles, the public (no person), or the system."""

    person_id: int | None
    name: str
    roles: frozenset[str] = frozenset()
    organisation_id: int | None = None
    organisation_name: str = ""
    region: str | None = None
    address: str = ""  # the network address that the request came from
    arrived: Arrival | None = None  # when what is handed in arrived; None: now


PUBLIC = Actor(None, "社会公众", frozenset({"public"}))
SYSTEM = Actor(None, "系统", frozenset({"system"}))
