"""签约."""

from collections.abc import Iterator

from xtbang.rules.reasons import Reason
from xtbang.stages.context import Context
from xtbang.stages.registry import effect, guard, options


@guard
def contract_valid(context: Context) -> Iterator[Reason]:
    """To be written."""
    yield from ()


@guard
def contract_changed(context: Context) -> Iterator[Reason]:
    """To be written."""
    yield from ()


@guard
def contract_issued(context: Context) -> Iterator[Reason]:
    """To be written."""
    yield from ()


@guard
def not_yet_signed(context: Context) -> Iterator[Reason]:
    """To be written."""
    yield from ()


@guard
def scan_matches_contract(context: Context) -> Iterator[Reason]:
    """To be written."""
    yield from ()


@guard
def signature_unread(context: Context) -> Iterator[Reason]:
    """To be written."""
    yield from ()


@guard
def no_funding_document(context: Context) -> Iterator[Reason]:
    """To be written."""
    yield from ()


@guard
def all_parties_signed(context: Context) -> Iterator[Reason]:
    """To be written."""
    yield from ()


@guard
def funding_document_recorded(context: Context) -> Iterator[Reason]:
    """To be written."""
    yield from ()


@effect
def issue_contract(context: Context) -> None:
    """To be written."""


@effect
def sign_contract(context: Context) -> None:
    """To be written."""


@effect
def look_at_signature(context: Context) -> None:
    """To be written."""


@effect
def record_funding_document(context: Context) -> None:
    """To be written."""


@effect
def conclude(context: Context) -> None:
    """To be written."""


@options
def unread_signatures(context: Context) -> dict[str, str]:
    """To be written."""
    return {}

