"""Who gets in, of everybody, to everything, by GET and by POST: a table written by hand, and every address that there is.

Nothing that a POST does stays: the transaction is taken back where it would have been committed.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event
from sqlalchemy.orm import Session
from werkzeug.exceptions import HTTPException

from tests.architecture.test_access import RULES
from tests.factories.everybody import Address, Everybody
from tests.factories.site_projects import SiteProjectFactory
from xtbang.extensions import db
from xtbang.models import Person

Login = Callable[[Person], FlaskClient]
VISITOR = "visitor"
ROLES = {  # of each reader; what an endpoint asks for is in test_access.py
    VISITOR: "", "newcomer": "newcomer", "firm": "applicant", "issuer": "applicant", "bidder": "applicant",
    "other": "applicant", "rival": "applicant", "agency": "agency", "seated": "expert", "unseated": "expert",
    "science": "science", "industry": "industry", "leader": "leader", "finance": "finance", "county": "county",
    "far county": "county", "auditor": "auditor", "admin": "admin",
}  # fmt: skip
ALL = ", ".join(ROLES)
SIGNED_IN = ", ".join(who for who in ROLES if who != VISITOR)
ACTING = "newcomer, firm, issuer, bidder, other, rival, agency"  # whoever acts for an organisation
COMPANIES = "newcomer, firm, issuer, bidder, other, rival"
BUREAU = "science, industry, leader, auditor"
OURS = f"issuer, bidder, {BUREAU}, finance, county"  # who reads our project
THEIRS = f"other, {BUREAU}, far county"  # who reads the other one, which has no subsidy yet
NOBODY = ""
# endpoint → what → who gets in; of the parameters' things: whose they are, of papers and files also their names
TABLE: dict[str, dict[str, str]] = {
    "projects.page": {"own": OURS, "foreign": f"{THEIRS}, rival"},
    "downloads.case_file": {"own": OURS, "foreign": f"{THEIRS}, rival"},
    "projects.compare": {"own": OURS, "foreign": THEIRS},
    "applicant.bid": {"own": "bidder", "foreign": "rival"},
    "applicant.copy": {"own": "issuer", "foreign": "other"},
    "GET documents.edit": {"own": OURS, "foreign": f"{THEIRS}, rival"},  # what was handed in leads to its version
    "POST documents.edit": {"own": NOBODY, "foreign": "rival"},
    "documents.autosave": {"own": NOBODY, "foreign": "rival"},
    "documents.preview": {"own": "bidder", "foreign": "rival"},
    "desk.deed": {"own": f"{BUREAU}, finance, county", "foreign": f"{BUREAU}, far county"},
    "GET actions.act": {
        "own": "issuer, bidder, seated, science, industry, finance, county",
        "foreign": "firm, issuer, bidder, other, rival, science, industry",  # whoever may bid
    },
    "POST actions.act": {
        "own": "issuer, bidder, seated, science, industry, finance, county",
        "foreign": "other, rival, science, industry",
    },
    "expert.review": {"own": "seated", "foreign": NOBODY},
    "expert.save_scores": {"own": "seated", "foreign": NOBODY},
    "meetings.panel_sheets": {"own": "science, industry", "foreign": NOBODY},
    "account.open_mail": {"own": "issuer, bidder", "foreign": "other"},
    "account.kept": {"own": SIGNED_IN, "foreign": SIGNED_IN},
    "files.download": {
        "own 盖章件.pdf": OURS,
        "own 会议纪要.pdf": BUREAU,
        "own 签章-issuer-1.pdf": f"issuer, bidder, {BUREAU}, finance",
        "own 签章-bidder-1.pdf": f"issuer, bidder, {BUREAU}, finance",
        "own 签章-science-1.pdf": f"issuer, bidder, {BUREAU}, finance",
        "own 签章-industry-1.pdf": f"issuer, bidder, {BUREAU}, finance",
        "own 资金文件.pdf": OURS,
        "own 回单20241118002.pdf": f"issuer, bidder, {BUREAU}, finance",
        "foreign 盖章件.pdf": THEIRS,
    },
    "files.paper": {
        "own form": OURS,
        "own receipt": OURS,
        "own panel_summary": BUREAU,
        "own notice": ALL,
        "own bid": f"issuer, bidder, {BUREAU}",
        "own application": OURS,
        "own contract": OURS,
        "own funding": OURS,
        "own payment_order": OURS,
        "own acceptance": OURS,
        "foreign form": THEIRS,
        "foreign receipt": THEIRS,
        "foreign panel_summary": BUREAU,
        "foreign notice": ALL,
    },
    # who acts for an organisation, and as what, is asked by the view
    "account.organisation": {"": ACTING},
    "account.colleagues": {"": ACTING},
    "applicant.mine": {"": COMPANIES},
    # what nobody here has: a manager's account, an application of a second factor, an organisation to confirm anew
    **{
        endpoint: {"own": NOBODY, "foreign": NOBODY}
        for endpoint in (
            "account.switch", "account.switch_manager", "account.reset", "account.organisation_change",
            "calendar.subscription",
        )
    },
    "account.renew_codes": {"": NOBODY},
    "account.second_factor_off": {"": NOBODY},
}  # fmt: skip
TABLE["files.view"] = TABLE["files.download"]
NOT_ASKED = {"static", "security.logout", "account.end_all"}  # the last two end the session that asks
ALIKE = {"firm", "bidder", "other", "rival", "unseated", "far county"}  # have the role of another reader
FEW = {"actions.act": 5}  # addresses of an endpoint that `make test` asks of each project; of others:
FEWEST = 2


class TakenBack(HTTPException):
    """What would have been committed."""

    code = 418


@dataclass
class Asked:
    """What came of all the questions."""

    let_in: dict[tuple[str, str], set[str]] = field(default_factory=lambda: defaultdict(set))
    behind_the_door: list[str] = field(default_factory=list)  # of readers whose role is not let in at all
    failed: list[str] = field(default_factory=list)
    cells: int = 0


@pytest.fixture
def city(app: Flask, session: Session, monkeypatch: pytest.MonkeyPatch) -> Iterator[Everybody]:
    """Everybody, with nothing committed from now on and no limits."""
    made = Everybody(SiteProjectFactory(app, session))
    session.rollback()

    def take_back(_session: Session) -> None:
        raise TakenBack

    monkeypatch.setattr(app.extensions["throttle"], "enabled", False)
    event.listen(db.session, "before_commit", take_back)
    yield made
    event.remove(db.session, "before_commit", take_back)


def ask(app: Flask, city: Everybody, login: Login, choose: Callable[[Iterable[Address]], list[Address]]) -> Asked:
    """Let everybody ask for every address that is chosen."""
    found = Asked()
    versions = {"own": city.own.version, "foreign": city.foreign.version}
    rules = [rule for rule in app.url_map.iter_rules() if rule.endpoint not in NOT_ASKED]
    chosen = [
        (method, address, app.test_request_context())
        for method in ("GET", "POST")
        for address in choose(city.addresses([rule for rule in rules if method in (rule.methods or ())]))
    ]
    few = choose is a_few
    browsers = {who: login(city.people[who]) if who != VISITOR else app.test_client() for who in ROLES}
    city.factory.session.rollback()
    for method, address, context in chosen:
        with context:
            path = app.url_for(address.endpoint, **address.values)
        whose = address.whose.partition(" ")[0]
        form = {"seen_version": str(versions.get(whose, 0)), "request_key": "asked", "confirmed": "1"}
        for who in readers_of(address.endpoint) if few else ROLES:
            browser = browsers[who]
            with browser.open(path, method=method, data=form if method == "POST" else None) as answer:
                to_login = answer.status_code in (302, 303) and (answer.location or "").startswith("/login?")
                status = 401 if to_login else answer.status_code
            found.cells += 1
            if status == 500:
                found.failed.append(f"{who}: {method} {path}")
            if status not in (401, 403) and not may_ask(who, address.endpoint):
                found.behind_the_door.append(f"{who}: {method} {path} {status}")
            refused = {401, 403, 404, 409} if address.endpoint == "actions.act" else {401, 403, 404}
            if status not in refused:
                found.let_in[f"{method} {address.endpoint}", address.whose].add(who)
            else:
                found.let_in[f"{method} {address.endpoint}", address.whose] |= set()
    return found


def may_ask(who: str, endpoint: str) -> bool:
    """Whether the endpoint lets the reader's role in at all."""
    rule = set(RULES[endpoint].split())
    return "anyone" in rule or (who != VISITOR and "signed_in" in rule) or ROLES[who] in rule


