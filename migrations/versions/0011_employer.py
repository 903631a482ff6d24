"""The employer of an expert, whether or not it is registered here: the score summary names it."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("person", sa.Column("employer", sa.String(), nullable=False, server_default=""))


def downgrade() -> None:
    op.drop_column("person", "employer")
