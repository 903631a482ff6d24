"""A liability panel has its case: who organises it, the allegation, the evidence of the offices."""

import sqlalchemy as sa
from alembic import op

revision = "0042"
down_revision = "0041"
branch_labels = None
depends_on = None

TEXTS = {"organiser": sa.String(), "allegation": sa.Text()}


def upgrade() -> None:
    with op.batch_alter_table("panel") as table:
        for name, kind in TEXTS.items():
            table.add_column(sa.Column(name, kind, nullable=False, server_default=""))
        table.add_column(sa.Column("evidence_id", sa.Integer(), nullable=True))
        table.create_foreign_key(op.f("fk_panel_evidence_id_stored_file"), "stored_file", ["evidence_id"], ["id"])
    with op.batch_alter_table("panel") as table:
        for name in TEXTS:
            table.alter_column(name, server_default=None)


def downgrade() -> None:
    with op.batch_alter_table("panel") as table:
        table.drop_constraint(op.f("fk_panel_evidence_id_stored_file"), type_="foreignkey")
        for name in ("evidence_id", *TEXTS):
            table.drop_column(name)
