"""A notice may be shared by the projects of a batch."""

import sqlalchemy as sa
from alembic import op

revision = "0040"
down_revision = "0039"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("notice") as table:
        table.add_column(sa.Column("batch_id", sa.Integer(), nullable=True))
        table.create_foreign_key(op.f("fk_notice_batch_id_batch"), "batch", ["batch_id"], ["id"])


def downgrade() -> None:
    with op.batch_alter_table("notice") as table:
        table.drop_constraint(op.f("fk_notice_batch_id_batch"), type_="foreignkey")
        table.drop_column("batch_id")
