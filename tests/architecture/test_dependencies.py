"""What the program rests on: each package with its reason in docs/dependencies.md, and in service no test packages."""

import re
import subprocess
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
NEVER_SERVED = {"pytest", "moto", "playwright", "hypothesis", "docker", "djlint", "ruff", "mypy"}


def names(wanted: list[str]) -> set[str]:
    return {re.split(r"[^A-Za-z0-9._-]", line, maxsplit=1)[0] for line in wanted}


def table(title: str) -> dict[str, tuple[str, str]]:
    """Package → licence and reason, of one table of the document."""
    text = (ROOT / "docs" / "dependencies.md").read_text(encoding="utf-8")
    part = text.partition(f"## {title}\n")[2].partition("\n## ")[0]
    rows = re.findall(r"^\| ([a-z0-9-]+) \| (.+?) \| (.+?) \|$", part, re.MULTILINE)
    return {package: (licence, reason) for package, licence, reason in rows if package != "package"}


def test_every_dependency_has_its_reason() -> None:
    served, tested = table("In service"), table("For tests and checks")
    assert set(served) == names(PROJECT["project"]["dependencies"])
    assert set(tested) == names(PROJECT["dependency-groups"]["dev"])
    assert all(licence and reason.endswith(".") for licence, reason in (served | tested).values())


def test_service_installs_what_it_needs_and_no_test_packages() -> None:
    script = [sys.executable, ROOT / "scripts" / "service_lock.py"]
    lock = subprocess.run(script, check=True, capture_output=True, text=True).stdout
    installed = set(re.findall(r"^([a-z0-9-]+)(?:\[[a-z,]+\])?==", lock, re.MULTILINE))
    assert (
        names(PROJECT["project"]["dependencies"]) | {"psycopg-binary", "werkzeug", "limits", "deprecated"} <= installed
    )
    assert "deprecated==1" in lock, "of a package that is there twice, the version for our Python"
    assert installed & NEVER_SERVED == set()
    assert lock.count("--hash=sha256:") >= len(installed)
