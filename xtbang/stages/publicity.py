"""发布公示, 异议."""

from collections.abc import Iterator

from xtbang.rules.reasons import Reason
from xtbang.stages.context import Context
from xtbang.stages.registry import effect, guard, options


@guard
def notice_unpublished(context: Context) -> Iterator[Reason]:
    """To be written."""
    yield from ()


@guard
def notice_running(context: Context) -> Iterator[Reason]:
    """To be written."""
    yield from ()


@guard
def notice_over(context: Context) -> Iterator[Reason]:
    """To be written."""
    yield from ()


@guard
def no_objection_standing(context: Context) -> Iterator[Reason]:
    """To be written."""
    yield from ()


@guard
def objection_open(context: Context) -> Iterator[Reason]:
    """To be written."""
    yield from ()


@guard
def objection_upheld(context: Context) -> Iterator[Reason]:
    """To be written."""
    yield from ()


@effect
def publish_notice(context: Context) -> None:
    """To be written."""


@effect
def file_objection(context: Context) -> None:
    """To be written."""


@effect
def decide_objection(context: Context) -> None:
    """To be written."""


@effect
def confirm(context: Context) -> None:
    """To be written."""


@effect
def uphold(context: Context) -> None:
    """To be written."""


@options
def open_objections(context: Context) -> dict[str, str]:
    """To be written."""
    return {}

