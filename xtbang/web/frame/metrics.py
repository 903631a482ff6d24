"""Figures for Prometheus: requests, waits for the database, refusals, and the backlog of the worker when it is asked."""

from collections.abc import Iterator
from datetime import datetime
from time import monotonic

from flask import Flask, Response, g, request
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, disable_created_metrics, generate_latest
from prometheus_client.core import GaugeMetricFamily

from xtbang.extensions import db
from xtbang.jobs.outbox import DELAYS
from xtbang.queries.backlog import Backlog, Waiting, backlog
from xtbang.web.frame.request_number import route
from xtbang.web.frame.throttle import refused_by

SECONDS = (0.05, 0.1, 0.25, 0.5, 1, 2, 5, 10, 30)
METHODS = frozenset({"GET", "HEAD", "POST"})  # all others count as one: the visitor makes them up
NOWHERE = "(none)"  # the route of an address that does not exist


class Metrics:
    """The figures of one process, from its start."""

    def __init__(self) -> None:
        self.registry = registry = CollectorRegistry()
        labels = ("route", "method", "status")
        self.requests = Counter("xtbang_requests", "Answered requests.", labels, registry=registry)
        self.seconds = Histogram(
            "xtbang_request_seconds", "From the first line of the program to the answer.", ("route",), buckets=SECONDS,
            registry=registry,
        )  # fmt: skip
        self.active = Gauge("xtbang_requests_active", "Requests that are being answered.", registry=registry)
        self.refusals = Counter(
            "xtbang_throttle_refusals", "Requests refused by a limit.", ("rule",), registry=registry
        )
        self.waits = Histogram(
            "xtbang_database_wait_seconds", "Waits of writers for a connection and the lock.", buckets=SECONDS,
            registry=registry,
        )  # fmt: skip

    def text(self, now: datetime) -> bytes:
        """Return everything as Prometheus reads it, with the backlog at that moment."""
        at_once = CollectorRegistry()
        at_once.register(_Families(backlog(db.session(), now, len(DELAYS))))
        return generate_latest(self.registry) + generate_latest(at_once)


class _Families:
    def __init__(self, found: Backlog) -> None:
        self.found = found

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """Yield what waits, and since when."""
        found, scans = self.found, self.found.jobs.get("read_scan")
        jobs = GaugeMetricFamily("xtbang_jobs_waiting", "Jobs that are due.", labels=("kind",))
        ages = GaugeMetricFamily("xtbang_jobs_oldest_seconds", "How long the first of them is due.", labels=("kind",))
        for kind, waiting in found.jobs.items():
            jobs.add_metric((kind,), waiting.count)
            ages.add_metric((kind,), waiting.oldest.total_seconds())
        yield from (jobs, ages)
        yield GaugeMetricFamily("xtbang_jobs_given_up", "Jobs not done, of the last 7 days.", value=found.given_up)
        for name, counted in (("mails", found.mails), ("papers", found.papers), ("scans", scans)):
            yield from _both(name, counted)
        yield GaugeMetricFamily("xtbang_mails_given_up", "Mails not tried any more.", value=found.undeliverable)


def _both(name: str, waiting: Waiting | None) -> Iterator[GaugeMetricFamily]:
    age = waiting.oldest.total_seconds() if waiting else 0
    yield GaugeMetricFamily(f"xtbang_{name}_waiting", f"Number of {name}.", value=waiting.count if waiting else 0)
    yield GaugeMetricFamily(f"xtbang_{name}_oldest_seconds", "How long the first of them waits.", value=age)


def add_metrics(app: Flask) -> None:
    """Start counting requests by their routes; an address may hold a secret and is not counted."""
    disable_created_metrics()
    app.extensions["metrics"] = metrics = Metrics()

    @app.before_request
    def begin() -> None:
        g.began = monotonic()
        metrics.active.inc()

    @app.after_request
    def count(response: Response) -> Response:
        where = route() or NOWHERE
        metrics.requests.labels(
            where, request.method if request.method in METHODS else "other", response.status_code
        ).inc()
        if "began" in g:
            metrics.seconds.labels(where).observe(monotonic() - g.began)
        if response.status_code == 429:
            metrics.refusals.labels(refused_by() or "other").inc()
        return response

    @app.teardown_request
    def end(_error: BaseException | None) -> None:
        if g.pop("began", None) is not None:
            metrics.active.dec()
