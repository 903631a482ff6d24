"""When a project was 办结 whose money is claimed back afterwards."""

import sqlalchemy as sa
from alembic import op

revision = "0062"
down_revision = "0061"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column to the projects; none has been claimed back after 办结 so far."""
    op.add_column("project", sa.Column("completed_at", sa.DateTime(timezone=True)))


def downgrade() -> None:
    """Take it away."""
    op.drop_column("project", "completed_at")
