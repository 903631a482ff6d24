"""The commands ``xtbang backup``, ``restore`` and ``restore-check``."""

from pathlib import Path

import click
from flask import current_app
from flask.cli import with_appcontext

from xtbang.backup import FILES, BackupError, back_up, newest
from xtbang.backup import check as check_copy
from xtbang.restoring import restored_faults, unpack

UNRECORDED = (
    "备份已经做好，但服务器自己的文件夹写不进去（磁盘已满或者没有权限），没有登记：“管理 → 数据备份”仍显示上一次。"
)
KNOWN_BREAK = click.option(
    "--known-break",
    default="",
    metavar="REASON",
    help="Go on although events were changed, when it is known by whom and why: recorded as an event, and named ever after.",
)


@click.command()
@click.argument("folder", required=False, type=click.Path(path_type=Path, file_okay=False))
@with_appcontext
def backup(folder: Path | None) -> None:
    """Copy database and files into FOLDER (else instance/backups) and check the copy."""
    try:
        made = back_up(current_app._get_current_object(), folder or current_app.config["INSTANCE"] / "backups")  # type: ignore[attr-defined]
    except (BackupError, OSError) as error:
        raise click.ClickException(f"没有备份：{error}") from None
    files = (
        f"附件在对象存储 {made.bucket}，请另行备份" if made.bucket else f"附件 {made.files} 个，新增 {made.copied} 个"
    )
    click.echo(f"{made.path}（{made.size} 字节），{files}。")
    if not made.recorded:
        click.echo(UNRECORDED, err=True)
    _report(made.faults)


@click.command("restore-check")
@click.argument("path", type=click.Path(path_type=Path, exists=True))
def restore_check(path: Path) -> None:
    """Read a backup (a file, or the newest of a folder) from end to end."""
    try:
        copy = newest(path) if path.is_dir() else path
        files = copy.parent / FILES
        faults = check_copy(copy, files if files.is_dir() else None, thorough=True)
    except BackupError as error:
        raise click.ClickException(str(error)) from None
    click.echo(str(copy))
    _report(faults)


def _report(faults: list[str]) -> None:
    for fault in faults:
        click.echo(fault, err=True)
    if faults:
        raise SystemExit(1)
    click.echo("核验通过。")


@click.command()
@click.argument("path", type=click.Path(path_type=Path, exists=True))
@KNOWN_BREAK
@click.pass_context
def restore(context: click.Context, path: Path, known_break: str) -> None:
    """Put a backup (a file, or the newest of a folder) into an empty installation, and check what is there then."""
    try:
        copy = newest(path) if path.is_dir() else path
        files = unpack(copy, known_break=bool(known_break))
    except (BackupError, OSError) as error:
        raise click.ClickException(f"没有恢复：{error}") from None
    click.echo(f"{copy}，附件 {files} 个。")
    app = context.obj.load_app()
    with app.app_context():
        _report(restored_faults(app, known_break))
