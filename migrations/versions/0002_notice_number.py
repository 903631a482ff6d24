"""No two current notices bear the same 文号."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

CURRENT = "status = 'published' AND number <> ''"


def upgrade() -> None:
    twice = sa.text(f"SELECT number FROM notice WHERE {CURRENT} GROUP BY number HAVING count(*) > 1")  # noqa: S608
    if numbers := op.get_bind().execute(twice).scalars().all():
        raise RuntimeError(f"put these notices right first (更正), each 文号 is borne by several: {'、'.join(numbers)}")
    current = sa.text(CURRENT)
    op.create_index(
        "ix_notice_number", "notice", ["number"], unique=True, sqlite_where=current, postgresql_where=current
    )


def downgrade() -> None:
    op.drop_index("ix_notice_number", "notice")
