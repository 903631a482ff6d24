"""The page of a project: who sees what, and that nothing is done by looking."""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import is_dataclass
from decimal import Decimal
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from tests.factories.later import contracting, executing, requested
from tests.factories.site_projects import SiteProjectFactory
from tests.web.counting import counted
from xtbang.actions import audit
from xtbang.models import Base, Finding, Objection, Paper, Person, Project, StoredFile, Voucher
from xtbang.queries.action_page import SHOWS
from xtbang.queries.caller import Caller
from xtbang.queries.project_page import project_page, visible_rows

LogIn = Callable[[Person], FlaskClient]
WRITES = ("INSERT", "UPDATE", "DELETE")


@pytest.fixture
def enter(factory: SiteProjectFactory, login: LogIn) -> Callable[[str], FlaskClient]:
    """``enter("science")``: that person's browser."""
    return lambda name: login(factory.people[name])


Enter = Callable[[str], FlaskClient]


# ---------------------------------------------------------------- who may see it


@pytest.mark.parametrize("app", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    ("state", "sees"),
    [
        ("draft", "issuer"),
        ("submitted", "issuer science industry leader auditor county"),
        ("listed", "issuer science industry leader auditor county"),
        ("agreed", "issuer bidder science industry leader auditor county"),
        ("recommended", "issuer bidder science industry leader finance auditor county"),
    ],
)
def test_who_may_open_a_project(factory: SiteProjectFactory, enter: Enter, state: str, sees: str) -> None:
    project = getattr(factory, state)()
    everyone = (
        "issuer bidder rival member firm agency science industry leader finance auditor admin county 技术0".split()
    )
    found = {name for name in everyone if enter(name).get(factory.page(project)).status_code == 200}
    assert found == set(sees.split())


def test_somebody_elses_draft_does_not_exist(factory: SiteProjectFactory, enter: Enter) -> None:
    project = factory.draft()
    document = f"/documents/{project.form_id}"
    for name in ("rival", "science", "county"):
        browser = enter(name)
        for more in ("", document, f"{document}/preview.pdf", "/actions/submit", f"{document}/versions/1"):
            assert browser.get(factory.page(project, more)).status_code == 404, (name, more)
        for more in (document, f"{document}/draft", "/actions/submit", "/actions/discard"):
            assert browser.post(factory.page(project, more), data={"title": "改"}).status_code == 404, (name, more)
    assert factory.seen(project) == ("draft", 1, 0)


def test_a_visitor_is_sent_to_sign_in(factory: SiteProjectFactory, client: FlaskClient) -> None:
    project = factory.submitted()
    answer = client.get(factory.page(project))
    assert answer.status_code == 302
    assert "/login" in answer.headers["Location"]


# ---------------------------------------------------------------- what is sealed, what is hidden


def test_a_sealed_bid_shows_only_when_it_is_opened(factory: SiteProjectFactory, enter: Enter) -> None:
    project = factory.listed()
    bid = factory.bid(project)
    document, paper = (
        factory.page(project, f"/documents/{bid.document_id}/versions/1"),
        factory.session.scalar(select(Paper.id).where(Paper.name == "bid")),
    )
    for name in ("issuer", "science", "auditor"):
        browser = enter(name)
        text = browser.get(factory.page(project)).text
        assert "密封" in text
        assert "湘潭大学" not in text, name
        assert browser.get(document).status_code == 404
        assert browser.get(f"/papers/{paper}.pdf").status_code == 404
    assert enter("bidder").get(document).status_code == 200
    factory.at("2024-10-28 17:40")  # what was sent before the close may still arrive
    assert "湘潭大学" not in enter("science").get(factory.page(project)).text
    factory.at("2024-10-28 17:41")
    for name in ("issuer", "science", "auditor"):
        assert "湘潭大学" in enter(name).get(factory.page(project)).text
        assert enter(name).get(document).status_code == 200
    assert enter("rival").get(document).status_code == 404


def test_a_bidder_that_was_not_chosen_sees_its_own_bid_and_what_is_public(
    factory: SiteProjectFactory, enter: Enter
) -> None:
    project = factory.listed()
    factory.bid(project, "rival")
    chosen = factory.bid(project)
    factory.at("2024-10-29 09:00")
    factory.choose(project, chosen)
    text = enter("rival").get(factory.page(project)).text
    assert "中南大学" in text
    assert "未选中" in text
    assert "湘潭大学" not in text
    assert "13800000000" not in text  # the issuer's contact stands in the form, but is not public
    assert "科研投入总额" not in text


