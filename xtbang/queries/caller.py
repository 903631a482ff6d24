"""The caller (请求情境): who asks or acts, when, where and under which policy, as one value."""

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy.orm import Session

from xtbang.errors import Forbidden
from xtbang.models import Deputy, Person
from xtbang.models.person import ACTING
from xtbang.rules.actor import NEWCOMER, Actor
from xtbang.rules.arrival import Arrival
from xtbang.rules.dates import day_of
from xtbang.rules.law import Cite
from xtbang.rules.policy import Policy
from xtbang.rules.site import Site


@dataclass
class Caller:
    """Actor, moment, installation, policy and database session of a request or task."""

    session: Session
    actor: Actor
    now: datetime
    site: Site
    policy: Policy

    def __post_init__(self) -> None:
        """Let a commit of the session know the policy, for the rows of expected payments (`actions/expected_payments.py`)."""
        self.session.info["policy"] = self.policy

    def cite(self, about: Cite) -> str:
        """Return the citation of the rule about that, as the city gives it."""
        return self.policy.city.cite(about)

    @property
    def today(self) -> date:
        """Return the date in Shanghai."""
        return day_of(self.now)

    @property
    def arrived(self) -> Arrival:
        """Return when what is handed in arrived: now, where no request was sent."""
        return self.actor.arrived or Arrival(self.now, self.now)

    @property
    def received_at(self) -> datetime:
        """Return the moment at which what is handed in counts as received: that of its first byte."""
        return self.arrived.first

    @property
    def collected(self) -> datetime:
        """Return the moment up to which everything has arrived: what closed before it can be opened."""
        return self.now - self.site.grace

    def in_time(self, close: datetime) -> bool:
        """Return whether what is handed in is in time for a close, the last moment of a window."""
        return self.arrived.in_time(close, self.site.grace)

    def late_words(self, close: datetime) -> str:
        """Return the sentence about a request that was not in time; "" for who only asks."""
        return self.actor.arrived.late_words(close) if self.actor.arrived else ""


def actor_of(person: Person, address: str = "", today: date | None = None, arrived: Arrival | None = None) -> Actor:
    """Return the person as an actor; without roles while inactive.

    The people of a refused or dissolved organisation do not act for it; the applicants of one that is not confirmed are newcomers.
    """
    organisation, roles = person.organisation, person.role_names if person.active else frozenset()
    if organisation is not None and (organisation.status != "confirmed" or organisation.dissolved_on is not None):
        newcomer = organisation.status == "pending" and "applicant" in roles
        roles = roles - set(ACTING) | (frozenset({NEWCOMER}) if newcomer else frozenset())
    deputised = [row for row in person.deputising if _holds(row, today)] if today and person.active else []
    roles |= {role for row in deputised for role in row.roles}
    region = next((row.person.region for row in deputised if row.person.region), person.region)
    return Actor(
        person_id=person.id,
        name=person.name,
        roles=roles,
        organisation_id=person.organisation_id,
        organisation_name=organisation.name if organisation else "",
        region=region,
        address=address,
        arrived=arrived,
    )


def _holds(row: Deputy, today: date) -> bool:
    """Return whether the deputising is in force on that day; it ends with the account or the roles of who is away."""
    in_time = row.ended_at is None and row.starts_on <= today <= row.ends_on
    return in_time and row.person.active and set(row.roles) <= row.person.role_names


def bureau_role(caller: Caller) -> str:
    """Return the role in which the person acts for one of the bureaus. Raise Forbidden for everyone else."""
    found = next((role for role in caller.policy.city.roles if role in caller.actor.roles), None)
    if found is None:
        raise Forbidden(f"这一事项由{caller.policy.city.bureaus}办理。")
    return found
