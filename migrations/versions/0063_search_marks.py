"""Marks of search entries, and terms of each kind apart; `xtbang setup` builds the index anew."""

import sqlalchemy as sa
from alembic import op

revision = "0063"
down_revision = "0062"
branch_labels = None
depends_on = None

TERMS = (
    "CREATE VIRTUAL TABLE search_term USING fts5("
    "terms, content='', detail='none', columnsize=0, prefix='{}', tokenize='ascii')"
)


def anew(signs: int) -> None:
    op.execute("DELETE FROM search_entry")
    if op.get_bind().dialect.name == "sqlite":
        op.execute("DROP TABLE search_term")
        op.execute(TERMS.format(signs))


def upgrade() -> None:
    anew(9)
    op.add_column("search_entry", sa.Column("marks", sa.Text(), nullable=False, server_default=""))


def downgrade() -> None:
    anew(5)
    op.drop_column("search_entry", "marks")
