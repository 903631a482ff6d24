"""Checks of the machine: settings, secret key, folders, store, disk, fonts, mail server and seal."""

import os
import shutil
import ssl
import stat
from collections.abc import Iterator
from ctypes.util import find_library
from datetime import timedelta
from difflib import get_close_matches
from errno import EDQUOT, ENOSPC
from pathlib import Path
from urllib.parse import urlsplit

from flask import Flask
from sqlalchemy import make_url

from xtbang import config
from xtbang.backup import FILES
from xtbang.health.checks import Trouble, check
from xtbang.jobs.channels import EmailChannel, NotDelivered, Server
from xtbang.papers.pdf.fonts import FOLDER
from xtbang.papers.scan.virus import ScannerError, harmful
from xtbang.people.breached import is_breached

REFUSED_BY_BUCKET = {  # codes of S3, and errors of its library
    "InvalidAccessKeyId": "没有这个访问密钥",
    "SignatureDoesNotMatch": "访问密钥的密码不对",
    "AccessDenied": "访问密钥没有写入的权限",
    "NoSuchBucket": "没有这个存储桶",
    "NoCredentialsError": "没有设置访问密钥",
    "EndpointConnectionError": "连接不上",
    "ConnectTimeoutError": "连接不上",
    "ReadTimeoutError": "没有应答",
}
KEY_LENGTH = 32  # characters of a secret key that cannot be guessed
OTHERS = stat.S_IRWXG | stat.S_IRWXO
LEAST_FREE = 2 * 1024**3  # bytes of a disk
BEFORE_END = timedelta(days=30)  # a certificate takes weeks to be renewed
PATIENCE = 5  # seconds for an answer
FONTS = "beyond biaosong fangsong heiti kaiti latin names rare signs signs-bold signs-hei songti".split()


@check("设置")
def settings(app: Flask) -> Iterator[Trouble]:
    """Yield settings that the program does not know, and those of a site in service that cannot be meant."""
    given = {name.removeprefix(config.PREFIX) for name in os.environ if name.startswith(config.PREFIX)}
    for name in sorted(given - config.NAMES):
        like = "、".join(config.PREFIX + known for known in get_close_matches(name, config.NAMES, 1))
        advice = f"是不是想写 {like}？" if like else "去掉它，"
        yield Trouble(f"没有 {config.PREFIX}{name} 这项设置，写了不起作用。", f"{advice}全部设置见 docs/operation.md。")
    if app.config["DEMO"]:
        return
    url = app.config["SITE_URL"]
    if not url.startswith("https://"):
        yield Trouble(
            f"站点地址（XTBANG_SITE_URL）是 {url}，不是 https。", "写公开的地址，如 https://bang.example.gov.cn。"
        )
    elif not app.config["PROXY"]:
        yield Trouble(
            "没有设置反向代理的地址（XTBANG_PROXY）。", "写代理的地址，如 127.0.0.1，否则看不到来访者的地址。"
        )


@check("内部连接")
def inner_connections(app: Flask) -> Iterator[Trouble]:
    """Yield the connections to other machines that others can read along, or that do not prove whom they reach."""
    database, bucket = make_url(app.config["SQLALCHEMY_DATABASE_URI"]), urlsplit(app.config["S3_ENDPOINT"] or "")
    if _elsewhere(database.host) and database.query.get("sslmode") != "verify-full":
        said = f"到数据库 {database.host} 的连接没有加密，或者不核对对方的证书。"
        yield Trouble(said, "DATABASE_URL 末尾加 ?sslmode=verify-full&sslrootcert=证书文件。")
    if _elsewhere(app.config["SMTP_HOST"]) and not app.config["SMTP_TLS"]:
        yield Trouble(f"到邮件服务器 {app.config['SMTP_HOST']} 的连接没有加密。", "写 XTBANG_SMTP_TLS=1。")
    if _elsewhere(bucket.hostname) and bucket.scheme != "https":
        yield Trouble(f"到对象存储 {bucket.hostname} 的连接没有加密。", "XTBANG_S3_ENDPOINT 改用 https。")


