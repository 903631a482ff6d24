"""A draft keeps whatever was typed; no page of the project falls over it, and nobody is kept from throwing it away."""

from collections.abc import Callable
from itertools import cycle
from random import Random
from typing import Any

import pytest
from flask.testing import FlaskClient
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from tests.factories.later import contracting, ended, executing, issued, published, ready, requested
from tests.factories.site_projects import SiteProjectFactory
from tests.support.odd import ODD
from tests.web.clients import EVERYONE, SignedInClients
from tests.web.visitors import objecting
from xtbang.actions.documents import definition_of
from xtbang.models import Acceptance, Bid, Document, Person, Project, Report
from xtbang.rules.fields import Field, FieldKind

pytestmark = pytest.mark.parametrize("app", ["sqlite"], indirect=True)

LogIn = Callable[[Person], FlaskClient]
CASES = [
    ("2021", "term_start", "5/1/2026"),
    ("2021", "term_end", "2026-02-30"),
    ("2024", "planned_investment", "1,20"),
    ("2024", "subsidy_asked", "约五十万元"),
    ("2024", "self_raised", "99999999"),
]
KINDS = ["tech_demand", "scene_demand", "tech_supply", "scene_supply"]


@pytest.fixture
def everyone(factory: SiteProjectFactory, login: LogIn) -> SignedInClients:
    return SignedInClients(factory, login)


def document_of(factory: SiteProjectFactory, number: int | None) -> Document:
    factory.session.rollback()
    return factory.session.get_one(Document, number, populate_existing=True)


def autosave(everyone: SignedInClients, name: str, document: Document, values: dict[str, Any]) -> Any:
    """What the script of the page sends at a pause in typing."""
    path = f"/projects/{document.project_id}/documents/{document.id}/draft"
    return everyone.send(name, path, values | {"draft_version": str(document.draft_version)})


def sent(document: Document, **values: str) -> dict[str, Any]:
    """The draft as the page sends it back, with some of it typed anew."""
    known = {key: "true" if value is True else value for key, value in document.draft.items() if value}
    return known | values


# ---------------------------------------------------------------- the draft of a form


@pytest.mark.parametrize(("edition", "key", "typed"), CASES)
def test_a_draft_with_something_unreadable_can_be_opened_mended_and_deleted(
    factory: SiteProjectFactory, everyone: SignedInClients, edition: str, key: str, typed: str
) -> None:
    project = factory.draft(edition=edition)
    document = document_of(factory, project.form_id)
    assert autosave(everyone, "issuer", document, sent(document, **{key: typed})).json["ok"]
    assert document_of(factory, project.form_id).draft[key] == typed
    page = everyone.browser("issuer").get(f"/projects/{project.id}/documents/{project.form_id}")
    assert page.status_code == 200 and f'value="{typed}"' in page.text
    everyone.look("issuer", project)
    everyone.lists("issuer")
    everyone.open("issuer", f"/projects/{project.id}/documents/{project.form_id}/preview.pdf")
    answer = everyone.send("issuer", factory.page(project, "/actions/submit"), factory.form(project, confirmed="1"))
    assert answer.status_code in (409, 422)
    answer = everyone.send("issuer", factory.page(project, "/actions/discard"), factory.form(project, confirmed="1"))
    assert answer.status_code == 302
    factory.session.rollback()
    assert factory.session.scalars(select(Project.id)).all() == []


def test_a_returned_entry_with_something_unreadable_can_be_withdrawn(
    factory: SiteProjectFactory, everyone: SignedInClients
) -> None:
    project = factory.submitted()
    factory.perform(project, "send_back", "science", {"reason": "请补正", "correct_by": "2024-09-30"})
    document = document_of(factory, project.form_id)
    autosave(everyone, "issuer", document, sent(document, planned_investment="1,20"))
    everyone.look("issuer", project)
    everyone.look("science", project)
    data = factory.form(project, confirmed="1", reason="不再申报")
    assert everyone.send("issuer", factory.page(project, "/actions/withdraw"), data).status_code == 302
    assert factory.seen(project)[0] == "withdrawn"


