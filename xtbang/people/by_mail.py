"""Changes that are confirmed by a link in a mail: a forgotten password, a new e-mail.

These mails are not shown in the inbox on the site: an open session must not be enough to get a new password.
"""

from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from xtbang.actions.mail_texts import text_of
from xtbang.actions.notify import notify, put_into_outbox, to_people
from xtbang.errors import Blocked
from xtbang.models import Person
from xtbang.models.writing import writing
from xtbang.people.accounts import (
    TAKEN_EMAIL,
    account_with,
    as_person,
    locked_person,
    new_sessions,
    normal_email,
    record,
    replace_password,
)
from xtbang.queries.caller import Caller
from xtbang.rules.reasons import Reason

VALID = timedelta(hours=1)
USED = "这个链接已经用过或已失效。"


def send_reset_link(caller: Caller, person_id: int, link: str) -> None:
    """Send the owner of an active account the link to choose a new password. Raise NotFound."""
    with writing(caller.session):
        person = locked_person(caller.session, person_id)
        _send(
            caller,
            person.email,
            "password_link",
            text_of("password_link", caller.policy.city, name=person.name, email=person.email),
            link,
        )
        record(caller, person, "ask_password_reset")


def reset_password_by_link(caller: Caller, sessions: str, password_hash: str) -> Person:
    """Replace a forgotten password; ``sessions`` is the person's session key in the link.

    End all sessions, which also invalidates the link, and notify the person. Raise Blocked when the link was used before.
    """
    with writing(caller.session):
        wanted = select(Person).where(Person.fs_uniquifier == sessions).with_for_update(of=Person)
        person = caller.session.scalars(wanted).first()
        if person is None or not person.active:
            raise Blocked([Reason("reset.link", USED)])
        replace_password(person, password_hash, given=False)
        notify(caller, "password_reset_by_link", to_people([person]), link="/login")
        record(as_person(caller, person), person, "reset_password")
    return person


def ask_email_change(caller: Caller, email: str, link: str) -> None:
    """Send a confirmation link to the new address; send nothing if that address already has an account."""
    with writing(caller.session):
        person = locked_person(caller.session, caller.actor.person_id)
        if account_with(caller.session, email) is None:
            text = text_of("email_link", caller.policy.city, name=person.name, before=person.email, email=email)
            _send(caller, email, "email_link", text, link)
        record(caller, person, "ask_email_change")


def still_asks(session: Session, sessions: str, before: str) -> bool:
    """Return whether a link to change the e-mail can still be used: its account is open, and nothing has changed since."""
    asked = select(Person.id).where(Person.fs_uniquifier == sessions, Person.email == before, Person.active)
    return session.scalar(asked) is not None


def change_email(caller: Caller, sessions: str, before: str, email: str) -> Person:
    """Replace the e-mail of the person whose session key and previous e-mail (``before``) are in the link.

    End all sessions, which also invalidates a link for a new password sent to the old address, and notify that address.
    Raise Blocked when the link was used or the new address has an account by now.
    """
    session = caller.session
    with writing(session):
        wanted = select(Person).where(Person.fs_uniquifier == sessions, Person.email == before)
        person = session.scalars(wanted.with_for_update(of=Person)).first()
        if person is None or not person.active:
            raise Blocked([Reason("email.link", USED)])
        if account_with(session, email) is not None:
            raise Blocked([Reason("email.taken", TAKEN_EMAIL)])
        notify(caller, "change_email", to_people([person]), link="/profile", email=email)
        person.email, person.fs_uniquifier = normal_email(email), new_sessions()
        record(as_person(caller, person), person, "change_email", email=person.email)
    return person


def _send(caller: Caller, address: str, kind: str, text: tuple[str, str], link: str) -> None:
    """Put a mail to an address into the outbox, but in no inbox; ``link`` is a path of the site."""
    subject, body = text
    facts = {"kind": kind, "address": address, "subject": subject, "body": body, "created_at": caller.now}
    put_into_outbox(caller.session, [facts | {"person_id": None, "link": f"{caller.site.url}{link}"}])