def test_the_values_of_a_page_hold_no_more_than_it_shows(factory: SiteProjectFactory) -> None:
    project = factory.listed()
    factory.bid(project, "rival")
    chosen = factory.bid(project)
    factory.at("2024-10-29 09:00")
    factory.choose(project, chosen)
    caller = Caller(factory.session, factory.actor("rival"), factory.now, factory.engine.site, factory.engine.policy)  # type: ignore[arg-type]
    rows = visible_rows(caller, project.id)
    assert rows is not None
    page = project_page(caller, rows)
    assert [bid.lead for bid in page.found.bids] == ["中南大学"]
    assert page.form is not None
    assert page.form.data
    assert all(field.public for field in page.form.definition.fields if field.key in page.form.data)
    hidden = (page.money, page.contacts, page.events, page.parties, page.found.vouchers)
    assert not any(hidden)


def rows_in(value: Any) -> list[str]:
    """The rows of the database that a value holds, however deep."""
    if isinstance(value, Base):
        return [type(value).__name__]
    parts: Iterable[Any] = ()
    if is_dataclass(value):
        parts = vars(value).values() if hasattr(value, "__dict__") else ()
    elif isinstance(value, Mapping):
        parts = value.values()
    elif isinstance(value, list | tuple | set | frozenset):
        parts = value
    return [row for part in parts for row in rows_in(part)]


def test_the_values_of_pages_hold_no_rows(factory: SiteProjectFactory) -> None:
    project = executing(factory)
    requested(factory, project)
    for who in ("science", "issuer", "bidder"):
        caller = Caller(factory.session, factory.actor(who), factory.now, factory.engine.site, factory.engine.policy)  # type: ignore[arg-type]
        rows = visible_rows(caller, project.id)
        assert rows is not None
        page = project_page(caller, rows)
        assert page.found.papers
        assert rows_in(page) == []
        for name, shows in SHOWS.items():
            assert rows_in(shows(caller, rows)) == [], name


def test_an_expert_reads_the_papers_and_nothing_of_money_or_events(factory: SiteProjectFactory, enter: Enter) -> None:
    project = factory.applied()
    panel = factory.panel(project, "roadshow", (3, 2, 0))
    expert = factory.seats(panel)[0]
    assert enter(expert).get(factory.page(project)).status_code == 404
    factory.perform(project, "answer_invitation", expert, {"answer": "accepted", "no_conflict": True})
    text = enter(expert).get(factory.page(project)).text
    assert "填报内容" in text
    for hidden in ('id="money"', 'id="events"', 'id="people"', 'id="panels"', "办理记录"):
        assert hidden not in text
    for kind, document in (("form", project.form_id), ("bid", project.agreed_bid.document_id)):
        answer = enter(expert).get(factory.page(project, f"/documents/{document}/versions/1"))
        assert answer.status_code == 200, kind


def test_who_objects_is_told_to_the_bureaus_only(factory: SiteProjectFactory, enter: Enter) -> None:
    project = factory.recommended()
    factory.perform(project, "publish_notice", "science", {"title": "公示", "body": "正文"})
    evidence = factory.upload("证据.pdf")
    data = {"name": "赵先生", "contact": "13911112222", "facts": "事实如此", "evidence": evidence}
    from xtbang.rules.actor import PUBLIC

    factory.engine.perform(factory.session, project.id, "file_objection", PUBLIC, data, uploads=factory.uploads)
    row = factory.session.scalars(select(Objection)).one()
    told_to = {"science": True, "industry": True, "issuer": False, "bidder": False, "finance": False}
    for name, told in told_to.items():
        text = enter(name).get(factory.page(project)).text
        assert ("赵先生" in text, "13911112222" in text, "事实如此" in text) == (told, told, told), name
        assert (enter(name).get(f"/files/{row.file_id}").status_code == 200) == told, name
    assert "核查中" in enter("issuer").get(factory.page(project)).text


