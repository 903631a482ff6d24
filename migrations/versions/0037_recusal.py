"""Requests of a party that an expert does not judge its project; the code of an expert's employer; blind panels."""

import sqlalchemy as sa
from alembic import op

revision = "0037"
down_revision = "0036"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "recusal",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("project_id", sa.Integer(), nullable=False),
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        sa.Column("person", sa.String(), nullable=False),
        sa.Column("employer", sa.String(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("named_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("named_by_id", sa.Integer(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("finding", sa.Text(), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decided_by_id", sa.Integer(), nullable=True),
        sa.CheckConstraint("person <> '' OR employer <> ''", name=op.f("ck_recusal_names_somebody")),
        sa.CheckConstraint("(status = 'open') = (decided_at IS NULL)", name=op.f("ck_recusal_decided_has_date")),
        sa.ForeignKeyConstraint(["decided_by_id"], ["person.id"], name=op.f("fk_recusal_decided_by_id_person")),
        sa.ForeignKeyConstraint(["named_by_id"], ["person.id"], name=op.f("fk_recusal_named_by_id_person")),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisation.id"], name=op.f("fk_recusal_organisation_id_organisation")
        ),
        sa.ForeignKeyConstraint(["project_id"], ["project.id"], name=op.f("fk_recusal_project_id_project")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recusal")),
    )
    op.create_index(op.f("ix_recusal_project_id"), "recusal", ["project_id"])
    op.add_column("panel", sa.Column("blind", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column("person", sa.Column("employer_uscc", sa.String(), nullable=False, server_default=""))


def downgrade() -> None:
    op.drop_column("person", "employer_uscc")
    op.drop_column("panel", "blind")
    op.drop_table("recusal")
