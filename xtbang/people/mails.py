"""Mails to a person: mark them as read, and retry failed ones."""

from collections.abc import Iterator

from sqlalchemy import ColumnElement, not_, or_, select, update

from xtbang.actions import audit
from xtbang.errors import NotFound
from xtbang.jobs.outbox import DELAYS
from xtbang.models import Mail, Person
from xtbang.models.writing import writing
from xtbang.queries.caller import Caller
from xtbang.queries.desk.groups import Statement
from xtbang.queries.rights.sealed_bids import to_hidden_bidder
from xtbang.rules.asked import Asked
from xtbang.rules.reasons import Reason

FAILED: tuple[ColumnElement[bool], ...] = (Mail.sent_at.is_(None), Mail.tries > len(DELAYS))
RETRIED = 100  # mails retried at once
BY_STATE: dict[str, tuple[ColumnElement[bool], ...]] = {
    "failed": FAILED,
    "waiting": (Mail.sent_at.is_(None), Mail.tries <= len(DELAYS)),
    "sent": (Mail.sent_at.is_not(None),),
}


def mails_asked(caller: Caller, asked: Asked) -> Statement:
    """Return the statement for the mails that match, the newest first, each with its person's name.

    Those to bidders are not among them before the bids are opened.
    """
    query: Statement = select(Mail, Person.name).outerjoin(Person, Person.id == Mail.person_id)
    query = query.where(*BY_STATE.get(asked.text("state"), ()), not_(to_hidden_bidder(caller.collected)))
    if search := asked.words():
        columns = (Mail.address, Mail.subject, Person.name)
        query = query.where(or_(*(column.icontains(search, autoescape=True) for column in columns)))
    return query.order_by(Mail.id.desc())


def against_retrying(mail: Mail) -> Iterator[Reason]:
    """Yield a reason unless sending the mail has failed."""
    if mail.sent_at:
        yield Reason("mail.sent", "已经发出，不需要重发。")
    elif mail.tries <= len(DELAYS):
        yield Reason("mail.waiting", "还在自动发送，不需要重发。")


def read_mail(caller: Caller, mail_id: int) -> str:
    """Mark one of one's own mails as read; return the link it has, "" for none. Raise NotFound."""
    with writing(caller.session):
        mail = caller.session.get(Mail, mail_id)
        if mail is None or mail.person_id != caller.actor.person_id:
            raise NotFound(f"mail {mail_id}")
        mail.read_at = mail.read_at or caller.now
        return mail.link


def read_every_mail(caller: Caller) -> None:
    """Mark all of one's own mails as read."""
    with writing(caller.session):
        unread = update(Mail).where(Mail.person_id == caller.actor.person_id, Mail.read_at.is_(None))
        caller.session.execute(unread.values(read_at=caller.now))


def retry_mails(caller: Caller, mail_id: int | None = None) -> int:
    """Put one failed mail back into the outbox, or the first `RETRIED` of them; return how many.

    A mail is sent to the present address of its reader. One transaction with an event for each, which says nothing of
    mails that would tell who has bid.
    """
    session = caller.session
    with writing(session):
        failed = select(Mail).where(*FAILED).order_by(Mail.id).limit(RETRIED).with_for_update()
        mails = session.scalars(failed.where(Mail.id == mail_id) if mail_id else failed).all()
        readers = {mail.person_id for mail in mails if mail.person_id}
        known = session.execute(select(Person.id, Person.email).where(Person.id.in_(readers)))
        addresses: dict[int | None, str] = {row.id: row.email for row in known}
        about_bids = select(Mail.id).where(Mail.id.in_([mail.id for mail in mails]), to_hidden_bidder(caller.collected))
        sealed = set(session.scalars(about_bids))
        for mail in mails:
            before, mail.address = mail.address, addresses.get(mail.person_id, mail.address)
            mail.tries, mail.next_try_at, mail.error = 0, None, ""
            data = {"subject": mail.subject} | ({"email": mail.address} if mail.address != before else {})
            shown = {} if mail.id in sealed else data
            audit.append(caller, f"mail:{mail.id}", trigger="retry_mail", role="admin", data=shown)
    return len(mails)
