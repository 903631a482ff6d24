"""The day by which what was paid beyond a subsidy that a change has lowered is to be back."""

import sqlalchemy as sa
from alembic import op

revision = "0044"
down_revision = "0043"
branch_labels = None
depends_on = None

INDEX = "ix_contract_change_recover_by"


def upgrade() -> None:
    op.add_column("contract_change", sa.Column("recover_by", sa.Date(), nullable=True))
    op.create_index(op.f(INDEX), "contract_change", ["recover_by"])


def downgrade() -> None:
    op.drop_index(op.f(INDEX), "contract_change")
    op.drop_column("contract_change", "recover_by")
