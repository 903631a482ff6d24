"""Looking at rows, events and mails after what the pages of 管理 did, and an organisation that waits for them."""

import re
from typing import Any

from flask.testing import FlaskClient
from sqlalchemy import select

from tests.factories.records import RecordFactory
from xtbang.models import Event, Mail, Organisation


def fresh(records: RecordFactory, row: Any) -> Any:
    """The row as the database has it now."""
    records.session.rollback()
    records.session.expire_all()
    return records.session.get(type(row), row.id)


def events(records: RecordFactory, stream: str) -> list[Event]:
    records.session.rollback()
    return list(records.session.scalars(select(Event).where(Event.stream == stream).order_by(Event.sequence)))


def mails_to(records: RecordFactory, name: str) -> list[Mail]:
    records.session.rollback()
    query = select(Mail).where(Mail.person_id == records.people[name].id).order_by(Mail.id)
    return list(records.session.scalars(query))


def hidden(client: FlaskClient, page: str, name: str) -> str:
    """The value of a hidden input of a page."""
    found = re.search(rf'name="{name}" value="([^"]*)"', client.get(page).get_data(as_text=True))
    assert found
    return found[1]


def add_pending(records: RecordFactory) -> Organisation:
    with records.writing():
        row = records.organisation("new", "湘潭新来科技有限公司", status="pending", confirmed_at=None)
        records.session.flush()
        records.person("newcomer", "applicant", organisation=row, organisation_id=row.id, manager=True)
    return row