def test_what_no_database_holds_is_left_out_and_what_is_no_character_replaced(
    factory: SiteProjectFactory, everyone: SignedInClients
) -> None:
    project = factory.draft()
    document = document_of(factory, project.form_id)
    answer = autosave(everyone, "issuer", document, sent(document, title="甲\0乙"))
    assert answer.status_code == 200 and document_of(factory, project.form_id).draft["title"] == "甲乙"
    answer = autosave(everyone, "issuer", document, sent(document, title="甲\ud800乙", background="\udfff"))
    assert answer.status_code == 200
    kept = document_of(factory, project.form_id).draft
    assert kept["title"].startswith("甲") and kept["title"].endswith("乙") and str(kept).encode()
    everyone.look("issuer", project)


# ---------------------------------------------------------------- every document


def open_documents(factory: SiteProjectFactory) -> dict[str, tuple[str, int]]:
    """A document of every kind and every form of every edition that somebody is writing: who, and which."""
    project = executing(factory, edition="2021")
    found: dict[str, tuple[str, int | None]] = {}
    for name, table in (("report", Report), ("acceptance", Acceptance)):
        query = select(table.document_id).where(table.project_id == project.id).order_by(table.id).limit(1)
        found[name] = ("bidder", factory.session.scalars(query).one())
    factory.at("2024-09-02 10:00")
    found["contract"] = ("science", contracting(factory, edition="2021").contract_id)
    factory.at("2024-09-02 10:00")
    found["application"] = ("issuer", factory.agreed(edition="2021").application_id)
    factory.at("2024-09-02 10:00")
    found["bid"] = ("bidder", factory.open_bid(factory.listed(edition="2021")).document_id)
    found |= {f"form {kind}": ("issuer", factory.draft(kind, "2021").form_id) for kind in KINDS}
    found["form 2024"] = ("issuer", factory.draft().form_id)
    return {name: (who, int(number or 0)) for name, (who, number) in found.items()}


EXAMPLES = settings.default.max_examples // 60  # one of each document in `make test`
TYPED = st.sampled_from(ODD) | st.text(st.characters(exclude_characters="\0", codec=None), max_size=12)


def typed(draw: Callable[[Any], Any], fields: tuple[Field, ...], prefix: str = "") -> dict[str, Any]:
    """Something odd in every field, in two rows of every table."""
    values: dict[str, Any] = {}
    for field in fields:
        if field.kind is FieldKind.ROWS:
            for number in range(2):
                values |= typed(draw, field.columns, f"{field.key}-{number}-")
        else:
            values[prefix + field.key] = draw(TYPED)
    return values


@pytest.mark.timeout(300)
def test_nothing_that_is_typed_into_a_document_breaks_a_page(
    factory: SiteProjectFactory, everyone: SignedInClients
) -> None:
    """Drafts full of oddities of every document; who writes opens everything, the others in turn."""
    turn = cycle(EVERYONE)
    for name, (who, number) in open_documents(factory).items():
        document = document_of(factory, number)
        project = factory.session.get_one(Project, document.project_id)
        fields = definition_of(factory.engine.policy.edition(project.edition), project, document).fields
        page = f"/projects/{project.id}/documents/{number}"

        @settings(max_examples=EXAMPLES, derandomize=True, database=None, phases=[Phase.generate], deadline=None)
        @given(data=st.data())
        def write(data: st.DataObject) -> None:
            answer = autosave(everyone, who, document_of(factory, number), typed(data.draw, fields))  # noqa: B023
            assert answer.status_code == 200
            assert everyone.open(who, page) == everyone.open(who, page, check="1") == 200  # noqa: B023
            other = typed(data.draw, fields) | {"draft_version": "0"}  # noqa: B023
            assert everyone.send(who, page, other).status_code in (409, 422)  # noqa: B023
            everyone.look(who, project)  # noqa: B023
            everyone.look(next(turn), project)  # noqa: B023

        write()
        everyone.open(who, f"{page}/preview.pdf")
        if name == "bid":
            everyone.open(
                who, f"/bids/{factory.session.scalars(select(Bid.id).where(Bid.document_id == number)).one()}"
            )
        for other in EVERYONE:
            everyone.look(other, project, actions=False)
    for other in EVERYONE:
        everyone.lists(other)


