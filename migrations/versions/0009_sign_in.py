"""Sign-ins, each device on its own, and the second factor of a person."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("person", sa.Column("totp_secret", sa.String(), nullable=True))
    op.add_column("person", sa.Column("totp_counter", sa.Integer(), nullable=True))
    op.add_column("person", sa.Column("recovery_codes", sa.JSON(), nullable=False, server_default="[]"))
    op.create_table(
        "sign_in",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("sessions", sa.String(), nullable=False),
        sa.Column("device", sa.String(), nullable=False),
        sa.Column("address", sa.String(), nullable=False),
        sa.Column("began_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_sign_in_person_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sign_in")),
        sa.UniqueConstraint("key", name=op.f("uq_sign_in_key")),
    )
    op.create_index("ix_sign_in_person", "sign_in", ["person_id", "id"], unique=False)


def downgrade() -> None:
    op.drop_table("sign_in")
    for name in ("recovery_codes", "totp_counter", "totp_secret"):
        op.drop_column("person", name)
