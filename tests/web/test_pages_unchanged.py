"""A public page that a visitor asks for again: 304 until something has happened or the minute is over."""

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from tests.factories.later import object_to, published
from tests.factories.site_projects import SiteProjectFactory
from xtbang.models import Notice, Person, Project
from xtbang.web.frame.at_once import PAGES

LogIn = Callable[[Person], FlaskClient]
CLOCK = re.compile(r"<time datetime=[^>]*data-clock>")


def addresses(factory: SiteProjectFactory, project: Project) -> dict[str, str]:
    """An address of every public page, by its endpoint."""
    notice = factory.session.scalars(select(Notice.id).where(Notice.status == "published")).first()
    factory.session.rollback()
    return {
        "public.home": "/",
        "public.board": "/board?q=关键",
        "public.lists": "/lists?kind=tech_demand",
        "public.entry": f"/entries/{project.number}",
        "public.call": f"/calls/{factory.calls['2021'].id}",
        "public.notices": "/notices",
        "public.notice": f"/notices/{notice}",
        "public.guide": "/guide",
    }


def again(client: FlaskClient, address: str, tag: str) -> int:
    return client.get(address, headers={"If-None-Match": tag}).status_code


@pytest.mark.parametrize("app", ["sqlite"], indirect=True)
def test_a_visitor_gets_a_public_page_again_only_when_it_has_changed(
    app: Flask, factory: SiteProjectFactory, login: LogIn
) -> None:
    project = published(factory)
    pages, visitor, officer = addresses(factory, project), app.test_client(), login(factory.people["science"])
    assert pages.keys() == PAGES
    tags = {}
    for address in pages.values():
        first, second = visitor.get(address), visitor.get(address)
        tags[address] = first.headers["ETag"]
        assert first.status_code == 200, address
        assert CLOCK.sub("", first.text) == CLOCK.sub("", second.text), address
        assert again(visitor, address, tags[address]) == 304, address
        signed_in = officer.get(address, headers={"If-None-Match": tags[address]})
        assert (signed_in.status_code, "ETag" in signed_in.headers) == (200, False), address
        assert "no-store" in signed_in.headers["Cache-Control"], address
    object_to(factory, project)
    assert {again(visitor, address, tag) for address, tag in tags.items()} == {200}
    tags = {address: visitor.get(address).headers["ETag"] for address in tags}
    factory.now += timedelta(minutes=1)
    assert {again(visitor, address, tag) for address, tag in tags.items()} == {200}


@pytest.mark.parametrize("app", ["sqlite"], indirect=True)
def test_what_waits_to_be_told_to_a_visitor_is_told_on_a_page_that_has_not_changed(
    app: Flask, factory: SiteProjectFactory, login: LogIn
) -> None:
    visitor, leaves = app.test_client(), login(factory.people["science"])
    tag = visitor.get("/").headers["ETag"]
    assert visitor.get("/register").status_code == 200  # a form: its token is in the session from here on
    assert again(visitor, "/", tag) == 304
    leaves.post("/account/sign-out")
    assert "已退出登录" in leaves.get("/", headers={"If-None-Match": tag}).text


@pytest.mark.parametrize("app", ["sqlite"], indirect=True)
def test_a_page_known_already_tells_the_time_and_is_counted(app: Flask, factory: SiteProjectFactory) -> None:
    visitor = app.test_client()
    tag = visitor.get("/").headers["ETag"]
    counted = app.extensions["metrics"].requests.labels("/", "GET", 304)
    before = counted._value.get()
    factory.now += timedelta(seconds=7)
    answer = visitor.get("/", headers={"If-None-Match": tag})
    assert answer.status_code == 304
    assert answer.headers["Server-Timing"] == f"now;dur={factory.now.timestamp() * 1000:.0f}"
    assert counted._value.get() == before + 1
