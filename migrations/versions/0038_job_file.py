"""A job may make a file for whoever asked for it."""

import sqlalchemy as sa
from alembic import op

revision = "0038"
down_revision = "0037"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("job") as table:
        table.add_column(sa.Column("file_id", sa.Integer(), nullable=True))
        table.create_foreign_key("fk_job_file_id_stored_file", "stored_file", ["file_id"], ["id"])


def downgrade() -> None:
    with op.batch_alter_table("job") as table:
        table.drop_constraint("fk_job_file_id_stored_file", type_="foreignkey")
        table.drop_column("file_id")
