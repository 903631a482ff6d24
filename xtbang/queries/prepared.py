"""Statements that are built once for a policy; what differs from reader to reader and from day to day is bound when they run.

To build the statements of a desk takes longer than to run them.
"""

from collections.abc import Callable, Hashable
from datetime import timedelta
from typing import Any, TypeVar

from sqlalchemy import CompoundSelect, Date, Integer, Select, String, TextualSelect, bindparam

from xtbang.models.base import Moment
from xtbang.queries.caller import Caller
from xtbang.queries.settled import settled
from xtbang.rules.policy import Policy

KEPT = 300  # statements of a policy; more begin anew
Built = TypeVar("Built")

NOW = bindparam("now", type_=Moment())
COLLECTED = bindparam("collected", type_=Moment())  # up to then everything has arrived
TODAY = bindparam("today", type_=Date())
IN_30_DAYS = bindparam("in_30_days", type_=Date())
IN_60_DAYS = bindparam("in_60_days", type_=Date())
ME = bindparam("me", type_=Integer())  # the reader's id
MINE = bindparam("mine", type_=Integer())  # the reader's organisation; 0, which none has, without one
MEMBER = bindparam("member", type_=String())  # that organisation as a party of a contract: member:5
QUOTED_MEMBER = bindparam("quoted_member", type_=String())  # the same as a list of parties in the database holds it
REGION = bindparam("region", type_=String())  # the reader's region; NULL, which equals none, without one
MOST = bindparam("most", type_=Integer())  # rows
PROJECTS = bindparam("projects", type_=Integer(), expanding=True)


def bound(caller: Caller, **more: Any) -> dict[str, Any]:
    """Return the values of everything above that does not differ from question to question, and ``more``."""
    today, mine = caller.today, caller.actor.organisation_id or 0
    return {
        "now": caller.now,
        "collected": caller.collected,
        "today": today,
        "in_30_days": today + timedelta(days=30),
        "in_60_days": today + timedelta(days=60),
        "me": caller.actor.person_id,
        "mine": mine,
        "member": f"member:{mine}",
        "quoted_member": f'"member:{mine}"',
        "region": caller.actor.region or None,
        **more,
    }


def prepared(policy: Policy, key: Hashable, build: Callable[[], Built]) -> Built:
    """Return what ``build`` made for that key; it is made again once an edition of the policy is another one."""
    editions, kept = tuple(policy.editions.values()), policy.statements
    known = kept.get(key)
    if known is None or known[0] != editions:
        if len(kept) >= KEPT:
            kept.clear()
        known = kept[key] = (editions, build())
    found: Built = known[1]
    return found


def prepared_text(
    caller: Caller, key: Hashable, build: Callable[[], Select[Any] | CompoundSelect[Any]]
) -> TextualSelect:
    """Return the statement that ``build`` made for that key and the caller's database, kept as text."""
    dialect = caller.session.get_bind().dialect
    return prepared(caller.policy, (dialect.name, key), lambda: settled(build(), dialect))
