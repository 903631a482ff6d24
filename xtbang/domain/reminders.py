"""Reminders (提醒) by mail of what is due: each thing once to each person."""

from datetime import timedelta
from typing import Any

from sqlalchemy import Row, select
from sqlalchemy.orm import Session

from xtbang.actions.notify import mail_to
from xtbang.models import Mail, Panel, Person, Role, Seat
from xtbang.models.writing import writing
from xtbang.queries.caller import Caller
from xtbang.queries.desk.due_dates import Reminder, dues
from xtbang.queries.desk.groups import Statement
from xtbang.rules.term import in_chinese

LATEST = timedelta(days=14)  # nothing older is mailed: a worker that was down for long floods nobody
TITLE = 100  # characters of a title in a subject


def write_reminders(caller: Caller) -> int:
    """Put what is to be reminded of today into the outbox, each thing once to each person; return how many mails.

    One transaction of its own: call it with nothing pending.
    """
    session, today = caller.session, caller.today
    with writing(session):
        furthest = max(due.days for due in caller.policy.due_dates)
        found = dues(caller, today - LATEST, today + timedelta(days=furthest), most=10_000, everybody=True)
        found = [due for due in found if due.on - timedelta(days=due.about.days) <= today]
        people = _People(session, found)
        mails = [_mail(caller, due, person) for due in found for person in people.of(due)]
        known = _written(session, {mail.subject for mail in mails})
        new = {key: mail for mail in mails if (key := (mail.person_id, mail.subject, mail.link)) not in known}
        session.add_all(new.values())
        return len(new)


def _mail(caller: Caller, due: Reminder, person: Row[Any]) -> Mail:
    link = f"/projects/{due.project_id}" if due.project_id else f"/notices-admin/{due.notice_id}"
    day = in_chinese(due.on)
    title = due.title if len(due.title) <= TITLE else due.title[:TITLE] + "…"
    named = f"项目 {due.number}“{due.title}”" if due.number else f"“{due.title}”"
    subject = f"{due.about.todo}（{day}）：{title}"
    return mail_to(caller, person, subject, f"{named}：{day}{due.about.name}。{due.about.todo}。", link)


def _written(session: Session, subjects: set[str]) -> set[tuple[int | None, str, str]]:
    """Which mails of these subjects lie in the outbox or were sent."""
    found: set[tuple[int | None, str, str]] = set()
    ordered = sorted(subjects)
    for start in range(0, len(ordered), 500):
        query = select(Mail.person_id, Mail.subject, Mail.link).where(Mail.subject.in_(ordered[start : start + 500]))
        found.update((person, subject, link) for person, subject, link in session.execute(query))
    return found


class _People:
    """Everyone who may have to be told, asked for at once."""

    def __init__(self, session: Session, found: list[Reminder]) -> None:
        columns = Person.id, Person.email, Person.organisation_id, Person.region
        active: Statement = select(*columns).where(Person.active.is_(True)).order_by(Person.id)
        concerned = {key for due in found for key in (due.issuer_id, due.bidder_id) if key}
        self.members: dict[int, list[Row[Any]]] = {}
        for row in session.execute(active.where(Person.organisation_id.in_(concerned))):
            self.members.setdefault(row.organisation_id, []).append(row)
        offices = active.join(Person.roles).add_columns(Role.name.label("role"))
        self.offices: dict[str, list[Row[Any]]] = {}
        for row in session.execute(offices.where(Role.name.in_(("science", "finance", "county")))):
            self.offices.setdefault(row.role, []).append(row)
        shows = {due.project_id for due in found if due.meeting}
        seats = active.join(Seat, Seat.expert_id == Person.id).join(Panel, Panel.id == Seat.panel_id)
        seats = seats.add_columns(Panel.project_id).where(Panel.project_id.in_(shows), Panel.kind == "roadshow")
        self.experts: dict[int, list[Row[Any]]] = {}
        for row in session.execute(seats.where(Panel.status == "open", Seat.status == "accepted")):
            self.experts.setdefault(row.project_id, []).append(row)

    def of(self, due: Reminder) -> list[Row[Any]]:
        """Who is told of it, each once."""
        told: list[Row[Any]] = []
        for who in due.about.tell:
            if who in ("issuer", "bidder"):
                told += self.members.get((due.issuer_id if who == "issuer" else due.bidder_id) or 0, [])
            elif who == "expert":
                told += self.experts.get(due.project_id or 0, [])
            else:
                told += [row for row in self.offices.get(who, []) if who != "county" or row.region == due.region]
        return list({row.id: row for row in told}.values())
