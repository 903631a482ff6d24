"""Refused forms: the program keeps the content of every POST that a page answers, for its sender.

An error page shows it again (`keep_for_page`); after any other page, such as a form with errors, Back leads to it.
"""

import logging
import re
import secrets
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import Flask, Response, current_app, g, redirect, request, session, url_for
from werkzeug.exceptions import RequestEntityTooLarge

from xtbang.extensions import db
from xtbang.people.kept import (
    KEPT,
    SIGNED_OUT,
    Arrived,
    Pairs,
    forget_forms,
    keep_page,
    keep_refused,
    newest_signed_out,
    pending_files,
)
from xtbang.queries.caller import Caller
from xtbang.rules.actor import PUBLIC
from xtbang.web.frame.inputs import clean_name, content_kind
from xtbang.web.frame.once import let_others_write
from xtbang.web.frame.outages import is_away, takes_files
from xtbang.web.frame.owners import folder, own, owner
from xtbang.web.frame.page_of import by_script
from xtbang.web.frame.said import DIGEST, is_typed, said_of
from xtbang.web.frame.sessions import SHOWN

LOG = logging.getLogger("xtbang.web")
NOT_KEPT = frozenset({
    "security.login", "security.logout", "account.code", "account.prove", "account.second_factor", "account.forget_kept",
    "documents.autosave", "verify.code",
})  # fmt: skip
UNSTORED = frozenset({  # their pages show a secret, or have one in their address
    "account.second_factor", "account.renew_codes", "account.reset_password", "account.confirm_email",
})  # fmt: skip
SECRET = re.compile(r"password|^csrf_token$")


@dataclass(frozen=True)
class Kept:
    """The content of a refused form: its texts, its files, the names of files that are lost; ``key`` of its page, or ""."""

    key: str
    said: list[tuple[str, str]]
    files: list[str]
    lost: list[str]
    until: datetime

    @property
    def url(self) -> str:
        """Return the address that shows the form again, or ""."""
        return url_for("account.kept", key=self.key) if self.key else ""


def kept_key() -> str:
    """Return the key of the page that shows this request again if it is refused."""
    if "kept_key" not in g:
        g.kept_key = secrets.token_urlsafe(18)
    return str(g.kept_key)


def keep_for_page(status: int, reason: str) -> Kept | None:
    """Keep what this POST holds and return it, for the page that refuses it; None when it holds nothing.

    Of several pages that could be the answer, the first one counts.
    """
    if "kept" not in g:
        g.kept = None
        if holds_something():
            g.kept = _kept(status, reason)
    found: Kept | None = g.kept
    return found


def nothing_refused(shown_at: str = "") -> None:
    """Record that the page that answers this POST reports a success, and its address for Back: the form is not retained."""
    g.kept, g.shown_at = None, shown_at


def holds_something() -> bool:
    """Return whether this request is a form with something typed or chosen in it, to keep when it is refused."""
    if request.method != "POST" or request.endpoint in NOT_KEPT or "shows_again" in g:
        return False
    try:
        return any(is_typed(*pair) for pair in _sent()) or any(file.filename for file in request.files.values())
    except RequestEntityTooLarge:  # not even read
        return False


def _sent() -> list[tuple[str, str]]:
    return [(name, value) for name, value in request.form.items(multi=True) if not SECRET.search(name)]


def _kept(status: int, reason: str) -> Kept:
    let_others_write()
    files, lost = _files()
    chosen = {file.field for file in files}
    sent = [pair for pair in _sent() if pair[0] not in chosen] + [(file.field, file.digest) for file in files]
    key = kept_key() if _keep(sent, files, status, reason) else ""
    names = [file.name for file in files]
    before = _chosen_before(sent, {file.digest for file in files}) if key else []
    until = current_app.extensions["engine"].clock() + KEPT
    said = said_of(sent, request.endpoint or "", request.view_args or {})
    return Kept(key, said, names + before if key else [], lost if key else lost + names, until)


def _chosen_before(sent: Pairs, arrived: Collection[str]) -> list[str]:
    """Return the names of the files that an earlier page of this form took, whose digests it sends."""
    whose = owner()
    digests = [value for _name, value in sent if DIGEST.fullmatch(value) and value not in arrived]
    if whose is None or not digests:
        return []
    return [file.name for file in pending_files(_public_caller(), whose, digests)]


