"""Past projects come in from a table (导入)."""

import sqlalchemy as sa
from alembic import op

revision = "0045"
down_revision = "0044"
branch_labels = None
depends_on = None


KEYS = {"call_id": "call", "asked_by_id": "person"}


def upgrade() -> None:
    op.create_table(
        "project_import",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("call_id", sa.Integer(), nullable=False),
        sa.Column("edition", sa.String(), nullable=False),
        sa.Column("file_name", sa.String(), nullable=False),
        sa.Column("sha256", sa.String(), nullable=False),
        sa.Column("lines", sa.JSON(), nullable=False),
        sa.Column("signatures", sa.JSON(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("asked_by_id", sa.Integer(), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decision", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "(status IN ('open', 'waiting')) = (decided_at IS NULL)",
            name=op.f("ck_project_import_decided_has_date"),
        ),
        *(
            sa.ForeignKeyConstraint([column], [f"{to}.id"], name=op.f(f"fk_project_import_{column}_{to}"))
            for column, to in KEYS.items()
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_project_import")),
    )
    op.create_index("ix_project_import_status", "project_import", ["status", "id"])
    with op.batch_alter_table("project") as table:
        table.add_column(sa.Column("import_id", sa.Integer(), nullable=True))
        table.add_column(sa.Column("import_line", sa.Integer(), nullable=True))
        table.create_foreign_key(op.f("fk_project_import_id_project_import"), "project_import", ["import_id"], ["id"])
        table.create_index("ix_project_import", ["import_id", "import_line"])


def downgrade() -> None:
    with op.batch_alter_table("project") as table:
        table.drop_index("ix_project_import")
        table.drop_constraint(op.f("fk_project_import_id_project_import"), type_="foreignkey")
        table.drop_column("import_line")
        table.drop_column("import_id")
    op.drop_table("project_import")
