"""Saved views of lists, and the density that a person wants their lines in."""

import sqlalchemy as sa
from alembic import op

revision = "0046"
down_revision = "0045"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "saved_view",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("page", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("query", sa.JSON(), nullable=False),
        sa.Column("role", sa.String(), nullable=False),
        sa.Column("saved_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_saved_view_person_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_saved_view")),
        sa.UniqueConstraint("person_id", "page", "name", name=op.f("uq_saved_view_person_id")),
    )
    op.create_index("ix_saved_view_page", "saved_view", ["page", "role"])
    op.add_column("person", sa.Column("density", sa.String(), nullable=False, server_default="normal"))


def downgrade() -> None:
    with op.batch_alter_table("person") as batch:
        batch.drop_column("density")
    op.drop_table("saved_view")
