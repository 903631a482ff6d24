"""Background jobs in a process of their own, beside servers that do none."""

import signal
import subprocess
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from tests.support.databases import create_tables
from tests.support.postgres import PostgresServer
from tests.support.serving import PATIENCE, XTBANG, Server, environment

WAITING = "SELECT count(*) FROM job WHERE finished_at IS NULL"
ADD = text(
    "INSERT INTO job (kind, key, data, priority, created_at, next_try_at, tries, done, total, result, error) "
    "VALUES ('check_chains', '', '{}', 0, :now, :now, 0, 0, 0, '', '')"
)


@pytest.mark.postgres
def test_a_worker_does_what_servers_leave_and_ends_when_it_is_told_to(
    tmp_path: Path, postgres_server: PostgresServer
) -> None:
    url = postgres_server.create_database("xtbang_worker")
    database = create_engine(url)
    create_tables(database)
    settings = environment(tmp_path, DATABASE_URL=url, XTBANG_EMBEDDED_WORKER="0")
    server = Server(settings, tmp_path / "log").start()
    with database.begin() as connection:
        connection.execute(ADD, {"now": datetime.now(UTC)})
    time.sleep(1)
    with database.connect() as connection:
        assert connection.scalar(text(WAITING)) == 1
    worker = subprocess.Popen([XTBANG, "worker"], env=settings)
    end = time.monotonic() + PATIENCE
    with database.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        while connection.scalar(text(WAITING)) and time.monotonic() < end:
            time.sleep(0.2)
        assert connection.scalar(text("SELECT result FROM job WHERE kind = 'check_chains'"))
    worker.send_signal(signal.SIGTERM)
    assert worker.wait(PATIENCE) == 0
    server.stop()
    database.dispose()
    postgres_server.drop_database("xtbang_worker")
