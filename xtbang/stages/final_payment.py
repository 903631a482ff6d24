"""尾拨 (final payment): the city pays the rest of the subsidy, and the project is closed."""

from decimal import Decimal

from sqlalchemy import select

from xtbang.actions.context import Context
from xtbang.actions.documents import frozen
from xtbang.actions.issue import issue
from xtbang.actions.notify import notify, to_county, to_parties, to_role
from xtbang.actions.registry import consequence, effect
from xtbang.domain.changes import overtake_changes
from xtbang.domain.event_dates import recorded_day
from xtbang.domain.payments import ACCEPTED, amount_in, ledger, pay_instalment
from xtbang.models import Acceptance
from xtbang.papers.facts import decision as facts_decision
from xtbang.rules.needs import reads


def _grade(context: Context, request: Acceptance) -> str:
    """Return the conclusion of the self-evaluation (自评结论) in words."""
    field = context.edition.documents["acceptance"].field("self_grade")
    return field.label_of(frozen(context, request.document).get("self_grade", ""))


@effect
@reads("amount:money paid_on:date note:text")
def disburse_final(context: Context) -> None:
    """Record the city's instalment; with the last one the project is closed."""
    item = pay_instalment(context)
    if item is None:
        return
    close_project(context)
    notify(context, "disburse_final", to_parties(), instalment=item.name, amount=amount_in(context))
    notify(context, "disburse_final_county", to_county(), instalment=item.name)
    notify(context, "disburse_final_science", to_role("science"), instalment=item.name, amount=amount_in(context))


@consequence
def close_project(context: Context) -> None:
    """Issue the certificate (验收证书) and close the project."""
    project = context.project
    project.closed_at = context.now
    overtake_changes(context)
    query = select(Acceptance).where(Acceptance.project_id == project.id, Acceptance.status == "passed")
    passed = context.session.scalars(query.order_by(Acceptance.id.desc()).limit(1)).one()
    sums = ledger(context)
    data = facts_decision.certificate(
        project,
        context.edition,
        context.policy.city,
        passed_on=recorded_day(context, ACCEPTED, passed.decided_at or context.now),
        grade=_grade(context, passed),
        opinion=passed.findings,
        paid=sums.paid["city"] - sums.due.get("city", Decimal(0)),
    )
    issue(context, "certificate", "项目验收证书", data)
