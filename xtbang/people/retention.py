"""Erasing personal data (个人信息) whose time is over, by the years that ``workflows/city.toml`` gives for each kind.

What proves how a project was decided stays: events, papers, signed versions and the names of those who acted in them. No
event holds what is erased here (`Action.personal`), so that every chain stays as it is. Its law is named in the city's file.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Any

from sqlalchemy import Select, func, or_, select

from xtbang.actions import audit
from xtbang.models import Event, Mail, Objection, Person, Project
from xtbang.models.writing import writing
from xtbang.people.accounts import new_sessions
from xtbang.queries.caller import Caller
from xtbang.rules.dates import last_moment_of, years_before

AT_A_TIME = 500  # rows of a transaction
ERASED = "（已按期限清除）"  # in place of the name of an objector
NOWHERE = "@erased.invalid"  # ends the address of an account that is erased
LABELS = {"accounts": "停用的账号", "mails": "邮件", "objectors": "异议人"}
Rows = Callable[[Caller, date], Sequence[int]]


def overdue(caller: Caller) -> dict[str, Sequence[int]]:
    """Return the numbers of the rows whose time is over, by kind of personal data."""
    rules = caller.policy.city.retention
    return {rule.what: KINDS[rule.what][0](caller, years_before(caller.today, rule.years)) for rule in rules}


def erase_overdue(caller: Caller) -> dict[str, int]:
    """Erase the personal data whose time is over, and record that as an event; return how many rows by kind.

    It writes in transactions of its own: call it with nothing pending.
    """
    done = {}
    for what, ids in overdue(caller).items():
        for start in range(0, len(ids), AT_A_TIME):
            part = ids[start : start + AT_A_TIME]
            with writing(caller.session):
                for number in part:
                    KINDS[what][1](caller, number)
                said = {"what": what, "rows": len(part), "first": part[0], "last": part[-1]}
                audit.append(caller, f"retention:{what}", trigger="erase_personal_data", data=said)
        done[what] = len(ids)
    return done


def in_kinds(numbers: Mapping[str, int]) -> str:
    """Return how many of each kind, in words."""
    return "，".join(f"{LABELS[what]} {number} 条" for what, number in numbers.items())


def _accounts(caller: Caller, day: date) -> Sequence[int]:
    """Return the accounts that are switched off and were last changed on that day or before."""
    session = caller.session
    off = session.scalars(select(Person.id).where(Person.active.is_(False), Person.email.not_like(f"%{NOWHERE}")))
    since = {number: select(func.max(Event.at)).where(Event.stream == f"person:{number}") for number in off}
    changed = {number: session.scalar(query) for number, query in since.items()}
    return [number for number, at in changed.items() if at and at <= last_moment_of(day)]


def _erase_account(caller: Caller, number: int) -> None:
    """Erase address, telephone and ways of signing in; the name stays, it stands in what the person has signed."""
    person = caller.session.get_one(Person, number)
    person.email, person.mobile, person.password = f"{number}{NOWHERE}", "", None
    person.totp_secret, person.totp_counter, person.recovery_codes = None, None, []
    person.calendar_number, person.fs_uniquifier = None, new_sessions()


def _mails(caller: Caller, day: date) -> Sequence[int]:
    """Return the mails of that day or before whose project, if they have one, was closed on that day or before."""
    end = last_moment_of(day)
    over = or_(Mail.project_id.is_(None), Project.closed_at <= end)
    query = select(Mail.id).outerjoin(Project, Project.id == Mail.project_id).where(Mail.created_at <= end, over)
    return caller.session.scalars(query.order_by(Mail.id)).all()


def _erase_mail(caller: Caller, number: int) -> None:
    caller.session.delete(caller.session.get_one(Mail, number))


def _objectors(caller: Caller, day: date) -> Sequence[int]:
    """Return the objections to projects that were closed on that day or before, and whose sender is still named."""
    query: Select[Any] = select(Objection.id).join(Project, Project.id == Objection.project_id)
    query = query.where(Project.closed_at <= last_moment_of(day), Objection.name != ERASED)
    return caller.session.scalars(query.order_by(Objection.id)).all()


def _erase_objector(caller: Caller, number: int) -> None:
    row = caller.session.get_one(Objection, number)
    row.name, row.contact = ERASED, ""


KINDS: dict[str, tuple[Rows, Callable[[Caller, int], None]]] = {
    "accounts": (_accounts, _erase_account),
    "mails": (_mails, _erase_mail),
    "objectors": (_objectors, _erase_objector),
}
