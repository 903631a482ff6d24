"""Lines of the ledger that take others back (冲正), payments that are made again, papers that a correction made void."""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

NAME, TABLE = "uq_ledger_instalment", "ledger_entry"
BEFORE, AFTER = sa.text("kind = 'instalment'"), sa.text("kind = 'instalment' AND reverses_id IS NULL")


def upgrade() -> None:
    op.execute(  # as SQL: SQLite adds a column with its reference, Alembic would copy the table and lose its triggers
        f"ALTER TABLE {TABLE} ADD COLUMN reverses_id INTEGER "
        f"CONSTRAINT fk_ledger_entry_reverses_id_ledger_entry REFERENCES {TABLE} (id)"
    )
    op.add_column(TABLE, sa.Column("reversal", sa.String(), nullable=False, server_default=""))
    op.add_column(TABLE, sa.Column("attempt", sa.Integer(), nullable=False, server_default="1"))
    op.create_index("uq_ledger_reverses", TABLE, ["reverses_id"], unique=True)
    op.drop_index(NAME, table_name=TABLE)
    columns = ["project_id", "source", "instalment", "attempt"]
    op.create_index(NAME, TABLE, columns, unique=True, sqlite_where=AFTER, postgresql_where=AFTER)
    op.execute(
        "ALTER TABLE paper ADD COLUMN voided_by_id INTEGER CONSTRAINT fk_paper_voided_by_id_paper REFERENCES paper (id)"
    )
    op.add_column("project", sa.Column("resumes", sa.String(), nullable=True))


def downgrade() -> None:
    op.drop_column("project", "resumes")
    op.drop_column("paper", "voided_by_id")
    op.drop_index(NAME, table_name=TABLE)
    columns = ["project_id", "source", "instalment"]
    op.create_index(NAME, TABLE, columns, unique=True, sqlite_where=BEFORE, postgresql_where=BEFORE)
    op.drop_index("uq_ledger_reverses", table_name=TABLE)
    for name in ("attempt", "reversal", "reverses_id"):
        op.drop_column(TABLE, name)
