"""A migration that has landed stays as it is: there are databases that it has made."""

from hashlib import sha256

import pytest
from alembic.script import ScriptDirectory

from xtbang import config

FOLDER = config.ROOT / "migrations"
LANDED = dict(
    reversed(line.split(maxsplit=1))
    for line in (FOLDER / "landed.sha256").read_text(encoding="ascii").splitlines()
)  # fmt: skip
MIGRATIONS = sorted(path.name for path in (FOLDER / "versions").glob("*.py"))


@pytest.mark.parametrize("name", sorted({*MIGRATIONS, *LANDED}))
def test_a_migration_that_has_landed_stays_as_it_is(name: str) -> None:
    path = FOLDER / "versions" / name
    digest = sha256(path.read_bytes()).hexdigest() if path.exists() else ""
    assert name in LANDED, f"{name} is new: add the line “{digest}  {name}” to migrations/landed.sha256."
    assert digest == LANDED[name], (
        f"{name} has landed and may not be changed, renamed or removed: databases made by it would not be upgraded. "
        "Write a new migration instead."
    )


def test_migrations_are_read_without_a_database() -> None:
    """As `/readyz` and `xtbang doctor` read them, to know the newest."""
    assert ScriptDirectory(str(FOLDER)).get_current_head() == MIGRATIONS[-1][:4]
