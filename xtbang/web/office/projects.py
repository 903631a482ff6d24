"""Projects (项目): the list for offices."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from flask import Blueprint, render_template, request, url_for
from sqlalchemy import Row

from xtbang.enums import KIND_LABELS
from xtbang.extensions import db
from xtbang.queries.assignments import officers_of
from xtbang.queries.office_list import COUNTED, SORTS, Filters, calls, page
from xtbang.queries.rights.lists import OFFICES, seen_by
from xtbang.queries.rights.visibility import EVERYTHING
from xtbang.rules.actor import Actor
from xtbang.rules.dates import day_of
from xtbang.web.frame.access import access, actor
from xtbang.web.frame.inputs import asked
from xtbang.web.frame.lines import Line, age_of, heads, line
from xtbang.web.frame.list_files import filters_of
from xtbang.web.frame.shell import caller, engine, path_of, policy
from xtbang.web.office.selection import Picking, deeds_for

bureau = Blueprint("bureau", __name__)

COLUMNS = ("number", "title", "org", "region", "amount", "state", "waited", "who")


@bureau.get("/projects")
@access(*OFFICES)
def projects() -> str:
    """Show projects filtered by state, kind, region, call and words; twenty at a time, the newest first."""
    who, args, now = actor(), request.args, engine().clock()
    filters, chosen = Filters.of(asked()), filters_of(args)
    sort = args.get("sort", "") if args.get("sort", "").removeprefix("-") in SORTS else ""
    before, after, number = (args.get(name, type=int) for name in ("before", "after", "page"))
    listed = page(db.session(), seen_by(who), filters, before, after, sort=sort, number=number or 1)
    earlier, later = ("page", "page") if sort else ("after", "before")

    def url(**place: int | str) -> str:
        return url_for("bureau.projects", **(chosen | ({"sort": sort} if sort else {}) | place))

    officers = officers_of(caller(), [row.id for row in listed.rows])
    found = f"超过 {COUNTED}" if listed.count > COUNTED else str(listed.count)
    deeds = deeds_for(policy(), who.roles, {filters.state} if filters.state else None)
    return render_template(
        "bureau/projects.html",
        rows=[_line(row, now, officers) for row in listed.rows],
        heads=heads(COLUMNS, sort, lambda key: url(sort=key)),
        pick=Picking("projects", tuple(chosen.items()), found, deeds),
        filters=filters,
        filtered=bool(chosen),
        newer=url(**{earlier: listed.newer}) if listed.newer else "",
        older=url(**{later: listed.older}) if listed.older else "",
        found=found,
        states={state.id: state.name for state in policy().states.values() if state.id != "draft"},
        kinds=KIND_LABELS,
        regions=_regions(who),
        calls={call.id: call.title for call in calls(db.session())},
        beside=bool(who.roles & EVERYTHING),
    )


def _line(row: Row[Any], now: datetime, officers: Mapping[int, str]) -> Line:
    state, p = policy().life(row.edition).states[row.state], path_of(row)
    waited = None if state.final else (day_of(now) - day_of(row.state_since)).days
    plan = policy().days_in(row.edition, row.state)
    return line(
        row,
        state=p["label"],
        tone=p["tone"],
        waited=waited,
        age=age_of(waited, plan) if waited is not None else "",
        due=f"计划 {plan} 天" if plan else "",
        who=officers.get(row.id) or _turn(row),
    )


def _regions(who: Actor) -> tuple[str, ...]:
    """Return the regions to choose from; only their own for a county officer without other roles."""
    return () if who.roles == {"county"} else policy().city.places


def _turn(row: Row[Any]) -> str:
    """Return whose turn it is in a state."""
    turn = policy().life(row.edition).states[row.state].turn
    return "、".join(policy().city.role_labels[role] for role in turn if role != "public")
