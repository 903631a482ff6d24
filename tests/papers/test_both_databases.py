"""Equal input gives equal bytes, whichever database the facts came from."""

from collections.abc import Callable
from hashlib import sha256

from sqlalchemy import select

from tests.factories import later
from tests.factories.site_projects import SiteProjectFactory
from tests.support.site import TestSite, WatchedSession
from xtbang.extensions import db
from xtbang.models import Paper
from xtbang.papers.pdf.issued import pdf_of

SITE = "https://bang.example.cn"


def walked(site: TestSite) -> list[tuple[str, int, str, str]]:
    """A project on its way to the contract: name, version, check code and SHA-256 of each paper that came with it."""
    site.empty()
    engine = site.app.extensions["engine"]
    clock: Callable[[], object] = engine.clock
    try:
        with site.app.app_context():
            database = db.engine
        with WatchedSession(database, expire_on_commit=False) as session:
            factory = SiteProjectFactory(site.app, session)
            project = later.issued(factory)
            later.fill_contract(factory, project, copies=12, supplement="另行约定。\n䶮㛃𬭎𫟅𠮷")
            factory.perform(project, "issue_contract", "science")
        with WatchedSession(database) as session:  # what a later reader finds in the rows, JSON and times as stored
            return [
                (row.name, row.version, row.code, sha256(pdf_of(row, SITE, engine.policy)).hexdigest())
                for row in session.scalars(select(Paper).order_by(Paper.id))
            ]
    finally:
        engine.clock = clock
        site.database.dispose()


def test_the_same_steps_give_the_same_files(sqlite_site: TestSite, postgresql_site: TestSite) -> None:
    one, other = walked(sqlite_site), walked(postgresql_site)
    assert {name for name, *_ in one} >= {"form", "receipt", "bid", "application", "notice"}
    assert [version for name, version, *_ in one if name == "contract"] == [1, 2]
    left_out = {"panel_summary"}  # its experts are drawn by lot
    assert [row for row in one if row[0] not in left_out] == [row for row in other if row[0] not in left_out]
