"""What a database says of its own schema."""

import re
import warnings
from typing import Any

from sqlalchemy import Engine, inspect, text
from sqlalchemy.exc import SAWarning

TRIGGERS = {
    "sqlite": "SELECT tbl_name, name, sql FROM sqlite_master WHERE type = 'trigger'",
    "postgresql": "SELECT tgname, pg_get_triggerdef(oid) FROM pg_trigger WHERE NOT tgisinternal",
}
INDEXES = {  # of expressions, which SQLAlchemy does not read
    "sqlite": "SELECT tbl_name, name, sql FROM sqlite_master WHERE type = 'index' AND sql LIKE '%coalesce(%'",
    "postgresql": "SELECT tablename, indexname, indexdef FROM pg_indexes WHERE indexdef LIKE '%COALESCE(%'",
}
TERMS = "search_term"  # of the search index, with what SQLite keeps of it in tables of its own
CASTS = re.compile(r"::[a-z ]+(\[\])?|[()]")  # which PostgreSQL sets anew in what it reads from a dump


def shape(engine: Engine) -> dict[str, dict[str, Any]]:
    """Everything about every table that the database can tell."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Skipped unsupported reflection", SAWarning)
        return _shape(engine)


def _shape(engine: Engine) -> dict[str, dict[str, Any]]:
    seen: Any = inspect(engine)
    found: dict[str, dict[str, Any]] = {}
    for name in sorted(set(seen.get_table_names()) - {"alembic_version"}):
        if name.startswith(TERMS):
            continue
        found[name] = {
            "columns": {column["name"]: (str(column["type"]), column["nullable"]) for column in seen.get_columns(name)},
            "key": seen.get_pk_constraint(name)["constrained_columns"],
            "references": {(*key["constrained_columns"], key["referred_table"]) for key in seen.get_foreign_keys(name)},
            "unique": {(*item["column_names"],) for item in seen.get_unique_constraints(name)},
            "checks": {item["name"]: CASTS.sub("", item["sqltext"]) for item in seen.get_check_constraints(name)},
            "indexes": {
                item["name"]: (
                    item["column_names"],
                    bool(item["unique"]),
                    [str(value) for value in item["dialect_options"].values()],
                )
                for item in seen.get_indexes(name)
            },
        }
    with engine.connect() as connection:
        for table, name, said in connection.execute(text(INDEXES[engine.dialect.name])):
            found[table]["indexes"][name] = CASTS.sub("", said)
    return found


def triggers(engine: Engine) -> list[tuple[Any, ...]]:
    """Every trigger with its definition."""
    with engine.connect() as connection:
        return sorted(map(tuple, connection.execute(text(TRIGGERS[engine.dialect.name]))))
