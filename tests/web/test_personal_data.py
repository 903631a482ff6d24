"""Who reads a telephone, a mail address, an account, the name of an objector: all pages as everybody, and what was planted in them."""

from collections import defaultdict
from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.factories import later
from tests.factories.everybody import Everybody
from tests.factories.site_projects import SiteProjectFactory
from xtbang.models import Objection, Person, Project

Login = Callable[[Person], FlaskClient]
READERS = (
    "visitor", "newcomer", "firm", "issuer", "bidder", "rival", "agency", "seated", "unseated", "science", "industry",
    "leader", "finance", "county", "far county", "auditor", "admin",
)  # fmt: skip
# what is planted → the readers that find it on the pages of projects, lists and decisions. Everybody reads their own.
PARTIES = {"issuer", "bidder"}
TABLE = {
    "telephones": {*PARTIES, "science", "industry"},
    "mails": {*PARTIES, "science", "industry"},
    "accounts": {*PARTIES, "science", "industry", "finance", "county", "auditor"},
    "objectors": {"science", "industry"},
}
# pages about people and organisations, for whoever keeps the accounts or has to reach somebody
KEEPING = {
    "admin.organisation": {"science", "admin"}, "admin.person": {"admin"}, "admin.mails": {"admin"},
}  # fmt: skip
# asked with the things of our project; of others without parameters every page
PAGES = {
    "projects.page", "projects.compare", "applicant.bid", "notices_admin.page", "public.entry", "public.notice",
    "verify.code", "expert.review", "desk.deed", *KEEPING,
}  # fmt: skip


published = later.published


def objected(factory: SiteProjectFactory) -> Project:
    """A project in 公示 to which somebody objected in vain."""
    project = published(factory)
    later.object_to(factory, project, name="艾疑仁", contact="13912345678")
    objection = str(factory.session.scalars(select(Objection.id)).one())
    data = {"objection": objection, "outcome": "dismissed", "finding": "经核查不属实"}
    factory.perform(project, "decide_objection", "science", data)
    return project


@pytest.mark.parametrize("app", ["sqlite"], indirect=True)
def test_personal_data_is_read_by_those_who_need_it_alone(
    app: Flask, session: Session, login: Login, monkeypatch: pytest.MonkeyPatch
) -> None:
    factory = SiteProjectFactory(app, session)
    with factory.writing():
        planted: dict[str, str] = {"6222000011112222": "accounts", "艾疑仁": "objectors", "13912345678": "objectors"}
        for number, name in enumerate(("issuer", "bidder")):
            person, unit = factory.people[name], factory.organisations[name]
            person.mobile, unit.legal_phone = f"1397320000{number}", f"0731-5200000{number}"
            unit.bank_name, unit.bank_account = "湘潭农商行", f"430100009999{number}"
            planted |= {person.mobile: "telephones", unit.legal_phone: "telephones", person.email: "mails"}
            planted[unit.bank_account] = "accounts"
    monkeypatch.setattr(later, "published", objected)
    city = Everybody(factory)
    rules = [rule for rule in app.url_map.iter_rules() if "GET" in (rule.methods or ()) and rule.endpoint != "static"]
    with app.test_request_context():
        paths = {
            app.url_for(address.endpoint, **address.values): address.endpoint
            for address in city.addresses([rule for rule in rules if not rule.arguments or rule.endpoint in PAGES])
            if address.whose != "foreign"
        }
    session.rollback()
    found: dict[str, dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
    keeping: dict[str, set[str]] = defaultdict(set)
    for who in READERS:
        reader = city.people.get(who)
        own = {reader.email, reader.mobile} if reader else set()
        own |= (
            {reader.organisation.legal_phone, reader.organisation.bank_account}
            if reader and reader.organisation
            else set()
        )
        browser = login(reader) if reader else app.test_client()
        session.rollback()
        for path, endpoint in paths.items():
            with browser.get(path) as answer:
                if answer.mimetype != "text/html":
                    continue
                text = answer.get_data(as_text=True)
            for word, kind in planted.items():
                if word in text and word not in own and endpoint in KEEPING:
                    keeping[endpoint].add(who)
                elif word in text and word not in own:
                    found[kind][who].add(path)
    assert {kind: set(by) for kind, by in found.items()} == TABLE
    assert {page: who for page, who in keeping.items()} == KEEPING
