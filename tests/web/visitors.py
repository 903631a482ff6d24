"""Visitors: who signs in by typing a password, who objects, who brings a file."""

from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from tests.factories.later import published
from tests.factories.site_projects import SiteProjectFactory
from xtbang.models import Notice
from xtbang.web.account.hashing import hashed

PASSWORD = "correct horse battery"
PDF = b"%PDF-1.7 from a stranger"


def with_password(factory: SiteProjectFactory, app: Flask, *names: str) -> None:
    with app.app_context():
        kept = hashed(PASSWORD)
    with factory.writing():
        for name in names:
            factory.people[name].password = kept


def sign_in(client: FlaskClient, factory: SiteProjectFactory, name: str, password: str = PASSWORD, **more: Any) -> Any:
    data = {"email": factory.people[name].email, "password": password} | more
    return client.post("/account/sign-in", data=data)


def count(factory: SiteProjectFactory, table: Any) -> int:
    factory.session.rollback()
    found = factory.session.scalar(select(func.count()).select_from(table)) or 0
    factory.session.rollback()
    return found


def objecting(factory: SiteProjectFactory) -> str:
    project = published(factory)
    notice = factory.session.scalars(select(Notice.id).where(Notice.kind == "publicity")).one()
    factory.session.rollback()
    return f"/notices/{notice}/projects/{project.id}/objection"
