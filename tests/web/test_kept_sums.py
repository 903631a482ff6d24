"""Whatever is changed, in whatever order, the sums that are kept are what the rows add up to, and so are the pages."""

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from random import Random

import pytest
from sqlalchemy import extract, func, select

from tests.factories.records import FUNDED, NOW, TODAY, RecordFactory
from xtbang.actions.expected_payments import wrong_expected_payments
from xtbang.actions.money_totals import wrong_money_totals
from xtbang.models import Call, DealTotal, EntryTotal, Finding, FundingDocument, LedgerEntry, PaymentApproval, Project
from xtbang.queries.budgets import CITY_PAID, budget_sums, counted, is_fixed

pytestmark = pytest.mark.parametrize("app", ["sqlite", "postgresql"], indirect=True)
any_of = Random()


def moves(records: RecordFactory, project: Project) -> None:
    project.region = any_of.choice(("雨湖区", "岳塘区"))
    project.call_id = any_of.choice(records.session.scalars(select(Call.id).order_by(Call.id)).all())


def is_decided(_records: RecordFactory, project: Project) -> None:
    if project.subsidy_city is not None:
        project.state, project.subsidy_city = any_of.choice(FUNDED), Decimal(any_of.randrange(10, 400_000))


def is_paid(records: RecordFactory, project: Project) -> None:
    records.entry(project, "instalment", any_of.choice(("city", "county")), any_of.randrange(1, 200_000), TODAY)


def is_paid_back(records: RecordFactory, project: Project) -> None:
    reversed_lines = select(LedgerEntry.reverses_id).where(LedgerEntry.reverses_id.is_not(None))
    lines = select(LedgerEntry).where(LedgerEntry.project_id == project.id, LedgerEntry.reverses_id.is_(None))
    for line in records.session.scalars(lines.where(LedgerEntry.id.not_in(reversed_lines)).limit(1)):
        same = {name: getattr(line, name) for name in ("project_id", "kind", "source", "amount", "event_id")}
        dated = TODAY - timedelta(days=any_of.randrange(800))
        records.session.add(LedgerEntry(**same, reverses_id=line.id, dated=dated, recorded_at=NOW))


def deals(records: RecordFactory, project: Project) -> None:
    records.finding(project, "deal")


def deals_no_more(records: RecordFactory, project: Project) -> None:
    for finding in records.session.scalars(select(Finding).where(Finding.project_id == project.id)):
        finding.voided_at = NOW


def is_granted(records: RecordFactory, project: Project) -> None:
    if not records.session.scalar(select(FundingDocument.id).where(FundingDocument.project_id == project.id)):
        known = {"number": "潭财教〔2026〕1号", "dated": TODAY, "recorded_at": NOW}
        granted = FundingDocument(project_id=project.id, file_id=records.file().id, **known)
        granted.recorded_by_id = records.people["finance"].id
        records.session.add(granted)


def is_approved(records: RecordFactory, project: Project) -> None:
    number = any_of.randrange(3)
    same = PaymentApproval.project_id == project.id, PaymentApproval.instalment == number
    if not records.session.scalar(select(PaymentApproval.id).where(*same)):
        waits = {"instalment": number, "amount": Decimal(5), "relied_on": {}, "approved_at": NOW}
        approval = PaymentApproval(project_id=project.id, voided_at=any_of.choice((None, NOW)), **waits)
        approval.finance_id = records.people["finance"].id
        records.session.add(approval)


CHANGES: tuple[Callable[[RecordFactory, Project], None], ...] = (
    *(moves, is_decided, is_paid, is_paid_back),
    *(deals, deals_no_more, is_granted, is_approved),
)


def test_kept_sums_are_those_of_the_rows(records: RecordFactory) -> None:
    session, first = records.session, records.call
    any_of.seed(12)
    with records.writing():
        other = Call(code="XTJB-2026-02", title="第二批", edition="2021", kinds=first.kinds)
        other.opens_at, other.closes_at, other.created_by_id = first.opens_at, first.closes_at, first.created_by_id
        session.add(other)
        projects = [records.project(state) for state in ("listing", *FUNDED)]
    for _transaction in range(40):
        with records.writing():
            for project in any_of.sample(projects, 3):
                any_of.choice(CHANGES)(records, project)
                session.flush()
    with records.writing():
        records.organisations["bidder"].kind = "university"  # each project that it has agreed to is counted elsewhere
    assert list(wrong_money_totals(session)) == []
    assert list(wrong_expected_payments(session, records.engine.policy)) == []
    agreed = session.scalar(select(func.sum(EntryTotal.projects)).where(EntryTotal.bidder == "university"))
    assert agreed == session.scalar(select(func.count(Project.agreed_bid_id)))
    assert session.scalar(select(func.sum(DealTotal.deals)))
    policy = records.engine.policy
    for call_id, sums in budget_sums(session, policy, {first.id: [], other.id: []}).items():
        mine = Project.call_id == call_id, Project.subsidy_city.is_not(None)
        taken = select(func.coalesce(func.sum(counted(policy)), Decimal(0))).where(*mine)
        assert sums.committed and sums.fixed == session.scalar(taken.where(is_fixed(policy)))
        assert sums.proposed == session.scalar(taken.where(~is_fixed(policy)))
        paid = select(extract("year", LedgerEntry.dated), func.sum(LedgerEntry.net)).join(Project)
        paid = paid.where(mine[0], *CITY_PAID).group_by(extract("year", LedgerEntry.dated))
        assert sums.paid_in == {year: amount for year, amount in session.execute(paid)}
        without = budget_sums(session, policy, {call_id: []}, projects[4].id)[call_id]
        assert sums.committed - without.committed == session.scalar(taken.where(Project.id == projects[4].id))
