"""Reminders (提醒) by mail of due dates: each once to each person."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from sqlalchemy import Row, select
from sqlalchemy.orm import Session

from xtbang.actions.mail_texts import text_of
from xtbang.actions.notify import EXPERT, REVIEWS, mail_to, put_into_outbox
from xtbang.domain.urging_letters import print_due_letters
from xtbang.models import BidMember, Panel, Person, Project, Role, Seat
from xtbang.models.person import acts_for_organisation
from xtbang.models.writing import writing
from xtbang.queries.blind import blind_titles
from xtbang.queries.caller import Caller
from xtbang.queries.desk.due_dates import Reminder, dues
from xtbang.queries.desk.groups import Statement

LATEST = timedelta(days=14)  # nothing older is mailed, even after a long downtime of the worker
LONGEST = timedelta(days=366)  # what is late is asked for again for so long
DAY = timedelta(days=1)
SECOND = 2  # the time at which it is asked for by a letter
TITLE = 100  # characters of a title in a subject
UNNAMED = "（未命名的草稿）"


def write_reminders(caller: Caller) -> int:
    """Put the reminders of today into the outbox, each once to each person; return how many mails.

    This is a transaction of its own: call it with nothing pending.
    """
    session, today = caller.session, caller.today
    with writing(session):
        furthest = max(due.days for due in caller.policy.due_dates)
        found = dues(caller, today - LATEST, today + timedelta(days=furthest), most=10_000, everybody=True)
        found = [_latest(due, today) for due in found if due.on - timedelta(days=due.about.days) <= today]
        asked = [due.key for due in caller.policy.due_dates if due.again]
        late = dues(caller, today - LONGEST, today - DAY, most=10_000, everybody=True, only=asked) if asked else []
        late = [due for due in late if times(due, today)]
        people = _People(session, [*found, *late])
        blind = blind_titles(session, caller.policy, people.shows)
        mails = [_mail(caller, due, who, person, blind) for due in found for who, person in people.of(due)]
        issued = print_due_letters(caller, [due for due in (*found, *late) if times(due, today) >= SECOND])
        mails += [
            _mail(caller, due, who, person, blind, times(due, today), due.about.letter if due in issued else "")
            for due in late
            for who, person in people.of(due)
            if due.about.acts(who)
        ]
        return put_into_outbox(session, mails)


def _latest(due: Reminder, today: date) -> Reminder:
    """Return what comes round again as of the last time that it has."""
    if not due.every:
        return due
    more = max(0, (today - due.on) // due.every)
    return replace(due, on=due.on + more * due.every, nth=due.nth + more)


def times(due: Reminder, today: date) -> int:
    """Return how often it has been asked for since its day, by the rule of the lifecycle; 0 before that."""
    return max(0, (today - due.on).days // due.about.again) if due.about.again else due.nth


def _mail(
    caller: Caller,
    due: Reminder,
    relation: str,
    person: Row[Any],
    blind: Mapping[int, str],
    nth: int = 0,
    letter: str = "",
) -> dict[str, Any]:
    """Return the reminder, or the ``nth`` one after its day, which may name the ``letter`` that goes with it.

    An expert is led to the reviews, and reads the title of ``blind`` where there is one.
    """
    link, thing = f"/projects/{due.project_id}", f"project:{due.project_id}"
    if not due.project_id:
        link, thing = f"/notices-admin/{due.notice_id}", f"notice:{due.notice_id}"
    title = due.title or UNNAMED
    if relation == EXPERT:
        link, title = REVIEWS, blind.get(due.project_id or 0, title)
    subject, body = _text(caller, due, relation, title, nth, letter)
    return mail_to(
        caller,
        person,
        link,
        kind="reminder_again" if nth else "reminder",
        project_id=due.project_id,
        relation=relation if due.project_id else "",
        key=f"{due.about.key}:{thing}:{due.on}{f':{nth}' if nth else ''}",
        subject=subject,
        body=body,
    )


def _text(caller: Caller, due: Reminder, relation: str, title: str, nth: int, letter: str) -> tuple[str, str]:
    city, about, short = caller.policy.city, due.about, title if len(title) <= TITLE else title[:TITLE] + "…"
    if not nth:
        return text_of(
            "reminder",
            city,
            todo=about.todo_of(relation),
            what=about.name,
            on=due.on,
            number=due.number,
            title=title,
            short=short,
        )
    return text_of(
        "reminder_again",
        city,
        todo=about.todo,
        what=about.name,
        on=due.on,
        number=due.number,
        title=title,
        short=short,
        nth=nth,
        late=(caller.today - due.on).days,
        letter=letter,
    )


class _People:
    """Everyone who may get a reminder, loaded with few queries."""

    def __init__(self, session: Session, found: list[Reminder]) -> None:
        columns = Person.id, Person.email, Person.organisation_id, Person.region
        active: Statement = select(*columns).where(Person.active.is_(True)).order_by(Person.id)
        concerned = {key for due in found for key in (due.issuer_id, due.bidder_id) if key}
        joint = {due.project_id for due in found if "member" in due.about.tell}
        partners = select(Project.id, BidMember.organisation_id).join(
            BidMember, BidMember.bid_id == Project.agreed_bid_id
        )
        self.partners: dict[int, list[int]] = {}
        for project_id, partner in session.execute(partners.where(Project.id.in_(joint))):
            self.partners.setdefault(project_id, []).append(partner)
        concerned |= {key for keys in self.partners.values() for key in keys}
        self.members: dict[int, list[Row[Any]]] = {}
        for row in session.execute(active.where(Person.organisation_id.in_(concerned), acts_for_organisation())):
            self.members.setdefault(row.organisation_id, []).append(row)
        offices = active.join(Person.roles).add_columns(Role.name.label("role"))
        self.offices: dict[str, list[Row[Any]]] = {}
        told = {who for due in found for who in due.about.tell}
        for row in session.execute(offices.where(Role.name.in_(told))):
            self.offices.setdefault(row.role, []).append(row)
        self.shows = {due.project_id for due in found if due.project_id and EXPERT in due.about.tell}
        seats = active.join(Seat, Seat.expert_id == Person.id).join(Panel, Panel.id == Seat.panel_id)
        seats = seats.add_columns(Panel.project_id, Seat.status).where(Panel.project_id.in_(self.shows))
        self.experts: dict[tuple[int, str], list[Row[Any]]] = {}
        for row in session.execute(seats.where(Panel.status == "open")):
            self.experts.setdefault((row.project_id, row.status), []).append(row)

    def of(self, due: Reminder) -> list[tuple[str, Row[Any]]]:
        """Return who is reminded of it, each person once with their relation to the project."""
        receivers: dict[int, tuple[str, Row[Any]]] = {}
        for who in due.about.tell:
            if who in ("issuer", "bidder"):
                rows = self.members.get((due.issuer_id if who == "issuer" else due.bidder_id) or 0, [])
            elif who == "member":
                partners = self.partners.get(due.project_id or 0, [])
                rows = [row for partner in partners for row in self.members.get(partner, [])]
            elif who == EXPERT:
                rows = self.experts.get((due.project_id or 0, due.seats), [])
            else:
                rows = [row for row in self.offices.get(who, []) if who != "county" or row.region == due.region]
            for row in rows:
                receivers.setdefault(row.id, (who, row))
        return list(receivers.values())
