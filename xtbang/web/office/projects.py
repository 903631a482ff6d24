"""Projects (项目): the list for offices."""

from typing import Any

from flask import Blueprint, render_template, request, url_for
from sqlalchemy import Row

from xtbang.enums import KIND_LABELS
from xtbang.extensions import db
from xtbang.queries.office_list import COUNTED, Filters, calls, page
from xtbang.queries.rights.visibility import EVERYTHING, visible
from xtbang.rules.actor import Actor
from xtbang.web.frame.access import OFFICES, access, actor
from xtbang.web.frame.cards import card
from xtbang.web.frame.inputs import searched
from xtbang.web.frame.shell import policy

bureau = Blueprint("bureau", __name__)


@bureau.get("/projects")
@access(*OFFICES)
def projects() -> str:
    """Show projects filtered by state, kind, region, call and words; twenty at a time, the newest first."""
    who = actor()
    filters = _filters()
    before, after = request.args.get("before", type=int), request.args.get("after", type=int)
    listed = page(db.session(), seen_by(who), filters, before, after)
    chosen: dict[str, Any] = {
        key: value for key, value in request.args.items() if key not in ("before", "after") and value
    }

    def url(**place: int) -> str:
        return url_for("bureau.projects", **(chosen | place))

    return render_template(
        "bureau/projects.html",
        cards=[card(row, turn=_turn(row)) for row in listed.rows],
        filters=filters,
        filtered=bool(chosen),
        newer=url(after=listed.newer) if listed.newer else "",
        older=url(before=listed.older) if listed.older else "",
        found=f"超过 {COUNTED}" if listed.count > COUNTED else str(listed.count),
        states={state.id: state.name for state in policy().states.values() if state.id != "draft"},
        kinds=KIND_LABELS,
        regions=_regions(who),
        calls={call.id: call.title for call in calls(db.session())},
        beside=bool(who.roles & EVERYTHING),
    )


def seen_by(who: Actor) -> Any:
    """Return the condition for projects that this person may see."""
    return visible(who.roles, who.person_id, who.organisation_id, who.region)


def _filters() -> Filters:
    args = request.args
    return Filters(
        search=searched(),
        state=args.get("state", ""),
        kind=args.get("kind", ""),
        region=args.get("region", ""),
        call=args.get("call", type=int),
    )


def _regions(who: Actor) -> tuple[str, ...]:
    """Return the regions to choose from; only their own for a county officer without other roles."""
    return () if who.roles == {"county"} else policy().city.places


def _turn(row: Row[Any]) -> str:
    """Return whose turn it is in a state."""
    turn = policy().life(row.edition).states[row.state].turn
    return "、".join(policy().city.role_labels[role] for role in turn if role != "public")
