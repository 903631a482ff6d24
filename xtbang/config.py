"""The settings: each has a default; environment variables override them (``XTBANG_…``, ``DATABASE_URL``).

Those that are secret may also be credentials of systemd; see `xtbang.keys`.
"""

import os
from datetime import timedelta
from ipaddress import ip_address, ip_network
from pathlib import Path
from typing import Any

from click import ClickException

from xtbang.enums import BUREAU_ROLES, RoleName
from xtbang.keys import read_keys, secret

ROOT = Path(__file__).resolve().parent.parent
MEGABYTE = 1024 * 1024
DECIDE_OR_PAY = (*BUREAU_ROLES, "leader", "finance", "county", "admin")
DEMO_PASSWORD = "xtbang-demo-2026"  # noqa: S105  (shown on the login page of a demo, and only there)
PREFIX = "XTBANG_"
NAMES = frozenset(  # of everything that the environment can set, for telling what is misspelt
    """
    BACKUP_FOLDER BREACHED_PASSWORDS BUREAU_ADDRESS BUREAU_PHONE CLAMD DEMO EMBEDDED_WORKER FILES FORMER_KEYS FORMER_SITE_URLS
    GRACE_MINUTES INSTANCE LOG MAIL_FROM METRICS_FROM METRICS_TOKEN PAYER_MINUTES PLAIN_WEASYPRINT PRINT_AT_ONCE PRINT_MEMORY PRINT_QUEUE
    PRINT_SECONDS PROOF_MINUTES PROXY S3_BUCKET S3_ENDPOINT SEAL_CERTIFICATE SEAL_PASSWORD SEAL_PICTURE SECRET_KEY SESSION_HOURS
    SITE_URL SM3 SMTP_HOST SMTP_PASSWORD SMTP_PORT SMTP_TLS SMTP_USER TOTP_ROLES WORKFLOWS
    """.split()
)


