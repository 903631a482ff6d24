"""The web server with the background jobs in threads of their own, or in processes of their own."""

import logging
import os
import signal
import sys
from errno import EADDRINUSE

from flask import Flask
from sqlalchemy.exc import OperationalError

from xtbang import create_app, logs
from xtbang.background import wake_for, worker_of
from xtbang.config import SettingError
from xtbang.editions import freeze_at_start
from xtbang.extensions import db
from xtbang.health.records import NO_TABLES, WITHOUT_TABLES, is_empty
from xtbang.reception import Reception

LOG = logging.getLogger("xtbang.serving")
CONNECTING = "5"  # seconds for a connection to PostgreSQL
PROXY_MISSING = "站点地址是 https，但没有设置 XTBANG_PROXY：操作记录和防滥用限制看到的都将是反向代理的地址。"


def application() -> Flask:
    """Return the application with its editions frozen. Raise DefinitionError; exit without a database."""
    os.environ.setdefault("PGCONNECT_TIMEOUT", CONNECTING)  # read by libpq, which else waits two minutes
    app = create_app()
    logs.set_up(app.config["LOG"])
    try:
        freeze_at_start(app)
    except OperationalError as error:  # on the files alone, projects might move to what they were not taken under
        LOG.critical("数据库连接不上，没有启动：%s", error.orig)
        sys.exit(1)
    return app


def _need_tables(app: Flask) -> None:
    """Exit where the database is empty: a new file that SQLite has just made in the place of one that is gone."""
    with app.app_context():
        if is_empty(db.engine):
            LOG.critical("没有启动：%s%s", NO_TABLES, WITHOUT_TABLES)
            sys.exit(1)


def serve(app: Flask, host: str, port: int, threads: int) -> None:
    """Serve until SIGTERM or SIGINT; requests and writes in progress are finished first. Raise SettingError for an address in use."""
    _need_tables(app)
    if app.config["SITE_URL"].startswith("https://") and not app.config["PROXY"]:
        LOG.warning(PROXY_MISSING)
    logs.tell(LOG, f"http://{host}:{port}", app.config["LOG"])
    signal.signal(signal.SIGTERM, lambda _number, _frame: sys.exit(0))
    worker = worker_of(app)
    stop_waking = wake_for(worker)
    if app.config["EMBEDDED_WORKER"]:
        worker.start()
    try:
        try:
            reception = Reception(app, host, port, threads)
        except (OSError, ValueError) as error:  # it is in use, not of this machine, or no address
            why = "已被别的程序占用" if getattr(error, "errno", None) == EADDRINUSE else f"不能用（{error}）"
            raise SettingError(f"{host}:{port} {why}：换一个（--host、--port），或者停掉占用它的程序。") from None
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda _number, _frame: reception.stop())
        reception.run()
    finally:
        stop_waking()
        if app.config["EMBEDDED_WORKER"]:
            worker.stop()


def work(app: Flask) -> None:
    """Run background jobs until SIGTERM or SIGINT; what is being done is finished first."""
    _need_tables(app)
    worker = worker_of(app)
    stop_waking = wake_for(worker)
    worker.run()
    stop_waking()
