"""Requests for an extension (延期申请): the one that waits for a decision, and how it ends without one."""

from collections.abc import Iterator

from xtbang.actions.context import Context
from xtbang.actions.notify import notify, to_bureaus, to_parties
from xtbang.actions.registry import guard
from xtbang.domain.common import signed_already
from xtbang.models import Extension
from xtbang.rules.reasons import Reason


def open_request(context: Context) -> Extension | None:
    """Return the request that waits for a decision, or None."""
    return next((row for row in reversed(context.rows.of(Extension)) if row.status == "open"), None)


@guard
def extension_undecided(context: Context) -> Iterator[Reason]:
    """Yield a reason while a bureau has signed what it decides on a request for an extension."""
    if open_request(context):
        yield from signed_already(context)


def take_back_open_request(context: Context) -> None:
    """Take back the request that waits for a decision, if there is one, and tell the parties and the bureaus."""
    if request := open_request(context):
        request.status, request.decided_at = "withdrawn", context.now
        notify(context, "withdraw_extension", to_parties(), new_end=request.new_end)
        notify(context, "withdraw_extension_bureaus", to_bureaus(), new_end=request.new_end)
