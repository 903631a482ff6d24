"""The command ``xtbang paper``: a form, blank or filled in, or a paper of a project as PDF."""

from pathlib import Path

import click

from xtbang import config
from xtbang.commands.policy import load
from xtbang.printing import PrintingError, print_form, print_paper


@click.command()
@click.argument("form", required=False)
@click.option("--edition", help="2021, 2024 …; the newest that has the form when left out.")
@click.option("--data", type=click.Path(path_type=Path, exists=True, dir_okay=False), help="The values as JSON.")
@click.option("--project", help="The number of a project, with --paper.")
@click.option("--paper", "name", help="form, receipt, bid, application, contract, payment_order …")
@click.option("-o", "--output", type=click.Path(path_type=Path, dir_okay=False), required=True)
@click.pass_context
def paper(
    context: click.Context,
    form: str | None,
    edition: str | None,
    data: Path | None,
    project: str | None,
    name: str | None,
    output: Path,
) -> None:
    """Print a form (blank, or with the values of a JSON file), or a paper of a project."""
    if bool(form) == bool(project) or bool(project) != bool(name):
        raise click.UsageError("give either a FORM, or --project together with --paper")
    try:
        if form:
            content = print_form(load(config.workflows_folder()), form, edition, data)
        else:
            with context.obj.load_app().app_context():
                content = print_paper(str(project), str(name))
    except PrintingError as error:
        for sentence in error.sentences:
            click.echo(sentence, err=True)
        raise SystemExit(2) from None
    output.write_bytes(content)
