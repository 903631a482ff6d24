"""Decide who gets which mail (待发邮件): mails go to the outbox in the same transaction and are sent after it."""

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from typing import Any

from sqlalchemy import Row, bindparam, select
from sqlalchemy.orm import Session, aliased

from xtbang.actions.context import Context
from xtbang.actions.mail_texts import text_of
from xtbang.models import Bid, Deputy, Mail, Person, Project, Role
from xtbang.models.person import acts_for_organisation
from xtbang.models.writing import INSERTS
from xtbang.queries.blind import names_to_hide
from xtbang.queries.caller import Caller
from xtbang.queries.desk.groups import Statement
from xtbang.queries.prepared import TODAY
from xtbang.queries.rights.project_parts import party_ids
from xtbang.rules.blind import hide_names

Reader = Person | Row[Any]
Receivers = Callable[[Caller, Project | None], Iterator[tuple[str, Reader]]]  # yields relation to the project, person

ADDRESSES: Statement = select(Person.id, Person.email, Person.active, Person.organisation_id)
OF_ORGANISATION = ADDRESSES.where(
    Person.organisation_id == bindparam("organisation"), acts_for_organisation()
).order_by(Person.id)
AWAY = aliased(Person)
DEPUTIES = (
    ADDRESSES.add_columns(Deputy.roles, AWAY.region)
    .join(Deputy, Deputy.deputy_id == Person.id)
    .join(AWAY, AWAY.id == Deputy.person_id)
    .where(Deputy.starts_on <= TODAY, Deputy.ends_on >= TODAY, Deputy.ended_at.is_(None), AWAY.active)
    .order_by(Person.id)
)
EXPERT = "expert"  # the relation of who may review blind, and opens the project by the page of reviews
REVIEWS = "/reviews"
NEXT = "下一步："  # a receipt in the mail says it already


def notify(
    caller: Caller,
    kind: str,
    *to: Receivers,
    project: Project | None = None,
    link: str = "",
    key: str | None = None,
    **values: Any,
) -> None:
    """Put the message ``templates/mails/<kind>.txt`` into the outbox, once for each active person of ``to``.

    The template gets ``values``, the city and ``project`` (by default that of the context); the mail links to the project's page
    unless ``link`` gives another path, experts to their reviews,
    without the names that a blind panel (盲审) does not read. A person who already has a mail with this ``key`` gets no second one.
    Mails of an action to the parties wait until it is done (`tell_parties`).
    """
    if project is None and isinstance(caller, Context):
        project = caller.project
    link = link or _page(project)
    subject, body = text_of(kind, caller.policy.city, project=project, **values)
    readers: dict[int, tuple[str, Reader]] = {}
    for receivers in to:
        for relation, person in receivers(caller, project):
            if person.active:
                readers.setdefault(person.id, (relation, person))
    known = {"kind": kind, "key": key, "project_id": project.id if project else None}
    said, read = {"subject": subject, "body": body}, {relation for relation, _person in readers.values()}
    if project and EXPERT in read:
        names = names_to_hide(caller.session, caller.policy, project)
        hidden = {part: hide_names(text, names) for part, text in said.items()}
    mails = [
        mail_to(caller, person, REVIEWS, relation=relation, **known, **hidden)
        if project and relation == EXPERT
        else mail_to(caller, person, link, relation=relation if project else "", **known, **said)
        for relation, person in readers.values()
    ]
    if isinstance(caller, Context) and caller.event is not None and project is caller.project:
        stakes = party_ids(caller.project)
        readings = zip(mails, readers.values(), strict=True)
        waiting = [mail for mail, (_relation, person) in readings if person.organisation_id in stakes]
        caller.to_parties += waiting
        mails = [mail for mail in mails if mail not in waiting]
    put_into_outbox(caller.session, mails)


def tell_parties(context: Context, next_words: str) -> None:
    """Put the mails of an action to the parties into the outbox; each one says what comes next, who does it and by when."""
    for mail in context.to_parties:
        if NEXT not in mail["body"]:
            mail["body"] = "\n".join(filter(None, (mail["body"], next_words)))
    put_into_outbox(context.session, context.to_parties)
    context.to_parties = []


