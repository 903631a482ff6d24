"""The check code that a draft bears when it is printed; drafts from before get theirs when they are saved again."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("document", sa.Column("code", sa.String(), nullable=True))
    op.create_index(op.f("ix_document_code"), "document", ["code"], unique=False)


def downgrade() -> None:
    op.drop_index(op.f("ix_document_code"), table_name="document")
    op.drop_column("document", "code")
