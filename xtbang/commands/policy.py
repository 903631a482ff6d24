"""The commands ``xtbang workflow``: check, draw, copy and compare the files under workflows/."""

import tempfile
from contextlib import suppress
from itertools import groupby
from pathlib import Path
from time import monotonic

import click

from xtbang import config
from xtbang.commands.faults import PolicyError, PolicyFault
from xtbang.editions import NoDatabaseError, editions_of_database
from xtbang.errors import DefinitionError, EditionError
from xtbang.rules.policy import Policy
from xtbang.workflow.definition import load_policy, read_folder
from xtbang.workflow.diagram import mermaid
from xtbang.workflow.differences import differences
from xtbang.workflow.guide import guide
from xtbang.workflow.new_edition import marks, unknown_edition, write_edition
from xtbang.workflow.sense import overlapping
from xtbang.workflow.standing import faults, standings
from xtbang.workflow.upgrade import upgrades

WORKFLOWS = config.ROOT / "workflows"
DIAGRAM = WORKFLOWS / "lifecycle.md"
GUIDE = config.ROOT / "docs" / "workflows-keys.zh-CN.md"


def load(folder: Path) -> Policy:
    """Return the policy of a folder. Raise PolicyError with every mistake in its files."""
    try:
        return load_policy(folder)
    except DefinitionError as error:
        raise PolicyError(error, outdated(folder)) from None


def outdated(folder: Path) -> str:
    """Return a sentence that names the files which are in the format of an earlier release; "" when there are none."""
    with suppress(DefinitionError):
        if found := upgrades(folder):
            names = "、".join(str(one.path.relative_to(folder)) for one in found)
            return (
                f"{names} 是为程序的旧版本写的，先运行 xtbang workflow upgrade{_named(folder)} 改成现在的格式，再核对。"
            )
    return ""


def _named(folder: Path) -> str:
    """Return the option that names the folder in a command to be typed; "" where it is the one that is read anyway."""
    return "" if folder == config.workflows_folder() else f" --folder {folder}"


def _there(_context: click.Context, _option: click.Parameter, folder: Path) -> Path:
    """Return the folder of the option. Raise PolicyFault when there is none."""
    if not folder.is_dir():
        raise PolicyFault(f"没有文件夹 {folder}。")
    return folder


folder_option = click.option(
    "--folder", type=click.Path(path_type=Path), default=config.workflows_folder, callback=_there
)


@click.group()
def workflow() -> None:
    """Read the policy under workflows/."""


@workflow.command()
@folder_option
@click.option("--dry-run", is_flag=True, help="Only say what would be changed.")
def upgrade(folder: Path, dry_run: bool) -> None:
    """Rewrite files that were written for an earlier release in the present format; comments stay."""
    try:
        found = upgrades(folder)
    except DefinitionError as error:
        raise PolicyError(error) from None
    if not found:
        click.echo("文件都是现在的格式，没有改动。")
        return
    copies = [None if dry_run else one.write() for one in found]
    for one, before in zip(found, copies, strict=True):
        name = one.path.relative_to(folder)
        kept = f"（原来的存为 {before.relative_to(folder)}）" if before else ""
        click.echo("\n".join([f"{name}{kept}：", *(f"  {change}。" for change in one.changes)]))
    done = f"已改写 {len(found)} 个文件。请核对：xtbang workflow check{_named(folder)}"
    click.echo("没有写入。" if dry_run else done)


@workflow.command()
@folder_option
def check(folder: Path) -> None:
    """Say everything that is wrong in the files, with its line, and whether they say what is frozen in the database.

    Needs no settings; without a database only the files are checked.
    """
    for sentence in marks(folder):
        click.echo(f"提示：{sentence}")
    reading, kept, compared = read_folder(folder), [], ""
    try:
        kept = editions_of_database(config.database())
        compared = f"已在使用的版本：{'、'.join(item.edition.label for item in kept) or '还没有'}。与文件一致。"
    except NoDatabaseError as error:
        compared = f"没有核对文件与已在使用的版本是否一致：{error}"
    for sentence in overlapping(reading.editions.values()):
        click.echo(f"提示：{sentence}")
    changed = faults(standings(reading, kept))
    if reading.mistakes:
        raise PolicyError(DefinitionError(list(reading.mistakes)), outdated(folder), changed)
    editions = "、".join(edition.label for edition in reading.editions.values())
    states, actions = reading.life.states, reading.life.actions
    click.echo(f"{len(states)} 个状态，{len(actions)} 个事项，版本：{editions}。没有错误。")
    if changed:
        raise PolicyFault("\n".join(changed))
    click.echo(compared)


