"""Backup (数据备份): time, place and state of the last backup."""

from flask import current_app, render_template

from xtbang.backup import last, warning
from xtbang.web.admin.home import admin
from xtbang.web.frame.access import access
from xtbang.web.frame.inputs import size_in_words
from xtbang.web.frame.shell import engine


@admin.get("/admin/backup")
@access("admin")
def backup() -> str:
    """Show the latest backup as recorded by `xtbang backup`."""
    made = last(current_app.config["INSTANCE"])
    size = size_in_words(made.size) if made else ""
    return render_template("admin/backup.html", made=made, size=size, warning=warning(made, engine().clock()))
