"""Count a form once: two quick clicks on its button, or the same page sent again by Back, have one effect.

Every form of every page has a mark of its own, in its hidden token (`page_of.page_token`). The first writing transaction
of the request takes the mark with what was sent (`models.writing`); the same form with the same content is then answered
by the address that the first answer led to.
"""

from hashlib import sha256
from urllib.parse import urlsplit

from flask import Flask, Response, current_app, flash, redirect, request, url_for
from werkzeug.exceptions import HTTPException, RequestEntityTooLarge

from xtbang.errors import SentAlready
from xtbang.extensions import db
from xtbang.people.kept import lead_to, led_to
from xtbang.web.frame.page_of import form_mark
from xtbang.web.frame.shell import caller

MAY_REPEAT = frozenset({  # the same once more changes nothing
    "documents.edit", "documents.autosave", "expert.save_scores", "account.forget_kept",
    "security.login", "security.logout", "account.code", "verify.code",
})  # fmt: skip
DONE = "这张表刚才已经提交过，已经办理，没有重复办理。"


def add_once(app: Flask) -> None:
    """Add the counting of forms, after everything else: it looks at an answer before anything else writes."""

    @app.before_request
    def take_mark() -> None:
        if request.method == "POST" and request.endpoint not in MAY_REPEAT and (key := _key()):
            db.session().info["sent_form"] = key, app.extensions["engine"].clock()

    @app.errorhandler(SentAlready)
    def again(repeated: SentAlready) -> Response:
        """Redirect to where the first answer led."""
        flash(DONE, "info")
        return redirect(led_to(db.session(), repeated.key) or _own_address(), 303)  # type: ignore[return-value]

    @app.after_request
    def remember(response: Response) -> Response:
        """Store where a form led, if it is not its own address."""
        if request.method == "POST":
            let_others_write()
            done, to = db.session().info.pop("sent_form_done", None), response.headers.get("Location", "")
            if done and to and to != _own_address():
                lead_to(caller(), done, to)
        return response


def let_others_write() -> None:
    """Let what is written from now on in this request count as no effect of its form."""
    db.session().info.pop("sent_form", None)


def _key() -> str:
    """Return the digest of the form's mark and of what it holds, "" when it has no mark or one of its own."""
    try:
        mark = form_mark()
        if not mark or "request_key" in request.form:
            return ""
        sent = [pair for pair in request.form.items(multi=True) if pair[0] != "csrf_token"]
        names = [(name, file.filename) for name, file in request.files.items(multi=True)]
    except RequestEntityTooLarge:
        return ""
    return sha256(repr((mark, request.path, sent, names)).encode("utf-8", "surrogatepass")).hexdigest()


def _own_address() -> str:
    """Return the address of the form's page, or of the page that it was sent from, or of the desk."""
    adapter = current_app.create_url_adapter(request)
    for path in (request.path, urlsplit(request.referrer or "").path):
        try:
            if path and adapter and adapter.match(path, method="GET"):
                return path
        except HTTPException:
            continue
    return url_for("desk.home")
