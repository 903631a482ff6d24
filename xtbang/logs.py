"""The log of the program, on standard error: sentences, or JSON with one object a line.

A line has the number of its request, the route, and the number of the person. Nothing that was typed is in it: exceptions
are written without their message, which may repeat it, except those of the system and of the database as a whole.
"""

import json
import logging
import sys
import traceback
from datetime import UTC, datetime

from flask import g, has_request_context, request
from sqlalchemy.exc import OperationalError

from xtbang.rules.dates import SHANGHAI


class RequestFilter(logging.Filter):
    """Adds to each record the number of its request, the route, and the number of the person."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Return True: no record is left out."""
        record.request = record.route = record.method = ""
        record.person = None
        if has_request_context():
            record.request, record.method = str(g.get("request_number", "")), request.method
            record.route = request.url_rule.rule if request.url_rule else ""
            user = g.get("_login_user")  # of Flask-Login; not loaded for the sake of the log
            record.person = getattr(user, "id", None) if user is not None else None
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
        return json.dumps(said, ensure_ascii=False)


class TextFormatter(logging.Formatter):
    """Writes a record as a line for people, with the number of its request."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line, followed by the place of an exception."""
        number = getattr(record, "request", "")
        return f"{record.levelname} {record.name}{f' [{number}]' if number else ''} {super().format(record)}"


def set_up(style: str) -> None:
    """Write the log of this process to standard error; style is ``json`` or ``text``."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonFormatter() if style == "json" else TextFormatter("%(message)s"))
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


def _exception(error: BaseException) -> dict[str, object]:
    said = error.strerror if isinstance(error, OSError) else None
    if isinstance(error, OperationalError):  # of the database: no such table, no connection, disk full
        said = str(error.orig).partition("\n")[0]
    frames = [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in traceback.extract_tb(error.__traceback__)]
    found: dict[str, object] = {"type": type(error).__name__, "at": frames}
    return found | ({"said": said} if said else {})
