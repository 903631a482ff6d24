"""Opinions and inspections on a project's page (意见与考察)."""

from collections.abc import Callable

import pytest
from flask.testing import FlaskClient

from tests.factories.later import in_force
from tests.factories.site_projects import SiteProjectFactory
from xtbang.models import Person

pytestmark = pytest.mark.parametrize("app", ["sqlite"], indirect=True)


def test_they_are_words_and_what_a_party_has_read_is_none_of_them(
    factory: SiteProjectFactory, login: Callable[[Person], FlaskClient]
) -> None:
    project = in_force(factory)
    page = login(factory.people["science"]).get(factory.page(project)).get_data(as_text=True)
    section = page.partition('<section class="box" id="findings">')[2].partition("</section>")[0]
    assert [word for word in ("本局意见", "党组会决议", "发榜方满意度", "合同生效") if word not in section] == []
    assert "application:" not in section and "consent" not in section
