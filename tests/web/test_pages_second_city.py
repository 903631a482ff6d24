"""Every page of a city with one office, whose counties pay nothing: none names an office of ours, or what a county owes."""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import create_engine, select
from sqlalchemy.orm import Session

from tests.factories.later import fill_acceptance, pay, request
from tests.stages.second_city import COUNTY, OURS, SecondSite, first_paid, write_city
from tests.support.databases import create_tables
from tests.support.site import application
from tests.web.clients import SignedInClients
from xtbang.models import Mail, Project
from xtbang.models.writing import prepare_engine
from xtbang.workflow.engine import Outcome

ROLES = {"party": "issuer", "expert": "技术0", "member": "bidder", "public": ""}
WRONG = re.compile(f"{OURS.pattern}|{COUNTY.pattern}")
ABOUT_FILES = ("/admin/editions-guide",)  # what can be written in the files of any city
WHO, EVERYBODY = (
    ("issuer", "science", "finance", "county"),
    ("issuer", "science", "finance", "county", "leader", "admin", ""),
)


def wrong_in(text: str) -> set[str]:
    """What is wrong in a text, with what stands around it."""
    plain = re.sub(r"\s+|<[^>]*>", " ", text)
    return {plain[max(0, found.start() - 15) : found.end() + 10] for found in WRONG.finditer(plain)}


class Watched(SecondSite):
    """A site at which everybody looks each time that a project has come to another state."""

    clients: SignedInClients
    seen: set[str]
    found: dict[str, set[str]]

    def perform(self, project: Project, trigger: str, who: str, data: Mapping[str, Any] | None = None) -> Outcome:
        """As usual; then what is offered in a new state is looked at, and not done."""
        outcome = super().perform(project, trigger, who, data)
        self.session.refresh(project)
        if project.state not in self.seen:
            self.seen.add(project.state)
            self.look(WHO, self.page(project))
            for action in self.engine.policy.actions.values():
                if project.state in action.sources:
                    self.open(ROLES.get(action.who[0], action.who[0]), self.page(project, f"/actions/{action.trigger}"))
        self.session.rollback()
        return outcome

    def look(self, people: tuple[str, ...], *paths: str) -> None:
        for who in people:
            for path in paths:
                self.open(who, path)

    def open(self, who: str, path: str) -> None:
        """Note what is wrong in a page, with the words around it."""
        text = self.clients.browser(who).get(path).text
        self.found.setdefault(f"{who} {path}", set()).update(wrong_in(text))


@pytest.fixture
def factory(tmp_path: Path) -> Iterator[Watched]:
    folder, url = write_city(tmp_path / "workflows"), f"sqlite:///{tmp_path / 'test.db'}"
    filler = create_engine(url)
    prepare_engine(filler)
    create_tables(filler)
    filler.dispose()
    app, engine = application(tmp_path, url, WORKFLOWS=folder)
    with Session(engine, expire_on_commit=False) as session:
        made = Watched(app, session)

        def login(person: Any) -> Any:
            browser: Any = app.test_client()
            with browser.session_transaction() as kept:
                kept["_user_id"], kept["_fresh"] = person.fs_uniquifier, True
            return browser

        made.clients, made.seen, made.found = SignedInClients(made, login), set(), {}
        yield made
    engine.dispose()


def test_no_page_names_our_city_or_what_a_county_owes(factory: Watched) -> None:
    project = first_paid(factory)
    factory.at("2025-05-10 09:00")
    fill_acceptance(factory, project, use_material="90")
    request(factory, project)
    factory.concluded(project, "acceptance", (2, 1, 0))
    factory.both(project, "pass_acceptance", {"reason": "达到考核要求"})
    pay(factory, project, "disburse_final", "20")
    assert factory.seen >= {"draft", "solicitation", "appraisal", "listing", "bidding", "roadshow", "publicity"} | {
        "contracting", "first_payment", "execution", "acceptance", "final_payment", "closed"
    }  # fmt: skip
    rules = [rule for rule in factory.app.url_map.iter_rules() if "GET" in (rule.methods or ())]
    factory.look(
        EVERYBODY,
        *(rule.rule for rule in rules if not rule.arguments and rule.rule not in ABOUT_FILES),
        "/list-files/finance.projects/csv",
    )
    mails = {mail.kind: mail.subject + mail.body for mail in factory.session.scalars(select(Mail))}
    factory.found |= {kind: wrong_in(text) for kind, text in mails.items()}
    assert {place: words for place, words in factory.found.items() if words} == {}
