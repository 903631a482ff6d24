"""Everything that is stored about one person (个人信息), for a copy that they ask for, as the law on personal data grants it."""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from xtbang.models import Base, Deputy, Event, KeptRequest, Mail, Person, SavedView, Seat, SignIn

SECRET = frozenset(
    {"password", "fs_uniquifier", "totp_secret", "totp_counter", "recovery_codes", "sessions", "key", "content"}
)


def personal_data(session: Session, person: Person) -> dict[str, Any]:
    """Return account, sign-ins, deputies, seats, mails, saved views, refused forms and acts of a person, without any secret."""
    number = person.id
    return {
        "account": _row(person) | {"roles": sorted(person.role_names), "works_at": person.works_at},
        "sign_ins": _rows(session.scalars(select(SignIn).where(SignIn.person_id == number))),
        "deputies": _rows(
            session.scalars(select(Deputy).where(or_(Deputy.person_id == number, Deputy.deputy_id == number)))
        ),
        "seats": _rows(session.scalars(select(Seat).where(Seat.expert_id == number))),
        "mails": _rows(session.scalars(select(Mail).where(Mail.person_id == number))),
        "saved_views": _rows(session.scalars(select(SavedView).where(SavedView.person_id == number))),
        "refused_forms": _rows(session.scalars(select(KeptRequest).where(KeptRequest.person_id == number))),
        "acts": _rows(session.scalars(select(Event).where(Event.actor_id == number).order_by(Event.id))),
        "changes_of_account": _rows(
            session.scalars(select(Event).where(Event.stream == f"person:{number}").order_by(Event.id))
        ),
    }


def _rows(rows: Iterable[Base]) -> list[dict[str, Any]]:
    return [_row(row) for row in rows]


def _row(row: Base) -> dict[str, Any]:
    found = {column.key: getattr(row, column.key) for column in row.__table__.columns if column.key not in SECRET}
    return {key: value.isoformat() if isinstance(value, date | datetime) else value for key, value in found.items()}
