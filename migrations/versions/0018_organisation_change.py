"""Changes of registered organisations: new name, new code, another county, corrections, 注销."""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("organisation", sa.Column("renamed_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("organisation", sa.Column("dissolved_on", sa.Date(), nullable=True))
    op.create_table(
        "organisation_change",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("dated", sa.Date(), nullable=False),
        sa.Column("before", sa.JSON(), nullable=False),
        sa.Column("after", sa.JSON(), nullable=False),
        sa.Column("former_name", sa.String(), nullable=False),
        sa.Column("former_uscc", sa.String(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("file_id", sa.Integer(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("asked_by_id", sa.Integer(), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decided_by_id", sa.Integer(), nullable=True),
        sa.Column("refusal", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "(status = 'asked') = (decided_at IS NULL)", name=op.f("ck_organisation_change_decided_has_date")
        ),
        sa.CheckConstraint("status IN ('asked', 'confirmed', 'refused')", name=op.f("ck_organisation_change_status")),
        sa.ForeignKeyConstraint(["asked_by_id"], ["person.id"], name=op.f("fk_organisation_change_asked_by_id_person")),
        sa.ForeignKeyConstraint(
            ["decided_by_id"], ["person.id"], name=op.f("fk_organisation_change_decided_by_id_person")
        ),
        sa.ForeignKeyConstraint(
            ["file_id"], ["stored_file.id"], name=op.f("fk_organisation_change_file_id_stored_file")
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisation.id"], name=op.f("fk_organisation_change_organisation_id_organisation")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_organisation_change")),
    )
    op.create_index("ix_organisation_change_organisation", "organisation_change", ["organisation_id", "id"])
    op.create_index("ix_organisation_change_status", "organisation_change", ["status", "id"])


def downgrade() -> None:
    op.drop_table("organisation_change")
    op.drop_column("organisation", "dissolved_on")
    op.drop_column("organisation", "renamed_at")