@workflow.command()
@click.option("--write", is_flag=True, help="Write workflows/lifecycle.md instead of printing.")
def diagram(write: bool) -> None:
    """Draw the life of a project (Mermaid, in the order of life)."""
    text = mermaid(load(WORKFLOWS))
    if write:
        DIAGRAM.write_text(text, encoding="utf-8")
    else:
        click.echo(text, nl=False)


@workflow.command()
@click.argument("key")
@click.option("--from", "base", required=True, help="The edition that is copied: 2024 …")
@folder_option
def new(key: str, base: str, folder: Path) -> None:
    """Write the file of a new edition as a copy of another one, with marks where to change it."""
    try:
        path = write_edition(folder, key, base)
    except EditionError as error:
        raise PolicyFault(str(error)) from None
    except OSError as error:
        raise PolicyFault(f"不能写入：{error}") from None
    named = _named(folder)
    click.echo(f"已写入 {path}（照版本 {base}）。接下来：")
    click.echo("1. 用文本编辑器打开它，改写着“请改”“请核对”的地方，再改数字、评分表和条款；改好的，删去这些提示。")
    click.echo("   表格有变化的，把 forms/ 里的那份复制成新的一份，改好，在 [forms]、[documents] 里写新的文件名。")
    click.echo(f"2. 核对：xtbang workflow check{named}")
    click.echo(f"3. 看与版本 {base} 有哪些不同：xtbang workflow diff {base} {key}{named}")
    click.echo(f"4. 试办一遍，看页面和文书（大约一分钟）：xtbang workflow try {key}{named}")


@workflow.command()
@click.argument("old")
@click.argument("new")
@folder_option
def diff(old: str, new: str, folder: Path) -> None:
    """Say what differs between two editions."""
    editions = load(folder).editions
    for key in (old, new):
        if key not in editions:
            raise PolicyFault(unknown_edition(key, list(editions)))
    found = differences(editions[old], editions[new])
    if not found:
        click.echo(f"版本 {old} 与版本 {new} 没有不同。")
    for group, items in groupby(found, key=lambda item: item.group):
        click.echo("\n".join([f"【{group}】", *(f"  {item.sentence}" for item in items)]))


@workflow.command("try")
@click.argument("key")
@folder_option
@click.option("--to", type=click.Path(path_type=Path, file_okay=False), help="An empty folder; else a new one in /tmp.")
def try_out(key: str, folder: Path, to: Path | None) -> None:
    """Make a throw-away site with an entry of an edition in every state, and print every paper."""
    from xtbang.trial_site import throw_away_site

    policy = load(folder)
    if key not in policy.names:
        raise PolicyFault(unknown_edition(key, list(policy.names)))
    if to and to.exists() and any(to.iterdir()):
        raise PolicyFault(f"{to} 不是空的文件夹；试办只写入空的或新的文件夹。")
    instance = to.resolve() if to else Path(tempfile.mkdtemp(prefix=f"xtbang-try-{key}-"))
    edition = max((e for e in policy.editions.values() if e.name == key), key=lambda e: e.revision)
    click.echo(f"正在试办版本 {edition.label}，大约一分钟……")
    started = monotonic()
    trial = throw_away_site(instance, folder.resolve(), edition)
    click.echo(f"用时 {monotonic() - started:.0f} 秒。")
    click.echo(f"状态 {len(trial.states)} 个各有一个申报项：{'、'.join(name for name, _said in trial.states)}。")
    click.echo(f"文书 {len(trial.printed)} 份印在 {instance / 'papers'}。")
    for what, found in (
        ("没有走到的状态", trial.missing),
        ("没有办下去的", trial.stopped),
        ("没有印出的", trial.failed),
    ):
        if found:
            click.echo("\n".join([f"{what}：", *(f"  {one}" for one in found)]))
    settings = f"XTBANG_INSTANCE={instance}"
    if folder.resolve() != WORKFLOWS:
        settings += f" XTBANG_WORKFLOWS={folder.resolve()}"
    click.echo(f'打开看：env -i PATH="$PATH" {settings} xtbang serve --port 8001，网址 http://127.0.0.1:8001，')
    click.echo(f"登录页列有各种演示账号。看完删去文件夹 {instance} 即可，不影响正式的系统。")
    if not trial.succeeded:
        raise SystemExit(1)


@workflow.command("guide")
@click.option("--write", is_flag=True, help="Write docs/workflows-keys.zh-CN.md instead of printing.")
def print_guide(write: bool) -> None:
    """Say what can be written in the files: every name, in Chinese."""
    load(WORKFLOWS)
    text = guide(WORKFLOWS)
    if write:
        GUIDE.write_text(text, encoding="utf-8")
    else:
        click.echo(text, nl=False)
