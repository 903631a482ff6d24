"""首拨."""

from collections.abc import Iterator

from xtbang.rules.reasons import Reason
from xtbang.stages.context import Context
from xtbang.stages.registry import effect, guard, options


@guard
def voucher_plausible(context: Context) -> Iterator[Reason]:
    """To be written."""
    yield from ()


@guard
def voucher_open(context: Context) -> Iterator[Reason]:
    """To be written."""
    yield from ()


@guard
def voucher_within_contract(context: Context) -> Iterator[Reason]:
    """To be written."""
    yield from ()


@guard
def rule_waivable(context: Context) -> Iterator[Reason]:
    """To be written."""
    yield from ()


@guard
def match_unconfirmed(context: Context) -> Iterator[Reason]:
    """To be written."""
    yield from ()


@guard
def match_equals_share(context: Context) -> Iterator[Reason]:
    """To be written."""
    yield from ()


@guard
def issuer_has_paid(context: Context) -> Iterator[Reason]:
    """To be written."""
    yield from ()


@guard
def voucher_present(context: Context) -> Iterator[Reason]:
    """To be written."""
    yield from ()


@guard
def county_match_first(context: Context) -> Iterator[Reason]:
    """To be written."""
    yield from ()


@guard
def amount_is_first_instalment(context: Context) -> Iterator[Reason]:
    """To be written."""
    yield from ()


@guard
def payment_date_sane(context: Context) -> Iterator[Reason]:
    """To be written."""
    yield from ()


@effect
def submit_voucher(context: Context) -> None:
    """To be written."""


@effect
def check_voucher(context: Context) -> None:
    """To be written."""


@effect
def record_waiver(context: Context) -> None:
    """To be written."""


@effect
def confirm_county_match(context: Context) -> None:
    """To be written."""


@effect
def disburse_first(context: Context) -> None:
    """To be written."""


@options
def open_vouchers(context: Context) -> dict[str, str]:
    """To be written."""
    return {}


@options
def waivable_rules(context: Context) -> dict[str, str]:
    """To be written."""
    return {}