def expected(question: str, whose: str) -> set[str]:
    """Who gets in by the table; by the role alone where the table has nothing."""
    endpoint = question.partition(" ")[2]
    row = TABLE.get(question, TABLE.get(endpoint))
    if row is None:
        return {who for who in ROLES if may_ask(who, endpoint)}
    return set(row[whose].split(", ")) - {""}


def told_apart_by(endpoint: str) -> bool:
    """Whether the table says more of the endpoint than the roles that it is for."""
    return endpoint in TABLE or f"GET {endpoint}" in TABLE


def readers_of(endpoint: str) -> list[str]:
    """Everybody; where only the role counts, one of each role that may not ask, and one who may."""
    if told_apart_by(endpoint):
        return list(ROLES)
    may = [who for who in ROLES if may_ask(who, endpoint)]
    return [*may[:1], *(who for who in ROLES if who not in may and who not in ALIKE)]


def a_few(addresses: Iterable[Address]) -> list[Address]:
    """Some of each endpoint and each project, and of what the table does not tell apart one."""
    kept: dict[tuple[str, str], list[Address]] = defaultdict(list)
    for address in addresses:
        kept[address.endpoint, address.whose].append(address)
    chosen = []
    for (endpoint, whose), found in kept.items():
        most = FEW.get(endpoint, FEWEST)
        told_apart = told_apart_by(endpoint)
        if not told_apart and whose == "foreign":
            continue
        step = -(-len(found) // (most if told_apart else 1))
        chosen += found[::step]
    return chosen


def breaches(found: Asked) -> dict[str, list[str]]:
    """Who gets in against the table."""
    wrong = {
        f"{question} {whose}": sorted(who - expected(question, whose))
        for (question, whose), who in found.let_in.items()
    }
    return {question: who for question, who in wrong.items() if who}


@pytest.mark.parametrize("app", ["sqlite"], indirect=True)
def test_nobody_gets_in_who_should_not(app: Flask, city: Everybody, login: Login, unanswered: list[str]) -> None:
    found = ask(app, city, login, a_few)
    assert (breaches(found), found.behind_the_door, found.failed) == ({}, [], [])
    assert found.let_in["GET projects.page", "own"] == expected("GET projects.page", "own")


@pytest.mark.faults
@pytest.mark.timeout(1800)
def test_the_whole_table_on_both_databases(app: Flask, city: Everybody, login: Login) -> None:
    """Also that everybody gets in who should."""
    found = ask(app, city, login, list)
    print(f"{found.cells} cells")
    assert (breaches(found), found.behind_the_door, found.failed) == ({}, [], [])
    missing = {
        f"{question} {whose}": sorted(expected(question, whose) - who)
        for (question, whose), who in found.let_in.items()
        if not (who == set() and question not in TABLE and question.partition(" ")[2] not in TABLE)
    }
    assert {question: who for question, who in missing.items() if who} == {}
