"""A page of ours once more, as somebody who knows it by heart would write it: its statements by Core, its HTML by a template
without macros that holds nothing but what stands between the tags."""

import re
from collections.abc import Sequence
from html import unescape
from typing import Any

from flask import Flask, session
from flask.testing import FlaskClient
from sqlalchemy import Engine, event

Statement = tuple[str, Any]
READING = ("SELECT", "WITH")


def statements_of(client: FlaskClient, path: str, engine: Engine) -> tuple[str, list[Statement]]:
    """The page as it is answered the second time, and what it asked the database for that."""
    asked: list[Statement] = []

    def note(_connection: Any, _cursor: Any, statement: str, parameters: Any, *_rest: Any) -> None:
        if statement.lstrip().upper().startswith(READING):
            asked.append((statement, parameters))

    client.get(path)
    event.listen(engine, "before_cursor_execute", note)
    try:
        answer = client.get(path)
    finally:
        event.remove(engine, "before_cursor_execute", note)
    assert answer.status_code == 200, (path, answer.status_code)
    return answer.text, asked


def parted(page: str) -> tuple[str, list[str]]:
    """A template of the page with a value for each text in it, and the texts."""
    source, values = [], []
    for part in re.split(r"(<[^>]*>)", page):
        if part.startswith("<") or not part.strip():
            source.append(f"{{% raw %}}{part}{{% endraw %}}" if "{" in part else part)
        else:
            source.append(f"{{{{ values[{len(values)}] }}}}")
            values.append(unescape(part))
    return "".join(source), values


def plain_site(pages: Sequence[tuple[FlaskClient, str]], engine: Engine) -> FlaskClient:
    """The client of an application that answers ``/0``, ``/1`` … like these pages, after it has read its visitor's session."""
    app = Flask("plain")
    app.secret_key = "bench"
    for number, (client, path) in enumerate(pages):
        page, asked = statements_of(client, path, engine)
        source, values = parted(page)
        template = app.jinja_env.from_string(source)

        def view(asked: Any = asked, template: Any = template, values: Any = values) -> str:
            session.get("_user_id")
            with engine.connect() as connection:
                for statement, parameters in asked:
                    connection.exec_driver_sql(statement, parameters).all()
            return str(template.render(values=values))

        app.add_url_rule(f"/{number}", f"page_{number}", view)
    visitor = app.test_client()
    with visitor.session_transaction() as kept:
        kept["_user_id"], kept["_fresh"] = "somebody", True
    return visitor
