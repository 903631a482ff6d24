"""Looking at rows, events and mails after what the pages of 管理 did, and an organisation that waits for them."""

import re
from typing import Any

from flask.testing import FlaskClient
from sqlalchemy import select

from tests.web.office import Office
from xtbang.models import Event, Mail, Organisation


def fresh(office: Office, row: Any) -> Any:
    """The row as the database has it now."""
    office.session.rollback()
    office.session.expire_all()
    return office.session.get(type(row), row.id)


def events(office: Office, stream: str) -> list[Event]:
    office.session.rollback()
    return list(office.session.scalars(select(Event).where(Event.stream == stream).order_by(Event.sequence)))


def mails_to(office: Office, name: str) -> list[Mail]:
    office.session.rollback()
    query = select(Mail).where(Mail.person_id == office.people[name].id).order_by(Mail.id)
    return list(office.session.scalars(query))


def hidden(client: FlaskClient, page: str, name: str) -> str:
    """The value of a hidden input of a page."""
    found = re.search(rf'name="{name}" value="([^"]*)"', client.get(page).get_data(as_text=True))
    assert found
    return found[1]


def add_pending(office: Office) -> Organisation:
    with office.writing():
        row = office.organisation("new", "湘潭新来科技有限公司", status="pending", confirmed_at=None)
        office.session.flush()
        office.person("newcomer", "applicant", organisation=row, organisation_id=row.id, manager=True)
    return row
