"""Midterm checks (中期检查), which an edition may have."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "midterm",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("project_id", sa.Integer(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("requested_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("file_id", sa.Integer(), nullable=True),
        sa.Column("findings", sa.Text(), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["file_id"], ["stored_file.id"], name=op.f("fk_midterm_file_id_stored_file")),
        sa.ForeignKeyConstraint(["project_id"], ["project.id"], name=op.f("fk_midterm_project_id_project")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_midterm")),
    )
    op.create_index(op.f("ix_midterm_project_id"), "midterm", ["project_id"])


def downgrade() -> None:
    op.drop_index(op.f("ix_midterm_project_id"), table_name="midterm")
    op.drop_table("midterm")
