"""Sums of the ledger and of grants that are kept, filled from what there is."""

import sqlalchemy as sa
from alembic import op

revision = "0053"
down_revision = "0052"
branch_labels = None
depends_on = None

FILL = (
    "INSERT INTO ledger_total (region, year, kind, source, lines, amount) "
    "SELECT p.region, CAST({year} AS INTEGER), l.kind, l.source, count(*), "
    "sum(CASE WHEN l.reverses_id IS NULL THEN l.amount ELSE -l.amount END) "
    "FROM ledger_entry l JOIN project p ON p.id = l.project_id "
    "GROUP BY p.region, CAST({year} AS INTEGER), l.kind, l.source",
    "INSERT INTO grant_total (region, state, projects, total_investment, subsidy_city, subsidy_county) "
    "SELECT region, state, count(*), sum(coalesce(total_investment, 0)), sum(subsidy_city), "
    "sum(coalesce(subsidy_county, 0)) FROM project WHERE subsidy_city IS NOT NULL GROUP BY region, state",
)
YEAR = {"sqlite": "strftime('%Y', l.dated)", "postgresql": "extract(year FROM l.dated)"}


def upgrade() -> None:
    op.create_table(
        "ledger_total",
        sa.Column("region", sa.String(), nullable=False),
        sa.Column("year", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("lines", sa.Integer(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("region", "year", "kind", "source", name=op.f("pk_ledger_total")),
    )
    op.create_table(
        "grant_total",
        sa.Column("region", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("projects", sa.Integer(), nullable=False),
        sa.Column("total_investment", sa.BigInteger(), nullable=False),
        sa.Column("subsidy_city", sa.BigInteger(), nullable=False),
        sa.Column("subsidy_county", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("region", "state", name=op.f("pk_grant_total")),
    )
    for statement in FILL:
        op.execute(statement.format(year=YEAR[op.get_bind().dialect.name]))


def downgrade() -> None:
    op.drop_table("grant_total")
    op.drop_table("ledger_total")
