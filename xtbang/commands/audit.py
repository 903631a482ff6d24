"""The commands ``xtbang audit``: proofs for auditors and the archive."""

from contextlib import closing
from itertools import groupby
from pathlib import Path

import click
from flask import current_app
from flask.cli import with_appcontext

from xtbang.actions.audit import broken
from xtbang.audit_export import export_days, faults
from xtbang.extensions import db
from xtbang.queries.audit import in_chains
from xtbang.queries.draws import draw_event, lines_of, names_in, repeat
from xtbang.rules.dates import day_of


@click.group()
def audit() -> None:
    """Proofs for auditors."""


@audit.command()
@click.argument("event", type=int)
@with_appcontext
def draw(event: int) -> None:
    """Draw the experts of a panel once more, from the seed and the pool that the event with this number holds."""
    session = db.session()
    row = draw_event(session, event)
    if row is None:
        raise click.ClickException("没有这个编号的抽取记录，编号见“操作记录”中的“抽取专家”。")
    draws = list(repeat(row))
    for line in lines_of(row, draws, names_in(session, draws)):
        click.echo(line)
    if not all(found.agrees for found in draws):
        raise SystemExit(1)


@audit.command()
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False))
@with_appcontext
def export(folder: Path) -> None:
    """Write the events of every day that is over into FOLDER, with an anchor for each day; days that are there stay."""
    today = day_of(current_app.extensions["engine"].clock())
    written = export_days(db.session(), folder, today, sm3=current_app.config["SM3"])
    click.echo(f"已导出 {len(written)} 天的操作记录。请把 anchors.txt 的最后一行另行保存。")


@audit.command()
@click.argument("folder", required=False, type=click.Path(path_type=Path, exists=True, file_okay=False))
@click.pass_context
def verify(context: click.Context, folder: Path | None) -> None:
    """Check an export in FOLDER, without a database; without FOLDER every chain of events of the database."""
    if folder:
        wrong = list(faults(folder))
    else:
        with context.obj.load_app().app_context(), closing(in_chains(db.session(), "")) as chains:
            streams = groupby(chains, key=lambda event: event.stream)
            wrong = [f"{stream} 的操作记录被改动过或者缺失。" for stream, events in streams if broken(events)]
    for sentence in wrong:
        click.echo(sentence, err=True)
    if wrong:
        raise SystemExit(1)
    click.echo("核验通过。")
