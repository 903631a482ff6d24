"""The service may run with a role of PostgreSQL that reads and writes rows and cannot change a table, as docs/operation.md says."""

import re
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from psycopg import errors
from sqlalchemy.orm import Session

from tests.factories.site_projects import SiteProjectFactory
from tests.support.postgres import PostgresServer
from tests.support.site import TEMPLATE, TestSite, application

DATABASE, ROLE = "xtbang_role", "xtbang_service"
GUIDE = Path(__file__).resolve().parents[2] / "docs" / "operation.md"


@pytest.fixture
def service(
    postgres_server: PostgresServer, postgresql_site: TestSite, tmp_path: Path
) -> Iterator[tuple[SiteProjectFactory, psycopg.Connection]]:
    """The site, and a connection, with that role."""
    assert postgresql_site, "makes the template"
    postgres_server.create_database(DATABASE, TEMPLATE)
    [granted] = re.findall(r"```sql\n(GRANT .*?)```", GUIDE.read_text(encoding="utf-8"), re.DOTALL)
    with postgres_server.connect(DATABASE) as owner:
        owner.execute(f"CREATE ROLE {ROLE} LOGIN")
        owner.execute(granted)
        app, database = application(tmp_path, postgres_server.url(DATABASE).replace("://xtbang@", f"://{ROLE}@"))
        with Session(database, expire_on_commit=False) as session:
            host = str(postgres_server.folder)
            with psycopg.connect(host=host, user=ROLE, dbname=DATABASE, autocommit=True) as connection:
                yield SiteProjectFactory(app, session), connection
        database.dispose()
    postgres_server.drop_database(DATABASE)
    with postgres_server.connect() as owner:
        owner.execute(f"DROP ROLE {ROLE}")


@pytest.mark.postgres
def test_it_does_everything_but_change_tables(
    service: tuple[SiteProjectFactory, psycopg.Connection],
) -> None:
    factory, connection = service
    project = factory.agreed()
    browser = factory.app.test_client()
    assert browser.get(f"/entries/{project.number}").status_code == 200
    for forbidden in (
        "DROP TRIGGER event_no_change ON event",
        "ALTER TABLE ledger_entry DISABLE TRIGGER ALL",
        "TRUNCATE event",
        "CREATE TABLE own (id int)",
    ):
        with pytest.raises(errors.InsufficientPrivilege):
            connection.execute(forbidden)
    with pytest.raises(errors.RaiseException, match="append-only"):
        connection.execute("UPDATE event SET reason = 'x'")
