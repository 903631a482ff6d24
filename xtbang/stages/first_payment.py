"""首拨 (first payment): the city pays the first instalment.

Vouchers, waivers and the match of the county are in xtbang/domain.
"""

from xtbang.actions.context import Context
from xtbang.actions.notify import notify, to_county, to_parties, to_role
from xtbang.actions.registry import consequence, effect
from xtbang.domain.payments import amount_in, pay_instalment
from xtbang.domain.reports import open_reports
from xtbang.rules.needs import reads
from xtbang.stages.execution import open_acceptance
from xtbang.stages.midterm import plan_midterm


@consequence
def begin_work(context: Context) -> None:
    """Open the reports of the term and the request for acceptance; set the day of the midterm check."""
    open_reports(context)
    plan_midterm(context)
    open_acceptance(context)


@effect
@reads("amount:money paid_on:date note:text")
def disburse_first(context: Context) -> None:
    """Record the city's instalment; with the last one that follows the contract, the work begins."""
    item = pay_instalment(context)
    if item is None:
        return
    begin_work(context)
    notify(context, "disburse_first", to_parties(), instalment=item.name, amount=amount_in(context))
    notify(context, "disburse_first_county", to_county(), instalment=item.name)
    notify(context, "disburse_first_science", to_role("science"), instalment=item.name, amount=amount_in(context))
