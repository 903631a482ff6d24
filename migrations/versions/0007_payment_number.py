"""The number of a payment as it is compared: no two ledger lines of one treasury and direction share one.

Of older lines with the same number the first one bears the key.
"""

import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

DIRECTIONS = {"issuer_payment": "out", "instalment": "out", "recovered": "back"}
LONGEST = 200  # signs of a number that PostgreSQL takes into an index whatever they are; more is no number
LINES = sa.text(
    "SELECT l.id, l.kind, l.source, l.note, p.region, p.issuer_id FROM ledger_entry l "
    "JOIN project p ON p.id = l.project_id ORDER BY l.id"
)
TRIGGER = "ledger_entry_no_update", "ledger_entry_no_change"  # SQLite, PostgreSQL


def upgrade() -> None:
    op.add_column("ledger_entry", sa.Column("number_key", sa.String(), nullable=True))
    first: dict[str, int] = {}
    for line in op.get_bind().execute(LINES):
        if key := key_of(line):
            first.setdefault(key, line.id)
    if first:
        table = sa.table("ledger_entry", sa.column("id"), sa.column("number_key"))
        put = table.update().where(table.c.id == sa.bindparam("line")).values(number_key=sa.bindparam("key"))
        with rewriting():
            op.get_bind().execute(put, [{"line": number, "key": key} for key, number in first.items()])
    op.create_index("uq_ledger_number", "ledger_entry", ["number_key"], unique=True)


def key_of(line: sa.Row) -> str | None:
    """Return whose money it is, which way it went, and the number: letters and digits, width and case as one."""
    direction = DIRECTIONS.get(line.kind)
    number = "".join(sign for sign in unicodedata.normalize("NFKC", line.note).upper() if sign.isalnum())
    if not direction or not number or len(number) > LONGEST:
        return None
    owner = {"county": line.region, "issuer": str(line.issuer_id)}.get(line.source, "")
    return f"{line.source}:{owner}:{direction}:{number}"


@contextmanager
def rewriting() -> Iterator[None]:
    """Let lines be updated; afterwards the triggers are what they were."""
    on_sqlite, on_postgresql = TRIGGER
    if op.get_bind().dialect.name == "sqlite":
        query = sa.text("SELECT sql FROM sqlite_master WHERE type = 'trigger' AND name = :name")
        made = op.get_bind().execute(query, {"name": on_sqlite}).scalar_one()
        before, after = f"DROP TRIGGER {on_sqlite}", made
    else:
        before, after = (f"ALTER TABLE ledger_entry {verb} TRIGGER {on_postgresql}" for verb in ("DISABLE", "ENABLE"))
    op.get_bind().exec_driver_sql(before)
    yield
    op.get_bind().exec_driver_sql(after)


def downgrade() -> None:
    op.drop_index("uq_ledger_number", "ledger_entry")
    op.drop_column("ledger_entry", "number_key")
