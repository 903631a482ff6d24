"""终止."""

from collections.abc import Iterator

from xtbang.rules.reasons import Reason
from xtbang.stages.context import Context
from xtbang.stages.registry import effect, guard


@guard
def cause_proved(context: Context) -> Iterator[Reason]:
    """To be written."""
    yield from ()


@guard
def recovery_within_due(context: Context) -> Iterator[Reason]:
    """To be written."""
    yield from ()


@guard
def everything_recovered(context: Context) -> Iterator[Reason]:
    """To be written."""
    yield from ()


@effect
def terminate(context: Context) -> None:
    """To be written."""


@effect
def record_recovery(context: Context) -> None:
    """To be written."""


@effect
def settle(context: Context) -> None:
    """To be written."""

