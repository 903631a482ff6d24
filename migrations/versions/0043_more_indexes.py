"""Indexes for what pages look up: rows by their document, file or due date, and what waits."""

from alembic import op

revision = "0043"
down_revision = "0042"
branch_labels = None
depends_on = None

BY_COLUMN = {
    "acceptance": ("document_id", "rectify_by"),
    "batch": ("person_id",),
    "bid": ("document_id",),
    "contract_change": ("version_id",),
    "county_match": ("project_id",),
    "notice": ("call_id", "superseded_by_id"),
    "paper": ("subject",),
    "person_role": ("role_id",),
    "project": ("agency_id", "agreed_bid_id", "bids_until", "correct_by", "edition", "ends_on", "form_id"),
    "report": ("document_id",),
    "ruling": ("executed_at",),
    "termination": ("project_id", "recover_by"),
    "voucher": ("file_id",),
    "waiver": ("project_id",),
}
UNANSWERED = "ix_seat_unanswered"


def upgrade() -> None:
    for table, columns in BY_COLUMN.items():
        for column in columns:
            op.create_index(op.f(f"ix_{table}_{column}"), table, [column])
    op.create_index(UNANSWERED, "seat", ["answered_at", "invited_at"])


def downgrade() -> None:
    op.drop_index(UNANSWERED, "seat")
    for table, columns in BY_COLUMN.items():
        for column in columns:
            op.drop_index(op.f(f"ix_{table}_{column}"), table)
