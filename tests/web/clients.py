"""Everybody who can open a page, and every page of a project that they may try."""

import re
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urlencode

from flask.testing import FlaskClient

from tests.factories.site_projects import SiteProjectFactory
from xtbang.models import Person, Project

EVERYONE = (
    "issuer", "bidder", "member", "rival", "science", "industry", "leader", "finance", "county", "技术0", "agency",
    "auditor", "admin", "",
)  # fmt: skip
NOTHING = re.compile("没有(可以|待|须|应|正在|等待|经核查|登记)")
FORM = "application/x-www-form-urlencoded"


class SignedInClients:
    """A browser for each of them; ``""`` has no account."""

    def __init__(self, factory: SiteProjectFactory, login: Callable[[Person], FlaskClient]) -> None:
        self.factory = factory
        self.login = login
        self.browsers: dict[str, FlaskClient] = {}

    def browser(self, name: str) -> FlaskClient:
        """The browser of that person."""
        if name not in self.browsers:
            self.browsers[name] = self.login(self.factory.people[name]) if name else self.factory.app.test_client()
        return self.browsers[name]

    def open(self, name: str, path: str, **query: str) -> int:
        """The status of a page, which is never a fault of the program."""
        answer = self.browser(name).get(path, query_string=query)
        assert answer.status_code < 500, (name, path, answer.text)
        return answer.status_code

    def send(self, name: str, path: str, values: dict[str, Any]) -> Any:
        """A form as a browser sends it, lone surrogates and all."""
        body = urlencode(values, doseq=True, errors="surrogatepass")
        answer = self.browser(name).post(path, data=body, content_type=FORM)
        assert answer.status_code < 500, (name, path, values, answer.text)
        return answer

    def actions(self, project: Project) -> Iterator[str]:
        """The addresses of everything that can be done in the project's state, by whomever."""
        for action in self.factory.engine.policy.actions.values():
            if project.state in action.sources:
                yield self.factory.page(project, f"/actions/{action.trigger}")

    def look(self, name: str, project: Project, *, actions: bool = True) -> None:
        """Open all pages on which that person may meet the project; what has nothing to act on is not listed."""
        page = self.browser(name).get(self.factory.page(project))
        assert page.status_code < 500, (name, page.text)
        closed = re.findall(r'action-closed">(.*?)</div>', page.text, re.DOTALL)
        assert not [text for text in closed if NOTHING.search(text)], (name, closed)
        for path in self.actions(project) if actions else ():
            self.open(name, path)

    def lists(self, name: str) -> None:
        """Open the pages that list projects, with and without a search."""
        for path in ("/", "/board", "/lists", "/desk", "/desk/calendar.ics", "/mine", "/reviews", "/finance/projects"):
            self.open(name, path)
        for path in ("/projects", "/board", "/lists"):
            self.open(name, path, q="50万元")