def at_an_address(response: Response) -> Response:
    """Return a redirect to the page that answers this POST, unless a script gives the page its address.

    Back and reload then lead to it instead of asking whether to send the form again.
    """
    whose = owner() if not by_script() and request.endpoint not in UNSTORED else None
    if whose is None:
        return response
    path, key = path_of_form(), kept_key()
    if not keep_page(_public_caller(), whose, key, path, response.status_code, response.get_data(as_text=True)):
        return response
    session[SHOWN], g.answered = key, response.status_code
    return redirect(url_for("account.kept_page", key=key, of=path), 303)  # type: ignore[return-value]


def answered(response: Response) -> int:
    """Return the status of the page that answers this request, whether it is sent or led to."""
    return int(g.get("answered", response.status_code))


def address_for_back() -> str:
    """Return where Back leads from the page that answers this POST: to the kept form, or to its page as it opens; or ""."""
    if "kept" in g and g.kept:
        return _of_kept_form(g.kept.key) if g.kept.key else ""
    if "shown_at" in g:
        return str(g.shown_at)
    return _page_of_form()


def _of_kept_form(key: str) -> str:
    """Return the address of a kept form; it leads to the form's empty page once the form went through."""
    return url_for("account.kept", key=key, of=_page_of_form() or None)


def _page_of_form() -> str:
    """Return the address of the page that has the form of this request, "" when it has another address than the form."""
    adapter = current_app.create_url_adapter(request)
    opens = adapter is not None and adapter.test(request.path, method="GET")
    return path_of_form() if opens else ""


def forget_refused(path: str) -> None:
    """Delete what was refused before of the form that is sent to that address: it went through now."""
    forget_forms(_public_caller(), own(), path)


def path_of_form() -> str:
    """Return the address that the form of this request is sent to."""
    return request.full_path.rstrip("?")


def keep_until_later() -> None:
    """Keep what this POST holds while another page comes first; `refused_before` leads back to it."""
    keep_for_page(SIGNED_OUT, "")


def refused_before(person_id: int) -> str | None:
    """Return the address of what this person sent after the session was over, or before another page came first."""
    row = newest_signed_out(_public_caller(), person_id)
    return url_for("account.kept", key=row.key) if row else None


def _public_caller() -> Caller:
    """Return the caller of what the program does by itself: the sender may have no session any more."""
    caller: Caller = current_app.extensions["engine"].caller(db.session(), PUBLIC)
    return caller


def _keep(sent: Pairs, files: list[Arrived], status: int, reason: str) -> bool:
    if is_away():
        return False
    try:
        whose = owner()
        if whose is None:
            return False
        return keep_refused(_public_caller(), whose, folder(), kept_key(), path_of_form(), sent, files, status, reason)
    except Exception:  # the database may be what refused it; the page shows the text all the same
        LOG.exception("a refused form could not be kept")
        return False


def _files() -> tuple[list[Arrived], list[str]]:
    """Return the files of this request, and the names of those that cannot be kept: too large, or of no kind that is taken."""
    found, lost, limit = [], [], current_app.config["UPLOAD_LIMIT"]
    for field, sent in request.files.items(multi=True):
        if not sent.filename:
            continue
        sent.stream.seek(0)
        content = sent.stream.read(limit + 1)
        mime = content_kind(content)
        if mime and len(content) <= limit and takes_files():
            found.append(Arrived(field, clean_name(sent.filename, mime), mime, content))
        else:
            lost.append(sent.filename[:100])
    return found, lost


def add_keeping(app: Flask) -> None:
    """Keep what was typed after every POST that is answered by a page; tell templates the address of that page."""

    @app.after_request
    def keep(response: Response) -> Response:
        """Keep what a page answers; forget what was refused before of a form that now went through."""
        if request.method != "POST":
            return response
        if request.endpoint not in NOT_KEPT:
            if "shown_at" in g or ("kept" not in g and 300 <= response.status_code < 400):
                forget_refused(path_of_form())
            elif response.mimetype == "text/html":
                keep_for_page(response.status_code, "")
        shown = response.mimetype == "text/html" and not 300 <= response.status_code < 400
        return at_an_address(response) if shown and not is_away() and address_for_back() else response

    @app.context_processor
    def again() -> dict[str, Any]:
        """Return the address that leads to this page once more: of the kept form, or of the page that was saved."""
        if request.method != "POST" or "shows_again" in g:
            return {"shown_again_at": ""}
        if "kept" not in g and "shown_at" not in g and holds_something():
            return {"shown_again_at": _of_kept_form(kept_key())}
        return {"shown_again_at": address_for_back()}
