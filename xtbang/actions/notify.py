"""Who is told what: mails go to the outbox in the same transaction and are sent after it."""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import Row, select

from xtbang.actions.context import Context
from xtbang.models import Mail, Person, Project, Role
from xtbang.queries.caller import Caller

RECEIVERS = select(Person.id, Person.email, Person.active)


def mail_to(caller: Caller, person: Person | Row[Any], subject: str, body: str, link: str) -> Mail:
    """Return a mail for the outbox, not yet added to the session; ``link`` is a whole address or a path of the site."""
    return Mail(
        person_id=person.id,
        address=person.email,
        subject=subject,
        body=body,
        link=f"{caller.site.url}{link}" if link.startswith("/") else link,
        created_at=caller.now,
        tries=0,
        error="",
    )


def tell(
    caller: Caller,
    people: Iterable[Person | Row[Any]],
    subject: str,
    body: str,
    link: str = "",
    project: Project | None = None,
) -> None:
    """Put one mail to each active person into the outbox; the subject says what is to be done.

    The link leads to ``project``, or to that of the context, unless another one is given.
    """
    link = link or f"/projects/{_project(caller, project).id}"
    for person in {person.id: person for person in people if person.active}.values():
        caller.session.add(mail_to(caller, person, subject, body, link))


def tell_organisation(
    caller: Caller,
    organisation_id: int | None,
    subject: str,
    body: str,
    link: str = "",
    project: Project | None = None,
) -> None:
    """To everyone of an organisation."""
    if organisation_id is not None:
        people = RECEIVERS.where(Person.organisation_id == organisation_id).order_by(Person.id)
        tell(caller, caller.session.connection().execute(people), subject, body, link, project)


def tell_role(
    caller: Caller, role: str, subject: str, body: str, link: str = "", project: Project | None = None
) -> None:
    """To everyone of an office; a county's officers only for their own region."""
    people = RECEIVERS.join(Person.roles).where(Role.name == role)
    if role == "county":
        people = people.where(Person.region == _project(caller, project).region)
    tell(caller, caller.session.connection().execute(people), subject, body, link, project)


def tell_parties(caller: Caller, subject: str, body: str, project: Project | None = None) -> None:
    """To the issuer and the agreed bidder of ``project``, or of the context's."""
    project = _project(caller, project)
    tell_organisation(caller, project.issuer_id, subject, body, project=project)
    if project.agreed_bid:
        tell_organisation(caller, project.agreed_bid.lead_id, subject, body, project=project)


def _project(caller: Caller, project: Project | None) -> Project:
    if project is not None:
        return project
    if not isinstance(caller, Context):
        raise TypeError("a mail about a project needs the project")
    return caller.project
