"""The audit trail (操作记录): search, and verification of its chains."""

from collections.abc import Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from itertools import groupby
from typing import Any

from flask import render_template, request, url_for
from sqlalchemy.orm import Session

from xtbang.actions.audit import broken
from xtbang.enums import KIND_LABELS, STREAM_LABELS
from xtbang.extensions import db
from xtbang.models import Event
from xtbang.people.account_forms import RECEIVING, unconfirmed_form
from xtbang.people.person_form import person_form
from xtbang.queries.audit import (
    Filters,
    files_of,
    hidden_streams,
    in_chains,
    names_of_events,
    search,
    streams_of,
    subject_of,
)
from xtbang.queries.shown.project import EventShown, event_shown
from xtbang.rules.dates import day_of
from xtbang.rules.fields import Field, FieldKind
from xtbang.web.admin.home import admin
from xtbang.web.frame.access import access, actor
from xtbang.web.frame.inputs import asked
from xtbang.web.frame.registers import listed
from xtbang.web.frame.shell import caller, engine, policy
from xtbang.web.office.call_form import PUBLISH_FORM, call_form

SIZE = 50
AT_ONCE = 20_000  # events checked in one request; a chain once begun is checked to its end
SHOWN = 50  # broken events shown
LABELS = {
    "name": "名称",
    "active": "启用",
    "password": "密码",
    "device": "设备",
    "code": "验证码",
    "email": "电子邮箱",
    "subject": "主题",
    "restriction": "限制编号",
    "starts_on": "开始日期",
    "ends_on": "截止日期",
    "uscc": "统一社会信用代码",
}
CONTACTS = frozenset({"email", "mobile", "legal_phone"})

NAME_OF_REGION = Field("region", "县市区（园区）", FieldKind.TEXT)


@dataclass
class Checked:
    """The result of the verification so far. Length and events of chains in ``hidden`` are not shown."""

    hidden: frozenset[str] = frozenset()
    read: int = 0  # events, shown or hidden
    streams: int = 0
    events: int = 0
    untold: int = 0  # hidden chains
    untold_wrong: list[str] = field(default_factory=list)  # hidden chains with a broken event
    wrong: list[EventShown] = field(default_factory=list)
    count: int = 0  # number of broken events
    last: str = ""  # the stream to continue after; "" when everything is checked


@admin.get("/admin/audit")
@access("auditor", "admin")
def audit() -> str:
    """Show fifty events at a time, the newest first."""
    args = request.args
    filters, errors = Filters.of(asked())
    found = listed(partial(search, caller(), filters), SIZE)
    reads = "auditor" in actor().roles
    return render_template(
        "admin/audit.html",
        listed=found.shown(lambda row: (event_shown(row.Event), *_subject(row, reads), details(row.Event))),
        hidden=hidden_streams(db.session(), engine().collected, {row.Event.project_id or 0 for row in found.rows}),
        files=files_of(db.session(), [row.Event for row in found.rows]),
        filters=filters,
        filtered=any(args.get(key) for key in ("number", "name", "trigger", "from", "until", "stream")),
        errors=errors,
        first=day_of(filters.first) if filters.first else "",
        last=day_of(filters.until) - timedelta(days=1) if filters.until else "",
        triggers=names(),
        streams=STREAM_LABELS,
        reads=reads,
        checked=verify(db.session(), args.get("after", "")[:40], filters) if args.get("verify") == "1" else None,
        verify_url=url_for("admin.audit", verify=1, number=filters.number or None, stream=filters.stream or None),
    )


def names() -> dict[str, str]:
    """Return trigger → Chinese name of everything that is recorded."""
    return names_of_events(policy())


def _subject(row: Any, reads: bool) -> tuple[str, str, str]:
    """Return the subject of an event: its name, a number, and its address if this person may open it."""
    event: Event = row.Event
    kind, _, number = event.stream.partition(":")
    if event.project_id is not None:
        url = url_for("projects.page", project_id=row.known) if reads and row.number else ""
        return subject_of(row), row.number or "", url
    url = ""
    if kind == "person" and not reads:
        url = url_for("admin.person", person_id=number)
    if kind == "organisation" and not reads:
        url = url_for("admin.organisation", organisation_id=number)
    return subject_of(row), STREAM_LABELS.get(kind, "其他"), url


def details(event: Event) -> list[tuple[str, str]]:
    """Return the data of an event in words, as (label, value); nothing for events of a project, which has its own page."""
    if event.project_id is not None:
        return []
    labels = LABELS | {item.key: item.label for item in _fields(event.stream.partition(":")[0])}
    if "admin" not in actor().roles:  # who keeps the accounts
        labels = {key: label for key, label in labels.items() if key not in CONTACTS}
    known = {key: value for key, value in event.data.items() if key in labels and value not in ("", [], None)}
    return [(labels[key], _words(key, value)) for key, value in known.items()]


def _fields(kind: str) -> tuple[Field, ...]:
    if kind == "person":
        return person_form(policy()).fields
    if kind == "call":
        return (*PUBLISH_FORM.fields, *call_form(policy(), caller().today).fields)
    if kind == "account":
        return (*RECEIVING, NAME_OF_REGION)
    return unconfirmed_form(policy().city).fields if kind == "organisation" else ()


def _words(key: str, value: Any) -> str:
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, list):
        table = {"roles": policy().city.role_labels, "kinds": KIND_LABELS}.get(key, {})
        return "、".join(table.get(item, str(item)) for item in value)
    return str(value).replace("T", " ") if key in ("opens_at", "closes_at") else str(value)


def verify(session: Session, after: str, filters: Filters) -> Checked:
    """Check the chains of the chosen project or stream, or every chain after ``after``."""
    checked = Checked(hidden_streams(session, engine().collected))
    chosen = streams_of(session, filters.number) if filters.number else [filters.stream] if filters.stream else []
    for stream in chosen:
        _check(checked, stream, in_chains(session, "", stream))
    if filters.number or filters.stream:
        return checked
    with closing(in_chains(session, after)) as chains:
        for stream, events in groupby(chains, key=lambda event: event.stream):
            if checked.read >= AT_ONCE:
                return checked
            _check(checked, stream, events)
            checked.last = stream
    checked.last = ""
    return checked


def _check(checked: Checked, stream: str, events: Iterable[Event]) -> None:
    def counted() -> Iterator[Event]:
        for event in events:
            checked.read += 1
            yield event

    before = checked.read
    wrong = broken(counted())
    found = checked.read - before
    if stream in checked.hidden:
        checked.untold += found > 0
        checked.untold_wrong += [stream.partition(":")[2]] if wrong else []
        return
    checked.streams += found > 0
    checked.events += found
    checked.count += len(wrong)
    checked.wrong += map(event_shown, wrong[: max(0, SHOWN - len(checked.wrong))])
