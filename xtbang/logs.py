"""The log of the program, on standard error: one line a record, a sentence or a JSON object.

A line has the number of its request, the route, and the number of the person. Nothing that was typed is in it: exceptions
are written without their message, which may repeat it, except those of the system and of the database as a whole.
"""

import json
import logging
import re
import sys
from datetime import UTC, datetime
from typing import Any

from flask import g, has_request_context, request
from sqlalchemy import inspect
from sqlalchemy.exc import OperationalError

from xtbang.errors import places_of
from xtbang.rules.dates import SHANGHAI

# line breaks, commands of a terminal, and what turns the direction of writing
_CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]")


class RequestFilter(logging.Filter):
    """Adds to each record the number of its request, the route, and the number of the person."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Return True: no record is left out."""
        record.request = record.route = record.method = ""
        record.person = None
        if has_request_context():
            record.request, record.method = str(g.get("request_number", "")), request.method
            record.route = request.url_rule.rule if request.url_rule else ""
            row = inspect(g.get("_login_user"), raiseerr=False)  # of Flask-Login; the log asks the database nothing
            record.person = row.identity[0] if row is not None and row.identity else None
        return True


class JsonFormatter(logging.Formatter):
    """Writes a record as one line of JSON."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line."""
        said: dict[str, object] = {
            "time": datetime.fromtimestamp(record.created, UTC).astimezone(SHANGHAI).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
            "process": record.process,
        }
        about = {name: getattr(record, name, None) for name in ("request", "method", "route", "person")}
        said |= {name: value for name, value in about.items() if value not in ("", None)}
        if record.exc_info and record.exc_info[1]:
            said["exception"] = _exception(record.exc_info[1])
        return in_one_line(json.dumps(said, ensure_ascii=False))


class TextFormatter(logging.Formatter):
    """Writes a record as a line for people, with the number of its request."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line, with type and places of an exception at its end."""
        number = getattr(record, "request", "")
        line = f"{record.levelname} {record.name}{f' [{number}]' if number else ''} {record.getMessage()}"
        if record.exc_info and record.exc_info[1]:
            found = _exception(record.exc_info[1])
            said = f" ({found['said']})" if "said" in found else ""
            line += f" | {found['type']}{said} at {' > '.join(found['at'])}"
        return in_one_line(line)


def in_one_line(text: str) -> str:
    """Return a text in one line, each control character written as JSON writes it."""
    return _CONTROLS.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


def set_up(style: str) -> None:
    """Write the log of this process to standard error; style is ``json`` or ``text``."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonFormatter() if style == "json" else TextFormatter())
    handler.addFilter(RequestFilter())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.WARNING)
    # the address of the server, sign-ins, and the numbers of all error pages
    for name in ("xtbang.serving", "xtbang.accounts", "xtbang.web"):
        logging.getLogger(name).setLevel(logging.INFO)


def tell(log: logging.Logger, sentence: str, style: str) -> None:
    """Write a sentence to standard output, or to the log when its style is ``json``: then no line may be plain text."""
    if style == "json":
        log.info(sentence)
    else:
        print(sentence, flush=True)


def _exception(error: BaseException) -> dict[str, Any]:
    said = error.strerror if isinstance(error, OSError) else None
    if isinstance(error, OperationalError):  # of the database: no such table, no connection, disk full
        said = str(error.orig).partition("\n")[0]
    found: dict[str, Any] = {"type": type(error).__name__, "at": places_of(error)}
    return found | ({"said": said} if said else {})
