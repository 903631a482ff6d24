"""Budgets of calls, line by line."""

import sqlalchemy as sa
from alembic import op

revision = "0036"
down_revision = "0035"
branch_labels = None
depends_on = None

COUNTS = sa.text("status IN ('waiting', 'confirmed')")


def upgrade() -> None:
    op.create_table(
        "budget_line",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("call_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("number", sa.String(), nullable=False),
        sa.Column("dated", sa.Date(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("key", sa.String(), nullable=True),
        sa.Column("reverses_id", sa.Integer(), nullable=True),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("asked_by_id", sa.Integer(), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decided_by_id", sa.Integer(), nullable=True),
        sa.Column("decision", sa.Text(), nullable=False),
        sa.CheckConstraint("(status = 'waiting') = (decided_at IS NULL)", name=op.f("ck_budget_line_decided_has_date")),
        sa.CheckConstraint("amount > 0", name=op.f("ck_budget_line_positive")),
        sa.ForeignKeyConstraint(["asked_by_id"], ["person.id"], name=op.f("fk_budget_line_asked_by_id_person")),
        sa.ForeignKeyConstraint(["call_id"], ["call.id"], name=op.f("fk_budget_line_call_id_call")),
        sa.ForeignKeyConstraint(["decided_by_id"], ["person.id"], name=op.f("fk_budget_line_decided_by_id_person")),
        sa.ForeignKeyConstraint(
            ["reverses_id"], ["budget_line.id"], name=op.f("fk_budget_line_reverses_id_budget_line")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_budget_line")),
    )
    op.create_index("ix_budget_line_call", "budget_line", ["call_id", "status"])
    where = {"sqlite_where": COUNTS, "postgresql_where": COUNTS}
    op.create_index("uq_budget_line_key", "budget_line", ["key"], unique=True, **where)
    op.create_index("uq_budget_line_reverses", "budget_line", ["reverses_id"], unique=True, **where)


def downgrade() -> None:
    op.drop_table("budget_line")
