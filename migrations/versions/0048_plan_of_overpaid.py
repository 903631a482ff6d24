"""A repayment plan may be of money that was paid beyond a lowered subsidy, without a termination; a project has one open plan."""

import sqlalchemy as sa
from alembic import op

revision = "0048"
down_revision = "0047"
branch_labels = None
depends_on = None

INDEX = "uq_repayment_plan_open"
OPEN = sa.text("status = 'open'")
FOREIGN_KEY = "fk_repayment_plan_change_id_contract_change"
OVERTAKEN = """
    UPDATE repayment_plan SET status = 'overtaken'
    WHERE status = 'open' AND termination_id IN (SELECT id FROM termination WHERE revoked_at IS NOT NULL)
"""


def upgrade() -> None:
    op.execute(OVERTAKEN)
    op.drop_index(INDEX, "repayment_plan")
    with op.batch_alter_table("repayment_plan") as table:
        table.alter_column("termination_id", existing_type=sa.Integer(), nullable=True)
        table.add_column(sa.Column("change_id", sa.Integer(), nullable=True))
        table.create_foreign_key(op.f(FOREIGN_KEY), "contract_change", ["change_id"], ["id"])
    op.create_index(INDEX, "repayment_plan", ["project_id"], unique=True, sqlite_where=OPEN, postgresql_where=OPEN)


def downgrade() -> None:
    op.execute("DELETE FROM repayment_plan WHERE termination_id IS NULL")
    op.drop_index(INDEX, "repayment_plan")
    with op.batch_alter_table("repayment_plan") as table:
        table.drop_constraint(op.f(FOREIGN_KEY), type_="foreignkey")
        table.drop_column("change_id")
        table.alter_column("termination_id", existing_type=sa.Integer(), nullable=False)
    op.create_index(INDEX, "repayment_plan", ["termination_id"], unique=True, sqlite_where=OPEN, postgresql_where=OPEN)
