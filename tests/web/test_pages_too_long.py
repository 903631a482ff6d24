"""What is too long to be kept: every form says so, shows all that was typed, and keeps none of it."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import JSON, String, Text, cast, func, select
from sqlalchemy.orm import Session

from tests.factories.site_projects import SiteProjectFactory
from tests.web.visitors import objecting
from tests.workflow.any_state import NOW, STATES, AnyStateSite, build
from tests.workflow.test_role_state_trigger import ON_DEMAND, TABLE
from xtbang.models import Base, Document, DocumentVersion, Organisation, Person, Project, Seat
from xtbang.models.writing import begin_write
from xtbang.people.account_forms import COLLEAGUE, PROFILE, RECEIVING_FORM, register_form
from xtbang.people.person_form import person_form
from xtbang.rules.fields import Field, FieldKind, FormDefinition
from xtbang.rules.forms import MAX_CHARACTERS
from xtbang.web.admin.restrictions import RESTRICT_FORM
from xtbang.web.office.call_form import call_form

LogIn = Callable[[Person], FlaskClient]
LONG = "zqxj" * 225_000  # a single 字, as a run of letters is
TEXTS = (FieldKind.TEXT, FieldKind.LONG)
pytestmark = pytest.mark.parametrize("app", ["sqlite"], indirect=True)  # which keeps a text of any length, if asked to


@pytest.fixture
def anywhere(app: Flask, session: Session) -> AnyStateSite:
    engine = app.extensions["engine"]
    engine.clock = lambda: NOW
    return next(build(session, engine))


def longest_kept(session: Session) -> int:
    """Characters of the longest value in the whole database."""
    session.rollback()
    longest = 0
    for table in Base.metadata.sorted_tables:
        for column in table.columns:
            if isinstance(column.type, String | JSON):
                longest = max(longest, session.scalar(select(func.max(func.length(cast(column, Text))))) or 0)
    session.rollback()
    return longest


def multipart(values: dict[str, str]) -> dict[str, Any]:
    """The form as a page with files sends it, for ``post``."""
    parts = [f'--0\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{text}\r\n' for name, text in values.items()]
    return {"data": "".join([*parts, "--0--\r\n"]).encode(), "content_type": "multipart/form-data; boundary=0"}


def texts(form: FormDefinition) -> list[tuple[str, Field]]:
    """Name in the page and field of everything that takes a text, the first row of tables included."""
    found = [(field.key, field) for field in form.fields if field.kind in TEXTS and not field.computed]
    for field in form.fields:
        found += [(f"{field.key}-0-{column.key}", column) for column in field.columns if column.kind in TEXTS]
    return found


def says(answer: Any, field: Field) -> bool:
    """Whether the page names the field, its length and the bound, and holds what was typed."""
    return f"“{field.label}”共 {len(LONG)} 个字符，最多 " in answer.text and LONG in answer.text


# ---------------------------------------------------------------- drafts


def document_of(factory: SiteProjectFactory, kind: str) -> tuple[str, str, FormDefinition]:
    """Address, writer and definition of a draft of each kind."""
    edition = factory.engine.policy.edition("2024")
    if kind == "bid":
        bid = factory.open_bid(factory.listed())
        return factory.page(bid.project, f"/documents/{bid.document_id}"), "bidder", edition.documents["bid"]
    if kind == "application":
        project = factory.agreed()
        return factory.page(project, f"/documents/{project.application_id}"), "issuer", edition.documents["application"]
    project = factory.draft()
    return factory.page(project, f"/documents/{project.form_id}"), "issuer", edition.forms["tech_demand"]


@pytest.mark.parametrize("kind", ["form", "bid", "application"])
def test_a_draft_that_is_too_long_is_refused_by_button_and_by_script(
    factory: SiteProjectFactory, login: LogIn, kind: str
) -> None:
    address, who, definition = document_of(factory, kind)
    number = int(address.rpartition("/")[2])
    before = dict(factory.session.get_one(Document, number).draft)
    version = str(factory.session.get_one(Document, number).draft_version)
    factory.session.rollback()
    browser = login(factory.people[who])
    for name, field in texts(definition):
        typed = {"draft_version": version, name: LONG}
        page = browser.post(address, **multipart(typed))
        assert page.status_code == 422 and says(page, field), name
        assert "草稿没有保存" in page.text
        script = browser.post(f"{address}/draft", **multipart(typed))
        assert script.status_code == 422 and not script.json["ok"]
        assert f"“{field.label}”共 {len(LONG)} 个字符，最多" in script.json["message"]
    assert longest_kept(factory.session) < MAX_CHARACTERS
    document = factory.session.get_one(Document, number, populate_existing=True)
    assert (document.draft, str(document.draft_version)) == (before, version)


def test_a_draft_is_bounded_as_a_whole_as_well(factory: SiteProjectFactory, login: LogIn) -> None:
    """Each cell is short enough, all rows together are not."""
    address, who, definition = document_of(factory, "bid")
    table = max((f for f in definition.fields if f.columns), key=lambda f: sum(c.kind in TEXTS for c in f.columns))
    long = [f for f in definition.fields if f.kind is FieldKind.LONG]
    typed = {f.key: "长" * 15_000 for f in long}
    typed |= {f"{table.key}-{n}-{c.key}": "宽" * 450 for n in range(99) for c in table.columns if c.kind in TEXTS}
    answer = login(factory.people[who]).post(address, **multipart(typed | {"draft_version": "0"}))
    assert answer.status_code == 422
    assert "全部内容共 " in answer.text and f"最多 {MAX_CHARACTERS} 个" in answer.text
    assert longest_kept(factory.session) < MAX_CHARACTERS


def test_what_is_wrong_but_not_too_long_is_kept_as_before(factory: SiteProjectFactory, login: LogIn) -> None:
    address, who, definition = document_of(factory, "form")
    number = int(address.rpartition("/")[2])
    version = factory.session.get_one(Document, number).draft_version
    factory.session.rollback()
    [limited, *_] = [field for field in definition.fields if field.kind is FieldKind.LONG and field.limit]
    text = "超" * ((limited.limit or 0) + 1)
    answer = login(factory.people[who]).post(address, data={"draft_version": str(version), limited.key: text})
    assert answer.status_code == 422 and "草稿已保存；标出的内容还须改正。" in answer.text
    factory.session.rollback()
    assert factory.session.get_one(Document, number).draft[limited.key] == text


# ---------------------------------------------------------------- every other form


@pytest.mark.parametrize("state", STATES)
def test_no_action_keeps_a_text_that_is_too_long(
    anywhere: AnyStateSite, login: LogIn, session: Session, state: str
) -> None:
    """By the page of every action in every state, as whoever may do it there."""
    factory, engine = anywhere, anywhere.engine
    project_id, asked = factory.project(state).id, 0
    begin_write(session)
    form = session.get_one(Project, project_id).form_id
    session.add(DocumentVersion(document_id=form, number=1, data={}, sha256="0" * 64, frozen_at=NOW))
    session.commit()
    for trigger in (name for name, (states, _who) in TABLE.items() if state in states.split()):
        who = TABLE[trigger][1].split()[0]
        project = session.get_one(Project, project_id)
        offers = engine.offers(session, project, factory.actor(who))
        offer = next((item for item in offers if item.action.trigger == trigger), None)
        if offer is None or (project.number is None and who != "issuer"):
            assert trigger in ON_DEMAND or project.number is None  # nothing to choose; a draft is nobody else's
            session.rollback()
            continue
        form = engine.form(engine.context(session, project, factory.actor(who), offer.role, offer.action), offer.action)
        seen = str(project.version)
        session.rollback()
        for name, field in texts(form):
            typed = {"seen_version": seen, "request_key": f"{trigger} {name}", "confirmed": "1", name: LONG}
            typed |= {f"{f.key}-0-{c.key}": c.keys[0] for f in form.fields for c in f.columns if c.choices}
            answer = login(factory.people[who]).post(f"/projects/{project_id}/actions/{trigger}", data=typed)
            assert answer.status_code in (409, 422) and says(answer, field), (trigger, name, answer.status_code)
            asked += 1
    assert longest_kept(session) < MAX_CHARACTERS
    assert asked or state in ("draft", "closed", "terminated", "rejected", "withdrawn")


def other_forms(factory: SiteProjectFactory) -> dict[str, tuple[str, str, FormDefinition]]:
    """Address, who sends it ("" for a stranger), and the form."""
    policy = factory.engine.policy
    return {
        "an objection": (objecting(factory), "", policy.actions["file_objection"].form),
        "a registration": ("/register", "", register_form(policy.city)),
        "a profile": ("/profile", "science", PROFILE),
        "a colleague": ("/colleagues", "issuer", COLLEAGUE),
        "an account": ("/finance/account", "finance", RECEIVING_FORM),
        "a call": ("/calls-admin/new", "science", call_form(policy, date(2026, 1, 1))),
        "a restriction": ("/admin/restrictions/new", "science", RESTRICT_FORM),
        "a person": ("/admin/people/new", "admin", person_form(policy)),
    }


def test_no_other_form_keeps_a_text_that_is_too_long(
    factory: SiteProjectFactory, app: Flask, login: LogIn, client: FlaskClient
) -> None:
    app.extensions["throttle"].enabled = False
    with factory.writing():
        factory.people["issuer"].manager = True
    for what, (address, who, form) in other_forms(factory).items():
        browser = login(factory.people[who]) if who else client
        for name, field in texts(form):
            answer = browser.post(address, data={name: LONG, "request_key": name, "confirmed": "1"})
            assert answer.status_code == 422 and says(answer, field), (what, name, answer.status_code)
    app.extensions["throttle"].enabled = True
    assert longest_kept(factory.session) < MAX_CHARACTERS


def test_a_score_sheet_keeps_no_comment_that_is_too_long(
    anywhere: AnyStateSite, login: LogIn, session: Session
) -> None:
    project_id = anywhere.project("appraisal").id
    begin_write(session)
    seat = session.scalars(select(Seat)).one()
    seat.status, number = "accepted", seat.id
    session.commit()
    script = login(anywhere.people["expert"]).post(
        f"/reviews/{number}/scores", data={"comment": LONG}, headers={"Accept": "application/json"}
    )
    assert script.status_code == 422 and f"共 {len(LONG)} 个字符，最多" in script.json["message"]
    assert project_id and longest_kept(session) < MAX_CHARACTERS


# ---------------------------------------------------------------- requests


def test_forms_without_files_are_small(factory: SiteProjectFactory, login: LogIn) -> None:
    """25 MB are for files: neither a page that takes none nor the texts beside files may have as much."""
    project = factory.draft()
    address = factory.page(project, f"/documents/{project.form_id}")
    browser = login(factory.people["issuer"])
    many = {f"text{number}": "x" * 1_000_000 for number in range(5)}
    for page in (address, f"{address}/draft", "/profile"):
        assert browser.post(page, **multipart(many)).status_code == 413, page
    assert browser.post("/profile", data={"name": "x" * 1_100_000}).status_code == 413


def test_the_key_of_a_request_is_short(factory: SiteProjectFactory, login: LogIn) -> None:
    project = factory.draft()
    typed = {"seen_version": "1", "request_key": LONG, "confirmed": "1"}
    answer = login(factory.people["issuer"]).post(factory.page(project, "/actions/discard"), data=typed)
    assert answer.status_code == 400
    assert longest_kept(factory.session) < MAX_CHARACTERS
    assert factory.session.scalars(select(Organisation.id)).first()
