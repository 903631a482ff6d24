"""The editions of a site: what its database has frozen, read at the start, and what is frozen at the start."""

import logging
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from time import monotonic
from typing import TypeVar

from flask import Flask
from sqlalchemy import create_engine, inspect, make_url
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from xtbang.domain.frozen_editions import freeze_used
from xtbang.extensions import db
from xtbang.models import FrozenEdition
from xtbang.queries.frozen_editions import Kept, frozen_editions, newest_frozen
from xtbang.rules.actor import SYSTEM
from xtbang.rules.edition import Edition
from xtbang.workflow.definition import Reading, policy_of, read_folder
from xtbang.workflow.standing import Standing, as_run, faults, standings

LOG = logging.getLogger("xtbang.policy")
EVERY = 60  # seconds between two looks
Answer = TypeVar("Answer")
PATIENCE = 5  # seconds to wait for a database that does not answer


class NoDatabaseError(Exception):
    """Raised where there is no database to compare with; the message is a Chinese sentence."""


def editions_of_database(address: str) -> list[Kept]:
    """Return every frozen edition of the database at that URL; it is not created. Raise NoDatabaseError."""
    return _asked(address, frozen_editions)


def _asked(address: str, question: Callable[[Session], Answer]) -> Answer:
    url = make_url(address)
    of_file = url.get_backend_name() == "sqlite"
    if of_file and not Path(url.database or "").is_file():
        raise NoDatabaseError(f"没有数据库 {url.database}。")
    engine = create_engine(url, connect_args={} if of_file else {"connect_timeout": PATIENCE})
    try:
        with Session(engine) as session:
            return question(session)
    except DBAPIError as error:
        raise NoDatabaseError(f"数据库连接不上（{str(error.orig).strip().splitlines()[0]}）。") from None
    finally:
        engine.dispose()


class SiteEditions(dict[str, Edition]):
    """The editions of a process; one that another process has frozen since is read when a project of it is met."""

    def __init__(self, known: Mapping[str, Edition], app: Flask) -> None:
        super().__init__(known)
        self.app = app

    def __missing__(self, key: str) -> Edition:
        """Return an edition from the database. Raise KeyError when it is not frozen there."""
        found = as_run(reading_of(self.app), kept_editions(self.app))
        if key not in found:
            raise KeyError(key)
        self.update({one: edition for one, edition in found.items() if one not in self})
        return found[key]


class Watch:
    """Learn once a minute of the editions that other processes have frozen: what is listed and reckoned with has them too."""

    def __init__(self, app: Flask, reading: Reading) -> None:
        self.app, self.reading = app, reading  # the files as they were at the start
        self.looked, self.newest = monotonic(), self._newest()

    def look(self) -> None:
        """Take in new editions, unless this was done less than a minute ago."""
        if monotonic() - self.looked < EVERY:
            return
        self.looked, newest = monotonic(), self._newest()
        if newest == self.newest:
            return
        self.newest, engine = newest, self.app.extensions["engine"]
        known = engine.policy.editions
        found = as_run(self.reading, kept_editions(self.app))
        if new := [edition for key, edition in found.items() if key not in known]:
            policy = policy_of(self.reading, [*known.values(), *new])
            engine.policy = replace(policy, editions=SiteEditions(policy.editions, self.app))

    def _newest(self) -> int:
        """Return the number of the last edition that was frozen; 0 when there is none, or no database."""
        try:
            return _asked(self.app.config["SQLALCHEMY_DATABASE_URI"], newest_frozen)
        except NoDatabaseError:
            return 0


def kept_editions(app: Flask) -> list[Kept]:
    """Return every frozen edition of the application's database; none when there is no database yet."""
    try:
        return editions_of_database(app.config["SQLALCHEMY_DATABASE_URI"])
    except NoDatabaseError as error:
        LOG.info("%s", error)
        return []


def freeze_at_start(app: Flask) -> None:
    """Freeze what is in use and not frozen yet, as after an upgrade, and say in the log which files have changed."""
    with app.app_context():
        session, policy = db.session(), app.extensions["engine"].policy
        if not inspect(session.connection()).has_table(FrozenEdition.__tablename__):
            return
        reading, kept = reading_of(app), frozen_editions(session)
        policy.editions.update(as_run(reading, kept))
        if freeze_used(app.extensions["engine"].caller(session, SYSTEM)):
            kept = frozen_editions(session)
        for sentence in faults(standings(reading, kept)):
            LOG.warning("%s", sentence)


def standings_of(app: Flask) -> list[Standing]:
    """Return where each edition stands, by the files as they are now."""
    return standings(reading_of(app), frozen_editions(db.session()))


def reading_of(app: Flask) -> Reading:
    """Return what the files say now, read again only when one of them has changed."""
    folder: Path = app.config["WORKFLOWS"]
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    stamps = tuple((path, stat.st_mtime_ns, stat.st_size) for path in files for stat in (path.stat(),))
    if app.extensions.get("reading", (None,))[0] != stamps:
        app.extensions["reading"] = (stamps, read_folder(folder))
    reading: Reading = app.extensions["reading"][1]
    return reading
