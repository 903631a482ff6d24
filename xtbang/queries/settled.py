"""Statements kept as text: the expressions behind the statement of a desk take half a megabyte, and as much again once it is compiled."""

import re
from typing import Any

from sqlalchemy import CompoundSelect, Dialect, Select, TextualSelect, bindparam, column, text

_NAMED = re.compile(r"(?<![:\w]):(\w+)")
_LIST = re.compile(r"\(__\[POSTCOMPILE_(\w+)\]\)")


def settled(statement: Select[Any] | CompoundSelect[Any], dialect: Dialect) -> TextualSelect:
    """Return the same statement as text, for that kind of database alone; equal values are one parameter."""
    named = type(dialect)(paramstyle="named")  # type: ignore[call-arg]  # of every DefaultDialect
    named.statement_compiler = type("Settling", (dialect.statement_compiler,), {"render_bind_cast": _without_cast})
    compiled: Any = statement.compile(dialect=named)
    same: dict[Any, str] = {}
    names, parameters = {}, []
    for one, name in compiled.bind_names.items():
        names[name] = first = same.setdefault(name if one.required else (repr(one.type), repr(one.value)), name)
        if first == name:
            value = {} if one.required else {"value": one.value}
            parameters.append(bindparam(name, type_=one.type, expanding=one.expanding, **value))
    sql = _NAMED.sub(lambda found: f":{names[found[1]]}", _LIST.sub(r":\1", compiled.string))
    columns = [column(str(one.key), one.type) for one in statement.selected_columns]
    return text(sql).bindparams(*parameters).columns(*columns)


def _without_cast(_compiler: Any, _type: Any, _dbapi_type: Any, sql: str) -> str:
    """Return the parameter itself: its cast is added when the text is compiled."""
    return sql
