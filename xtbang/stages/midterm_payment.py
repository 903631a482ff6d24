"""中期拨付 (midterm payment): the city pays what the edition orders after the midterm check; the work goes on."""

from xtbang.actions.context import Context
from xtbang.actions.notify import notify, to_county, to_parties
from xtbang.actions.registry import effect
from xtbang.domain.payments import amount_in, instalment_due, pay_city, tell_of_part
from xtbang.rules.needs import reads


@effect
@reads("amount:money paid_on:date note:text")
def disburse_midterm(context: Context) -> None:
    """Record the city's instalment; with the last one that follows the check, the work goes on."""
    item, amount = pay_city(context), amount_in(context)
    if instalment_due(context):
        tell_of_part(context, item)
        return
    notify(context, "disburse_midterm", to_parties(), instalment=item.name, amount=amount)
    notify(context, "disburse_midterm_county", to_county(), instalment=item.name)
