"""A throw-away PostgreSQL for the tests: own cluster, own folder, own process; nothing of it stays.

`postgres_server` and `postgres_url` are session fixtures (with xdist: one cluster for each worker). They listen on a
Unix socket only, so no port can clash, and give up durability for speed. PostgreSQL does not run as root; when the
tests do, the server gets the user of Debian's package.
"""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg
import pytest
from psycopg import sql

OWNER = "xtbang"
MAX_SOCKET_PATH = 100  # bytes; the kernel ends at 107
START_SECONDS = 60.0
STOP_SECONDS = 20.0
SETTINGS = {
    "listen_addresses": "",
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "shared_buffers": "64MB",
    "max_connections": "60",
    "timezone": "UTC",
}

_PROCESSES: dict[Path, subprocess.Popen[bytes]] = {}  # of each cluster, the one that serves it now


class PostgresError(RuntimeError):
    """The throw-away PostgreSQL could not be made or started; the message holds the server's own words."""


@dataclass(frozen=True)
class PostgresServer:
    """A running cluster; `folder` holds its socket and its data."""

    folder: Path

    def url(self, database: str = OWNER) -> str:
        """The address of `database` for SQLAlchemy."""
        return f"postgresql+psycopg://{OWNER}@/{database}?host={self.folder}"

    def create_database(self, name: str, template: str = "template1") -> str:
        """Make `name` as a copy of `template` (nobody may be connected to that) and return its address."""
        self._run(sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(sql.Identifier(name), sql.Identifier(template)))
        return self.url(name)

    def drop_database(self, name: str) -> None:
        """Remove `name` if it exists, ending whatever is still connected to it."""
        self._run(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))

    def _run(self, statement: sql.Composed) -> None:
        with self.connect() as connection:
            connection.execute(statement)

    def connect(self, database: str = "postgres") -> psycopg.Connection:
        """A connection of its own, to the maintenance database or another, each statement its own transaction."""
        return psycopg.connect(host=str(self.folder), user=OWNER, dbname=database, autocommit=True)


@contextmanager
def running_postgres(megabytes: int = 0) -> Iterator[PostgresServer]:
    """Make a cluster with an empty database `xtbang`, run it, and remove it all afterwards.

    With ``megabytes`` it has a disk of its own of that size, which only root can make. Raises PostgresError, with the
    server's log, when PostgreSQL is not installed or does not start.
    """
    account = _account()
    folder = _make_folder(account)
    try:
        if megabytes:
            _mount(folder, megabytes, account)
        _init_cluster(folder, account)
        process = _PROCESSES[folder] = _start(folder, account)
        try:
            server = PostgresServer(folder)
            _wait_until_ready(server, process)
            server.create_database(OWNER)
            yield server
        finally:
            _stop(_PROCESSES.pop(folder))
    finally:
        if megabytes:
            subprocess.run(["umount", "-l", folder], check=False)
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def stopped(server: PostgresServer) -> Iterator[None]:
    """Stop a cluster; start it again at the end, for as long as the tests run."""
    _stop(_PROCESSES[server.folder])
    try:
        yield
    finally:
        process = _start(server.folder, _account())
        _PROCESSES[server.folder] = process
        _wait_until_ready(server, process)


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[PostgresServer]:
    """The cluster, for tests that make databases of their own."""
    with running_postgres() as server:
        yield server


@pytest.fixture(scope="session")
def postgres_url(postgres_server: PostgresServer) -> str:
    """The address of one empty database, shared by all tests of this process: clean up after yourself."""
    return postgres_server.url()


def _account() -> pwd.struct_passwd | None:
    """The user to run as when root, otherwise None: the present one."""
    if os.getuid() != 0:
        return None
    for name in ("postgres", "nobody"):
        try:
            return pwd.getpwnam(name)
        except KeyError:
            continue
    raise PostgresError("Running as root, and there is neither a user `postgres` nor `nobody` for the server.")