def mail_to(caller: Caller, person: Reader, link: str, **facts: Any) -> dict[str, Any]:
    """Return the row of a mail to that person; ``link`` is a path of the site."""
    person_of = {"person_id": person.id, "address": person.email}
    return person_of | facts | {"link": f"{caller.site.url}{link}", "created_at": caller.now}


def put_into_outbox(session: Session, mails: Sequence[dict[str, Any]]) -> int:
    """Add these mails, except those whose person already has one with the same key; return how many were added."""
    if not mails:
        return 0
    insert = INSERTS[session.get_bind().dialect.name](Mail).on_conflict_do_nothing().returning(Mail.id)
    return len(session.connection().execute(insert, mails).all())


def to_people(people: Iterable[Reader], relation: str = "") -> Receivers:
    """Return receivers: these people."""

    def found(_caller: Caller, _project: Project | None) -> Iterator[tuple[str, Reader]]:
        return ((relation, person) for person in people)

    return found


def to_organisation(organisation_id: int | None, relation: str = "") -> Receivers:
    """Return receivers: all people who act for an organisation; no one for None."""

    def found(caller: Caller, _project: Project | None) -> Iterator[tuple[str, Reader]]:
        if organisation_id is not None:
            people = caller.session.connection().execute(OF_ORGANISATION, {"organisation": organisation_id})
            yield from ((relation, row) for row in people)

    return found


def to_role(*roles: str) -> Receivers:
    """Return receivers: all people with these roles; officers of a county only for their own region."""

    def found(caller: Caller, project: Project | None) -> Iterator[tuple[str, Reader]]:
        for role in roles:
            people = ADDRESSES.join(Person.roles).where(Role.name == role)
            if role == "county":
                people = people.where(Person.region == _needed(project).region)
            yield from ((role, row) for row in caller.session.connection().execute(people))
        yield from _deputies(caller, roles, project)

    return found


def _deputies(caller: Caller, roles: Collection[str], project: Project | None) -> Iterator[tuple[str, Reader]]:
    """Yield who deputises today in one of these roles, for a person of the project's county if it is that role."""
    for row in caller.session.connection().execute(DEPUTIES, {"today": caller.today}):
        for role in roles:
            if role in row.roles and (role != "county" or row.region == _needed(project).region):
                yield role, row


def to_bureaus(lead: bool = True) -> Receivers:
    """Return receivers: the people of every office that countersigns; without ``lead`` not of the one that leads."""

    def found(caller: Caller, project: Project | None) -> Iterator[tuple[str, Reader]]:
        return to_role(*caller.policy.city.roles[not lead :])(caller, project)

    return found


def to_county() -> Receivers:
    """Return receivers: the people of the project's county or park; no one where it pays nothing."""

    def found(caller: Caller, project: Project | None) -> Iterator[tuple[str, Reader]]:
        if _needed(project).subsidy_county:
            yield from to_role("county")(caller, project)

    return found


def to_issuer() -> Receivers:
    """Return receivers: the people of the project's issuer."""

    def found(caller: Caller, project: Project | None) -> Iterator[tuple[str, Reader]]:
        return to_organisation(_needed(project).issuer_id, "issuer")(caller, project)

    return found


def to_parties() -> Receivers:
    """Return receivers: the people of the issuer, of the agreed bidder and of the members of its consortium."""

    def found(caller: Caller, project: Project | None) -> Iterator[tuple[str, Reader]]:
        yield from to_issuer()(caller, project)
        if bid := _needed(project).agreed_bid:
            yield from to_bidder(bid)(caller, project)

    return found


def to_bidder(bid: Bid) -> Receivers:
    """Return receivers: the people of a bid's lead and of every member of its consortium."""

    def found(caller: Caller, project: Project | None) -> Iterator[tuple[str, Reader]]:
        yield from to_organisation(bid.lead_id, "bidder")(caller, project)
        yield from to_members(bid)(caller, project)

    return found


def to_members(bid: Bid | None) -> Receivers:
    """Return receivers: the people of every member of a bid's consortium except its lead; no one for None."""

    def found(caller: Caller, project: Project | None) -> Iterator[tuple[str, Reader]]:
        for member in bid.members if bid else ():
            yield from to_organisation(member.organisation_id, "member")(caller, project)

    return found


def _page(project: Project | None) -> str:
    return f"/projects/{_needed(project).id}"


def _needed(project: Project | None) -> Project:
    if project is None:
        raise TypeError("a mail about a project needs the project")
    return project
