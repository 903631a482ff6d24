"""What tests of refused forms share: who is in front of the browser, what its pages hold, how they lead back."""

import re
from collections.abc import Callable
from html import unescape
from io import BytesIO
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from PIL import Image
from sqlalchemy import select, update

from tests.factories.site_projects import SiteProjectFactory
from tests.web.visitors import sign_in, with_password
from xtbang.models import KeptRequest, Person, SignIn
from xtbang.people import kept

LogIn = Callable[[Person], FlaskClient]
PICTURE = BytesIO()
Image.new("1", (60, 60), 1).save(PICTURE, "PDF")
PDF = PICTURE.getvalue()
TYPED = "手写的一段话，写了很久，有好几处反复改过，无论如何不能丢"
TOKEN = re.compile(r'name="csrf_token" value="([^"]+)"')
NEXT = re.compile(r"(?:next=|href=\"|content=\")(/kept/[\w-]+)")


def fields_of(page: str) -> dict[str, Any]:
    """What a browser with script sends with the form of a page, as far as it is hidden or in a line."""
    found = re.findall(r'<input[^>]*?name="([^"]+)"[^>]*?value="([^"]*)"', page.partition("<main")[2])
    return {name: unescape(value) for name, value in found} | {"scripted": "1"}


def again(page: str) -> str:
    """The address by which a page leads to what was refused."""
    found = NEXT.search(unescape(page).replace("%2F", "/"))
    assert found, page
    return found[1]


def entered(factory: SiteProjectFactory, app: Flask, name: str) -> FlaskClient:
    """The browser of a person who signed in by the form."""
    with_password(factory, app, name)
    browser = app.test_client()
    assert sign_in(browser, factory, name).status_code == 302
    return browser


def signed_out_elsewhere(factory: SiteProjectFactory) -> None:
    with factory.writing() as session:
        session.execute(update(SignIn).values(ended_at=factory.now))


def everything_kept(factory: SiteProjectFactory) -> list[str]:
    """What was kept of every form and page."""
    factory.session.rollback()
    return [f"{kept.sent_of(row)}{kept.page_of(row)}" for row in factory.session.scalars(select(KeptRequest))]
