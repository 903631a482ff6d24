"""How many pages the last print of a form has."""

import sqlalchemy as sa
from alembic import op

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("document") as table:
        table.add_column(sa.Column("printed_code", sa.String(), nullable=True))
        table.add_column(sa.Column("printed_pages", sa.Integer(), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("document") as table:
        table.drop_column("printed_pages")
        table.drop_column("printed_code")
