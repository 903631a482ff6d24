"""Prior notices of decisions against a party, their service, and what the parties have stated."""

import sqlalchemy as sa
from alembic import op

revision = "0041"
down_revision = "0040"
branch_labels = None
depends_on = None


def _keys(table: str, **references: str) -> list[sa.Constraint]:
    found: list[sa.Constraint] = [
        sa.ForeignKeyConstraint([column], [f"{to}.id"], name=op.f(f"fk_{table}_{column}_{to}"))
        for column, to in references.items()
    ]
    return [*found, sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}"))]


def upgrade() -> None:
    op.create_table(
        "prior_notice",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("project_id", sa.Integer(), nullable=False),
        sa.Column("panel_id", sa.Integer(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("evidence", sa.Text(), nullable=False),
        sa.Column("file_id", sa.Integer(), nullable=True),
        sa.Column("restrict_until", sa.Date(), nullable=True),
        sa.Column("due", sa.JSON(), nullable=False),
        sa.Column("issued_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        *_keys("prior_notice", project_id="project", panel_id="panel", file_id="stored_file"),
    )
    op.create_index(op.f("ix_prior_notice_project_id"), "prior_notice", ["project_id"])
    is_open = sa.text("status = 'open'")
    op.create_index(
        "uq_prior_notice_open",
        "prior_notice",
        ["project_id"],
        unique=True,
        sqlite_where=is_open,
        postgresql_where=is_open,
    )
    op.create_table(
        "addressee",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("project_id", sa.Integer(), nullable=False),
        sa.Column("prior_notice_id", sa.Integer(), nullable=False),
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        sa.Column("relation", sa.String(), nullable=False),
        sa.Column("restricted", sa.Boolean(), nullable=False),
        sa.Column("manner", sa.String(), nullable=False),
        sa.Column("dated", sa.Date(), nullable=True),
        sa.Column("served_on", sa.Date(), nullable=True),
        sa.Column("answer_until", sa.Date(), nullable=True),
        sa.Column("file_id", sa.Integer(), nullable=True),
        sa.Column("recorded_by_id", sa.Integer(), nullable=True),
        sa.CheckConstraint(
            "(served_on IS NULL) = (answer_until IS NULL)", name=op.f("ck_addressee_served_has_last_day")
        ),
        sa.UniqueConstraint("prior_notice_id", "organisation_id", name=op.f("uq_addressee_prior_notice_id")),
        *_keys(
            "addressee",
            project_id="project",
            prior_notice_id="prior_notice",
            organisation_id="organisation",
            file_id="stored_file",
            recorded_by_id="person",
        ),
    )
    op.create_index(op.f("ix_addressee_organisation_id"), "addressee", ["organisation_id"])
    op.create_table(
        "party_statement",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("project_id", sa.Integer(), nullable=False),
        sa.Column("prior_notice_id", sa.Integer(), nullable=True),
        sa.Column("panel_id", sa.Integer(), nullable=True),
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("file_id", sa.Integer(), nullable=True),
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column("received_on", sa.Date(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by_id", sa.Integer(), nullable=False),
        sa.Column("voided_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "(panel_id IS NULL) <> (prior_notice_id IS NULL)", name=op.f("ck_party_statement_about_one_thing")
        ),
        *_keys(
            "party_statement",
            project_id="project",
            prior_notice_id="prior_notice",
            panel_id="panel",
            organisation_id="organisation",
            file_id="stored_file",
            recorded_by_id="person",
        ),
    )
    op.create_index(op.f("ix_party_statement_project_id"), "party_statement", ["project_id"])


def downgrade() -> None:
    for table in ("party_statement", "addressee", "prior_notice"):
        op.drop_table(table)
