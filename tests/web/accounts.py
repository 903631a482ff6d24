"""What the tests of accounts read: the trail of a person, the mails that hold a link, codes of a telephone."""

import time
from html import unescape
from urllib.parse import urlsplit

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from tests.web.town import Town
from tests.web.visitors import PASSWORD
from xtbang.models import Event, Mail, Person


def trail(town: Town, name: str) -> list[str]:
    """What was recorded of that person, the oldest first."""
    town.session.rollback()
    stream = f"person:{town.people[name].id}"
    query = select(Event.trigger).where(Event.stream == stream).order_by(Event.sequence)
    found = list(town.session.scalars(query))
    town.session.rollback()
    return found


def known(town: Town, name: str) -> Person:
    """The person as the database has them now."""
    town.session.rollback()
    town.session.expire_all()
    found = town.session.get_one(Person, town.people[name].id)
    town.session.rollback()
    return found


def letters_to(town: Town, address: str) -> list[Mail]:
    """Every mail to that address, the newest first."""
    town.session.rollback()
    found = list(town.session.scalars(select(Mail).where(Mail.address == address).order_by(Mail.id.desc())))
    town.session.rollback()
    return found


def link_to(town: Town, address: str) -> str:
    """The path of the link in the newest mail to that address."""
    return urlsplit(letters_to(town, address)[0].link).path


def code_of(app: Flask, secret: str, steps: int = 0) -> str:
    """What the telephone shows now, or so many half minutes later."""
    made = app.extensions["codes"]._totp.from_source(secret).generate(time.time() + 30 * steps)
    return str(made.token)


def set_up(app: Flask, browser: FlaskClient, steps: int = -1, path: str = "/second-factor") -> tuple[str, list[str]]:
    """Set a telephone up; return its secret and the recovery codes."""
    assert browser.get(path).status_code == 200
    with browser.session_transaction() as kept:
        secret = kept["own"]["new_secret"]
    answer = browser.post(path, data={"code": code_of(app, secret, steps), "password_old": PASSWORD})
    assert answer.status_code == 200, answer.text
    page = unescape(answer.text)
    return secret, [part.partition("</code>")[0] for part in page.split('<li><code class="code">')[1:]]
