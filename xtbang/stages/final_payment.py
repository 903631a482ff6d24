"""尾拨."""

from collections.abc import Iterator

from xtbang.rules.reasons import Reason
from xtbang.stages.context import Context
from xtbang.stages.registry import effect, guard


@guard
def county_first_recorded(context: Context) -> Iterator[Reason]:
    """To be written."""
    yield from ()


@guard
def county_match_second(context: Context) -> Iterator[Reason]:
    """To be written."""
    yield from ()


@guard
def amount_is_the_rest(context: Context) -> Iterator[Reason]:
    """To be written."""
    yield from ()


@effect
def disburse_final(context: Context) -> None:
    """To be written."""

