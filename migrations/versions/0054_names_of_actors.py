"""Index events by the name that their actor had, so that an earlier name is found in the audit trail."""

from alembic import op

revision = "0054"
down_revision = "0053"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_event_actor_name", "event", ["actor_name", "id"])


def downgrade() -> None:
    op.drop_index("ix_event_actor_name", "event")
