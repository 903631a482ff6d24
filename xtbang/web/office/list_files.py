"""Lists as files (导出表格): at once, or by the worker where there are many rows."""

from dataclasses import replace
from itertools import islice
from typing import Any

from flask import abort, flash, redirect, render_template, request, url_for

from xtbang.domain.downloads import ask_for_list
from xtbang.queries.rights.lists import OFFICES
from xtbang.sheets import AT_ONCE
from xtbang.web.frame.access import access
from xtbang.web.frame.exports import ENDINGS, file_of
from xtbang.web.frame.inputs import asked
from xtbang.web.frame.list_files import found_list, view_of
from xtbang.web.frame.shell import caller
from xtbang.web.office.downloads import downloads


@downloads.get("/list-files/<listing>/<ending>")
@access(*OFFICES, "admin")
def list_file(listing: str, ending: str) -> Any:
    """Send a list as it is filtered, ``xlsx`` or ``csv``, or its ticked rows; where it is long, show how to have it made."""
    found = found_list(listing)
    if ending not in ENDINGS:
        abort(404)
    ticked = () if request.args.get("all") else frozenset(request.args.getlist("id", type=int))
    sheet = found.sheet(caller(), asked(), ticked)
    rows = list(islice(sheet.rows, AT_ONCE + 1))
    if len(rows) > AT_ONCE:
        chosen = view_of(request.args)
        return render_template(
            "downloads/list_file.html", listing=listing, title=sheet.title, chosen=chosen, most=AT_ONCE
        )
    return file_of(replace(sheet, rows=rows), ending)


@downloads.post("/list-files/<listing>")
@access(*OFFICES, "admin")
def make_list_file(listing: str) -> Any:
    """Request a long list as xlsx."""
    found_list(listing)
    ask_for_list(caller(), listing, view_of(request.args))
    flash("表格正在后台整理，完成后在这里下载。可以离开本页，稍后再来。", "success")
    return redirect(url_for("downloads.index"))
