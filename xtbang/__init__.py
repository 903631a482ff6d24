"""xtbang: the life of a city's 科技创新“揭榜挂帅” projects."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:  # Flask is imported by `create_app`: the process that reads scans starts without it
    from flask import Flask

    from xtbang.application import Application


ALIVE = "probes.healthz"  # asks no database


def create_app(overrides: dict[str, Any] | None = None) -> Application:
    """Return the application. Raise DefinitionError when ``workflows/`` contains something unknown."""
    from xtbang import config
    from xtbang.application import Application

    app = Application(
        __name__,
        root_path=str(config.ROOT),
        template_folder=str(config.ROOT / "templates"),
        static_folder=str(config.ROOT / "static"),
    )
    app.config.update(config.load(overrides))
    add_extensions(app)
    add_policy(app)
    add_pages(app)
    return app


def add_extensions(app: Flask) -> None:
    """Add database, accounts, CSRF protection and security headers."""
    from xtbang.extensions import db, people, security
    from xtbang.models.writing import prepare_engine
    from xtbang.web.frame.headers import add_headers
    from xtbang.web.frame.page_of import PageProtect
    from xtbang.web.frame.sign_in import LoginForm

    db.init_app(app)
    with app.app_context():
        prepare_engine(db.engine)
    PageProtect(app)
    security.init_app(app, people, login_form=LoginForm)
    app.login_manager.request_loader(None)  # type: ignore[attr-defined]  # tokens in headers or addresses do not sign in
    security.principal.identity_loaders.clear()  # only web/frame/access.py decides which pages a role may open
    add_headers(app)


def add_policy(app: Flask) -> None:
    """Add the engine with the policy of all editions, as they were frozen at their first use, and both places for files."""
    from dataclasses import replace
    from datetime import timedelta

    from flask import request

    from xtbang.editions import SiteEditions, Watch, kept_editions, reading_of
    from xtbang.papers.pending import pending_beside
    from xtbang.papers.store import RecentFiles, store_from_config
    from xtbang.rules.site import Site
    from xtbang.workflow.engine import Engine
    from xtbang.workflow.standing import site_policy

    reading = reading_of(app)
    policy = site_policy(reading, kept_editions(app))
    policy = replace(policy, editions=SiteEditions(policy.editions, app))
    settings, city = app.config, policy.city
    site = Site(
        settings["LASTING_KEY"].encode(),
        settings["SITE_URL"],
        phone=settings["BUREAU_PHONE"] or city.telephone,
        address=settings["BUREAU_ADDRESS"] or city.address,
        former=settings["FORMER_SITE_URLS"],
        grace=timedelta(minutes=settings["GRACE_MINUTES"]),
    )
    app.extensions["engine"] = Engine(policy, site)
    app.extensions["watch"] = watch = Watch(app, reading)

    @app.before_request
    def look() -> None:
        if request.endpoint != ALIVE:
            watch.look()

    app.extensions["store"] = store = store_from_config(app.config)
    app.extensions["pending"] = pending_beside(store, app.config["INSTANCE"])
    app.extensions["recent"] = RecentFiles(store, app.config["RECENT_FILES"])


def add_pages(app: Application) -> None:
    """Add the blueprints by audience, the values that every template has, and the error pages."""
    from xtbang.extensions import security
    from xtbang.models.writing import watch_waits
    from xtbang.web import BLUEPRINTS
    from xtbang.web.account.codes import add_codes
    from xtbang.web.account.entering import AfterPassword
    from xtbang.web.frame.access import enforce
    from xtbang.web.frame.at_once import add_answers_at_once
    from xtbang.web.frame.bounds import add_bounds
    from xtbang.web.frame.drawing import add_drawing
    from xtbang.web.frame.errors import add_error_pages
    from xtbang.web.frame.filters import add_filters
    from xtbang.web.frame.lifetimes import add_lifetimes
    from xtbang.web.frame.list_files import add_list_files
    from xtbang.web.frame.maintenance import add_maintenance
    from xtbang.web.frame.metrics import add_metrics
    from xtbang.web.frame.once import add_once
    from xtbang.web.frame.places import add_places
    from xtbang.web.frame.refused import add_keeping
    from xtbang.web.frame.request_number import add_request_numbers
    from xtbang.web.frame.sessions import add_sessions
    from xtbang.web.frame.shell import add_shell
    from xtbang.web.frame.static_files import add_static_files
    from xtbang.web.frame.throttle import add_throttle

    add_request_numbers(app)
    add_metrics(app)
    watch_waits(app.extensions["metrics"].waits.observe)
    add_bounds(app)
    for blueprint in BLUEPRINTS:
        app.register_blueprint(blueprint)
    security.two_factor_plugins = AfterPassword()
    add_codes(app, app.extensions["engine"].policy.city.app)
    add_lifetimes(app)
    enforce(app)
    add_throttle(app)
    add_places(app)
    add_sessions(app)
    add_keeping(app)
    add_filters(app)
    add_drawing(app)
    add_static_files(app)
    add_answers_at_once(app)
    add_shell(app)
    add_list_files(app)
    add_error_pages(app)
    add_once(app)  # last
    add_maintenance(app)
