"""What databases of before ca76e54 lack, as the first revision was still rewritten then; nothing for all others."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    seen = sa.inspect(op.get_bind())
    person, waiver = ({column["name"] for column in seen.get_columns(table)} for table in ("person", "waiver"))
    if "password_given" not in person:  # whoever has a password goes on with it
        op.add_column("person", sa.Column("password_given", sa.Boolean(), nullable=False, server_default=sa.false()))
    if "sentence" not in waiver:  # what stood against the project was not recorded
        op.add_column("waiver", sa.Column("sentence", sa.Text(), nullable=False, server_default=""))
        op.add_column("waiver", sa.Column("voided_at", sa.DateTime(timezone=True), nullable=True))
        standing = sa.text("voided_at IS NULL")
        op.drop_index("uq_waiver", "waiver")
        op.create_index(
            "uq_waiver_standing", "waiver", ["project_id", "rule", "role"],
            unique=True, sqlite_where=standing, postgresql_where=standing,
        )  # fmt: skip


def downgrade() -> None:
    """Leave it: all of it is in the first revision as it stands."""
