"""Signing in and out, separately on each device, with the entries for the audit trail and the log."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Select, delete, select, update
from sqlalchemy.orm import Session

from xtbang.actions.notify import notify, to_people
from xtbang.errors import NotFound
from xtbang.models import Event, Person, SignIn
from xtbang.models.writing import writing
from xtbang.people.accounts import LOG, locked_person, new_sessions, normal_email, record
from xtbang.queries.caller import Caller

KEPT = timedelta(days=90)  # after this time the record of a sign-in is deleted; the event stays


@dataclass(frozen=True)
class Begun:
    """The key of a new sign-in; time, device and address of the previous one."""

    key: str
    last: tuple[datetime, str, str] | None


def begin_sign_in(caller: Caller, device: str, *, code: bool) -> Begun:
    """Record that the caller has signed in on a device; ``code``: with the second factor."""
    session = caller.session
    with writing(session):
        person = locked_person(session, caller.actor.person_id)
        before = session.scalars(_of(person.id).limit(1)).first()
        last = (before.began_at, before.device, before.address) if before else None
        session.execute(delete(SignIn).where(SignIn.person_id == person.id, SignIn.seen_at < caller.now - KEPT))
        row = SignIn(
            person_id=person.id,
            key=secrets.token_hex(16),
            sessions=person.fs_uniquifier,
            device=device,
            address=caller.actor.address,
            began_at=caller.now,
            seen_at=caller.now,
        )
        session.add(row)
        begun = Begun(row.key, last)
        record(caller, person, "sign_in", device=device, **({"code": True} if code else {}))
    return begun


def refuse_sign_in(caller: Caller, email: str) -> None:
    """Record a wrong password; for an account that does not exist, only in the log."""
    with writing(caller.session):
        if person := _by_email(caller.session, email):
            record(caller, person, "sign_in_refused")
        else:
            LOG.info("sign_in_refused: no such account, from %s", caller.actor.address)


def lock_sign_in(caller: Caller, email: str = "", person_id: int | None = None) -> None:
    """Record that an account is locked for a while on one device or address; not again if that is its latest event.

    Tell the owner, once a day.
    """
    session = caller.session
    with writing(session):
        person = locked_person(session, person_id) if person_id else _by_email(session, email)
        if person is None:
            return
        stream = Event.stream == f"person:{person.id}"
        latest = select(Event.trigger).where(stream).order_by(Event.sequence.desc()).limit(1)
        if session.scalar(latest) != "sign_in_locked":
            record(caller, person, "sign_in_locked")
            _warn(caller, person)


def slow_sign_in(caller: Caller, email: str = "", person_id: int | None = None) -> None:
    """Record, once a day, that an account is guessed at from everywhere and slow on unknown devices; tell the owner."""
    session = caller.session
    with writing(session):
        person = locked_person(session, person_id) if person_id else _by_email(session, email)
        if person is None:
            return
        today = Event.at > caller.now - timedelta(days=1)
        known = select(Event.id).where(Event.stream == f"person:{person.id}", Event.trigger == "sign_in_slowed", today)
        if session.scalars(known.limit(1)).first() is None:
            record(caller, person, "sign_in_slowed")
            _warn(caller, person)


def _warn(caller: Caller, person: Person) -> None:
    key = f"sign_in_warning:{caller.today}"
    notify(caller, "sign_in_warning", to_people([person]), link="/sign-ins", key=key, address=caller.actor.address)


def see_sign_in(caller: Caller, key: str) -> None:
    """Record that a device is in use now."""
    with writing(caller.session):
        caller.session.execute(update(SignIn).where(SignIn.key == key).values(seen_at=caller.now))


def end_this_sign_in(caller: Caller, person_id: int, key: str) -> None:
    """End the person's sign-in on the device with that key; without a key, on every device."""
    with writing(caller.session):
        if key:
            mine = update(SignIn).where(SignIn.key == key, SignIn.person_id == person_id)
            caller.session.execute(mine.values(ended_at=caller.now))
        else:
            locked_person(caller.session, person_id).fs_uniquifier = new_sessions()


def end_sign_in(caller: Caller, sign_in_id: int) -> SignIn:
    """End one of one's own sign-ins. Raise NotFound."""
    with writing(caller.session):
        person = locked_person(caller.session, caller.actor.person_id)
        row = caller.session.get(SignIn, sign_in_id)
        if row is None or row.person_id != person.id:
            raise NotFound(f"sign-in {sign_in_id}")
        if row.ended_at is None:
            row.ended_at = caller.now
            record(caller, person, "end_sign_in", device=row.device)
    return row


def end_sign_ins(caller: Caller, keep: str) -> None:
    """End one's own sign-ins on every device but the one with the key ``keep``."""
    with writing(caller.session):
        person = locked_person(caller.session, caller.actor.person_id)
        person.fs_uniquifier = new_sessions()
        _carry_over(person, caller.session, keep)
        record(caller, person, "end_sign_ins")


def stay_signed_in(caller: Caller, key: str) -> None:
    """Keep the device with that key signed in after all of one's own sessions were ended."""
    with writing(caller.session):
        _carry_over(locked_person(caller.session, caller.actor.person_id), caller.session, key)


def own_sign_ins(caller: Caller, most: int) -> Sequence[SignIn]:
    """Return the latest sign-ins of the caller, the newest first."""
    return caller.session.scalars(_of(caller.actor.person_id).limit(most)).all()


def _of(person_id: int | None) -> Select[SignIn]:
    return select(SignIn).where(SignIn.person_id == person_id).order_by(SignIn.id.desc())


def _by_email(session: Session, email: str) -> Person | None:
    wanted = select(Person).where(Person.email == normal_email(email)).with_for_update(of=Person)
    return session.scalars(wanted).first()


def _carry_over(person: Person, session: Session, key: str) -> None:
    mine = update(SignIn).where(SignIn.key == key, SignIn.person_id == person.id)
    session.execute(mine.values(sessions=person.fs_uniquifier))
