"""Who has entered an objection in writing, and objections whose entry was taken back."""

import sqlalchemy as sa
from alembic import op

revision = "0052"
down_revision = "0051"
branch_labels = None
depends_on = None

CHECK, FOREIGN_KEY = "ck_objection_status", "fk_objection_entered_by_id_person"
BEFORE = "status IN ('open', 'upheld', 'dismissed')"
AFTER = "status IN ('open', 'upheld', 'dismissed', 'withdrawn')"


def upgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":  # without copying the table, which would read those that it refers to
        op.execute(
            f"ALTER TABLE objection ADD COLUMN entered_by_id INTEGER CONSTRAINT {FOREIGN_KEY} REFERENCES person (id)"
        )
    else:
        op.add_column("objection", sa.Column("entered_by_id", sa.Integer(), nullable=True))
        op.create_foreign_key(op.f(FOREIGN_KEY), "objection", "person", ["entered_by_id"], ["id"])
    _rewrite(BEFORE, AFTER)


def downgrade() -> None:
    op.execute("UPDATE objection SET status = 'dismissed' WHERE status = 'withdrawn'")
    _rewrite(AFTER, BEFORE)
    op.drop_column("objection", "entered_by_id")


def _rewrite(old: str, new: str) -> None:
    """Write another list of states into the check; on SQLite by its own procedure."""
    database = op.get_bind()
    if database.dialect.name != "sqlite":
        op.drop_constraint(op.f(CHECK), "objection", type_="check")
        op.create_check_constraint(op.f(CHECK), "objection", new)
        return
    number = database.execute(sa.text("PRAGMA schema_version")).scalar_one()
    database.execute(sa.text("PRAGMA writable_schema = ON"))
    changed = sa.text(
        "UPDATE sqlite_master SET sql = replace(sql, :old, :new) WHERE type = 'table' AND name = 'objection'"
    )
    database.execute(changed, {"old": old, "new": new})
    database.execute(sa.text(f"PRAGMA schema_version = {number + 1}"))
    database.execute(sa.text("PRAGMA writable_schema = OFF"))
