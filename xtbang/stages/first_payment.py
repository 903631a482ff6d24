"""首拨 (first payment): the city pays the first instalment.

Vouchers, waivers and the match of the county are in xtbang/domain.
"""

from collections.abc import Iterator

from xtbang.actions.context import Context
from xtbang.actions.notify import notify, to_parties, to_role
from xtbang.actions.registry import effect, form_guard
from xtbang.domain.payments import amount_in, city_instalment, date_in, not_exactly, paid_on_sane, pay_city
from xtbang.domain.reports import open_reports
from xtbang.rules.reasons import Reason
from xtbang.stages.execution import open_acceptance


@form_guard
def amount_is_first_instalment(context: Context) -> Iterator[Reason]:
    """Yield a reason unless the amount is exactly the first instalment (第七条)."""
    yield from not_exactly(context, "A7.instalment", "首期拨付金额", city_instalment(context, 1))


@form_guard
def payment_date_sane(context: Context) -> Iterator[Reason]:
    """Yield a reason when the payment is dated in the future or before its preconditions."""
    yield from paid_on_sane(context)


@effect
def disburse_first(context: Context) -> None:
    """Record the city's first instalment; open the reports of the term and the request for acceptance."""
    project = context.project
    pay_city(context, 1)
    project.first_paid_on = date_in(context, "paid_on")
    open_reports(context)
    open_acceptance(context)
    amount = amount_in(context)
    notify(context, "disburse_first", to_parties(), amount=amount)
    notify(context, "disburse_first_county", to_role("county"))
    notify(context, "disburse_first_science", to_role("science"), amount=amount)
