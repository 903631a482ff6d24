"""The addresses of lists: what they filter by, their views, and the file with the same rows."""

from typing import Any

from flask import Flask, abort, request, url_for
from flask_login import current_user
from werkzeug.datastructures import MultiDict
from werkzeug.routing import BuildError

from xtbang.people.list_settings import DENSITIES
from xtbang.queries.saved_views import views_of
from xtbang.sheets import LISTS, ListFile
from xtbang.web.frame.access import actor
from xtbang.web.frame.shell import caller
from xtbang.workflow.register_actions import register_actions

OWN = (  # not a filter
    "trigger", "other", "id", "all", "list", "again", "before", "after", "sort", "page", "view", "shared",
)  # fmt: skip


def filters_of(args: MultiDict[str, str]) -> dict[str, Any]:
    """Return what an address filters by."""
    return {key: value for key, value in args.items() if key not in OWN and value}


def address_of(listing: str, args: MultiDict[str, str]) -> str:
    """Return the address of a list as it is filtered; that of the projects where the list's own number is missing or none."""
    try:
        return url_for(listing, **filters_of(args))
    except (BuildError, ValueError):
        return url_for("bureau.projects")


def view_of(args: MultiDict[str, str]) -> dict[str, Any]:
    """Return what a view keeps of an address: what it filters by, and the order."""
    return filters_of(args) | ({"sort": args["sort"]} if args.get("sort") else {})


def found_list(listing: str) -> ListFile:
    """Return the list of the page of that name; abort where there is none, or it is not open to this person."""
    found = LISTS.get(listing) or abort(404)
    if not found.open_to(actor()):
        abort(403)
    return found


def add_list_files(app: Flask) -> None:
    """Add to every template the address of the file of the list that it shows, and the settings of that list."""

    def list_file(ending: str = "xlsx") -> str:
        chosen = view_of(request.args) | (request.view_args or {})
        return url_for("downloads.list_file", listing=request.endpoint, ending=ending, **chosen)

    app.jinja_env.globals.update(
        list_file=list_file, list_settings=_settings, register_settings=_register, sort_head=_sort_head
    )


def _sort_head(label: str) -> tuple[str, str]:
    """Return the address that sorts this list by the column of its file, and how it is sorted by it now: "" for not."""
    sort = request.args.get("sort", "")
    now_is = {label: "ascending", f"-{label}": "descending"}.get(sort, "")
    chosen = filters_of(request.args) | (request.view_args or {})
    return url_for(request.endpoint or "", **chosen, sort=f"-{label}" if now_is == "ascending" else label), now_is


def _register() -> dict[str, Any]:
    """Return what stands above a register: its filters, what may be done for several of its rows, and the address of its file."""
    listing, chosen = request.endpoint or "", view_of(request.args) | (request.view_args or {})
    return {
        "listing": listing,
        "chosen": chosen,
        "file": url_for("downloads.list_file", listing=listing, ending="xlsx"),
        "deeds": [
            (deed, url_for("batches.register", trigger=deed.trigger)) for deed in register_actions(listing, actor())
        ],
    }


def _settings() -> dict[str, Any]:
    """Return what stands above a list: its saved views with their addresses, and the density of its lines."""
    listing, here = request.endpoint or "", view_of(request.args)
    return {
        "views": [(view, url_for(listing, **view.query), view.query == here) for view in views_of(caller(), listing)],
        "save": url_for("views.save", listing=listing, **here),
        "density_url": url_for("views.density", listing=listing, **here),
        "chosen": here,
        "densities": DENSITIES,
        "density": current_user.density,
    }
