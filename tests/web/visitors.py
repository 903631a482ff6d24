"""Visitors: who signs in by typing a password, who objects, who brings a file."""

from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from tests.stages.later import published
from tests.web.town import Town
from xtbang.models import Notice
from xtbang.web.account.hashing import hashed

PASSWORD = "correct horse battery"
PDF = b"%PDF-1.7 from a stranger"


def with_password(town: Town, app: Flask, *names: str) -> None:
    with app.app_context():
        kept = hashed(PASSWORD)
    with town.writing():
        for name in names:
            town.people[name].password = kept


def sign_in(client: FlaskClient, town: Town, name: str, password: str = PASSWORD, **more: Any) -> Any:
    data = {"email": town.people[name].email, "password": password} | more
    return client.post("/account/sign-in", data=data)


def count(town: Town, table: Any) -> int:
    town.session.rollback()
    found = town.session.scalar(select(func.count()).select_from(table)) or 0
    town.session.rollback()
    return found


def objecting(town: Town) -> str:
    project = published(town)
    notice = town.session.scalars(select(Notice.id).where(Notice.kind == "publicity")).one()
    town.session.rollback()
    return f"/notices/{notice}/projects/{project.id}/objection"
