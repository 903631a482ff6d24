"""What is expected to be paid, by project and instalment, and its sums; `xtbang setup` fills them, as the rules of an edition are no SQL."""

import sqlalchemy as sa
from alembic import op

revision = "0065"
down_revision = "0064"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "expected_payment",
        sa.Column("project_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("region", sa.String(), nullable=False),
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("city", sa.BigInteger(), nullable=False),
        sa.Column("county", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["project_id"], ["project.id"], name=op.f("fk_expected_payment_project_id_project")),
        sa.PrimaryKeyConstraint("project_id", "number", name=op.f("pk_expected_payment")),
    )
    order = ["month", "project_id", "number"]
    op.create_index("ix_expected_payment_month", "expected_payment", order)
    op.create_index("ix_expected_payment_region", "expected_payment", ["region", *order])
    op.create_table(
        "plan_total",
        sa.Column("region", sa.String(), nullable=False),
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("payments", sa.Integer(), nullable=False),
        sa.Column("city", sa.BigInteger(), nullable=False),
        sa.Column("county", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("region", "month", name=op.f("pk_plan_total")),
    )


def downgrade() -> None:
    op.drop_table("plan_total")
    op.drop_table("expected_payment")
