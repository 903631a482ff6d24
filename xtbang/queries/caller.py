"""The caller (请求情境): who asks or acts, when, where and under which policy, as one value."""

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy.orm import Session

from xtbang.models import Person
from xtbang.rules.actor import Actor
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

    def cite(self, about: Cite) -> str:
        """Return the citation of the rule about that, as the city gives it."""
        return self.policy.city.cite(about)

    @property
    def today(self) -> date:
        """Return the date in Shanghai."""
        return day_of(self.now)


def actor_of(person: Person, address: str = "") -> Actor:
    """Return the person as an actor; without roles while inactive or while the organisation is not confirmed, or gone."""
    organisation = person.organisation
    waiting = organisation is not None and (organisation.status != "confirmed" or organisation.dissolved_on is not None)
    return Actor(
        person_id=person.id,
        name=person.name,
        roles=frozenset() if waiting or not person.active else person.role_names,
        organisation_id=person.organisation_id,
        organisation_name=organisation.name if organisation else "",
        region=person.region,
        address=address,
    )
