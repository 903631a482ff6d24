"""Saved views (视图) of the lists of officers, and the density of their lines."""

from typing import Any

from flask import Blueprint, abort, flash, redirect, request, url_for

from xtbang.errors import Blocked
from xtbang.people import list_settings as commands
from xtbang.queries.rights.lists import OFFICES
from xtbang.web.frame.access import access
from xtbang.web.frame.list_files import found_list, view_of
from xtbang.web.frame.shell import caller

views = Blueprint("views", __name__)
TYPED = 500  # characters of a refused name that fit into an address


@views.post("/views/<listing>")
@access(*OFFICES, "admin")
def save(listing: str) -> Any:
    """Keep the filters and the order in the address under a name."""
    found_list(listing)
    chosen = view_of(request.args)
    typed = request.form.get("view", "")
    try:
        name = commands.save_view(caller(), listing, typed, chosen, "shared" in request.form)
    except Blocked as blocked:
        flash(str(blocked), "error")
        return redirect(url_for(listing, **chosen, view=typed[:TYPED], shared=request.form.get("shared")))
    flash(f"视图{name}已保存。", "success")
    return redirect(url_for(listing, **chosen))


@views.post("/views/<int:view_id>/delete")
@access(*OFFICES, "admin")
def delete(view_id: int) -> Any:
    """Delete a view."""
    listing = commands.usable_view(caller(), view_id).page
    commands.delete_view(caller(), view_id)
    flash("视图已删除。", "success")
    return redirect(url_for(listing, **view_of(request.args)))


@views.post("/views/<int:view_id>/rename")
@access(*OFFICES, "admin")
def rename(view_id: int) -> Any:
    """Change the name of a view."""
    listing, typed = commands.usable_view(caller(), view_id).page, request.form.get("name", "")
    try:
        name = commands.rename_view(caller(), view_id, typed)
    except Blocked as blocked:
        flash(str(blocked), "error")
        return redirect(url_for(listing, **view_of(request.args), view=typed[:TYPED]))
    flash(f"视图已改名为{name}。", "success")
    return redirect(url_for(listing, **view_of(request.args)))


@views.post("/views/<listing>/density")
@access(*OFFICES, "admin")
def density(listing: str) -> Any:
    """Keep how dense this person wants the lines of lists."""
    found_list(listing)
    if (chosen := request.form.get("density", "")) not in commands.DENSITIES:
        abort(404)
    commands.choose_density(caller(), chosen)
    return redirect(url_for(listing, **view_of(request.args)))
