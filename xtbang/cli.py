"""The console script ``xtbang``: every command of the program, including those of Flask."""

import os
from importlib import import_module

import click
from flask import Flask
from flask.cli import FlaskGroup

from xtbang.commands.faults import PolicyError
from xtbang.errors import DefinitionError

COMMANDS = {  # section of the help → command → its module in `commands`, imported when the command is asked for
    "In service": {
        "setup": "site",
        "serve": "service",
        "worker": "service",
        "doctor": "operation",
        "upgrade": "operation",
        "maintenance": "operation",
        "replace-key": "operation",
    },
    "Data and people": {
        "backup": "backup",
        "restore-check": "backup",
        "restore": "backup",
        "audit": "audit",
        "retention": "operation",
        "admin": "people",
        "mail": "site",
        "index": "site",
    },
    "Policy and papers": {"workflow": "policy", "paper": "papers", "demo": "site"},
}
MODULES = {name: module for commands in COMMANDS.values() for name, module in commands.items()}


class Commands(FlaskGroup):
    """The command group: our own commands first, then those of Flask and its extensions."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names of all commands, our own first."""
        return [*MODULES, *super().list_commands(ctx)]

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the list of commands in sections."""
        others = [name for name in self.list_commands(ctx) if name not in MODULES]
        for title, names in (COMMANDS | {"Of Flask and its extensions": others}).items():
            commands = ((name, self.get_command(ctx, name)) for name in names)
            rows = [(name, command.get_short_help_str(100)) for name, command in commands if command]
            with formatter.section(title):
                formatter.write_dl(rows)

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        """Return a command, our own first: looking for others loads every extension."""
        if name not in MODULES:
            return super().get_command(ctx, name)
        command: click.Command = getattr(import_module(f"xtbang.commands.{MODULES[name]}"), name.replace("-", "_"))
        return command


def _application() -> Flask:
    from xtbang import create_app
    from xtbang.migrating import add_migrations

    try:
        return add_migrations(create_app())
    except DefinitionError as error:
        raise PolicyError(error) from None


@click.group(cls=Commands, create_app=_application)
@click.pass_context
def cli(ctx: click.Context) -> None:
    """科技创新“揭榜挂帅”项目管理系统."""
    before = os.umask(0o077)  # whatever a command makes, only its own user can open
    ctx.call_on_close(lambda: os.umask(before))


if __name__ == "__main__":
    cli()
