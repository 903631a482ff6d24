"""The commands for operating the site: ``xtbang doctor``, ``upgrade``, ``maintenance``, ``retention`` and ``replace-key``."""

from pathlib import Path

import click
from flask import Flask, current_app
from flask.cli import with_appcontext

from xtbang import config, keys, upgrading
from xtbang.background import mail_alarms, send_mails
from xtbang.backup import BackupError
from xtbang.commands.backup import KNOWN_BREAK
from xtbang.extensions import db
from xtbang.health.checks import ESSENTIAL, results
from xtbang.people.retention import erase_overdue, in_kinds, overdue
from xtbang.rules.actor import SYSTEM

MARKS = {True: "✗", False: "✓", None: "？"}


@click.command()
@click.option("--mail", is_flag=True, help="Mail the administrators what is wrong, as the worker does: for cron.")
@click.option("--essential", is_flag=True, help="Only what has to hold before pages can be served.")
@with_appcontext
def doctor(mail: bool, essential: bool) -> None:
    """Say what is wrong with this installation, and how to mend it."""
    app: Flask = current_app._get_current_object()  # type: ignore[attr-defined]
    found = list(results(app, ESSENTIAL if essential else None))
    for one in found:
        wrong = None if one.troubles is None else bool(one.troubles)
        click.echo(f"{MARKS[wrong]} {one.check.name}{'（数据库连接不上，没有查）' if wrong is None else ''}")
        for trouble in one.troubles or ():
            click.echo(f"    {trouble.said}\n    → {trouble.todo}")
    count = sum(len(one.troubles or ()) for one in found)
    if mail:
        click.echo(f"写入 {mail_alarms(app, found)} 封告警邮件，发出 {send_mails(app)} 封。")
    if count:
        click.echo(f"共 {count} 处要处理。")
        raise SystemExit(1)
    click.echo("没有发现问题。")


@click.command()
@click.option("--erase", is_flag=True, help="Erase it; otherwise only say how much it is.")
@with_appcontext
def retention(erase: bool) -> None:
    """Say which personal data is older than workflows/city.toml allows, and erase it; the worker does it once a month."""
    caller = current_app.extensions["engine"].caller(db.session(), SYSTEM)
    if erase:
        click.echo(f"已清除：{in_kinds(erase_overdue(caller))}。")
    else:
        click.echo(f"期满可以清除：{in_kinds({what: len(ids) for what, ids in overdue(caller).items()})}。")


@click.command()
@click.option(
    "--folder", type=click.Path(path_type=Path, file_okay=False), help="Of the backup; else that of the night."
)
@click.option("--code", default="", help="Installs the new program: 'git checkout v2 && make setup'.")
@click.option("--back", default="", help="Installs the present one again: 'git checkout v1 && make setup'.")
@click.option("--restart", default="", help="Restarts the service: 'systemctl restart xtbang'.")
@click.option("--ready", default="", help="Is asked until it answers 200: 'http://127.0.0.1:8000/readyz'.")
@KNOWN_BREAK
@with_appcontext
def upgrade(folder: Path | None, **plan: str) -> None:
    """Upgrade the site behind a page 维护中: backup, new program, migrations; on any failure everything is put back."""
    app: Flask = current_app._get_current_object()  # type: ignore[attr-defined]
    place = folder or Path(app.config["BACKUP_FOLDER"] or app.config["INSTANCE"] / "backups")
    try:
        done = upgrading.upgrade(app, place, upgrading.Plan(**plan), click.echo)
    except (BackupError, upgrading.UpgradeError, OSError) as error:
        raise click.ClickException(f"没有升级：{error}") from None
    if not done:
        raise click.ClickException("没有升级，一切和原来一样。")
    click.echo("已升级。" if plan["restart"] else "已升级，请重新启动服务：systemctl restart xtbang")


@click.command()
@click.argument("state", type=click.Choice(["on", "off"]))
def maintenance(state: str) -> None:
    """Show the page 维护中 at this machine, or end it."""
    path = config.maintenance_file(config.instance_folder())
    path.touch() if state == "on" else path.unlink(missing_ok=True)
    click.echo("已显示“维护中”。" if state == "on" else "已恢复服务。")


@click.command("replace-key")
@click.confirmation_option(
    prompt="所有人须重新登录，发出的链接和日历订阅地址失效；密码、登录验证码和文书不变。更换密钥？"
)
def replace_key() -> None:
    """Replace the secret key, which others may have seen: sessions and links end, passwords and telephones stay."""
    if present := keys.secret("XTBANG_SECRET_KEY"):
        former = " ".join([present, keys.secret("XTBANG_FORMER_KEYS")]).strip()
        click.echo(f"密钥写在设置中，请改为：\nXTBANG_SECRET_KEY={keys.new_key()}\nXTBANG_FORMER_KEYS={former}")
    else:
        keys.replace_key(config.instance_folder())
        click.echo(f"已更换，写入 {config.instance_folder() / keys.FILE}。")
    click.echo("请重新启动全部服务进程，并作一次备份。")
