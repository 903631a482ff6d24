"""The search index."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import TSVECTOR

revision = "0039"
down_revision = "0038"
branch_labels = None
depends_on = None

TERMS = (
    "CREATE VIRTUAL TABLE search_term USING fts5("
    "terms, content='', detail='none', columnsize=0, prefix='5', tokenize='ascii')"
)


def upgrade() -> None:
    on_sqlite = op.get_bind().dialect.name == "sqlite"
    op.create_table(
        "search_entry",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("row_id", sa.Integer(), nullable=False),
        sa.Column("project_id", sa.Integer(), nullable=True),
        sa.Column("part", sa.String(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("folded", sa.Text(), nullable=False),
        sa.Column("exact", sa.String(), nullable=False),
        sa.Column("terms", sa.Text().with_variant(TSVECTOR(), "postgresql"), nullable=True),
        sa.ForeignKeyConstraint(["project_id"], ["project.id"], name=op.f("fk_search_entry_project_id_project")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_search_entry")),
    )
    op.create_index("ix_search_entry_exact", "search_entry", ["exact"])
    op.create_index(op.f("ix_search_entry_project_id"), "search_entry", ["project_id"])
    if on_sqlite:
        op.execute(TERMS)
    else:
        op.execute("CREATE INDEX ix_search_entry_terms ON search_entry USING gin (terms) WITH (fastupdate = off)")


def downgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        op.execute("DROP TABLE search_term")
    op.drop_table("search_entry")
