"""Recoveries (追缴) as lines: what has to come back, until when, and what is done next."""

from typing import Any

from flask import url_for
from sqlalchemy import Row

from xtbang.domain.recovery import next_of_recovery
from xtbang.queries.finance import CAUSES
from xtbang.rules.actor import Actor
from xtbang.rules.money import format_wan
from xtbang.rules.term import in_chinese
from xtbang.web.frame.lines import about
from xtbang.web.frame.shell import caller, policy


def recovery_line(row: Row[Any], who: Actor) -> dict[str, Any]:
    """Return one line of `queries.finance.recoveries` as a page shows it; its button for who may use it."""
    left = row.city_left + row.county_left
    action = policy().actions[next_of_recovery(left)]
    mine = not who.roles.isdisjoint(action.who)
    sources = (("市级", row.city_due, row.city_left), ("县级", row.county_due, row.county_left))
    parts = [f"{name}应追缴 {format_wan(due)}，尚差 {format_wan(short)}" for name, due, short in sources if due]
    return about(row) | {
        "cause": CAUSES[row.cause],
        "day": in_chinese(row.due),
        "days": (row.due - caller().today).days,
        "due": row.city_due + row.county_due,
        "left": left,
        "parts": "；".join(parts) or "没有应追缴的资金",
        "name": action.name,
        "act": url_for("actions.act", project_id=row.id, trigger=action.trigger) if mine else "",
    }
