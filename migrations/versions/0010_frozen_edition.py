"""Editions as they were when they were first used."""

import sqlalchemy as sa
from alembic import op

from xtbang.models.append_only import statements

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "frozen_edition",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("format", sa.Integer(), nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("content", sa.JSON(), nullable=False),
        sa.Column("frozen_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_frozen_edition")),
        sa.UniqueConstraint("key", name=op.f("uq_frozen_edition_key")),
    )
    for statement in statements("frozen_edition", op.get_bind().dialect.name):
        op.execute(statement)


def downgrade() -> None:
    op.drop_table("frozen_edition")
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION frozen_edition_append_only()")
