"""Indexes for what grows, and the number of a voucher as it is compared."""

import unicodedata

import sqlalchemy as sa
from alembic import op

revision = "0033"
down_revision = "0032"
branch_labels = None
depends_on = None

INDEXES = (
    ("ix_countersignature_project_id", "countersignature", ["project_id"]),
    ("ix_event_at", "event", ["at"]),
    ("ix_event_trigger", "event", ["trigger", "id"]),
    ("ix_organisation_change_file_id", "organisation_change", ["file_id"]),
    ("ix_paper_file", "paper", ["file_id", "id"]),
    ("ix_paper_notice_id", "paper", ["notice_id"]),
    ("ix_project_kind_listed", "project", ["kind", "listed_at", "id"]),
    ("ix_stored_file_project_id", "stored_file", ["project_id"]),
    ("ix_voucher_compared", "voucher", ["compared"]),
)


def upgrade() -> None:
    op.add_column("voucher", sa.Column("compared", sa.String(), nullable=False, server_default=""))
    vouchers = sa.table("voucher", sa.column("id"), sa.column("number"), sa.column("compared"))
    found = op.get_bind().execute(sa.select(vouchers.c.id, vouchers.c.number)).all()
    put = vouchers.update().where(vouchers.c.id == sa.bindparam("row")).values(compared=sa.bindparam("as"))
    if found:
        op.get_bind().execute(put, [{"row": row.id, "as": normalised(row.number)} for row in found])
    for name, table_name, columns in INDEXES:
        op.create_index(name, table_name, columns)


def normalised(number: str) -> str:
    """Return letters and digits only, half-width, upper case."""
    return "".join(sign for sign in unicodedata.normalize("NFKC", number).upper() if sign.isalnum())


def downgrade() -> None:
    for name, table_name, _columns in reversed(INDEXES):
        op.drop_index(name, table_name)
    op.drop_column("voucher", "compared")
