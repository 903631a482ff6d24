"""The append-only tables: the database itself refuses changes, on SQLite and on PostgreSQL."""

from sqlalchemy import DDL, event

from xtbang.models.base import Base

APPEND_ONLY = ("event", "ledger_entry", "document_version")  # by the first migration
FROZEN = ("frozen_edition",)  # by a later one


def statements(table: str, dialect: str) -> list[str]:
    """Return the SQL that makes the database refuse UPDATE and DELETE (and TRUNCATE) on ``table``."""
    if dialect == "sqlite":
        return [
            f"CREATE TRIGGER {table}_no_{verb.lower()} BEFORE {verb} ON {table} "
            f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
            for verb in ("UPDATE", "DELETE")
        ]
    return [
        f"CREATE OR REPLACE FUNCTION {table}_append_only() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$ BEGIN RAISE EXCEPTION '{table} is append-only'; END $$",
        f"CREATE TRIGGER {table}_no_change BEFORE UPDATE OR DELETE ON {table} "
        f"FOR EACH ROW EXECUTE FUNCTION {table}_append_only()",
        f"CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table} "
        f"FOR EACH STATEMENT EXECUTE FUNCTION {table}_append_only()",
    ]


for _table in (*APPEND_ONLY, *FROZEN):
    for _dialect in ("sqlite", "postgresql"):
        for _statement in statements(_table, _dialect):
            event.listen(
                Base.metadata.tables[_table],
                "after_create",
                DDL(_statement.replace("%", "%%")).execute_if(dialect=_dialect),  # type: ignore[no-untyped-call]
            )
