"""A refused form once more (接着填写): its own page, filled in as it was sent; nothing is written while it is shown."""

from collections.abc import Iterator
from contextlib import contextmanager
from html import unescape
from inspect import unwrap
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from flask import Response, current_app, flash, g, make_response, redirect, render_template, request, session, url_for
from flask_login import current_user
from werkzeug.datastructures import ImmutableMultiDict
from werkzeug.exceptions import HTTPException

from xtbang.errors import Refusal
from xtbang.extensions import db
from xtbang.models import KeptRequest
from xtbang.people.kept import KEPT, forget_form, kept_form, page_of, pending_files, sent_of
from xtbang.people.kept import kept_page as page_kept
from xtbang.rules.quotation import quoted
from xtbang.web.account.pages import account, on_this_site
from xtbang.web.frame.access import ANYONE, SIGNED_IN, access, actor, rule_of
from xtbang.web.frame.filters import moment
from xtbang.web.frame.owners import own
from xtbang.web.frame.said import DIGEST, said_of
from xtbang.web.frame.sessions import SHOWN
from xtbang.web.frame.shell import caller

SHORT = 24  # characters of what may be a number, a date, a code
BACK_TO_FORM = ("edit", "again")  # names by which a page of confirmation goes back to its form


@account.get("/kept/<key>")
@access(ANYONE)
def kept(key: str) -> Any:
    """Show a refused form on its own page, or what it held when that page does not open any more.

    When it went through since, redirect to the page that Back comes from.
    """
    row = kept_form(caller(), own(), key)
    here = on_this_site(request.args.get("of", ""))
    if row is None and not current_user.is_authenticated and (page_kept(caller(), key) or not here):
        return redirect(url_for("account.login", next=url_for("account.kept", key=key)))
    if row is None:
        flash("要找的填写内容不在：可能已经办理、超过一天已删除，或者是用另一个账号填写的。", "warning")
        return redirect(here or url_for("desk.home"))
    names = "、".join(f"{quoted(name)}" for name in _files(row).values())
    until = moment(row.at + KEPT)
    flash(
        f"这是您 {moment(row.at)} 没有办成的内容，已原样填在本页{f'，附件{names}也已保留' if names else ''}（保留到 {until}）。"
        "请核对后再提交一次。",
        "warning",
    )
    page = _own_page(row)
    answer = make_response(page if page is not None else _plain(row))
    answer.headers["Cache-Control"] = "private, no-store"
    return answer


@account.get("/kept/<key>/page")
@access(ANYONE)
def kept_page(key: str) -> Any:
    """Show the page that answered a form, as it was, to its sender, and to the browser that was led here.

    When the form went through since, redirect to its own page.
    """
    row = kept_form(caller(), own(), key)
    if row is None and session.get(SHOWN) == key:
        row = page_kept(caller(), key)
    page = page_of(row) if row else ""
    if row is None or not page:
        return redirect(on_this_site(request.args.get("of", "")) or url_for("desk.home"))
    answer = make_response(page, row.status)
    answer.headers["Cache-Control"] = "private, no-store"
    return answer


@account.post("/kept/<key>/forget")
@access(ANYONE)
def forget_kept(key: str) -> Response:
    """Delete a refused form."""
    forget_form(caller(), own(), key)
    flash("填写的内容已删除。", "success")
    return redirect(url_for("desk.home" if current_user.is_authenticated else "public.home"))  # type: ignore[return-value]


def _view_of(row: KeptRequest) -> tuple[str, dict[str, Any]]:
    """Return endpoint and values of the address that the form was sent to; "" when there is none any more."""
    adapter = current_app.create_url_adapter(request)
    try:
        endpoint, values = adapter.match(urlsplit(row.path).path, method="POST") if adapter else ("", {})
    except HTTPException:
        return "", {}
    return endpoint, dict(values)


def _own_page(row: KeptRequest) -> str | None:
    """Return the page that the form came from, filled in; None when it refuses, or has no room for a part of it."""
    endpoint, values = _view_of(row)
    if not endpoint or not _may_open(endpoint):
        return None
    form = [*sent_of(row), *((name, "1") for name in BACK_TO_FORM)]
    with _as_sent(row.path, [pair for pair in form if pair[0] != "confirmed"]):
        try:
            answer = unwrap(current_app.view_functions[endpoint])(**values)
        except (Refusal, HTTPException):
            return None
    html = answer[0] if isinstance(answer, tuple) else answer
    return html if isinstance(html, str) and _holds(html, row) else None


def _said(row: KeptRequest) -> list[tuple[str, str]]:
    return said_of(sent_of(row), *_view_of(row))


def _holds(html: str, row: KeptRequest) -> bool:
    """Return whether a page has every text of the form, spaces aside; numbers and dates may be spelled anew."""
    page = "".join(unescape(html).split())
    texts = ("".join(text.split()) for _label, text in _said(row))
    return all(text in page for text in texts if len(text) > SHORT)


def _may_open(endpoint: str) -> bool:
    rules = rule_of(current_app, endpoint)
    if ANYONE in rules:
        return True
    return current_user.is_authenticated and (SIGNED_IN in rules or bool(actor().roles & set(rules)))


@contextmanager
def _as_sent(path: str, form: list[tuple[str, str]]) -> Iterator[None]:
    """Run the block with the request as it was sent; a write in it raises `ShownAgain`."""
    sent: dict[str, Any] = {
        "method": "POST",
        "args": ImmutableMultiDict(parse_qsl(urlsplit(path).query, keep_blank_values=True)),
        "form": ImmutableMultiDict(form),
        "files": ImmutableMultiDict(),
    }
    before = {name: getattr(request, name) for name in sent}
    session, g.shows_again = db.session(), path
    session.info["shows_only"] = True
    vars(request).update(sent)
    try:
        yield
    finally:
        vars(request).update(before)
        session.info.pop("shows_only")


def _files(row: KeptRequest) -> dict[str, str]:
    """Return the names of the files of a form that are still there, by digest."""
    digests = [value for _name, value in sent_of(row) if DIGEST.fullmatch(value)]
    return {file.sha256: file.name for file in pending_files(caller(), own(), digests)}


def _plain(row: KeptRequest) -> str:
    """Return what the form held, to read and copy."""
    return render_template(
        "account/kept.html", key=row.key, reason=row.reason, said=_said(row), files=_files(row), until=row.at + KEPT
    )
