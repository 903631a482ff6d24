"""What was refused is kept for a day: the forms as they were sent, and their files."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "kept_request",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=True),
        sa.Column("device", sa.String(), nullable=False),
        sa.Column("path", sa.String(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("status", sa.Integer(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_kept_request_person_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_kept_request")),
        sa.UniqueConstraint("key", name=op.f("uq_kept_request_key")),
    )
    op.create_index("ix_kept_request_person", "kept_request", ["person_id", "id"], unique=False)
    op.create_index("ix_kept_request_device", "kept_request", ["device", "id"], unique=False)
    op.create_table(
        "pending_upload",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=True),
        sa.Column("device", sa.String(), nullable=False),
        sa.Column("sha256", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("mime", sa.String(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_pending_upload_person_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pending_upload")),
        sa.UniqueConstraint("key", name=op.f("uq_pending_upload_key")),
    )
    op.create_index("ix_pending_upload_person", "pending_upload", ["person_id", "sha256"], unique=False)
    op.create_index("ix_pending_upload_device", "pending_upload", ["device", "sha256"], unique=False)


def downgrade() -> None:
    op.drop_table("pending_upload")
    op.drop_table("kept_request")
