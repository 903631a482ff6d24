"""收款账户: where recovered money goes."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "receiving_account",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("region", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("bank_name", sa.String(), nullable=False),
        sa.Column("bank_account", sa.String(), nullable=False),
        sa.Column("since", sa.Date(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by_id", sa.Integer(), nullable=False),
        sa.CheckConstraint("source IN ('city', 'county')", name=op.f("ck_receiving_account_source")),
        sa.CheckConstraint("(source = 'county') = (region <> '')", name=op.f("ck_receiving_account_region")),
        sa.ForeignKeyConstraint(
            ["recorded_by_id"], ["person.id"], name=op.f("fk_receiving_account_recorded_by_id_person")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_receiving_account")),
    )
    op.create_index("ix_receiving_account_of", "receiving_account", ["source", "region", "since"], unique=False)


def downgrade() -> None:
    op.drop_table("receiving_account")
