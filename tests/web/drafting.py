"""What tests of drafts share: a person's browser, the form as it sends it back, the draft that is stored."""

from collections.abc import Callable
from typing import Any

from flask.testing import FlaskClient

from tests.factories.site_projects import SiteProjectFactory
from xtbang.models import Document, Project

Enter = Callable[[str], FlaskClient]


def typed(factory: SiteProjectFactory, project: Project, **values: Any) -> dict[str, Any]:
    """The form as a browser sends it back, with some of it typed anew."""
    factory.session.rollback()
    document = factory.session.get_one(Document, project.form_id, populate_existing=True)
    known = {key: value for key, value in document.draft.items() if value is not True}
    return known | {"credit_declaration": "true", "draft_version": str(document.draft_version)} | values


def draft_of(factory: SiteProjectFactory, document_id: int | None) -> dict[str, Any]:
    factory.session.rollback()
    return factory.session.get_one(Document, document_id, populate_existing=True).draft
