"""验收."""

from collections.abc import Iterator

from xtbang.rules.reasons import Reason
from xtbang.stages.context import Context
from xtbang.stages.registry import effect, guard


@guard
def deadline_ahead(context: Context) -> Iterator[Reason]:
    """To be written."""
    yield from ()


@guard
def acceptance_examined(context: Context) -> Iterator[Reason]:
    """To be written."""
    yield from ()


@effect
def rectify(context: Context) -> None:
    """To be written."""


@effect
def pass_acceptance(context: Context) -> None:
    """To be written."""

