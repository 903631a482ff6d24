"""Approvals of payments (拨款审批) before the city pays."""

import sqlalchemy as sa
from alembic import op

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None

STANDS = sa.text("voided_at IS NULL")


def upgrade() -> None:
    op.create_table(
        "payment_approval",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("project_id", sa.Integer(), nullable=False),
        sa.Column("instalment", sa.Integer(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("relied_on", sa.JSON(), nullable=False),
        sa.Column("approved_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finance_id", sa.Integer(), nullable=False),
        sa.Column("voided_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["finance_id"], ["person.id"], name=op.f("fk_payment_approval_finance_id_person")),
        sa.ForeignKeyConstraint(["project_id"], ["project.id"], name=op.f("fk_payment_approval_project_id_project")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payment_approval")),
    )
    op.create_index(op.f("ix_payment_approval_project_id"), "payment_approval", ["project_id"])
    op.create_index(
        "uq_payment_approval_standing",
        "payment_approval",
        ["project_id", "instalment"],
        unique=True,
        sqlite_where=STANDS,
        postgresql_where=STANDS,
    )


def downgrade() -> None:
    op.drop_table("payment_approval")
