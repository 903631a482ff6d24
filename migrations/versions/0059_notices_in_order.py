"""The index of published notices holds their kind: one of the kinds alone would lead away from the project that is asked for."""

from alembic import op

revision = "0059"
down_revision = "0058"
branch_labels = None
depends_on = None

ORDER = ["published_at", "id"]
KIND = ["kind", *ORDER]


def upgrade() -> None:
    op.drop_index("ix_notice_kind_published", "notice")
    op.drop_index("ix_notice_published", "notice")
    op.create_index("ix_notice_published", "notice", [*ORDER, "kind", "status"])


def downgrade() -> None:
    op.drop_index("ix_notice_published", "notice")
    op.create_index("ix_notice_published", "notice", ORDER)
    op.create_index("ix_notice_kind_published", "notice", KIND)
