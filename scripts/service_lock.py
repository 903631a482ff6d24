"""The part of requirements.lock that service needs: what the program depends on, and what builds it; no test packages."""

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
BUILDING = {"hatchling", "editables", "setuptools"}
PROGRAM = "xtbang (pyproject.toml)"


def blocks() -> list[tuple[str, str]]:
    """Return the packages of the lock with their lines; one that depends on the version of Python is there twice."""
    found = re.split(r"\n(?=[a-z0-9])", (ROOT / "requirements.lock").read_text(encoding="utf-8"))[1:]
    return [(re.split(r"[\[=]", block, maxsplit=1)[0], block) for block in found]


def wanted_by(block: str) -> set[str]:
    """Return who asks for a package, as the lock says it."""
    return set(re.findall(r"^    #(?: via|  ) +(.+)$", block, re.MULTILINE))


def for_service(locked: list[tuple[str, str]]) -> set[str]:
    """Return the names of the packages that service needs."""
    needed = {PROGRAM, *BUILDING}
    while more := {name for name, block in locked if name not in needed and wanted_by(block) & needed}:
        needed |= more
    return needed


if __name__ == "__main__":
    locked = blocks()
    needed = for_service(locked)
    for name, block in locked:
        if name in needed:
            print(block)
