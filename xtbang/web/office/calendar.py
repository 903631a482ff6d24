"""The calendar (日历): due dates and meetings as iCalendar (RFC 5545), as a file or under a private address."""

from collections.abc import Collection, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from flask import Blueprint, Response, abort, current_app, flash, redirect, render_template, url_for
from flask_login import current_user
from itsdangerous import BadData, URLSafeSerializer

from xtbang.enums import MEETING_LABELS
from xtbang.extensions import db
from xtbang.models import Person
from xtbang.people.calendar_address import close_calendar_address, open_calendar_address
from xtbang.queries.caller import Caller, actor_of
from xtbang.queries.desk.calendar import dates_of
from xtbang.queries.desk.due_dates import Reminder
from xtbang.queries.desk.meeting_dates import MeetingDate
from xtbang.queries.rights.lists import OFFICES, SEE_OFFICE_WORK
from xtbang.web.frame.access import ANYONE, SIGNED_IN, access, actor
from xtbang.web.frame.file_names import sent_as
from xtbang.web.frame.shell import caller, engine

calendar = Blueprint("calendar", __name__)

ASKED_AGAIN = timedelta(hours=6)  # how often a subscription should ask, for programs that heed it


@calendar.get("/calendar")
@access(SIGNED_IN)
def page() -> str:
    """Show the private address, and how to use it."""
    number = current_user.calendar_number
    return render_template(
        "desk/calendar.html",
        address="" if number is None else _private_address(current_user),
        officer=not actor().roles.isdisjoint(OFFICES),
    )


@calendar.post("/calendar/open")
@access(SIGNED_IN)
def renew() -> Any:
    """Make a private address, in place of the one there was."""
    before = current_user.calendar_number
    open_calendar_address(caller())
    flash("订阅地址已生成。" if before is None else "订阅地址已更换，以前的地址不再有效。", "success")
    return redirect(url_for("calendar.page"))


@calendar.post("/calendar/close")
@access(SIGNED_IN)
def close() -> Any:
    """Close the private address."""
    close_calendar_address(caller())
    flash("订阅地址已停用。", "success")
    return redirect(url_for("calendar.page"))


@calendar.get("/desk/calendar.ics")
@access(SIGNED_IN)
def file() -> Response:
    """Send the reader's calendar as a file."""
    return _sent(caller())


@calendar.get("/calendar/<key>/dates.ics")
@access(ANYONE)
def subscription(key: str) -> Response:
    """Send the calendar of the person whose private address it is; nothing else can be read with it."""
    try:
        person_id, number = _signer().loads(key)
    except (BadData, ValueError, TypeError):
        abort(404)
    person = db.session.get(Person, person_id)
    if person is None or not person.active or person.calendar_number != number:
        abort(404)
    asked = caller()
    return _sent(engine().caller(db.session(), actor_of(person, today=asked.today)))


def _private_address(person: Person) -> str:
    return f"{current_app.config['SITE_URL']}{url_for('calendar.subscription', key=key_of(person))}"


def key_of(person: Person) -> str:
    """Return the signed part of the person's private address."""
    return str(_signer().dumps([person.id, person.calendar_number]))


def _signer() -> URLSafeSerializer:
    return URLSafeSerializer(current_app.config["SECRET_KEY"], salt="calendar")


def _sent(reader: Caller) -> Response:
    from icalendar import Calendar  # imported here to keep the start fast

    uid = f"calendar-{reader.actor.person_id}@{_host()}"
    made = Calendar.new(prodid="-//xtbang//desk//ZH", method="PUBLISH", name="揭榜挂帅", uid=uid)
    made["X-WR-CALNAME"] = made["NAME"]  # what older programs read
    made.add("REFRESH-INTERVAL", ASKED_AGAIN, parameters={"VALUE": "DURATION"})
    for event in _events(reader):
        made.add_component(event)
    return Response(made.to_ical(), mimetype="text/calendar", headers=sent_as("calendar.ics"))


def _events(reader: Caller) -> Iterator[Any]:
    found = dates_of(reader)
    for due in found.dues:
        yield _due_event(due, reader, found.blind)
    for meeting in found.meetings:
        yield _meeting_event(meeting, reader)


def _due_event(due: Reminder, reader: Caller, blind: Mapping[int, str]) -> Any:
    title = blind.get(due.project_id or 0, due.title)
    number = f"（{due.number}）" if due.number else ""
    start = due.at.astimezone(UTC) if due.at and due.meeting else due.on
    return _event(
        f"{due.about.key}-{due.project_id or f'n{due.notice_id}'}-{due.on:%Y%m%d}",
        reader.now,
        start=start,
        summary=f"{due.about.name}：{' '.join(title.split())}",
        description=f"{due.todo_for(reader.actor)}{number}。",
        location=due.place or None,
        url=address_of_due(due, blind, external=True),
    )


def _meeting_event(meeting: MeetingDate, reader: Caller) -> Any:
    officer = not reader.actor.roles.isdisjoint(SEE_OFFICE_WORK)
    where = url_for("meetings.page", meeting_id=meeting.id) if officer else url_for("expert.panels")
    return _event(
        f"meeting-{meeting.id}",
        reader.now,
        start=meeting.starts_at.astimezone(UTC),
        end=meeting.ends_at.astimezone(UTC) if meeting.ends_at else None,
        summary=f"{MEETING_LABELS[meeting.kind]}：{' '.join(meeting.title.split())}",
        description=f"{meeting.projects} 个项目。",
        location=meeting.place or None,
        url=f"{current_app.config['SITE_URL']}{where}",
    )


def _event(name: str, now: datetime, **facts: Any) -> Any:
    from icalendar import Event

    return Event.new(uid=f"{name}@{_host()}", stamp=now, **facts)


def _host() -> str:
    return str(current_app.config["SITE_URL"].split("//")[-1].split("/")[0])


def address_of_due(due: Reminder, blind: Collection[int] = (), external: bool = False) -> str:
    """Return the path of the page of a due date; ``external``: with the host, for other programs.

    Projects that are reviewed ``blind`` have no page for their experts.
    """
    if due.project_id is None:
        url = url_for("notices_admin.page", notice_id=due.notice_id)
    elif due.seats == "invited" or due.project_id in blind:
        url = url_for("expert.panels")  # who has not answered, or reviews blind, does not read the project
    else:
        url = url_for("projects.page", project_id=due.project_id)
    return f"{current_app.config['SITE_URL']}{url}" if external else url
