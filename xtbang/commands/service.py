"""The commands ``xtbang serve`` and ``worker``: the processes of a site in service."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager

import click

from xtbang.commands.faults import PolicyError
from xtbang.errors import DefinitionError


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", default=8000, show_default=True)
@click.option("--threads", default=8, show_default=True, help="Requests answered at the same time.")
def serve(host: str, port: int, threads: int) -> None:
    """Serve the application, and send mails and store papers beside it."""
    with _loading():
        from xtbang import serving

        app = serving.application()
    serving.serve(app, host, port, threads)


@click.command()
def worker() -> None:
    """Do the background jobs of servers that do none (XTBANG_EMBEDDED_WORKER=0): mails, papers, reminders, backups."""
    with _loading():
        from xtbang import serving

        app = serving.application()
    serving.work(app)


@contextmanager
def _loading() -> Iterator[None]:
    """Load the program, which is never garbage: looking through it again and again would be a fifth of the start."""
    gc.disable()
    try:
        yield
    except DefinitionError as error:
        raise PolicyError(error) from None
    finally:
        gc.freeze()
        gc.enable()
