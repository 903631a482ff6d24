"""A batch may be about rows of a register (organisations, accounts, mails …) instead of projects."""

import sqlalchemy as sa
from alembic import op

revision = "0049"
down_revision = "0048"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("batch_item") as table:
        table.alter_column("project_id", existing_type=sa.Integer(), nullable=True)
        table.add_column(sa.Column("subject_id", sa.Integer(), nullable=True))
        table.add_column(sa.Column("seen", sa.String(), nullable=False, server_default=""))
        table.create_unique_constraint("uq_batch_item_subject", ["batch_id", "subject_id"])
        table.create_check_constraint(op.f("ck_batch_item_of_one_kind"), "(project_id IS NULL) != (subject_id IS NULL)")
    with op.batch_alter_table("batch_item") as table:
        table.alter_column("seen", existing_type=sa.String(), server_default=None)


def downgrade() -> None:
    op.execute("DELETE FROM batch_item WHERE project_id IS NULL")
    with op.batch_alter_table("batch_item") as table:
        table.drop_constraint(op.f("ck_batch_item_of_one_kind"), type_="check")
        table.drop_constraint("uq_batch_item_subject", type_="unique")
        table.drop_column("seen")
        table.drop_column("subject_id")
        table.alter_column("project_id", existing_type=sa.Integer(), nullable=False)
