"""The pages of uploaded files on which there is a telephone or an e-mail address."""

import sqlalchemy as sa
from alembic import op

revision = "0064"
down_revision = "0063"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column to the files; those that are there were not searched."""
    op.add_column("stored_file", sa.Column("contacts", sa.String(), nullable=False, server_default=""))


def downgrade() -> None:
    """Take it away."""
    op.drop_column("stored_file", "contacts")
