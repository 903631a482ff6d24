"""What has gone over by a merger or division, so that it can go back; acts on restrictions that another person confirms."""

import sqlalchemy as sa
from alembic import op

revision = "0057"
down_revision = "0056"
branch_labels = None
depends_on = None

TABLE, CHECK = "organisation_change", "ck_organisation_change_status"
BEFORE = "status IN ('asked', 'confirmed', 'refused')"
REFERENCES = {
    "organisation_id": "organisation",
    "restriction_id": "restriction",
    "asked_by_id": "person",
    "decided_by_id": "person",
}
AFTER = "status IN ('asked', 'confirmed', 'refused', 'taken_back')"


def upgrade() -> None:
    op.add_column(TABLE, sa.Column("moved", sa.JSON(none_as_null=True), nullable=True))
    _rewrite(BEFORE, AFTER)
    op.create_table(
        "restriction_act",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        sa.Column("restriction_id", sa.Integer(), nullable=True),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=True),
        sa.Column("ends_on", sa.Date(), nullable=True),
        sa.Column("document", sa.String(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("asked_by_id", sa.Integer(), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decided_by_id", sa.Integer(), nullable=True),
        sa.Column("decision", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "(status = 'waiting') = (decided_at IS NULL)", name=op.f("ck_restriction_act_decided_has_date")
        ),
        *(
            sa.ForeignKeyConstraint([column], [f"{table}.id"], name=op.f(f"fk_restriction_act_{column}_{table}"))
            for column, table in REFERENCES.items()
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_restriction_act")),
    )
    for column in ("organisation_id", "restriction_id"):
        op.create_index(op.f(f"ix_restriction_act_{column}"), "restriction_act", [column])
    waiting = sa.text("status = 'waiting'")
    op.create_index(
        "ix_restriction_act_waiting", "restriction_act", ["id"], sqlite_where=waiting, postgresql_where=waiting
    )


def downgrade() -> None:
    op.drop_table("restriction_act")
    op.execute("UPDATE organisation_change SET status = 'confirmed' WHERE status = 'taken_back'")
    _rewrite(AFTER, BEFORE)
    op.drop_column(TABLE, "moved")


def _rewrite(old: str, new: str) -> None:
    """Write another list of states into the check; on SQLite by its own procedure."""
    database = op.get_bind()
    if database.dialect.name != "sqlite":
        op.drop_constraint(op.f(CHECK), TABLE, type_="check")
        op.create_check_constraint(op.f(CHECK), TABLE, new)
        return
    number = database.execute(sa.text("PRAGMA schema_version")).scalar_one()
    database.execute(sa.text("PRAGMA writable_schema = ON"))
    changed = sa.text("UPDATE sqlite_master SET sql = replace(sql, :old, :new) WHERE type = 'table' AND name = :name")
    database.execute(changed, {"old": old, "new": new, "name": TABLE})
    database.execute(sa.text(f"PRAGMA schema_version = {number + 1}"))
    database.execute(sa.text("PRAGMA writable_schema = OFF"))
