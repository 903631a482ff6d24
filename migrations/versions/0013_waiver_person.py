"""Waivers stand by person: where only one office countersigns, two of its people waive the same rule."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

NAME, STANDING = "uq_waiver_standing", sa.text("voided_at IS NULL")


def upgrade() -> None:
    _index("project_id", "rule", "role", "person_id")


def downgrade() -> None:
    _index("project_id", "rule", "role")


def _index(*columns: str) -> None:
    op.drop_index(NAME, table_name="waiver")
    op.create_index(NAME, "waiver", list(columns), unique=True, sqlite_where=STANDING, postgresql_where=STANDING)
