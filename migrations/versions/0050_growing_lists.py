"""Indexes for what waits and for the orders of lists, so that a page reads what it shows and ends."""

import sqlalchemy as sa
from alembic import op

revision = "0050"
down_revision = "0049"
branch_labels = None
depends_on = None

LISTED = ["listed_at", "id"]
KIND = ["kind", *LISTED]
# table, index → its columns before and after, and the condition after
CHANGED = {
    ("mail", "ix_mail_unsent"): (["sent_at", "id"], ["id"], "sent_at IS NULL"),
    ("project", "ix_project_kind_listed"): (KIND, [*KIND, "state", "domain", "region"], None),
    ("project", "ix_project_listed"): (LISTED, [*LISTED, "state", "domain", "region", "track"], None),
}
INDEXES = (
    ("ix_contract_change_status", "contract_change", ["status", "project_id"]),
    ("ix_meeting_kind_starts", "meeting", ["kind", "starts_at", "id"]),
    ("ix_organisation_name", "organisation", ["name", "id"]),
    ("ix_project_amount", "project", [sa.text("coalesce(subsidy_city, planned_total, -1)"), "id", "number", "state"]),
    ("ix_project_region", "project", ["region", "id", "number", "state"]),
    ("ix_project_since", "project", ["state_since", "id", "number", "state"]),
    ("ix_project_state_ends", "project", ["state", "ends_on", "id"]),
    ("ix_project_state_listed", "project", ["state", "listed_at", "id", "domain", "region", "track", "kind"]),
    ("ix_project_state_since", "project", ["state", "state_since", "id"]),
    ("ix_project_title", "project", ["title", "id", "number", "state"]),
)
SOME = (
    ("ix_contract_change_back", "contract_change", ["recover_by", "project_id"], "recover_by IS NOT NULL"),
    ("ix_ledger_surplus", "ledger_entry", ["project_id", "kind"], "kind = 'surplus'"),
    ("ix_mail_failed", "mail", ["tries", "id"], "sent_at IS NULL"),
    ("ix_notice_last_day", "notice", ["last_day", "id"], "status = 'published'"),
    ("ix_objection_open", "objection", ["received_at", "id"], "status = 'open'"),
    ("ix_objection_upheld", "objection", ["project_id", "status"], "status = 'upheld'"),
    ("ix_organisation_pending", "organisation", ["created_at", "id"], "status = 'pending'"),
    ("ix_panel_open", "panel", ["convened_at", "id"], "status = 'open'"),
    ("ix_recusal_open", "recusal", ["named_at", "id"], "status = 'open'"),
    ("ix_report_missing", "report", ["due_on", "id"], "submitted_at IS NULL"),
    ("ix_signature_doubtful", "signature", ["project_id"], "doubt <> '' AND looked_at_by_id IS NULL"),
    ("ix_voucher_open", "voucher", ["uploaded_at", "id"], "status = 'open'"),
)


def make(name: str, table: str, columns: list[str], where: str | None) -> None:
    some = None if where is None else sa.text(where)
    op.create_index(name, table, columns, sqlite_where=some, postgresql_where=some)


def upgrade() -> None:
    for name, table, columns in INDEXES:
        op.create_index(name, table, columns)
    for name, table, columns, where in SOME:
        make(name, table, columns, where)
    for (table, name), (_before, after, where) in CHANGED.items():
        op.drop_index(name, table)
        make(name, table, after, where)


def downgrade() -> None:
    for (table, name), (before, _after, _where) in CHANGED.items():
        op.drop_index(name, table)
        op.create_index(name, table, before)
    for name, table, *_rest in (*SOME, *INDEXES):
        op.drop_index(name, table)
