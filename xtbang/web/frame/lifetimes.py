"""Lifetimes of sessions: an absolute time, and for who pays a short one without a request."""

import time

from flask import Flask, current_app, g, request, session
from flask_login import current_user, logout_user

from xtbang.enums import PAYING_ROLES
from xtbang.web.frame.access import actor

EACH = 60  # seconds after which the time of the last request is recorded again
OVER = "登录已超过 {} 小时，请重新登录。"
IDLE = "超过 {} 分钟没有操作，请重新登录。"


def pays() -> bool:
    """Return whether the signed-in person pays or records payments."""
    return current_user.is_authenticated and not PAYING_ROLES.isdisjoint(actor().roles)


def begin_lifetime(*, remembered: bool) -> None:
    """Record that the person has just proved who they are, and whether this device stays signed in (保持登录)."""
    now = int(time.time())
    session["began_at"] = session["active_at"] = session["proved_at"] = now
    session["remembered"] = remembered


def proved_again() -> None:
    """Record that the person has just proved once more who they are."""
    session["proved_at"] = int(time.time())


def proof_is_fresh() -> bool:
    """Return whether the person has proved who they are within the minutes of the setting PROOF_MINUTES."""
    return time.time() - session.get("proved_at", 0) <= current_app.config["PROOF_MINUTES"] * 60


def add_lifetimes(app: Flask) -> None:
    """End sessions that are over, before any page is opened. Add this before the rules of the pages."""

    @app.before_request
    def end_what_is_over() -> None:
        if request.endpoint == "static" or not current_user.is_authenticated:
            return
        now = int(time.time())
        if "began_at" not in session:  # brought back by the cookie of 保持登录
            session["began_at"], session["remembered"] = now, True
        sentence = _over(now)
        if sentence:
            g.session_over = sentence
            logout_user()
        elif now - session.get("active_at", 0) > EACH:
            session["active_at"] = now


def _over(now: int) -> str:
    hours, minutes = current_app.config["SESSION_HOURS"], current_app.config["PAYER_MINUTES"]
    if pays() and now - session.get("active_at", now) > minutes * 60:
        return IDLE.format(minutes)
    if not session.get("remembered") and now - session["began_at"] > hours * 3600:
        return OVER.format(hours)
    return ""
