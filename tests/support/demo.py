"""The demo in full, as ``make run`` makes it: made once, whichever process of a run of the tests asks first."""

import fcntl
import os
import subprocess
from pathlib import Path

import pytest

from tests.support.serving import XTBANG, environment


@pytest.fixture(scope="session")
def demo_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the instance folder after ``xtbang setup --demo``. Copy what you write to."""
    base = tmp_path_factory.getbasetemp()
    shared = base.parent if "PYTEST_XDIST_WORKER" in os.environ else base
    folder, made = shared / "demo", shared / "demo-made"
    with (shared / "demo-lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not made.exists():
            folder.mkdir()
            command = [XTBANG, "setup", "--demo"]
            done = subprocess.run(command, env=environment(folder), capture_output=True, text=True, check=False)
            assert done.returncode == 0, done.stderr
            made.touch()
    return folder
