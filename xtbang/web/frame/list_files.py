"""The addresses of lists: what they filter by, and the file with the same rows."""

from typing import Any

from flask import Flask, request, url_for
from werkzeug.datastructures import MultiDict

OWN = ("trigger", "other", "id", "all", "list", "again", "before", "after", "sort", "page")  # not a filter


def filters_of(args: MultiDict[str, str]) -> dict[str, Any]:
    """Return what an address filters by."""
    return {key: value for key, value in args.items() if key not in OWN and value}


def add_list_files(app: Flask) -> None:
    """Add to every template the address of the file of the list that it shows."""

    def list_file(ending: str = "xlsx", listing: str = "") -> str:
        name = listing or request.endpoint
        chosen = {} if listing else filters_of(request.args)
        return url_for("downloads.list_file", listing=name, ending=ending, **chosen)

    app.jinja_env.globals["list_file"] = list_file