def load(overrides: dict[str, Any] | None = None) -> dict[str, Any]:
    """Return all settings. The secret key is generated once and stored in ``instance/secret_key``; see `xtbang.keys`.

    ``DATABASE_URL`` may begin with ``postgresql://``: the driver is added here.
    """
    overrides = dict(overrides or {})
    instance = instance_folder(overrides)
    try:
        instance.mkdir(parents=True, exist_ok=True, mode=0o700)
        keys = [overrides["SECRET_KEY"]] if "SECRET_KEY" in overrides else read_keys(instance)
    except (OSError, ValueError) as error:  # ValueError: the file of the keys is no text
        raise SettingError(
            f"数据文件夹 {instance} 或其中的密钥文件打不开（{error}）。核对 XTBANG_INSTANCE 和属主。"
        ) from None
    keys += overrides.pop("FORMER_KEYS", [])
    settings: dict[str, Any] = {
        "INSTANCE": instance,
        "SECRET_KEY": keys[0],  # signs what ends with it: sessions, links, messages between workers
        "FORMER_KEYS": keys[1:],  # under which secrets of second factors may be encrypted
        # The first key of the installation: in the hash of every password and recovery code, in every check code.
        "LASTING_KEY": keys[-1],
        "SQLALCHEMY_DATABASE_URI": database(overrides),
        "SQLALCHEMY_ENGINE_OPTIONS": {
            "pool_pre_ping": True,
            "hide_parameters": True,  # of statements in errors: they are what people typed
        },
        "SITE_URL": os.environ.get("XTBANG_SITE_URL", "http://127.0.0.1:8000").rstrip("/"),
        # Contact for questions about a 公示, printed on it; "": that of workflows/city.toml.
        "BUREAU_PHONE": os.environ.get("XTBANG_BUREAU_PHONE", ""),
        "BUREAU_ADDRESS": os.environ.get("XTBANG_BUREAU_ADDRESS", ""),
        # Former addresses of the site, separated by commas: papers printed under them are still valid.
        "FORMER_SITE_URLS": tuple(
            url.strip().rstrip("/") for url in os.environ.get("XTBANG_FORMER_SITE_URLS", "").split(",") if url.strip()
        ),
        "DEMO": _flag("XTBANG_DEMO") or (instance / "demo").exists(),
        "WORKFLOWS": workflows_folder(),
        "FILES": str(files_folder(overrides)),
        "S3_BUCKET": os.environ.get("XTBANG_S3_BUCKET", ""),
        "S3_ENDPOINT": os.environ.get("XTBANG_S3_ENDPOINT") or None,
        # Where the worker puts the backup of the night; without it, backups are made by `xtbang backup` alone.
        "BACKUP_FOLDER": os.environ.get("XTBANG_BACKUP_FOLDER", ""),
        # Whether the server does the background jobs too; with "0" they are done by `xtbang worker`.
        "EMBEDDED_WORKER": _flag("XTBANG_EMBEDDED_WORKER", "1"),
        # How the log is written: "text", or "json" with one object a line.
        "LOG": _one_of("XTBANG_LOG", ("text", "json")),
        # Who may read /metrics besides those who send the token: addresses and networks.
        "METRICS_FROM": _networks("XTBANG_METRICS_FROM", "127.0.0.1,::1"),
        "METRICS_TOKEN": secret("XTBANG_METRICS_TOKEN"),
        "SMTP_HOST": os.environ.get("XTBANG_SMTP_HOST", ""),
        "SMTP_PORT": _whole("XTBANG_SMTP_PORT", "25"),
        "SMTP_TLS": _flag("XTBANG_SMTP_TLS"),
        "SMTP_USER": os.environ.get("XTBANG_SMTP_USER", ""),
        "SMTP_PASSWORD": secret("XTBANG_SMTP_PASSWORD"),
        "MAIL_FROM": os.environ.get("XTBANG_MAIL_FROM", "xtbang@localhost"),
        "SEAL_CERTIFICATE": os.environ.get("XTBANG_SEAL_CERTIFICATE", ""),
        "SEAL_PASSWORD": secret("XTBANG_SEAL_PASSWORD"),
        "SEAL_PICTURE": os.environ.get("XTBANG_SEAL_PICTURE", ""),
        # Where clamd listens, which judges every file: the path of its socket, or host:port; without it, nothing does.
        "CLAMD": os.environ.get("XTBANG_CLAMD", ""),
        # Whether exports of the audit trail and of case files have digests of SM3 as well as of SHA-256.
        "SM3": _flag("XTBANG_SM3"),
        # The file of passwords that other sites have lost (people/breached.py), which cannot be chosen.
        "BREACHED_PASSWORDS": os.environ.get("XTBANG_BREACHED_PASSWORDS", ""),
        "MAX_CONTENT_LENGTH": 25 * MEGABYTE,  # of a request with files; see application.py
        "MAX_FORM_MEMORY_SIZE": 4 * MEGABYTE,  # of the texts of a form, and of a whole form on pages without uploads
        "MAX_FORM_PARTS": 3000,
        "MAX_PLAIN_FORM": MEGABYTE,  # of a form without files, which is read into memory as a whole
        "UPLOAD_LIMIT": 20 * MEGABYTE,
        "READ_ANYWAY": 100 * MEGABYTE,  # of a form that is too large: up to here it is read, to keep what it holds
        "TEXTS_ANYWAY": 8 * MEGABYTE,  # of a text of such a form
        "PLAIN_ANYWAY": 8 * MEGABYTE,  # of such a form without files; with at most so many %, which take long to read
        "PERCENT_SIGNS": 1_000_000,
        # Printing, by processes of their own (papers/pdf/printer.py): limits of one paper, and how many at a time.
        "PRINT_SECONDS": _whole("XTBANG_PRINT_SECONDS", "20"),  # of processor time
        "PRINT_WALL": 60.0,  # seconds by the clock
        "PRINT_MEMORY": _whole("XTBANG_PRINT_MEMORY", "1024") * MEGABYTE,
        "PRINT_AT_ONCE": _whole("XTBANG_PRINT_AT_ONCE", "2"),
        # Requests that wait for a paper, including those whose paper is being printed: each occupies a thread, as do at
        # most four uploads whose scans are being read (papers/scan/examine.py).
        "PRINT_QUEUE": _whole("XTBANG_PRINT_QUEUE", "3"),
        "PRINT_EACH": 2,  # of these, per person, or per address without an account
        "RECENT_FILES": 8 * MEGABYTE,  # bytes of recently read papers and uploads that are cached in memory
        "SESSION_COOKIE_SAMESITE": "Lax",
        "SESSION_COOKIE_HTTPONLY": True,
        "PERMANENT_SESSION_LIFETIME": timedelta(hours=8),  # without a request; see web/frame/sessions.py
        "SESSION_HOURS": _whole("XTBANG_SESSION_HOURS", "12"),  # at most, however it is used
        "PAYER_MINUTES": _whole("XTBANG_PAYER_MINUTES", "30"),  # without a request, of who pays
        "PROOF_MINUTES": _whole("XTBANG_PROOF_MINUTES", "15"),  # before a payment, see web/account/proof.py
        "REMEMBER_COOKIE_SAMESITE": "Lax",
        "REMEMBER_COOKIE_HTTPONLY": True,
        "REMEMBER_COOKIE_DURATION": timedelta(days=14),
        "WTF_CSRF_TIME_LIMIT": None,
        # The address of the reverse proxy as we see it (127.0.0.1). Behind a proxy it has to be set: otherwise audit
        # trail and throttle take its address for that of every visitor.
        "PROXY": _address("XTBANG_PROXY"),
        # What began to arrive before a close may arrive until so many minutes after it; before that no bid is opened.
        "GRACE_MINUTES": _whole("XTBANG_GRACE_MINUTES", "10"),
        # Limits of web/frame/throttle.py; several limits are separated by ";".
        "THROTTLE": {
            "login_here": "10 per 15 minutes",  # wrong passwords for one account from one address, or on a known device
            "login_account": "50 per hour",  # wrong passwords and codes for one account; more make it slow, never closed
            "login_slow": "3 per 15 minutes",  # what login_here and code_here are then, but on devices that are known
            "login_address": "100 per 15 minutes",  # wrong passwords from one address, which may be that of a whole office
            "code_here": "10 per 15 minutes",  # wrong codes of a second factor for one account from one address
            "reset": "5 per hour",  # links to a new password requested for one account
            "reset_address": "30 per hour",  # links to a new password requested from one address
            "email": "5 per hour",  # links to another e-mail requested by one account
            "password": "10 per 15 minutes",  # wrong old, refused new and issued initial passwords, per account
            "register": "10 per hour",  # organisations registered from one address
            "objection": "5 per hour; 30 per day",  # objections filed from one address
            "attempt": "60 per hour",  # forms sent without an account, accepted or not, from one address
            "upload": "300 per hour",  # forms with files sent by one account
            "verify": "60 per hour",  # files compared with a paper, from one address
            "receipt": "60 per hour",  # wrong receipt codes of objections, from one address
        },
    }
    settings["TOTP_ROLES"] = _totp_roles(os.environ.get("XTBANG_TOTP_ROLES"), (settings | overrides)["DEMO"])
    secure = (settings | overrides)["SITE_URL"].startswith("https://")
    settings["SESSION_COOKIE_SECURE"] = settings["REMEMBER_COOKIE_SECURE"] = secure
    prefix = "__Host-" if secure else ""  # browsers take such a cookie from this very host by HTTPS alone
    settings |= {"SESSION_COOKIE_NAME": f"{prefix}session", "REMEMBER_COOKIE_NAME": f"{prefix}remember_token"}
    settings |= security(keys[-1])
    return settings | overrides


