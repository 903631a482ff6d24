"""延期."""

from collections.abc import Iterator

from xtbang.rules.reasons import Reason
from xtbang.stages.context import Context
from xtbang.stages.registry import effect, guard


@guard
def extension_asked_in_time(context: Context) -> Iterator[Reason]:
    """To be written."""
    yield from ()


@effect
def grant_extension(context: Context) -> None:
    """To be written."""


@effect
def deny_extension(context: Context) -> None:
    """To be written."""