def _elsewhere(host: str | None) -> bool:
    return bool(host) and host not in ("localhost", "127.0.0.1", "::1")


@check("密钥")
def secret_key(app: Flask) -> Iterator[Trouble]:
    """Yield whether the secret key is short, or can be read by others."""
    path = Path(app.config["INSTANCE"]) / "secret_key"
    if len(app.config["SECRET_KEY"]) < KEY_LENGTH:
        yield Trouble(f"密钥（XTBANG_SECRET_KEY）不到 {KEY_LENGTH} 个字符。", "xtbang replace-key")
    if path.exists() and path.stat().st_mode & OTHERS:
        yield Trouble(f"密钥文件 {path} 别的用户也能读。", f"chmod 600 {path}")


@check("文件夹")
def folders(app: Flask) -> Iterator[Trouble]:
    """Yield folders that are missing, cannot be written or are open to others; that of the files is made with the first one."""
    instance, files = Path(app.config["INSTANCE"]), Path(app.config["FILES"])
    for path in [instance, *([files] if files.exists() and not app.config["S3_BUCKET"] else [])]:
        if not path.is_dir():
            yield Trouble(f"没有文件夹 {path}。", f"install -d -m 700 {path}，属主为运行服务的用户。")
        elif not os.access(path, os.W_OK | os.X_OK):
            yield Trouble(f"文件夹 {path} 不能写入。", f"把它的属主改为运行服务的用户：chown -R 用户 {path}")
        elif path.stat().st_mode & OTHERS:
            yield Trouble(f"文件夹 {path} 别的用户也能进入。", f"chmod 700 {path}")


@check("文件存储")
def store(app: Flask) -> Iterator[Trouble]:
    """Yield whether nothing can be written to the store of files."""
    place = app.config["S3_BUCKET"] or app.config["FILES"]
    try:
        app.extensions["store"].probe()
    except Exception as error:  # of the system or of the library for S3
        full = isinstance(error, OSError) and error.errno in (ENOSPC, EDQUOT)
        code = getattr(error, "response", {}).get("Error", {}).get("Code", "") or type(error).__name__
        said = f"文件存储 {place} 不能写入（{'磁盘已满' if full else REFUSED_BY_BUCKET.get(code, code)}）。"
        yield Trouble(said, "文件夹：核对属主和磁盘；对象存储：核对 XTBANG_S3_BUCKET、XTBANG_S3_ENDPOINT 和访问密钥。")


@check("磁盘", alarms=True)
def disk(app: Flask) -> Iterator[Trouble]:
    """Yield the disks with little room left."""
    backups = app.config["BACKUP_FOLDER"]
    places = {"数据": app.config["INSTANCE"], "文件": app.config["FILES"], "备份": backups or app.config["INSTANCE"]}
    short: dict[int, tuple[str, Path, int]] = {}
    for name, place in places.items():
        path = Path(place)
        if path.is_dir() and (free := shutil.disk_usage(path).free) < LEAST_FREE:
            short.setdefault(path.stat().st_dev, (name, path, free))
    for name, path, free in short.values():
        said = f"{name}所在的磁盘（{path}）只剩 {free / 1024**3:.1f} GB。"
        yield Trouble(said, f"扩大磁盘，或删去旧的数据库备份（xtbang-….db、.dump；{FILES} 不能删）。")


@check("字体")
def fonts(_app: Flask) -> Iterator[Trouble]:
    """Yield missing fonts, and the library without which papers take a hundred times as long."""
    if missing := [name for name in FONTS if not (FOLDER / f"{name}.ttf").is_file()]:
        yield Trouble(f"{FOLDER} 里没有字体 {'、'.join(missing)}。", "重新取一份程序：git checkout static/fonts")
    if not find_library("harfbuzz-subset"):
        yield Trouble("没有 libharfbuzz-subset，文书会印得很慢。", "apt-get install libharfbuzz-subset0")


