"""Mistakes in files under ``workflows/`` as commands print them."""

from collections.abc import Sequence
from typing import IO, Any

import click
from flask.cli import NoAppException

from xtbang.errors import DefinitionError


class PolicyFault(NoAppException):
    """Sentences for an officer about a command that failed, without its usage text."""

    exit_code = 1

    def show(self, file: IO[Any] | None = None) -> None:
        """Write every sentence to the terminal."""
        click.echo(self.format_message(), err=True)


class PolicyError(PolicyFault):
    """Mistakes in files under workflows/: printed in full, without the usage text of the command."""

    def __init__(self, error: DefinitionError, hint: str = "", changed: Sequence[str] = ()) -> None:
        again = hint or "改正后请运行 xtbang workflow check 核对。"
        super().__init__("\n".join([*error.sentences, f"共 {len(error.sentences)} 处错误。{again}", *changed]))