def security(lasting_key: str) -> dict[str, Any]:
    """Return the settings of Flask-Security: argon2, sign-in by e-mail and password, our own Chinese pages."""
    return {
        "SECURITY_PASSWORD_SALT": lasting_key,
        "SECURITY_PASSWORD_HASH": "argon2",
        "SECURITY_PASSWORD_SCHEMES": ["argon2"],
        "SECURITY_DEPRECATED_PASSWORD_SCHEMES": [],
        "SECURITY_URL_PREFIX": "/account",
        "SECURITY_LOGIN_URL": "/sign-in",
        "SECURITY_LOGOUT_URL": "/sign-out",
        "SECURITY_LOGOUT_METHODS": ["POST"],
        "SECURITY_POST_LOGIN_VIEW": "/desk",
        "SECURITY_POST_LOGOUT_VIEW": "/",
        "SECURITY_REGISTERABLE": False,
        "SECURITY_SEND_REGISTER_EMAIL": False,
        "SECURITY_RETURN_GENERIC_RESPONSES": True,
        "SECURITY_PASSWORD_LENGTH_MIN": 10,
        "SECURITY_EMAIL_VALIDATOR_ARGS": {"check_deliverability": False},
        "SECURITY_LOGIN_USER_TEMPLATE": "account/login.html",
        "SECURITY_RESET_PASSWORD_WITHIN": timedelta(hours=1),
        "SECURITY_AUTO_LOGIN_AFTER_CONFIRM": False,
        "SECURITY_STATIC_FOLDER": None,
        "SECURITY_I18N_DIRNAME": ["builtin"],
        "SECURITY_UNAUTHORIZED_VIEW": None,
        "SECURITY_CLI_USERS_NAME": False,  # people are changed by our own actions, which record an event
        "SECURITY_CLI_ROLES_NAME": False,
        "SECURITY_FRESHNESS": timedelta(minutes=-1),  # no view asks for the password again
    }


