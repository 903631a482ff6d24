"""Search (检索) over everything that an officer may see."""

from typing import Any

from flask import Blueprint, render_template, request, url_for

from xtbang.queries.search_page import KINDS, SEARCHERS, Group, Hit, found, found_of, kinds_of
from xtbang.rules.search_words import excerpt, marked, words_in
from xtbang.web.frame.access import access, actor
from xtbang.web.frame.inputs import searched
from xtbang.web.frame.shell import caller, policy
from xtbang.web.office.selection import Picking, deeds_for

search = Blueprint("search", __name__)


@search.get("/search")
@access(*sorted(SEARCHERS))
def page() -> str:
    """Show what is found: the first of every kind, or all of one kind, twenty at a time."""
    asked, kind = searched(), request.args.get("kind", "")
    kind = kind if kind in kinds_of(actor()) else ""
    before = request.args.get("before", type=int)
    groups = [found_of(caller(), asked, kind, before)] if kind else found(caller(), asked)
    words = words_in(asked)
    older = url_for("search.page", q=asked, kind=kind, before=groups[0].hits[-1].id) if kind and groups[0].more else ""
    return render_template(
        "bureau/search.html",
        asked=asked,
        kind=kind,
        label=KINDS.get(kind, ""),
        pick=_picking(asked, kind, groups),
        groups=[(group, [_shown(hit, words) for hit in group.hits]) for group in groups if group.hits],
        first=url_for("search.page", q=asked, kind=kind) if kind and before else "",
        older=older,
    )


def _picking(asked: str, kind: str, groups: list[Group]) -> Picking | None:
    """Return what may be done for several of the projects that are found; None where no project is."""
    if not any(hit.project_id for group in groups for hit in group.hits):
        return None
    filters = (("q", asked), ("kind", kind)) if kind else (("q", asked),)
    return Picking("search", filters, "", deeds_for(policy(), actor().roles))


def _shown(hit: Hit, words: list[str]) -> dict[str, Any]:
    """Return title, address and text of what was found, in pieces that are marked where the words stand."""
    name = hit.project if hit.project_id else hit.title
    text = hit.text.partition(name)[2] if hit.kind == "project" else hit.text
    return {
        "url": _address(hit),
        "project": hit.project_id,
        "name": name,
        "title": marked(name, words),
        "number": marked(hit.number, words),
        "text": marked(excerpt(text, words), words),
    }


def _address(hit: Hit) -> str:
    if hit.project_id:
        return f"/projects/{hit.project_id}"
    endpoints = {
        "notice": ("public.notice", "notice_id"),
        "organisation": ("admin.organisation", "organisation_id"),
        "person": ("admin.person", "person_id"),
        "budget": ("finance.budget", "call_id"),
        "meeting": ("meetings.page", "meeting_id"),
        "import": ("imports.page", "import_id"),
    }
    if hit.kind == "restriction":
        return url_for("admin.restrictions", q=hit.title, show="all")
    if hit.kind == "waiting_act":
        return url_for("admin.restriction_acts")
    if hit.kind == "slip":
        return url_for("finance.slips", before=hit.row_id + 1)
    endpoint, key = endpoints[hit.kind]
    return url_for(endpoint, **{key: hit.row_id})