def test_files_go_with_what_they_hang_on(factory: SiteProjectFactory, enter: Enter) -> None:
    project = factory.agreed()
    factory.at("2024-11-04 09:00")
    slip = factory.upload("回单.pdf")
    data = {"number": "A1", "amount": "80", "paid_on": "2024-11-01", "file": slip}
    factory.perform(project, "submit_voucher", "issuer", data)
    row = factory.session.scalars(select(StoredFile).where(StoredFile.sha256 == slip)).one()
    answer = enter("science").get(f"/files/{row.id}")
    assert answer.status_code == 200
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Content-Disposition"].startswith("attachment")
    may = {
        n
        for n in ("issuer", "bidder", "rival", "county", "leader")
        if enter(n).get(f"/files/{row.id}").status_code == 200
    }
    assert may == {"issuer", "bidder", "leader"}


# ---------------------------------------------------------------- how it is made


@pytest.mark.parametrize("app", ["sqlite"], indirect=True)
def test_looking_writes_nothing(factory: SiteProjectFactory, enter: Enter) -> None:
    project = factory.recommended()
    browsers = {name: enter(name) for name in ("science", "issuer", "bidder", "finance")}
    addresses = [
        factory.page(project),
        *(factory.page(project, f"/actions/{t}") for t in factory.engine.policy.actions),
    ]
    addresses += [factory.page(project, f"/documents/{project.form_id}/versions/1"), "/mine", "/mine/new"]
    with counted(factory.app) as statements:
        for browser in browsers.values():
            for address in addresses:
                assert browser.get(address).status_code in (200, 403, 404, 409), address
    assert [statement for statement in statements if statement.lstrip().upper().startswith(WRITES)] == []


def _grow(factory: SiteProjectFactory, project: Project, start: int, stop: int) -> None:
    """More of everything that stands beside a project."""
    science = factory.people["science"]
    with factory.writing() as session:
        for n in range(start, stop):
            file = StoredFile(
                sha256=f"{n:064d}",
                name="a.pdf",
                mime="application/pdf",
                size=1,
                project_id=project.id,
                uploaded_at=factory.now,
            )
            session.add(file)
            session.flush()
            session.add_all(
                [
                    Voucher(
                        project_id=project.id,
                        number=f"V{n}",
                        amount=Decimal(100),
                        paid_on=factory.now.date(),
                        file_id=file.id,
                        status="open",
                        uploaded_at=factory.now,
                    ),
                    Finding(
                        project_id=project.id,
                        kind="check",
                        role="science",
                        person_id=science.id,
                        dated=factory.now.date(),
                        favourable=True,
                        text="正常",
                        file_id=file.id,
                        at=factory.now,
                    ),
                    Paper(
                        code=f"C{n}",
                        project_id=project.id,
                        name="receipt",
                        title="回执",
                        version=n,
                        state="superseded",
                        data={},
                        made_at=factory.now,
                    ),
                ]
            )
            audit.append(
                factory.caller("science"),
                f"project:{project.id}",
                trigger="record_check",
                project_id=project.id,
                role="science",
            )
        session.flush()


@pytest.mark.parametrize("app", ["sqlite"], indirect=True)
@pytest.mark.parametrize("name", ["science", "issuer", "finance", "county"])
def test_the_number_of_queries_does_not_grow(factory: SiteProjectFactory, enter: Enter, name: str) -> None:
    project = factory.recommended()
    browser = enter(name)
    _grow(factory, project, 0, 3)
    with counted(factory.app) as few:
        assert browser.get(factory.page(project)).status_code == 200
    _grow(factory, project, 3, 30)
    with counted(factory.app) as many:
        assert browser.get(factory.page(project)).status_code == 200
    assert len(many) == len(few)


@pytest.mark.parametrize("app", ["sqlite"], indirect=True)
def test_the_list_names_whose_turn_it_is_as_the_page_does(factory: SiteProjectFactory, enter: Enter) -> None:
    project = contracting(factory)
    factory.session.rollback()
    browser = enter("science")
    listed = re.search(r'<td class="line-who"[^>]*>(.*?)</td>', browser.get("/projects").text, re.DOTALL)
    page = re.search(r"现由 (.*?) 办理", browser.get(f"/projects/{project.id}").text, re.DOTALL)
    assert listed and page
    assert re.sub(r"<[^>]+>|\s", "", listed[1]) == re.sub(r"<[^>]+>|\s", "", page[1]) == "市科技局、市财政局"