def _make_folder(account: pwd.struct_passwd | None) -> Path:
    """A new folder that belongs to the server's user, at a place this user can reach, with a short path."""
    for base in dict.fromkeys([tempfile.gettempdir(), "/tmp", "/var/tmp"]):  # noqa: S108  mkdtemp makes it private
        place = Path(base)
        socket = place / "xtbang-pg-12345678" / ".s.PGSQL.5432"
        if not os.access(place, os.W_OK | os.X_OK) or len(os.fsencode(socket)) > MAX_SOCKET_PATH:
            continue
        if account and not all(parent.stat().st_mode & 0o001 for parent in (place, *place.resolve().parents)):
            continue
        folder = Path(tempfile.mkdtemp(prefix="xtbang-pg-", dir=place))
        if account:
            os.chown(folder, account.pw_uid, account.pw_gid)
        return folder
    raise PostgresError("No temporary folder that the database server can use; set TMPDIR to one.")


def program(name: str) -> str:
    """Debian keeps the server's programs out of PATH; the newest version wins."""
    versions = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"), key=lambda path: int(path.parts[-3]))
    found = str(versions[-1]) if versions else shutil.which(name)
    if not found:
        raise PostgresError(f"PostgreSQL's `{name}` is not installed: run `make setup-test`.")
    return found


def _as_server_user(account: pwd.struct_passwd | None) -> list[str]:
    """A prefix for commands: changes the user, and ends the server should the tests be killed."""
    prefix = ["setpriv", "--pdeathsig", "INT"]
    if account:
        prefix += [f"--reuid={account.pw_uid}", f"--regid={account.pw_gid}", "--clear-groups"]
    return prefix


def _environment(folder: Path) -> dict[str, str]:
    """Nothing inherited: neither PG* settings nor a locale that does not exist here."""
    return {"PATH": "/usr/bin:/bin", "HOME": str(folder), "LC_ALL": "C.UTF-8", "TZ": "UTC"}


def _mount(folder: Path, megabytes: int, account: pwd.struct_passwd | None) -> None:
    """A small disk in memory for the folder of a cluster."""
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={megabytes}m,mode=700", "xtbang", folder], check=True)
    if account:
        os.chown(folder, account.pw_uid, account.pw_gid)


def _init_cluster(folder: Path, account: pwd.struct_passwd | None) -> None:
    command = [program("initdb"), "--pgdata", str(folder / "data"), "--username", OWNER, "--auth", "trust"]
    command += ["--encoding", "UTF8", "--locale", "C.UTF-8", "--no-sync", "--no-instructions"]
    done = subprocess.run(
        _as_server_user(account) + command,
        cwd=folder,
        env=_environment(folder),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        raise PostgresError(f"initdb failed:\n{done.stdout}")


def _start(folder: Path, account: pwd.struct_passwd | None) -> subprocess.Popen[bytes]:
    command = [program("postgres"), "-D", str(folder / "data"), "-k", str(folder)]
    for name, value in SETTINGS.items():
        command += ["-c", f"{name}={value}"]
    with (folder / "log").open("wb") as log:
        return subprocess.Popen(
            _as_server_user(account) + command,
            cwd=folder,
            env=_environment(folder),
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,  # Ctrl-C at the terminal is for pytest, which then stops the server in order
        )


def _wait_until_ready(server: PostgresServer, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + START_SECONDS
    while True:
        try:
            server.connect().close()
            return
        except psycopg.OperationalError as error:
            if process.poll() is not None or time.monotonic() > deadline:
                log = (server.folder / "log").read_text(errors="replace")
                raise PostgresError(f"PostgreSQL did not start ({error}):\n{log}") from error
            time.sleep(0.05)


def _stop(process: subprocess.Popen[bytes]) -> None:
    """Fast shutdown, then immediate, then by force; only ever the process started here."""
    for number in (signal.SIGINT, signal.SIGQUIT, signal.SIGKILL):
        if process.poll() is not None:
            return
        process.send_signal(number)
        try:
            process.wait(STOP_SECONDS)
            return
        except subprocess.TimeoutExpired:
            continue
