"""A prior notice may be about a restriction alone, without a project: of which days, by whom, about which restriction."""

import sqlalchemy as sa
from alembic import op

revision = "0047"
down_revision = "0046"
branch_labels = None
depends_on = None

WITHOUT_PROJECT = {
    "prior_notice": ("project_id", "panel_id"),
    "addressee": ("project_id",),
    "party_statement": ("project_id",),
}
REFERENCES = {"restriction_id": "restriction", "issued_by_id": "person"}


def upgrade() -> None:
    for name, columns in WITHOUT_PROJECT.items():
        with op.batch_alter_table(name) as table:
            for column in columns:
                table.alter_column(column, existing_type=sa.Integer(), nullable=True)
            if name == "prior_notice":
                table.add_column(sa.Column("restrict_from", sa.Date(), nullable=True))
                for column, to in REFERENCES.items():
                    table.add_column(sa.Column(column, sa.Integer(), nullable=True))
                    table.create_foreign_key(op.f(f"fk_prior_notice_{column}_{to}"), to, [column], ["id"])


def downgrade() -> None:
    op.execute("DELETE FROM party_statement WHERE project_id IS NULL")
    op.execute("DELETE FROM addressee WHERE project_id IS NULL")
    op.execute("DELETE FROM prior_notice WHERE project_id IS NULL")
    for name, columns in WITHOUT_PROJECT.items():
        with op.batch_alter_table(name) as table:
            if name == "prior_notice":
                for column, to in REFERENCES.items():
                    table.drop_constraint(op.f(f"fk_prior_notice_{column}_{to}"), type_="foreignkey")
                    table.drop_column(column)
                table.drop_column("restrict_from")
            for column in columns:
                table.alter_column(column, existing_type=sa.Integer(), nullable=False)
