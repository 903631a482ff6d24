"""Projects (项目): the list for offices."""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from flask import Blueprint, render_template, request, url_for
from sqlalchemy import Row

from xtbang.enums import KIND_LABELS
from xtbang.extensions import db
from xtbang.queries.assignments import officers_of
from xtbang.queries.desk.waits import waits_of
from xtbang.queries.office_list import COUNTED, SIZE, SORTS, Filters, Page, calls, days_waited, page
from xtbang.queries.rights.lists import OFFICES
from xtbang.queries.rights.visibility import EVERYTHING, seen_by_reader
from xtbang.rules.actor import Actor
from xtbang.rules.lives import Wait
from xtbang.rules.policy import Policy
from xtbang.web.frame.access import access
from xtbang.web.frame.inputs import asked
from xtbang.web.frame.lines import Line, age_of, heads, in_order, line
from xtbang.web.frame.list_files import filters_of
from xtbang.web.frame.shell import caller, tag_of
from xtbang.web.office.selection import Picking, deeds_for

bureau = Blueprint("bureau", __name__)

COLUMNS = ("number", "title", "org", "region", "amount", "state", "waited", "who")
BY_HAND = "who"


@bureau.get("/projects")
@access(*OFFICES)
def projects() -> str:
    """Show projects filtered by state, kind, region, call and words; twenty at a time, the newest first."""
    asking, args = caller(), request.args
    who, known = asking.actor, asking.policy
    filters, chosen = Filters.of(asked()), filters_of(args)
    sort = args.get("sort", "") if args.get("sort", "").removeprefix("-") in {*SORTS, BY_HAND} else ""
    before, after, number = (args.get(name, type=int) for name in ("before", "after", "page"))
    by_hand, at = sort.removeprefix("-") == BY_HAND, max(1, number or 1)
    seen = seen_by_reader(known, who.roles)
    if by_hand:  # who has the next step is no column of the database: the newest are put in order here
        listed = page(asking, seen, filters, size=COUNTED)
    else:
        listed = page(asking, seen, filters, before, after, sort=sort, number=at)
    earlier, later = ("page", "page") if sort else ("after", "before")

    def url(**place: int | str) -> str:
        return url_for("bureau.projects", **(chosen | ({"sort": sort} if sort else {}) | place))

    ids = [row.id for row in listed.rows]
    officers, waits = officers_of(asking, ids), waits_of(asking, ids, {row.state for row in listed.rows})
    found = f"超过 {COUNTED}" if listed.count > COUNTED else str(listed.count)
    deeds = deeds_for(known, who.roles, {filters.state} if filters.state else None)
    lines = [_line(known, row, asking.today, officers, waits.get(row.id, ())) for row in listed.rows]
    if by_hand:
        ordered, at = in_order(lines, sort), min(at, max(0, len(lines) - 1) // SIZE + 1)
        first = (at - 1) * SIZE
        lines, cut = ordered[first : first + SIZE], listed.older is not None
        listed = Page([], at - 1 or None, at + 1 if ordered[first + SIZE :] else None, listed.count, cut)
    return render_template(
        "bureau/projects.html",
        rows=lines,
        heads=heads(COLUMNS, sort, lambda key: url(sort=key)),
        pick=Picking("projects", tuple(chosen.items()), found, deeds),
        filters=filters,
        filtered=bool(chosen),
        newer=url(**{earlier: listed.newer}) if listed.newer else "",
        older=url(**{later: listed.older}) if listed.older else "",
        found=f"符合条件的共 {found} 项" + (f"，只将最新的 {COUNTED} 项排序" if listed.cut else ""),
        state_choices={state.id: state.name for state in known.states.values() if state.id != "draft"},
        kinds=KIND_LABELS,
        regions=_regions(known, who),
        calls={call.id: call.title for call in calls(db.session())},
        beside=bool(who.roles & EVERYTHING),
    )


def _line(known: Policy, row: Row[Any], today: date, officers: Mapping[int, str], waits: Iterable[Wait]) -> Line:
    state = known.life(row.edition).states[row.state]
    label, tone = tag_of(row)
    waited = days_waited(row, state, today)
    roles = tuple(dict.fromkeys(role for wait in waits for role in wait.who)) or state.turn
    turn = (known.city.role_labels[role] for role in roles if role != "public")
    plan = known.days_in(row.edition, row.state)
    return line(
        row,
        state=label,
        tone=tone,
        waited=waited,
        age=age_of(waited, plan) if waited is not None else "",
        due=f"计划 {plan} 天" if plan else "",
        who=officers.get(row.id) or "、".join(turn),
    )


def _regions(known: Policy, who: Actor) -> tuple[str, ...]:
    """Return the regions to choose from; only their own for a county officer without other roles."""
    return () if who.roles == {"county"} else known.city.places
