"""What the tests of accounts read: the trail of a person, the mails that hold a link, codes of a telephone."""

import re
import time
from html import unescape
from urllib.parse import urlsplit

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from tests.factories.site_projects import SiteProjectFactory
from tests.web.visitors import PASSWORD
from xtbang.models import Event, Mail, Person


def trail(factory: SiteProjectFactory, name: str) -> list[str]:
    """What was recorded of that person, the oldest first."""
    factory.session.rollback()
    stream = f"person:{factory.people[name].id}"
    query = select(Event.trigger).where(Event.stream == stream).order_by(Event.sequence)
    found = list(factory.session.scalars(query))
    factory.session.rollback()
    return found


def shown_password(page: str) -> str:
    """The initial password that the page shows, as its reader copies it."""
    found = re.search(r"<code>(.*?)</code>", page)
    assert found
    return re.sub(r"<.*?>", "", found[1])


def known(factory: SiteProjectFactory, name: str) -> Person:
    """The person as the database has them now."""
    factory.session.rollback()
    factory.session.expire_all()
    found = factory.session.get_one(Person, factory.people[name].id)
    factory.session.rollback()
    return found


def letters_to(factory: SiteProjectFactory, address: str) -> list[Mail]:
    """Every mail to that address, the newest first."""
    factory.session.rollback()
    found = list(factory.session.scalars(select(Mail).where(Mail.address == address).order_by(Mail.id.desc())))
    factory.session.rollback()
    return found


def link_to(factory: SiteProjectFactory, address: str) -> str:
    """The path of the link in the newest mail to that address."""
    return urlsplit(letters_to(factory, address)[0].link).path


def code_of(app: Flask, secret: str, steps: int = 0) -> str:
    """What the telephone shows now, or so many half minutes later; the clock by which the program checks it stands still."""
    now = time.time()
    codes = app.extensions["codes"]
    codes._totp = codes._totp.using(now=lambda: now)
    return str(codes._totp.from_source(secret).generate(now + 30 * steps).token)


def set_up(app: Flask, browser: FlaskClient, steps: int = -1, path: str = "/second-factor") -> tuple[str, list[str]]:
    """Set a telephone up; return its secret and the recovery codes."""
    assert browser.get(path).status_code == 200
    with browser.session_transaction() as kept:
        secret = kept["own"]["new_secret"]
    answer = browser.post(path, data={"code": code_of(app, secret, steps), "password_old": PASSWORD})
    assert answer.status_code == 200, answer.text
    page = unescape(answer.text)
    return secret, [part.partition("</code>")[0] for part in page.split('<li><code class="code">')[1:]]
