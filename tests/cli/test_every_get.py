"""Every address that can be opened, asked of the very server that ``make run`` starts, on the demo."""

import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlencode

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.routing import Rule

from tests.cli.every_get import VISITOR, WANTED, Asked, Demo
from tests.support.serving import Sent, Server, ask, environment
from xtbang import create_app
from xtbang.config import DEMO_PASSWORD
from xtbang.extensions import db
from xtbang.models import Organisation, Person, Project
from xtbang.people.calendar_address import open_calendar_address
from xtbang.people.person_form import known_roles
from xtbang.people.restriction_notices import tell
from xtbang.queries.caller import actor_of
from xtbang.rules.policy import Policy
from xtbang.web.office.calendar import key_of

TELLS_KEYS = {"admin.editions_guide"}  # the guide for who writes the policy
REFUSES = {"actions.act"}  # what stands against an action is said on its page, with 403 or 409


@dataclass
class Site:
    """The running server, its routes, its demo, and who has signed in."""

    app: Flask
    demo: Demo
    port: int
    process: int
    cookies: dict[str, str] = field(default_factory=lambda: {VISITOR: ""})

    def get(self, address: str, who: str) -> Sent:
        if who not in self.cookies:
            self.cookies[who] = self.signed_in(who)
        return ask(self.port, address, self.cookies[who])

    def signed_in(self, email: str) -> str:
        """The cookie of somebody who has typed the password of the demo."""
        page = ask(self.port, "/account/sign-in")
        token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page.body.decode())
        assert token
        form = {"csrf_token": token[1], "email": email, "password": DEMO_PASSWORD}
        sent = ask(self.port, "/account/sign-in", cookie_of(page), urlencode(form))
        assert sent.status == 302, sent.body.decode()
        return cookie_of(sent)

    def rules(self) -> list[Rule]:
        """The addresses that answer GET."""
        return [rule for rule in self.app.url_map.iter_rules() if "GET" in (rule.methods or ())]

    def wanted(self, rule: Rule) -> list[Asked]:
        """Who asks, and for what: without a parameter a visitor and somebody of every role; a deed once of each person."""
        if not rule.arguments:
            return [
                (who, {}) for who in (VISITOR, *(self.demo.officer(role) for role in known_roles(self.demo.policy)))
            ]
        asked = WANTED[rule.endpoint](self.demo)
        if rule.endpoint != "actions.act":
            return list(asked)
        return list({(who, values["trigger"]): (who, values) for who, values in asked}.values())


def keys_of(policy: Policy) -> frozenset[str]:
    """The keys of all choices of all forms and of all criteria: what is stored, and never read by people."""
    forms = [
        form for edition in policy.editions.values() for form in (*edition.forms.values(), *edition.documents.values())
    ]
    fields = [field for form in forms for field in form.fields]
    fields += [column for field in fields for column in field.columns]
    keys = {choice.key for field in fields for choice in field.choices if choice.key != choice.label}
    sheets = [sheet for edition in policy.editions.values() for sheet in edition.sheets.values()]
    keys |= {criterion.key for sheet in sheets for criterion in sheet.criteria}
    return frozenset(key for key in keys if key.isascii())


def texts(page: bytes) -> set[str]:
    """The pieces of text between the tags of a page, each item of an enumeration by itself."""
    found = re.findall(
        r">([^<>]+)(?=<)", re.sub(r"<(script|style|select)\b.*?</\1>", "", page.decode(), flags=re.DOTALL)
    )
    return {item.strip() for piece in found for item in piece.split("、")}


def cookie_of(sent: Sent) -> str:
    return "; ".join(value.partition(";")[0] for value in sent.headers.get_all("Set-Cookie", []))


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory, demo_folder: Path) -> Iterator[Site]:
    """``make run`` in a folder of its own."""
    folder = Path(shutil.copytree(demo_folder, tmp_path_factory.mktemp("run") / "instance"))
    settings = environment(folder, XTBANG_EMBEDDED_WORKER="0")  # which would print every paper of the demo meanwhile
    app = create_app({"INSTANCE": folder, "SQLALCHEMY_DATABASE_URI": f"sqlite:///{folder / 'xtbang.db'}"})
    server = Server(settings, folder / "log", threads=8).start()
    with app.app_context():
        engine, deeds = db.engine, app.extensions["engine"]
        owner = db.session.scalars(select(Person).order_by(Person.id)).first()
        assert owner is not None
        open_calendar_address(deeds.caller(db.session(), actor_of(owner)))
        calendar_key = key_of(owner)
        told = db.session.scalars(select(Project.issuer_id).order_by(Project.id)).first()
        organisation = db.session.get_one(Organisation, told)
        days = {"starts_on": "2026-12-01", "ends_on": "2029-11-30", "reason": "虚报发票", "evidence": "查验结果"}
        tell(deeds.caller(db.session(), actor_of(owner)), {"uscc": organisation.uscc} | days, "told")
    with Session(engine) as session:
        yield Site(app, Demo(session, deeds.policy, calendar_key), server.port, server.process.pid)
    engine.dispose()
    server.stop()
    log = (folder / "log").read_text(encoding="utf-8")
    assert "Traceback" not in log and "ERROR" not in log


@pytest.mark.timeout(600)
def test_every_address_answers(site: Site) -> None:
    """Without an error of ours, in words, with as many bytes as were announced, and for somebody with the page itself.

    A new address is named in ``tests/cli/every_get.py``, and the demo has something to ask it for.
    """
    assert {rule.endpoint for rule in site.rules() if rule.arguments} == set(WANTED)
    assert [rule.rule for rule in site.rules() if not site.wanted(rule)] == []
    faults, opened, keys = [], set(), keys_of(site.demo.policy)
    for rule in site.rules():
        for who, values in site.wanted(rule):
            with site.app.test_request_context(base_url="http://127.0.0.1"):
                address = site.app.url_for(rule.endpoint, **values) if values else rule.rule
            sent = site.get(address, who)
            if sent.status >= 500 or sent.headers["Content-Length"] != str(len(sent.body)):
                faults.append((address, who, sent.status, sent.headers["Content-Length"], len(sent.body)))
            if (
                rule.endpoint not in TELLS_KEYS
                and "text/html" in (sent.headers["Content-Type"] or "")
                and (bare := texts(sent.body) & keys)
            ):
                faults.append((address, who, "keys of choices instead of their words", sorted(bare)))
            if values and sent.status >= 400 and rule.endpoint not in REFUSES:
                faults.append((address, who, sent.status))
            if sent.status < 400 and not (sent.headers["Location"] or "").startswith("/login"):
                opened.add(rule.endpoint)
    assert faults == [], faults
    assert opened == {rule.endpoint for rule in site.rules()}


def test_the_server_itself_lays_out_no_paper(site: Site) -> None:
    """Processes of their own do, within limits; here the libraries for it would be a third of the memory."""
    assert site.get("/blank-forms/2024/tech_demand.pdf", VISITOR).body.startswith(b"%PDF")
    loaded = Path(f"/proc/{site.process}/maps").read_text(encoding="utf-8")
    assert "sqlite3" in loaded and "pango" not in loaded
