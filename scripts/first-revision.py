"""Write migrations/versions/0001_first.py anew from the models. Only before the first release; later ones are added."""

import subprocess
import sys
from pathlib import Path
from typing import Any

from alembic.autogenerate import produce_migrations, render_python_code
from alembic.migration import MigrationContext
from alembic.operations.ops import UpgradeOps
from flask_security import AsaList
from sqlalchemy import create_engine

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from xtbang.models import Base  # noqa: E402
from xtbang.models.base import Moment, Yuan  # noqa: E402

TARGET = ROOT / "migrations/versions/0001_first.py"
PLAIN = {Yuan: "sa.BigInteger()", Moment: "sa.DateTime(timezone=True)", AsaList: "sa.UnicodeText()"}
HEAD = '''"""Every table, and what keeps the audit trail, the ledger and frozen versions from being rewritten."""

import sqlalchemy as sa
from alembic import op

from xtbang.models.append_only import APPEND_ONLY, statements

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

# references that go round in a circle; SQLite has them in its CREATE TABLE
LATE = (
{late}
)


def upgrade() -> None:
    {upgrade}
    dialect = op.get_bind().dialect.name
    if dialect != "sqlite":
        for name, table, column, other in LATE:
            op.create_foreign_key(name, table, other, [column], ["id"])
    for table in APPEND_ONLY:
        for statement in statements(table, dialect):
            op.execute(statement)


def downgrade() -> None:
    raise NotImplementedError("nothing is older than the first revision")
'''


def render_item(kind: str, item: Any, _context: Any) -> str | bool:
    """As in migrations/env.py."""
    if kind == "type":
        return next((text for known, text in PLAIN.items() if isinstance(item, known)), False)
    return False


def main() -> None:
    """Compare the models with an empty database and write down the difference."""
    late = [
        f'    ("{fk.constraint.name}", "{table.name}", "{fk.parent.name}", "{fk.column.table.name}"),'
        for table in Base.metadata.sorted_tables
        for fk in sorted(table.foreign_keys, key=lambda fk: fk.parent.name)
        if fk.constraint is not None and fk.constraint.use_alter
    ]
    with create_engine("sqlite://").connect() as connection:
        script = produce_migrations(MigrationContext.configure(connection), Base.metadata)
    upgrade = render_python_code(script.upgrade_ops or UpgradeOps([]), render_item=render_item)
    text = HEAD.format(late="\n".join(late), upgrade=upgrade.strip())
    lines = [line.rstrip() for line in text.splitlines() if "### " not in line]
    TARGET.write_text("\n".join(lines) + "\n", encoding="utf-8")
    ruff = Path(sys.executable).with_name("ruff")
    subprocess.run([ruff, "format", "--quiet", TARGET], check=True)  # noqa: S603


if __name__ == "__main__":
    main()