def instance_folder(overrides: dict[str, Any] | None = None) -> Path:
    """Return the folder for database, files and secret key, whether or not it exists."""
    return Path((overrides or {}).get("INSTANCE") or os.environ.get("XTBANG_INSTANCE") or ROOT / "instance")


def maintenance_file(instance: Path) -> Path:
    """Return the file whose presence says that the site is being upgraded."""
    return instance / "maintenance"


def in_maintenance(instance: Path) -> bool:
    """Return whether the site is being upgraded: pages answer 503, workers rest."""
    return maintenance_file(instance).exists()


def workflows_folder() -> Path:
    """Return the folder of the policy: that of the release, unless the office keeps its own elsewhere."""
    return Path(os.environ.get("XTBANG_WORKFLOWS") or ROOT / "workflows")


def files_folder(overrides: dict[str, Any] | None = None) -> Path:
    """Return the folder for uploads and rendered papers, whether or not it exists."""
    return Path(os.environ.get("XTBANG_FILES", instance_folder(overrides) / "files"))


def database(overrides: dict[str, Any] | None = None) -> str:
    """Return the URL of the database. Raise SettingError for one that is no address of SQLite or PostgreSQL."""
    url = driver(secret("DATABASE_URL") or f"sqlite:///{instance_folder(overrides) / 'xtbang.db'}")
    if not url.startswith(("sqlite://", "postgresql+psycopg://")):  # the address has a password: it is not shown
        raise SettingError("DATABASE_URL 不是数据库的地址，写成 postgresql://用户:口令@主机/库名。")
    return url


class SettingError(ClickException):
    """A setting that cannot be read; the message is a Chinese sentence, which a command shows."""


def _whole(name: str, default: str) -> int:
    """Return a setting that is a whole number. Raise SettingError."""
    value = os.environ.get(name, default)
    if not value.strip().isdecimal():
        raise SettingError(f"{name} 写的是 {value}，应为 0 以上的整数，如 {default}。")
    return int(value)


def _flag(name: str, default: str = "") -> bool:
    """Return a setting that is on or off: ``1``, or ``0`` or nothing. Raise SettingError."""
    value = os.environ.get(name, default).strip()
    if value not in ("1", "0", ""):
        raise SettingError(f"{name} 写的是 {value}，只能是 1（是）或 0（否）。")
    return value == "1"


def _one_of(name: str, known: tuple[str, ...]) -> str:
    """Return a setting that is one of the known words, the first by default. Raise SettingError."""
    value = os.environ.get(name) or known[0]
    if value not in known:
        raise SettingError(f"{name} 写的是 {value}，只能是 {'、'.join(known)}。")
    return value


def _address(name: str) -> str:
    """Return a setting that is the address of a machine, or nothing. Raise SettingError."""
    value = os.environ.get(name, "").strip()
    try:
        return str(ip_address(value)) if value else ""
    except ValueError:
        raise SettingError(f"{name} 写的是 {value}，应为一个地址，如 127.0.0.1。") from None


def _networks(name: str, default: str) -> tuple[str, ...]:
    """Return a setting that is a list of addresses and networks. Raise SettingError."""
    found = tuple(part.strip() for part in os.environ.get(name, default).split(",") if part.strip())
    for part in found:
        try:
            ip_network(part, strict=False)
        except ValueError:
            raise SettingError(f"{name} 里的 {part} 不是地址，写成 10.0.0.5 或者 10.0.0.0/24，用逗号隔开。") from None
    return found


def _totp_roles(named: str | None, demo: bool) -> tuple[str, ...]:
    """Return the roles that sign in with a code; raise SettingError for one that does not exist."""
    if named is None:
        return () if demo else DECIDE_OR_PAY
    roles = tuple(role.strip() for role in named.split(",") if role.strip())
    if unknown := set(roles) - {role.value for role in RoleName}:
        raise SettingError(f"XTBANG_TOTP_ROLES 里的 {'、'.join(sorted(unknown))} 不是角色。")
    return roles


def driver(url: str) -> str:
    """Return the URL with our PostgreSQL driver."""
    for name in ("postgres://", "postgresql://"):
        if url.startswith(name):
            return "postgresql+psycopg://" + url.removeprefix(name)
    return url
