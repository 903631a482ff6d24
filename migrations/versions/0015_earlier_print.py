"""The check codes of earlier prints of a form, so that an old print is recognised."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "earlier_print",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("document_id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("printed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["document_id"], ["document.id"], name=op.f("fk_earlier_print_document_id_document")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_earlier_print")),
    )
    op.create_index(op.f("ix_earlier_print_code"), "earlier_print", ["code"], unique=False)
    op.create_index(op.f("ix_earlier_print_document_id"), "earlier_print", ["document_id"], unique=False)


def downgrade() -> None:
    op.drop_table("earlier_print")
