"""What `make run` and `make test` promise, as far as it shows without a bare machine (scripts/fresh-clone-check)."""

import os
import re
import shutil
import subprocess
import tempfile
import tomllib
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from tests.support.postgres import PostgresServer

ROOT = Path(__file__).resolve().parents[2]
GENERATED = {".git", ".venv", "instance", "test-output", "node_modules", "__pycache__", ".hypothesis"}
# Written in two halves, so that this file does not hold what it looks for.
FORBIDDEN = ["/wo" + "rk/", "/ro" + "ot/", "pypi" + ".org", "python" + "hosted.org", "deb.debian" + ".org"]


def committed_files() -> Iterator[Path]:
    """Our own files, without those of others in static/vendor and static/fonts; also in a tree without git."""
    for folder, folders, names in os.walk(ROOT):
        folders[:] = [name for name in folders if name not in GENERATED and not name.endswith(("_cache", ".egg-info"))]
        if Path(folder) == ROOT / "static":
            folders[:] = [name for name in folders if name not in {"vendor", "fonts"}]
        yield from (Path(folder) / name for name in names)


def test_the_static_checks_pass() -> None:
    """In one process of a run of the tests, while the others go on."""
    done = subprocess.run([ROOT / "scripts/lint"], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_ci_runs_make_test_and_nothing_more() -> None:
    lines = (ROOT / ".ci/run").read_text().splitlines()
    commands = [line for line in lines if line and not line.startswith(("#", "set ", "cd "))]
    assert commands == ["exec make test"]


def test_the_folder_for_data_is_in_every_clone_and_its_contents_in_none() -> None:
    assert (ROOT / "instance/README.md").is_file()
    ignored = (ROOT / ".gitignore").read_text().splitlines()
    assert ignored[:2] == ["/instance/*", "!/instance/README.md"]


SHELL = [
    path
    for path in sorted((ROOT / "scripts").iterdir())
    if path.is_file() and path.read_bytes().startswith(b"#!/usr/bin/env bash")
]


@pytest.mark.parametrize("script", [ROOT / ".ci/run", *SHELL], ids=lambda path: path.name)
def test_scripts_can_be_run(script: Path) -> None:
    assert os.access(script, os.X_OK)
    assert subprocess.run(["bash", "-n", script], check=False).returncode == 0


def test_no_file_names_a_machine_or_a_registry() -> None:
    found = []
    for path in committed_files():
        content = path.read_bytes()
        found += [f"{path.relative_to(ROOT)}: {word}" for word in FORBIDDEN if word.encode() in content]
    assert found == []


def test_the_lock_holds_every_dependency_with_hashes() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    wanted = project["project"]["dependencies"] + project["dependency-groups"]["dev"]
    names = {re.split(r"[^A-Za-z0-9._-]", line, maxsplit=1)[0].lower().replace("_", "-") for line in wanted}
    blocks = re.split(r"\n(?=[a-z0-9])", (ROOT / "requirements.lock").read_text())[1:]
    locked = {block.split("==")[0].split("[")[0] for block in blocks}
    assert names - locked == set()
    assert [block for block in blocks if "--hash=sha256:" not in block] == []


def test_setup_has_nothing_left_to_do(tmp_path: Path) -> None:
    """Run again, it neither installs nor says anything. (The stamp is there only where scripts/setup made .venv.)"""
    if not list((ROOT / ".venv").glob(".stamp-*")):
        pytest.skip("this virtual environment was not made by scripts/setup")
    done = subprocess.run(
        [ROOT / "scripts/setup", "test"],
        env={"PATH": os.environ["PATH"], "HOME": str(tmp_path)},
        capture_output=True,
        timeout=60,
        check=False,
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A temporary folder that other users may read, unlike pytest's."""
    with tempfile.TemporaryDirectory() as name:
        Path(name).chmod(0o755)
        yield Path(name)


def test_setup_says_plainly_what_it_cannot_install(open_folder: Path) -> None:
    """Without root and sudo: both languages, every package, the command, and a failure."""
    for name in ("scripts", "programs"):
        (open_folder / name).mkdir()
        (open_folder / name).chmod(0o755)  # whatever the umask is
    (open_folder / "requirements.lock").touch()
    (open_folder / "requirements.lock").chmod(0o644)
    script = shutil.copy(ROOT / "scripts/setup", open_folder / "scripts")
    for name in ("dpkg-query", "sudo"):
        program = open_folder / "programs" / name
        program.write_text("#!/bin/sh\nexit 1\n")
        program.chmod(0o755)
    nobody = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"] if os.getuid() == 0 else []
    done = subprocess.run(
        [*nobody, "bash", script, "run"],
        env={"PATH": f"{open_folder}/programs:/usr/sbin:/usr/bin:/sbin:/bin", "HOME": str(open_folder)},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert "缺少系统软件包：libpango-1.0-0 " in done.stderr
    assert "System packages are missing: libpango-1.0-0 " in done.stderr
    assert "apt-get install -y --no-install-recommends libpango-1.0-0 " in done.stderr


@pytest.mark.postgres
def test_the_throw_away_postgresql_is_empty_and_sorts_by_code_point(postgres_server: PostgresServer) -> None:
    postgres_server.drop_database("setup_check")
    postgres_server.create_database("setup_check")
    with psycopg.connect(host=str(postgres_server.folder), user="xtbang", dbname="setup_check") as connection:
        tables = connection.execute("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'").fetchone()
        encoding, collation = connection.execute(
            "SELECT pg_encoding_to_char(encoding), datcollate FROM pg_database WHERE datname = 'setup_check'"
        ).fetchone() or ("", "")
    postgres_server.drop_database("setup_check")
    assert tables == (0,)
    assert (encoding, collation) == ("UTF8", "C.UTF-8")
