"""Alarms (告警) to the administrators: once for each cause and day, and once more when it is over."""

from collections.abc import Iterable
from datetime import date
from typing import Any, cast

from sqlalchemy import Row, select

from xtbang.actions.mail_texts import text_of
from xtbang.actions.notify import mail_to, put_into_outbox
from xtbang.health.checks import Result
from xtbang.models import Mail, Person, Role
from xtbang.models.writing import writing
from xtbang.queries.caller import Caller

ALARM, OVER = "alarm", "alarm_over"
PAGE = "/admin"


def write_alarms(caller: Caller, results: Iterable[Result]) -> int:
    """Put into the outbox the alarms that are due to the administrators; return how many mails. A transaction of its own."""
    session = caller.session
    query = select(Person.id, Person.email).join(Person.roles).where(Role.name == "admin", Person.active.is_(True))
    people = session.execute(query.order_by(Person.id)).all()
    told = {person.id: _told(caller, person.id) for person in people}
    session.rollback()
    mails = []
    for one in (one for one in results if one.troubles is not None):
        for person in people:
            if key := _key(one, told[person.id].get(one.check.key, ""), caller.today):
                subject, body = _text(caller, one)
                facts = {"kind": key.partition(":")[0], "key": key, "subject": subject, "body": body}
                mails.append(mail_to(caller, cast("Row[Any]", person), PAGE, **facts))
    if not mails:
        return 0
    with writing(session):
        return put_into_outbox(session, mails)


def _key(result: Result, before: str, today: date) -> str:
    """Return the key of the mail that is due after the last one of that check; "" for none."""
    key = f"{ALARM}:{result.check.key}:{today}"
    if result.troubles:
        return "" if before == key else key
    return f"{OVER}:{result.check.key}:{before}" if before.startswith(f"{ALARM}:") else ""


def _text(caller: Caller, result: Result) -> tuple[str, str]:
    city, name = caller.policy.city, result.check.name
    if result.troubles:
        return text_of("alarm", city, name=name, troubles=result.troubles)
    return text_of("alarm_over", city, name=name)


def _told(caller: Caller, person_id: int) -> dict[str, str]:
    """Return the key of the last mail of each check to a person."""
    query = select(Mail.key).where(Mail.person_id == person_id, Mail.kind.in_((ALARM, OVER))).order_by(Mail.id)
    return {key.split(":")[1]: key for key in caller.session.scalars(query) if key}
