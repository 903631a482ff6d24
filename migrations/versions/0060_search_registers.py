"""Empty the search index: `xtbang setup` builds it anew, with meetings, restrictions, imports and collective slips."""

from alembic import op

revision = "0060"
down_revision = "0059"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("DELETE FROM search_entry")
    if op.get_bind().dialect.name == "sqlite":
        op.execute("INSERT INTO search_term (search_term) VALUES ('delete-all')")


def downgrade() -> None:
    """Leave the index: an earlier version finds what it knows in it."""
