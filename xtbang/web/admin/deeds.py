"""What is written from the pages of 管理: each deed is one transaction with its event in the audit trail."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import date, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from xtbang.actions import audit
from xtbang.errors import Blocked, NotFound, Stale
from xtbang.models import Event, Mail, Organisation, Person, Restriction
from xtbang.models.writing import begin_write
from xtbang.rules.actor import Actor
from xtbang.rules.dates import SHANGHAI
from xtbang.rules.reasons import Reason
from xtbang.rules.term import in_chinese
from xtbang.web.admin.home import FAILED

THIRTEEN = "《办法》第十三条"
RETRIED = 100  # mails put back into the outbox at once


@contextmanager
def writing(session: Session) -> Iterator[None]:
    """One transaction: all of it, or nothing."""
    begin_write(session)
    try:
        yield
        session.commit()
    except BaseException:
        session.rollback()
        raise


def acted_as(who: Actor, *roles: str) -> str:
    """The first of these roles that the person holds."""
    return next((role for role in roles if role in who.roles), "")


def mail_to(person: Person, subject: str, body: str, link: str, now: datetime) -> Mail:
    """A mail for the outbox."""
    return Mail(
        person_id=person.id,
        address=person.email,
        subject=subject,
        body=body,
        link=link,
        created_at=now,
        tries=0,
        error="",
    )


def _tell(session: Session, organisation_id: int, subject: str, body: str, link: str, now: datetime) -> None:
    own = select(Person).where(Person.organisation_id == organisation_id, Person.active.is_(True)).order_by(Person.id)
    session.add_all([mail_to(person, subject, body, link, now) for person in session.scalars(own)])


def _locked(session: Session, organisation_id: int) -> Organisation:
    row = session.get(Organisation, organisation_id, with_for_update=True)
    if row is None:
        raise NotFound(f"organisation {organisation_id}")
    return row


def decide_organisation(
    session: Session, who: Actor, organisation_id: int, seen: int, refusal: str, now: datetime, site_url: str
) -> None:
    """Confirm an organisation, or refuse it with a reason; its people are told. Raises NotFound, Stale, Blocked."""
    with writing(session):
        row = _locked(session, organisation_id)
        if row.version != seen:
            raise Stale([], row.version)
        if row.status == "confirmed" or (refusal and row.status == "refused"):
            done = "已确认" if row.status == "confirmed" else "已作出不予确认的决定"
            raise Blocked([Reason("organisation.decided", f"{row.name}{done}。")])
        if refusal:
            row.status, row.refusal = "refused", refusal
        else:
            row.status, row.refusal = "confirmed", ""
            row.confirmed_at, row.confirmed_by_id = now, who.person_id
        row.version += 1
        if refusal:
            subject = "单位注册未予确认，请改正单位资料后重新提交"
            body = f"{row.name}的注册未予确认，原因：{refusal}"
        else:
            subject, body = "单位注册已确认，可以开始申报", f"{row.name}的注册已确认，本单位人员可以申报和揭榜。"
        _tell(session, row.id, subject, body, f"{site_url}/organisation" if refusal else f"{site_url}/desk", now)
        audit.append(
            session,
            f"organisation:{row.id}",
            who,
            trigger="refuse_organisation" if refusal else "confirm_organisation",
            now=now,
            role=acted_as(who, "science", "admin"),
            reason=refusal,
            data={"name": row.name, "uscc": row.uscc},
        )


def restrict(
    session: Session, who: Actor, values: Mapping[str, Any], request_key: str, now: datetime, site_url: str
) -> None:
    """Bar an organisation (第十三条); values as the form gives them, checked. A repeated request does nothing."""
    with writing(session):
        wanted = select(Organisation).where(Organisation.uscc == values["uscc"]).with_for_update()
        organisation = session.scalars(wanted).one()
        if session.scalar(select(Event.id).where(Event.request_key == request_key)):
            return
        row = Restriction(
            organisation_id=organisation.id,
            starts_on=date.fromisoformat(values["starts_on"]),
            ends_on=date.fromisoformat(values["ends_on"]),
            reason=values["reason"],
            created_at=now,
            created_by_id=who.person_id,
        )
        session.add(row)
        session.flush()
        term = f"自{in_chinese(row.starts_on)}至{in_chinese(row.ends_on)}"
        body = f"依据{THIRTEEN}，{organisation.name}{term}被限制申报、揭榜和拨款，原因：{row.reason}"
        _tell(session, organisation.id, "单位被限制申报、揭榜和拨款，请知悉", body, f"{site_url}/desk", now)
        audit.append(
            session,
            f"organisation:{organisation.id}",
            who,
            trigger="restrict",
            now=now,
            role="science",
            reason=row.reason,
            request_key=request_key,
            data={
                "name": organisation.name,
                "uscc": organisation.uscc,
                "restriction": row.id,
                "starts_on": values["starts_on"],
                "ends_on": values["ends_on"],
            },
        )


def lift(session: Session, who: Actor, restriction_id: int, reason: str, now: datetime, site_url: str) -> None:
    """End a restriction before its time. Raises NotFound and Blocked."""
    with writing(session):
        row = session.get(Restriction, restriction_id, with_for_update=True)
        if row is None:
            raise NotFound(f"restriction {restriction_id}")
        if row.lifted_at or row.ends_on < now.astimezone(SHANGHAI).date():
            text = "这项限制已经解除。" if row.lifted_at else "这项限制已经到期，不需要解除。"
            raise Blocked([Reason("A13.over", text, THIRTEEN)])
        organisation = _locked(session, row.organisation_id)
        row.lifted_at = now
        body = f"{organisation.name}的限制已解除，可以申报和揭榜。原因：{reason}"
        _tell(session, organisation.id, "单位的限制已解除，可以申报和揭榜", body, f"{site_url}/desk", now)
        audit.append(
            session,
            f"organisation:{organisation.id}",
            who,
            trigger="lift_restriction",
            now=now,
            role="science",
            reason=reason,
            data={"name": organisation.name, "uscc": organisation.uscc, "restriction": row.id},
        )


def retry(session: Session, who: Actor, mail_id: int | None, now: datetime) -> int:
    """Put a mail that failed back into the outbox, or the first `RETRIED` of them; how many.

    A mail goes to the address that its reader has now.
    """
    with writing(session):
        failed = select(Mail).where(*FAILED).order_by(Mail.id).limit(RETRIED).with_for_update()
        mails = session.scalars(failed.where(Mail.id == mail_id) if mail_id else failed).all()
        readers = {mail.person_id for mail in mails if mail.person_id}
        known = session.execute(select(Person.id, Person.email).where(Person.id.in_(readers)))
        addresses: dict[int | None, str] = {row.id: row.email for row in known}
        for mail in mails:
            before, mail.address = mail.address, addresses.get(mail.person_id, mail.address)
            mail.tries, mail.next_try_at, mail.error = 0, None, ""
            audit.append(
                session,
                f"mail:{mail.id}",
                who,
                trigger="retry_mail",
                now=now,
                role="admin",
                data={"subject": mail.subject} | ({"email": mail.address} if mail.address != before else {}),
            )
    return len(mails)
