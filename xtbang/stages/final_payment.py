"""尾拨 (final payment): the city pays the rest of the subsidy, and the project is closed."""

from collections.abc import Iterator

from sqlalchemy import select

from xtbang.actions.context import Context
from xtbang.actions.documents import frozen
from xtbang.actions.issue import issue
from xtbang.actions.notify import notify, to_parties, to_role
from xtbang.actions.registry import effect, form_guard, guard
from xtbang.domain.payments import (
    amount_in,
    city_instalment,
    county_instalment,
    ledger,
    match_missing,
    not_exactly,
    pay_city,
)
from xtbang.models import Acceptance
from xtbang.papers.facts import decision as facts_decision
from xtbang.rules.dates import SHANGHAI
from xtbang.rules.payment import county_not_paid
from xtbang.rules.reasons import Reason


@guard
def county_first_recorded(context: Context) -> Iterator[Reason]:
    """Yield a reason unless the county or park has recorded its first instalment (第七条)."""
    due = county_instalment(context, 1)
    if due and ("county", 1) not in ledger(context).instalments:
        yield county_not_paid(context.project.region, due)


@guard
def county_match_second(context: Context) -> Iterator[Reason]:
    """Yield a reason unless the county or park has confirmed its second instalment (第七条)."""
    yield from match_missing(context, 2)


@form_guard
def amount_is_the_rest(context: Context) -> Iterator[Reason]:
    """Yield a reason unless the amount is exactly the rest of the subsidy (第七条)."""
    yield from not_exactly(context, "A7.instalment", "尾款拨付金额", city_instalment(context, 2))


@effect
def disburse_final(context: Context) -> None:
    """Record the city's second instalment, issue the certificate (验收证书), close the project."""
    project = context.project
    pay_city(context, 2)
    project.closed_at = context.now
    query = select(Acceptance).where(Acceptance.project_id == project.id, Acceptance.status == "passed")
    passed = context.session.scalars(query.order_by(Acceptance.id.desc()).limit(1)).one()
    decided = passed.decided_at or context.now
    data = facts_decision.certificate(
        project,
        context.edition,
        passed_on=decided.astimezone(SHANGHAI).date(),
        grade=frozen(context, passed.document).get("self_grade", ""),
        opinion=passed.findings,
        paid=ledger(context).paid["city"],
    )
    issue(context, "certificate", "项目验收证书", data)
    amount = amount_in(context)
    notify(context, "disburse_final", to_parties(), amount=amount)
    notify(context, "disburse_final_county", to_role("county"))
    notify(context, "disburse_final_science", to_role("science"), amount=amount)
