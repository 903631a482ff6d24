"""数据备份: when the last backup was made, where it is, whether it opens."""

from flask import current_app, render_template

from xtbang.backup import last, warning
from xtbang.web.admin.home import admin
from xtbang.web.frame.access import access
from xtbang.web.frame.inputs import size_in_words
from xtbang.web.frame.shell import engine


@admin.get("/admin/backup")
@access("admin")
def backup() -> str:
    """The latest backup as `xtbang backup` noted it."""
    made = last(current_app.config["INSTANCE"])
    size = size_in_words(made.size) if made else ""
    return render_template("admin/backup.html", made=made, size=size, warning=warning(made, engine().clock()))