# ---------------------------------------------------------------- every action


def sitting(factory: SiteProjectFactory) -> Project:
    """路演 while its panel sits, one of the experts with a sheet to fill in."""
    project = factory.applied(edition="2021")
    panel = factory.panel(project, "roadshow", (3, 2, 0))
    factory.perform(project, "answer_invitation", factory.seats(panel)[0], {"answer": "accepted", "no_conflict": True})
    return project


def asked_for(factory: SiteProjectFactory) -> Project:
    """验收."""
    project = executing(factory, edition="2021")
    requested(factory, project)
    return project


def paid_back(factory: SiteProjectFactory) -> Project:
    """终止."""
    project = executing(factory, edition="2021")
    ended(factory, project)
    return project


REACH: dict[str, Callable[[SiteProjectFactory], Project]] = {
    "draft": lambda factory: factory.draft(edition="2021"),
    "solicitation": lambda factory: factory.submitted(edition="2021"),
    "appraisal": lambda factory: factory.accepted(edition="2021"),
    "listing": lambda factory: factory.listed(edition="2021"),
    "bidding": lambda factory: factory.agreed(edition="2021"),
    "roadshow": sitting,
    "publicity": lambda factory: published(factory, edition="2021"),
    "contracting": lambda factory: issued(factory, edition="2021"),
    "first_payment": lambda factory: ready(factory, edition="2021"),
    "execution": lambda factory: executing(factory, edition="2021"),
    "acceptance": asked_for,
    "termination": paid_back,
}


@pytest.mark.timeout(300)
@pytest.mark.parametrize("state", REACH)
def test_nothing_that_is_typed_into_an_action_breaks_its_page(
    factory: SiteProjectFactory, everyone: SignedInClients, state: str
) -> None:
    """Something odd in every field: by one who may do it, shown once more, done, and with a page that is old."""
    project = REACH[state](factory)
    factory.session.rollback()
    assert project.state == state
    people = [*factory.people] if state == "roadshow" else [name for name in EVERYONE if name]
    offered = {
        offer.action.trigger: (offer.action, name)
        for name in reversed(people)
        for offer in factory.engine.offers(factory.session, project, factory.actor(name))
        if offer.role
    }
    fields = {
        trigger: factory.engine.form(
            factory.engine.context(factory.session, project, factory.actor(name), action.who[0], action), action
        ).fields
        for trigger, (action, name) in offered.items()
    }
    factory.session.rollback()
    rng = Random(state)
    for trigger in sorted(offered, key=lambda trigger: len(fields[trigger]), reverse=True):
        for more in ({}, {"confirmed": "1"}, {"confirmed": "1", "seen_version": "0"}):
            values = typed(lambda _strategy: rng.choice(ODD), fields[trigger])
            data = values | factory.form(project) | {"request_key": str(rng.random())} | more
            answer = everyone.send(offered[trigger][1], factory.page(project, f"/actions/{trigger}"), data)
            assert answer.status_code in (200, 302, 403, 404, 409, 422), trigger
    if state != "draft":
        everyone.look("science", project)


def test_nothing_that_is_typed_into_an_objection_breaks_its_page(
    factory: SiteProjectFactory, everyone: SignedInClients
) -> None:
    path = objecting(factory)
    for text in ODD:
        factory.app.extensions["throttle"].reset()
        answer = everyone.send("", path, {"name": text, "contact": text, "facts": text})
        assert answer.status_code in (302, 422)
