"""A project whose money is claimed back after 办结 reads like none that was terminated, to the public and to its parties."""

import re
from collections.abc import Callable

import pytest
from flask.testing import FlaskClient

from tests.factories import later
from tests.factories.site_projects import SiteProjectFactory
from tests.stages.test_termination import recover
from tests.web.test_pages_statistics import told
from xtbang.models import Person

pytestmark = pytest.mark.parametrize("app", ["sqlite"], indirect=True)
LogIn = Callable[[Person], FlaskClient]


def tags(page: str) -> list[str]:
    """What the marks of notices say."""
    return re.findall(r'<span class="tag tag-muted">([^<]*)</span>', page)


def test_its_state_is_called_what_it_is_wherever_it_is_named(factory: SiteProjectFactory, login: LogIn) -> None:
    project = later.completed(factory)
    later.to_reclaim(factory, project)
    factory.both(project, "reclaim", later.RECLAIM)
    factory.session.commit()
    visitor, issuer, finance = (
        factory.app.test_client(),
        login(factory.people["issuer"]),
        login(factory.people["finance"]),
    )
    named = ("/board", f"/entries/{project.number}"), (f"/projects/{project.id}",), ("/finance/projects",)
    for client, pages in zip((visitor, issuer, finance), named, strict=True):
        for page in pages:
            assert "办结后追回" in client.get(page).text, page
    assert "终止（追回）公告" in tags(visitor.get(f"/entries/{project.number}").text)
    for source in ("city", "county"):
        recover(factory, project, source, "40")
    factory.perform(project, "settle", "finance")
    factory.session.commit()
    assert "办结后已追回" in visitor.get(f"/entries/{project.number}").text
    charts = told(login(factory.people["science"]).get(f"/statistics/calls/{project.call_id}").text)
    assert "办结" not in dict(charts["各环节到达的项目"]) and dict(charts["各环节到达的项目"])["实施"] == "1"
    assert charts["各环节的退出和原因"] == [["办结：办结后追回资金", "1"]]
