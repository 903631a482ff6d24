"""Holidays of a year, entered by one person of an office and confirmed by another."""

import sqlalchemy as sa
from alembic import op

revision = "0051"
down_revision = "0050"
branch_labels = None
depends_on = None

NAME = "holiday_year"


def upgrade() -> None:
    op.create_table(
        NAME,
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("off", sa.JSON(), nullable=False),
        sa.Column("worked", sa.JSON(), nullable=False),
        sa.Column("number", sa.String(), nullable=False),
        sa.Column("dated", sa.Date(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("asked_by_id", sa.Integer(), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decided_by_id", sa.Integer(), nullable=True),
        sa.Column("decision", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "(status = 'waiting') = (decided_at IS NULL)", name=op.f("ck_holiday_year_decided_has_date")
        ),
        sa.ForeignKeyConstraint(["asked_by_id"], ["person.id"], name=op.f("fk_holiday_year_asked_by_id_person")),
        sa.ForeignKeyConstraint(["decided_by_id"], ["person.id"], name=op.f("fk_holiday_year_decided_by_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_holiday_year")),
    )
    for status in ("waiting", "confirmed"):
        where = sa.text(f"status = '{status}'")
        name = f"uq_holiday_year_{status}"
        op.create_index(name, NAME, ["year"], unique=True, sqlite_where=where, postgresql_where=where)


def downgrade() -> None:
    op.drop_table(NAME)
