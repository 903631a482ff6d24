"""中期拨付 (midterm payment): the city pays what the edition orders after the midterm check; the work goes on."""

from xtbang.actions.context import Context
from xtbang.actions.notify import notify, to_county, to_parties
from xtbang.actions.registry import effect
from xtbang.domain.payments import amount_in, pay_instalment
from xtbang.rules.needs import reads


@effect
@reads("amount:money paid_on:date note:text")
def disburse_midterm(context: Context) -> None:
    """Record the city's instalment; with the last one that follows the check, the work goes on."""
    item = pay_instalment(context)
    if item is None:
        return
    notify(context, "disburse_midterm", to_parties(), instalment=item.name, amount=amount_in(context))
    notify(context, "disburse_midterm_county", to_county(), instalment=item.name)
