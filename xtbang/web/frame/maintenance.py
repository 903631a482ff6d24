"""The page 维护中: while the site is being upgraded every address answers 503 with a page that needs nothing else."""

import json
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from flask import Flask

from xtbang.config import ROOT, maintenance_file

PAGE = ROOT / "static" / "maintenance.html"
RETRY_AFTER = 300  # seconds
OPEN = frozenset({"/healthz", "/readyz", "/metrics"})  # for machines, which want to know
SAID = {
    "ok": False,
    "message": "系统正在维护，这次没有保存。",
    "todo": "请不要关闭这一页，几分钟后再保存。",
    "number": "",
}
HEADERS = [
    ("Retry-After", str(RETRY_AFTER)),
    ("Cache-Control", "no-store"),
    ("X-Content-Type-Options", "nosniff"),
    ("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'"),
]
Application = Callable[[dict[str, Any], Any], Iterable[bytes]]


class Maintenance:
    """A gate before the application, which asks for nothing but one file."""

    def __init__(self, application: Application, instance: Path) -> None:
        self.application = application
        self.file = maintenance_file(instance)
        self.page = PAGE.read_bytes()

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        """Answer the request, or say that the site is being upgraded: as JSON to the script that saves drafts."""
        if environ.get("PATH_INFO") in OPEN or not self.file.exists():
            return self.application(environ, start_response)
        page, kind = self.page, "text/html; charset=utf-8"
        if environ.get("HTTP_ACCEPT", "").startswith("application/json"):
            page, kind = json.dumps(SAID).encode(), "application/json"
        start_response(
            "503 Service Unavailable", [("Content-Type", kind), ("Content-Length", str(len(page))), *HEADERS]
        )
        return [b"" if environ.get("REQUEST_METHOD") == "HEAD" else page]


def add_maintenance(app: Flask) -> None:
    """Put the gate before the application."""
    app.wsgi_app = Maintenance(app.wsgi_app, app.config["INSTANCE"])  # type: ignore[method-assign]
