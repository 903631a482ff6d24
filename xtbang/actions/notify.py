"""Who is told what: mails go to the outbox in the same transaction and are sent after it."""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import Row, select

from xtbang.actions.context import Context
from xtbang.models import Mail, Person, Role

RECEIVERS = select(Person.id, Person.email, Person.active)


def tell(context: Context, people: Iterable[Person | Row[Any]], subject: str, body: str, link: str = "") -> None:
    """One mail to each active person; the subject says what is to be done."""
    link = link or f"{context.site.url}/projects/{context.project.id}"
    for person in {person.id: person for person in people if person.active}.values():
        context.mails.append(
            Mail(
                person_id=person.id,
                address=person.email,
                subject=subject,
                body=body,
                link=link,
                created_at=context.now,
                tries=0,
                error="",
            )
        )


def tell_organisation(context: Context, organisation_id: int | None, subject: str, body: str) -> None:
    """To everyone of an organisation."""
    if organisation_id is not None:
        people = RECEIVERS.where(Person.organisation_id == organisation_id)
        tell(context, context.session.connection().execute(people), subject, body)


def tell_role(context: Context, role: str, subject: str, body: str) -> None:
    """To everyone of an office; a county's officers only for their own region."""
    people = RECEIVERS.join(Person.roles).where(Role.name == role)
    if role == "county":
        people = people.where(Person.region == context.project.region)
    tell(context, context.session.connection().execute(people), subject, body)


def tell_parties(context: Context, subject: str, body: str) -> None:
    """To the issuer and the agreed bidder."""
    tell_organisation(context, context.project.issuer_id, subject, body)
    if context.project.agreed_bid:
        tell_organisation(context, context.project.agreed_bid.lead_id, subject, body)
