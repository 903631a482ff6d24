"""Rate limits: Flask-Limiter on pages that allow guessing, flooding or filling the disk. The rates are in the settings."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from math import ceil
from typing import Any

from flask import Flask, Response, g, request, session
from flask_limiter import Limiter, RateLimitExceeded
from flask_login import current_user

from xtbang.people.accounts import normal_email
from xtbang.web.frame.errors import error_page
from xtbang.web.frame.filters import moment
from xtbang.web.frame.sessions import CODE_STEP


def _address() -> str:
    return request.remote_addr or ""


def _account() -> str:
    """Return a key for the account in the sign-in form, however it is spelled, or for the signed-in account."""
    name = str(current_user.id) if current_user.is_authenticated else normal_email(request.form.get("email", ""))
    return sha256(name.encode()).hexdigest()


def _account_here() -> str:
    """Return a key for account and address: guesses from elsewhere do not lock the owner out."""
    return f"{_account()} {_address()}"


def _half_signed_in() -> str:
    """Return a key for the person whose code is asked for, see web/account/entering.py."""
    return sha256(str((session.get(CODE_STEP) or [""])[0]).encode()).hexdigest()


def _half_signed_in_here() -> str:
    return f"{_half_signed_in()} {_address()}"


def _not_let_in(response: Response) -> bool:
    return response.status_code != 302


def _refused(response: Response) -> bool:
    return response.status_code == 422 and ("password_old" not in request.form or request.form["password_old"] != "")


def _accepted(response: Response) -> bool:
    return response.status_code == 302


@dataclass(frozen=True)
class Rule:
    """Pages that share a limit, the key by which their POSTs are counted, the responses that count, and the sentence."""

    name: str  # key in the setting THROTTLE
    pages: tuple[str, ...]
    key: Callable[[], str]
    counts: Callable[[Response], bool] | None
    sentence: str


LOCKED = "这个账号连续登录失败的次数过多，暂时不能登录。"
WRONG_CODES = "验证码填错的次数过多，暂时不能登录。"
OWN = (
    "account.profile",
    "account.first_password",
    "account.email",
    "account.second_factor",
    "account.renew_codes",
    "account.second_factor_off",
)
ACCOUNT_LOCKS = ("login_here", "login_account", "code_here", "code_account")  # rules that lock one account
STRANGERS = ("account.register", "objecting.file")
RULES = (
    Rule("login_here", ("security.login",), _account_here, _not_let_in, LOCKED),
    Rule("login_account", ("security.login",), _account, _not_let_in, LOCKED),
    Rule(
        "login_address", ("security.login",), _address, _not_let_in, "从您所在的网络登录失败的次数过多，暂时不能登录。"
    ),
    Rule("code_here", ("account.code",), _half_signed_in_here, _not_let_in, WRONG_CODES),
    Rule("code_account", ("account.code",), _half_signed_in, _not_let_in, WRONG_CODES),
    Rule("reset", ("account.forgot",), _account, None, "为这个邮箱申请重设密码的次数过多。"),
    Rule("reset_address", ("account.forgot",), _address, None, "从您所在的网络申请重设密码的次数过多。"),
    Rule("email", ("account.email",), _account, _accepted, "更换登录邮箱的次数过多。"),
    Rule("password", OWN, _account, _refused, "密码填错的次数过多。"),
    Rule("password", ("account.reset",), _account, None, "重设密码的次数过多。"),
    Rule("register", ("account.register",), _address, _accepted, "从您所在的网络注册的单位过多。"),
    Rule("objection", ("objecting.file",), _address, _accepted, "从您所在的网络提出的异议过多，系统没有收下这一份。"),
    Rule("attempt", STRANGERS, _address, None, "从您所在的网络提交的次数过多。"),
    Rule("verify", ("verify.code",), _address, None, "从您所在的网络核对的文件过多。"),
)


def refused_by() -> str:
    """Return the name of the rule that has refused this request, or ""."""
    return str(g.get("refused_by", ""))


def add_throttle(app: Flask) -> None:
    """Wrap the views that have a limit, after all pages were added. Answer 429 with Retry-After."""
    limiter = Limiter(_address, app=app)
    app.extensions["throttle"] = limiter
    for rule in RULES:
        limit = limiter.shared_limit(
            app.config["THROTTLE"][rule.name],
            scope=rule.name,
            key_func=rule.key,
            methods=["POST"],
            deduct_when=rule.counts,
            error_message=rule.sentence,
        )
        for page in rule.pages:
            view: Any = app.view_functions[page]
            app.view_functions[page] = limit(view)

    @app.errorhandler(RateLimitExceeded)
    def exceeded(error: RateLimitExceeded) -> tuple[str, int, dict[str, str]]:
        g.refused_by = error.limit.scope
        found = limiter.current_limit
        at = datetime.fromtimestamp(found.reset_at, UTC) if found else datetime.now(UTC)
        seconds = max(1, ceil((at - datetime.now(UTC)).total_seconds()))
        todo = f"请在 {moment(at)} 之后（约 {max(1, round(seconds / 60))} 分钟后）再试。"
        page, code = error_page(429, str(error.description), todo)
        return page, code, {"Retry-After": str(seconds)}
