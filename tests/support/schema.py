"""What a database says of its own schema."""

import re
from typing import Any

from sqlalchemy import Engine, inspect, text

TRIGGERS = {
    "sqlite": "SELECT name, sql FROM sqlite_master WHERE type = 'trigger'",
    "postgresql": "SELECT tgname, pg_get_triggerdef(oid) FROM pg_trigger WHERE NOT tgisinternal",
}
TERMS = "search_term"  # of the search index, with what SQLite keeps of it in tables of its own
CASTS = re.compile(r"::[a-z ]+(\[\])?|[()]")  # which PostgreSQL sets anew in what it reads from a dump


def shape(engine: Engine) -> dict[str, dict[str, Any]]:
    """Everything about every table that the database can tell."""
    seen, found = inspect(engine), {}
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
    return found


def triggers(engine: Engine) -> list[tuple[Any, ...]]:
    """Every trigger with its definition."""
    with engine.connect() as connection:
        return sorted(map(tuple, connection.execute(text(TRIGGERS[engine.dialect.name]))))
