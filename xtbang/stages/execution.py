"""实施."""

from collections.abc import Iterator

from xtbang.rules.reasons import Reason
from xtbang.stages.context import Context
from xtbang.stages.registry import effect, guard, options


@guard
def county_instalment_due(context: Context) -> Iterator[Reason]:
    """To be written."""
    yield from ()


@guard
def county_amount_right(context: Context) -> Iterator[Reason]:
    """To be written."""
    yield from ()


@guard
def report_valid(context: Context) -> Iterator[Reason]:
    """To be written."""
    yield from ()


@guard
def agency_free_of_parties(context: Context) -> Iterator[Reason]:
    """To be written."""
    yield from ()


@guard
def later_end(context: Context) -> Iterator[Reason]:
    """To be written."""
    yield from ()


@guard
def asked_in_time(context: Context) -> Iterator[Reason]:
    """To be written."""
    yield from ()


@guard
def reports_handed_in(context: Context) -> Iterator[Reason]:
    """To be written."""
    yield from ()


@guard
def acceptance_valid(context: Context) -> Iterator[Reason]:
    """To be written."""
    yield from ()


@effect
def record_county_instalment(context: Context) -> None:
    """To be written."""


@effect
def submit_report(context: Context) -> None:
    """To be written."""


@effect
def assign_agency(context: Context) -> None:
    """To be written."""


@effect
def record_check(context: Context) -> None:
    """To be written."""


@effect
def request_extension(context: Context) -> None:
    """To be written."""


@effect
def request_acceptance(context: Context) -> None:
    """To be written."""


@options
def county_instalments(context: Context) -> dict[str, str]:
    """To be written."""
    return {}


@options
def agencies(context: Context) -> dict[str, str]:
    """To be written."""
    return {}

