"""Rate limits: Flask-Limiter on pages that allow guessing, flooding or filling the disk. The rates are in the settings."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from math import ceil
from typing import Any

from flask import Flask, Response, current_app, g, request, session
from flask_limiter import Limiter, RateLimitExceeded
from flask_login import current_user
from limits import RateLimitItem, parse

from xtbang.application import UPLOAD_ENDPOINTS
from xtbang.extensions import db
from xtbang.people.attempts import PostgresStorage
from xtbang.web.frame.errors import error_page
from xtbang.web.frame.filters import moment
from xtbang.web.frame.known_devices import account_key, known_device
from xtbang.web.frame.refused import answered
from xtbang.web.frame.sessions import CODE_STEP


def _address() -> str:
    return request.remote_addr or ""


def _account() -> str:
    """Return a key for the account in the sign-in form, however it is spelled, or for the signed-in account."""
    if current_user.is_authenticated:
        return sha256(str(current_user.id).encode()).hexdigest()
    return account_key(request.form.get("email", ""))


def _half_signed_in() -> str:
    """Return a key for the account whose code is asked for, see web/account/entering.py."""
    return str((session.get(CODE_STEP) or ["", "", "", ""])[3])


def _guessed() -> str:
    """Return a key for the account whose password or code is being typed."""
    return _half_signed_in() if request.endpoint == CODE_PAGE else _account()


def _guessed_here() -> str:
    """Return a key for the account and the device if it is known, otherwise the address.

    Guesses from elsewhere, and from other devices of the same office, do not lock the owner out.
    """
    account = _guessed()
    return f"{account} {known_device(account) or _address()}"


def _known() -> bool:
    return known_device(_guessed()) != ""


def _most_guesses(setting: str) -> Callable[[], str]:
    """Return a function for the limit: a tighter one on unknown devices while the account is guessed at from everywhere."""

    def limit() -> str:
        rates = current_app.config["THROTTLE"]
        return str(rates["login_slow" if attacked() and not _known() else setting])

    return limit


def attacked() -> bool:
    """Return whether the account being typed has had more wrong passwords or codes than ``login_account`` allows."""
    return not _limiter().limiter.test(_all_guesses(), ALL_GUESSES, _guessed())


def _limiter() -> Limiter:
    found: Limiter = current_app.extensions["throttle"]
    return found


def _all_guesses() -> RateLimitItem:
    return parse(current_app.config["THROTTLE"][ALL_GUESSES])


def _not_let_in(response: Response) -> bool:
    return answered(response) != 302


def _refused(response: Response) -> bool:
    return answered(response) == 422 and ("password_old" not in request.form or request.form["password_old"] != "")


def _brought_files(_response: Response) -> bool:
    return any(file.filename for file in request.files.values())


def _accepted(response: Response) -> bool:
    return answered(response) == 302


def _unknown(response: Response) -> bool:
    return answered(response) == 404


@dataclass(frozen=True)
class Rule:
    """Pages that share a limit, the key by which their POSTs are counted, the responses that count, and the sentence."""

    name: str  # key in the setting THROTTLE
    pages: tuple[str, ...]
    key: Callable[[], str]
    counts: Callable[[Response], bool] | None
    sentence: str
    exempt: Callable[[], bool] | None = None


CODE_PAGE = "account.code"
ALL_GUESSES = "login_account"  # the setting: wrong passwords and codes for one account, wherever they come from
GUESSED = ("security.login", CODE_PAGE)
LOCKED = "这个账号连续登录失败的次数过多，暂时不能登录。"
LOCKED_NETWORK = "从您所在的网络登录失败的次数过多，暂时不能登录。"
WRONG_CODES = "验证码填错的次数过多，暂时不能登录。"
OWN = (
    "account.profile",
    "account.first_password",
    "account.email",
    "account.prove",
    "account.second_factor",
    "account.renew_codes",
    "account.second_factor_off",
)
ACCOUNT_LOCKS = ("login_here", "code_here")  # rules that lock one account, here
STRANGERS = ("account.register", "objecting.file")
UPLOADING = tuple(sorted(UPLOAD_ENDPOINTS - {"objecting.file", "verify.code"}))  # those two have bounds of their own
RULES = (
    Rule("login_here", ("security.login",), _guessed_here, _not_let_in, LOCKED),
    Rule("login_address", ("security.login",), _address, _not_let_in, LOCKED_NETWORK, _known),
    Rule("code_here", (CODE_PAGE,), _guessed_here, _not_let_in, WRONG_CODES),
    Rule("reset", ("account.forgot",), _account, None, "为这个邮箱申请重设密码的次数过多。"),
    Rule("reset_address", ("account.forgot",), _address, None, "从您所在的网络申请重设密码的次数过多。"),
    Rule("email", ("account.email",), _account, _accepted, "更换登录邮箱的次数过多。"),
    Rule("password", OWN, _account, _refused, "密码填错的次数过多。"),
    Rule("password", ("account.reset",), _account, None, "重设密码的次数过多。"),
    Rule("register", ("account.register",), _address, _accepted, "从您所在的网络注册的单位过多。"),
    Rule("objection", ("objecting.file",), _address, _accepted, "从您所在的网络提出的异议过多，系统没有收下这一份。"),
    Rule("attempt", STRANGERS, _address, None, "从您所在的网络提交的次数过多。"),
    Rule("upload", UPLOADING, _account, _brought_files, "上传附件的次数过多。"),
    Rule("verify", ("verify.code",), _address, None, "从您所在的网络核对的文件过多。"),
    Rule("receipt", ("public.objections",), _address, _unknown, "从您所在的网络填错回执码的次数过多。"),
)


def refused_by() -> str:
    """Return the name of the rule that has refused this request, or ""."""
    return str(g.get("refused_by", ""))


def add_throttle(app: Flask) -> None:
    """Wrap the views that have a limit, after all pages were added. Answer 429 with Retry-After.

    Attempts are counted in PostgreSQL; with SQLite there is one process, which counts in its memory.
    """
    with app.app_context():
        engine = db.engine
    shared: dict[str, Any] = {}
    if engine.dialect.name == "postgresql":
        shared = {"storage_uri": f"{PostgresStorage.STORAGE_SCHEME[0]}://", "storage_options": {"engine": engine}}
    limiter = Limiter(_address, app=app, **({"storage_uri": "memory://"} | shared))
    app.extensions["throttle"] = limiter
    for rule in RULES:
        limit = limiter.shared_limit(
            _most_guesses(rule.name) if rule.name in ACCOUNT_LOCKS else app.config["THROTTLE"][rule.name],
            scope=rule.name,
            key_func=rule.key,
            methods=["POST"],
            deduct_when=rule.counts,
            error_message=rule.sentence,
            exempt_when=rule.exempt,
        )
        for page in rule.pages:
            view: Any = app.view_functions[page]
            app.view_functions[page] = limit(view)

    @app.after_request
    def count(response: Response) -> Response:
        """Record a wrong password or code for its account, wherever it comes from."""
        if request.method == "POST" and request.endpoint in GUESSED and answered(response) in (200, 422) and _guessed():
            limiter.limiter.hit(_all_guesses(), ALL_GUESSES, _guessed())
        return response

    @app.errorhandler(RateLimitExceeded)
    def exceeded(error: RateLimitExceeded) -> tuple[str, int, dict[str, str]]:
        g.refused_by = error.limit.scope
        found = limiter.current_limit
        at = datetime.fromtimestamp(found.reset_at, UTC) if found else datetime.now(UTC)
        seconds = max(1, ceil((at - datetime.now(UTC)).total_seconds()))
        todo = f"请在 {moment(at)} 之后（约 {max(1, round(seconds / 60))} 分钟后）再试。"
        page, code = error_page(429, str(error.description), todo)
        return page, code, {"Retry-After": str(seconds)}