@check("邮件服务器")
def mail_server(app: Flask) -> Iterator[Trouble]:
    """Yield whether the mail server does not answer or does not let us in; it is asked for seconds, not for ever."""
    host = app.config["SMTP_HOST"]
    if not host:
        if not app.config["DEMO"]:
            yield Trouble("没有设置邮件服务器，邮件只在站内显示。", "写 XTBANG_SMTP_HOST 等设置。")
        return
    channel = EmailChannel(Server.from_config(app.config), str)
    try:
        channel.connect()
    except NotDelivered as failure:
        said = f"邮件服务器 {host}:{app.config['SMTP_PORT']} 连接不上（{failure}）。"
        yield Trouble(said, "核对 XTBANG_SMTP_ 开头的设置、防火墙和口令。")
    finally:
        channel.close()


@check("查毒服务", alarms=True)
def virus_scanner(app: Flask) -> Iterator[Trouble]:
    """Yield whether the virus scanner does not answer: no file is taken until it does."""
    address = app.config["CLAMD"]
    try:
        if address:
            harmful(b"%PDF-", address)
    except ScannerError as failure:
        said = f"查毒服务 {address} 没有应答（{failure}），现在什么文件都不收。"
        yield Trouble(said, "systemctl restart clamav-daemon；改 XTBANG_CLAMD；不查毒的去掉这一设置。")


@check("泄露密码清单", alarms=True)
def breached_passwords(app: Flask) -> Iterator[Trouble]:
    """Yield whether the list of breached passwords cannot be read: new passwords are not compared with it then."""
    path = app.config["BREACHED_PASSWORDS"]
    try:
        if path:
            is_breached("", Path(path))
    except (OSError, ValueError) as failure:
        said = f"泄露密码清单 {path} 读不出来（{failure}），新密码没有同它核对。"
        yield Trouble(said, "改 XTBANG_BREACHED_PASSWORDS，或者用 haveibeenpwned-downloader 重新下载。")


@check("电子印章", alarms=True)
def seal(app: Flask) -> Iterator[Trouble]:
    """Yield whether the certificate of the seal cannot be used, or soon will not be."""
    if not app.config["SEAL_CERTIFICATE"]:
        return
    advice = "向发证机构换发证书，改 XTBANG_SEAL_CERTIFICATE，重新启动服务（docs/seal.md）。"
    from xtbang.papers.seal import SealError, seal_from_config  # imports pyHanko, needed only with a seal

    try:
        made = seal_from_config(app.config, app.extensions["engine"].policy.city)
    except SealError as error:
        yield Trouble(str(error), advice)
        return
    left = made.expires_at - app.extensions["engine"].clock()
    if left < BEFORE_END:
        yield Trouble(f"电子印章的证书还有 {left.days} 天到期（{made.expires_at:%Y-%m-%d}）。", advice)


@check("站点证书", alarms=True)
def certificate(app: Flask) -> Iterator[Trouble]:
    """Yield whether the certificate of the site's address has ended or soon will; a site that is not reached from here is not judged."""
    url = urlsplit(app.config["SITE_URL"])
    if app.config["DEMO"] or url.scheme != "https" or not url.hostname:
        return
    try:
        pem = ssl.get_server_certificate((url.hostname, url.port or 443), timeout=PATIENCE)
    except OSError:
        return
    from cryptography.x509 import load_pem_x509_certificate  # imported here to keep the start fast

    ends = load_pem_x509_certificate(pem.encode()).not_valid_after_utc
    left = ends - app.extensions["engine"].clock()
    if left < BEFORE_END:
        when = f"还有 {left.days} 天到期" if left.days >= 0 else "已经过期"
        yield Trouble(
            f"{url.hostname} 的证书{when}（{ends:%Y-%m-%d}）。", "换发证书，装到反向代理上，重新加载它的配置。"
        )
