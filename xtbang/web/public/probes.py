"""Pages for machines: whether the process lives (``/healthz``), can serve (``/readyz``), and its figures (``/metrics``)."""

import hmac
from ipaddress import ip_address, ip_network
from time import monotonic
from typing import Any

from flask import Blueprint, Response, abort, current_app, request
from prometheus_client import CONTENT_TYPE_LATEST

from xtbang.health.checks import ESSENTIAL, results
from xtbang.web.frame.access import ANYONE, access
from xtbang.web.frame.shell import engine

probes = Blueprint("probes", __name__)
READY = (*ESSENTIAL, "queue")  # late jobs are reported, but pages can be served
FOR = 5.0  # seconds for which an answer holds: frequent requests do not write to the store


@probes.get("/healthz")
@access(ANYONE)
def healthz() -> Any:
    """Answer as long as the process does; the database is not asked."""
    return _text("ok\n")


@probes.get("/readyz")
@access(ANYONE)
def readyz() -> Any:
    """Answer 200 while pages can be served, 503 otherwise, with a line for each check, to machines also the reason."""
    asked, troubles = current_app.extensions.get("ready", (0.0, {}))
    if not troubles or monotonic() - asked > FOR:
        found = results(current_app._get_current_object(), READY)  # type: ignore[attr-defined]
        troubles = {one.check.key: one.troubles for one in found}
        current_app.extensions["ready"] = (monotonic(), troubles)
    lines, trusted = [], is_machine()
    for key, wrong in troubles.items():
        state = "ok" if wrong == () else "unknown" if wrong is None else "failed"
        lines.append(f"{key}: {state}{''.join(f' {one.said}' for one in wrong or ()) if trusted else ''}\n")
    return _text("".join(lines), 503 if any(troubles[key] != () for key in ESSENTIAL) else 200)


@probes.get("/metrics")
@access(ANYONE)
def metrics() -> Any:
    """Show the figures to Prometheus; for the public there is no such page."""
    if not is_machine():
        abort(404)
    found = current_app.extensions["metrics"].text(engine().clock())
    return Response(found, content_type=CONTENT_TYPE_LATEST)


def is_machine() -> bool:
    """Return whether the request comes from an address of the settings, or sends the token."""
    config = current_app.config
    token = request.headers.get("Authorization", "").removeprefix("Bearer ")
    if config["METRICS_TOKEN"] and hmac.compare_digest(token.encode(), config["METRICS_TOKEN"].encode()):
        return True
    if config["SITE_URL"].startswith("https://") and not config["PROXY"]:
        return False  # every visitor seems to come from the proxy
    address = ip_address(request.remote_addr or "0.0.0.0")  # noqa: S104
    return any(address in ip_network(known, strict=False) for known in config["METRICS_FROM"])


def _text(text: str, status: int = 200) -> Response:
    return Response(text, status, content_type="text/plain; charset=utf-8", headers={"Cache-Control": "no-store"})
