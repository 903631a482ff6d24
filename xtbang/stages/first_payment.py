"""首拨: vouchers are checked, waivers recorded, the county's match confirmed, the first instalment paid."""

from collections.abc import Iterator

from xtbang.models import CountyMatch
from xtbang.rules.money import format_wan
from xtbang.rules.reasons import Reason
from xtbang.rules.subsidy import is_self_managed
from xtbang.stages import vouchers, waivers
from xtbang.stages.context import Context
from xtbang.stages.execution import open_acceptance, open_reports
from xtbang.stages.mailing import tell_parties, tell_role
from xtbang.stages.money import (
    ARTICLE,
    NAMES,
    amount_in,
    city_instalment,
    county_instalment,
    county_match,
    date_in,
    match_missing,
    not_exactly,
    paid_on_sane,
    pay_city,
    too_long,
)
from xtbang.stages.registry import effect, form_guard, guard

__all__ = ["vouchers", "waivers"]


# ---------------------------------------------------------------- the first instalment


@guard
def county_match_first(context: Context) -> Iterator[Reason]:
    """The county has confirmed its first instalment."""
    yield from match_missing(context, 1)


@form_guard
def amount_is_first_instalment(context: Context) -> Iterator[Reason]:
    """Exactly half of the subsidy."""
    yield from not_exactly(context, "A7.instalment", "首期拨付金额", city_instalment(context, 1))


@form_guard
def payment_date_sane(context: Context) -> Iterator[Reason]:
    """Paid after what allows it, and not in the future."""
    yield from paid_on_sane(context)


@effect
def disburse_first(context: Context) -> None:
    """The city's first instalment; reports fall due from the term, and the request for acceptance can be filled in."""
    project = context.project
    pay_city(context, 1)
    project.first_paid_on = date_in(context, "paid_on")
    if project.self_managed is None and project.starts_on and project.ends_on and project.subsidy_city:
        project.self_managed = is_self_managed(
            context.edition, project.starts_on, project.ends_on, project.subsidy_city
        )
    open_reports(context)
    open_acceptance(context)
    amount = format_wan(amount_in(context))
    tell_parties(context, f"首期已拨付：{project.title}", f"首期补助资金 {amount}已拨付，请按合同开展研发并按期报告。")
    tell_role(context, "county", f"请拨付配套资金：{project.title}", "市级首期已拨付，请拨付首期配套资金并登记。")
    tell_role(context, "science", f"进入实施：{project.title}", f"首期补助资金 {amount}已拨付。")
