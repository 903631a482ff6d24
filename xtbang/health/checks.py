"""The list of checks: each yields what is wrong with an installation, in Chinese, and how to mend it."""

import logging
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass

from flask import Flask

from xtbang.extensions import db

LOG = logging.getLogger("xtbang.health")
ESSENTIAL = ("database", "migrations", "store")  # without which no page can be served
DATABASE = "database"  # the check without which those that ask the database are left out


@dataclass(frozen=True)
class Trouble:
    """One thing that is wrong: a sentence, and another one on how to mend it."""

    said: str
    todo: str


Find = Callable[[Flask], Iterator[Trouble]]


@dataclass(frozen=True)
class Check:
    """A check: its key, its name for people, and whether it asks the database and mails an alarm."""

    key: str
    name: str
    find: Find
    asks_database: bool
    alarms: bool


@dataclass(frozen=True)
class Result:
    """The troubles that a check has found; none when all is well, None when it could not be asked."""

    check: Check
    troubles: tuple[Trouble, ...] | None


CHECKS: dict[str, Check] = {}  # in the order of the answers of `xtbang doctor`


def check(name: str, *, asks_database: bool = False, alarms: bool = False) -> Callable[[Find], Find]:
    """Register a check under the name of its function."""

    def register(find: Find) -> Find:
        CHECKS[find.__name__] = Check(find.__name__, name, find, asks_database, alarms)
        return find

    return register


def results(app: Flask, wanted: Collection[str] | None = None) -> Iterator[Result]:
    """Yield the result of each check, or of those whose keys are wanted; a check that fails has found that it failed."""
    reachable = True
    with app.app_context():
        for one in CHECKS.values():
            if wanted is not None and one.key not in wanted:
                continue
            if one.asks_database and not reachable:
                yield Result(one, None)
                continue
            troubles = _found(app, one)
            reachable = reachable and not (one.key == DATABASE and troubles)
            yield Result(one, troubles)


def _found(app: Flask, one: Check) -> tuple[Trouble, ...]:
    try:
        return tuple(one.find(app))
    except Exception as error:
        LOG.exception("check %s failed", one.key)
        return (Trouble(f"没有查成：{type(error).__name__}。", "请看日志里 xtbang.health 的记录。"),)
    finally:
        db.session.rollback()
