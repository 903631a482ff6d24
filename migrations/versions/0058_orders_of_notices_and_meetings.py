"""Indexes for the orders in which notices of a kind, those of a call, and meetings are read."""

import sqlalchemy as sa
from alembic import op

revision = "0058"
down_revision = "0057"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_meeting_at", "meeting", [sa.text("coalesce(starts_at, created_at)"), "id"])
    op.create_index("ix_notice_kind_published", "notice", ["kind", "published_at", "id"])
    op.create_index("ix_notice_call", "notice", ["call_id", "kind", "id"])
    op.drop_index("ix_notice_call_id", "notice")


def downgrade() -> None:
    op.create_index("ix_notice_call_id", "notice", ["call_id"])
    op.drop_index("ix_notice_call", "notice")
    op.drop_index("ix_notice_kind_published", "notice")
    op.drop_index("ix_meeting_at", "meeting")
