"""Collective slips; what was recorded and is taken back stays as a row: findings, county matches, terminations."""

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None

VOIDED, REVOKED = sa.text("voided_at IS NULL"), sa.text("revoked_at IS NULL")


def upgrade() -> None:
    op.create_table(
        "collective_slip",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(), nullable=True),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("region", sa.String(), nullable=False),
        sa.Column("direction", sa.String(), nullable=False),
        sa.Column("number", sa.String(), nullable=False),
        sa.Column("total", sa.BigInteger(), nullable=False),
        sa.Column("dated", sa.Date(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("declared_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("declared_by_id", sa.Integer(), nullable=False),
        sa.Column("cancelled_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("total > 0", name=op.f("ck_collective_slip_positive")),
        sa.ForeignKeyConstraint(
            ["declared_by_id"], ["person.id"], name=op.f("fk_collective_slip_declared_by_id_person")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_collective_slip")),
    )
    op.create_index("uq_collective_slip_key", "collective_slip", ["key"], unique=True)
    op.execute(  # as SQL: SQLite adds a column with its reference, Alembic would copy the table and lose its triggers
        "ALTER TABLE ledger_entry ADD COLUMN slip_id INTEGER "
        "CONSTRAINT fk_ledger_entry_slip_id_collective_slip REFERENCES collective_slip (id)"
    )
    op.create_index("ix_ledger_slip", "ledger_entry", ["slip_id"])
    op.add_column("finding", sa.Column("voided_at", sa.DateTime(timezone=True), nullable=True))
    with op.batch_alter_table("county_match") as table:
        table.add_column(sa.Column("voided_at", sa.DateTime(timezone=True), nullable=True))
        table.drop_constraint("uq_county_match_project_id", type_="unique")
    _index("uq_county_match_standing", "county_match", ["project_id", "instalment"], VOIDED)
    with op.batch_alter_table("termination") as table:
        table.add_column(sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True))
        table.drop_constraint("uq_termination_project_id", type_="unique")
    _index("uq_termination_standing", "termination", ["project_id"], REVOKED)


def _index(name: str, table: str, columns: list[str], where: sa.TextClause) -> None:
    op.create_index(name, table, columns, unique=True, sqlite_where=where, postgresql_where=where)


def downgrade() -> None:
    for table, column, columns in (
        ("termination", "revoked_at", ["project_id"]),
        ("county_match", "voided_at", ["project_id", "instalment"]),
    ):
        op.drop_index(f"uq_{table}_standing", table_name=table)
        with op.batch_alter_table(table) as changed:
            changed.create_unique_constraint(f"uq_{table}_project_id", columns)
            changed.drop_column(column)
    op.drop_column("finding", "voided_at")
    op.drop_index("ix_ledger_slip", table_name="ledger_entry")
    op.drop_column("ledger_entry", "slip_id")
    op.drop_table("collective_slip")
