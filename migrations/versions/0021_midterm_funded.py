"""A project in 中期检查 or 中期拨付 has a subsidy and a bidder, as in every other state that is funded."""

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None

BEFORE = "'contracting','first_payment','execution','extension','acceptance','final_payment','termination'"
AFTER = BEFORE.replace("'acceptance'", "'midterm','midterm_payment','acceptance'")
HELD = {"ck_project_funded_has_subsidy": "subsidy_city", "ck_project_funded_has_bidder": "agreed_bid_id"}


def upgrade() -> None:
    _rewrite(BEFORE, AFTER)


def downgrade() -> None:
    _rewrite(AFTER, BEFORE)


def _rewrite(old: str, new: str) -> None:
    """Write another list of states into both checks; on SQLite by its own procedure, without copying the table."""
    database = op.get_bind()
    if database.dialect.name != "sqlite":
        for name, column in HELD.items():
            op.drop_constraint(op.f(name), "project", type_="check")
            op.create_check_constraint(op.f(name), "project", f"state NOT IN ({new}) OR {column} IS NOT NULL")
        return
    number = database.execute(sa.text("PRAGMA schema_version")).scalar_one()
    database.execute(sa.text("PRAGMA writable_schema = ON"))
    changed = sa.text(
        "UPDATE sqlite_master SET sql = replace(sql, :old, :new) WHERE type = 'table' AND name = 'project'"
    )
    database.execute(changed, {"old": old, "new": new})
    database.execute(sa.text(f"PRAGMA schema_version = {number + 1}"))
    database.execute(sa.text("PRAGMA writable_schema = OFF"))
