"""冲正 and 更正: every line of the ledger that an office entered can be taken back by two people, and the sums return to the 分."""

from collections.abc import Callable

import pytest
from sqlalchemy import select

from tests.factories.later import (
    SUBJECTIVE,
    blamed,
    completed,
    ended,
    executing,
    fifty,
    paper,
    pay,
    requested,
    sums,
    wan,
)
from tests.factories.projects import ProjectFactory
from xtbang.models import Countersignature, LedgerEntry, Mail, Paper, Project, Report
from xtbang.queries.ledger import standing, totals

WHO = {("instalment", "county"): "county"}


def over(factory: ProjectFactory) -> Project:
    """已终止, all of it come back."""
    project = fifty(factory)
    blamed(factory, project)
    ended(factory, project, **SUBJECTIVE)
    for source in ("city", "county"):
        recover(factory, project, source, "25", f"还{source}")
    factory.perform(project, "settle", "finance")
    return project


def recover(factory: ProjectFactory, project: Project, source: str, amount: str, number: str) -> None:
    data = {"source": source, "amount": amount, "dated": factory.now.date().isoformat(), "note": number}
    factory.perform(project, "record_recovery", "finance", data)


def line(factory: ProjectFactory, project: Project, kind: str, source: str, number: int | None = None) -> LedgerEntry:
    query = select(LedgerEntry).where(LedgerEntry.project_id == project.id).order_by(LedgerEntry.id)
    found = standing(factory.session.scalars(query))
    return next(row for row in found if (row.kind, row.source, row.instalment) == (kind, source, number))


def reverse(factory: ProjectFactory, project: Project, row: LedgerEntry, cause: str = "returned", by: str = "") -> None:
    """Asked for by the treasury, confirmed by a bureau."""
    data = {
        "line": str(row.id),
        "cause": cause,
        "dated": factory.now.date().isoformat(),
        "reason": "账号有误，银行退回。",
    }
    factory.perform(project, "reverse_line", WHO.get((row.kind, row.source), "finance"), data)
    by = by or ("finance" if row.source == "county" and row.instalment else "science")
    factory.perform(project, "reverse_line", by)


@pytest.mark.parametrize("way", [completed, over])
def test_every_line_is_reversible_and_the_sums_return(
    factory: ProjectFactory, way: Callable[[ProjectFactory], Project]
) -> None:
    project = way(factory)
    rows = [row for row in standing(factory.session.scalars(select(LedgerEntry))) if row.kind != "issuer_payment"]
    for row in [row for row in rows if row.kind == "recovered"] + [row for row in rows if row.kind == "instalment"]:
        before, key = sums(factory, project), (row.source, row.instalment)
        reverse(factory, project, row)
        after = sums(factory, project)
        if row.kind == "instalment":
            assert before.paid[row.source] - after.paid[row.source] == row.amount
            assert key not in after.instalments
        else:
            assert before.recovered[row.source] - after.recovered.get(row.source, 0) == row.amount
    left = sums(factory, project)
    assert (left.paid, left.outstanding) == ({"city": 0, "county": 0}, {"city": 0, "county": 0})
    total, _counties, years = totals(factory.session)
    assert (total.disbursed, total.due, total.recovered) == (0, 0, 0)
    assert years
    assert sum(year.disbursed for year in years) == 0


def test_a_payment_that_the_bank_returned_is_paid_again_under_a_new_number_and_the_project_goes_on_where_it_was(
    factory: ProjectFactory,
) -> None:
    project = executing(factory)
    requested(factory, project)
    reports = factory.session.scalars(select(Report.id)).all()
    assert project.state == "acceptance"
    order = paper(factory, project, "payment_order", "instalment:1")
    reverse(factory, project, line(factory, project, "instalment", "city", 1))
    assert (project.state, project.first_paid_on) == ("first_payment", None)
    correction = paper(factory, project, "correction")
    assert (order.state, order.voided_by_id) == ("cancelled", correction.id)
    assert [signer["as"] for signer in correction.data["signers"]] == ["提出", "复核"]
    assert correction.data["changes"][-1] == {"label": "项目环节", "old": "验收", "new": "首拨"}
    told = factory.session.scalars(select(Mail.address).where(Mail.kind == "correction")).all()
    assert {factory.people[who].email for who in ("issuer", "bidder", "finance", "county", "industry")} <= set(told)
    today = factory.now.date().isoformat()
    again = {"amount": "20", "paid_on": today, "note": f"disburse_first-{project.id}"}
    assert "同一凭证号只登记一次" in factory.blocked(project, "disburse_first", "finance", again)["A7.number_twice"]
    restored = factory.blocked(project, "disburse_first", "finance", again | {"paid_on": "2024-01-01"})
    assert {"A7.number_twice", "date.early"} <= set(restored)
    assert set(factory.why_not(project, "disburse_first", "finance")) == {"A7.approval"}
    pay(factory, project, "disburse_first", "20", note="2025-0099")
    assert (project.state, project.resumes) == ("acceptance", None)
    assert paper(factory, project, "payment_order", "instalment:1").version == 2
    assert factory.session.scalars(select(Report.id)).all() == reports
    assert wan(sums(factory, project).paid["city"]) == 20


def test_a_closed_project_of_which_two_payments_come_back_pays_both_in_order_and_is_closed_again(
    factory: ProjectFactory,
) -> None:
    project = completed(factory)
    reverse(factory, project, line(factory, project, "instalment", "city", 1))
    assert (project.state, project.closed_at) == ("first_payment", None)
    reverse(factory, project, line(factory, project, "instalment", "city", 2))
    assert project.state == "first_payment"
    pay(factory, project, "disburse_first", "20", note="1-2")
    assert project.state == "final_payment"
    pay(factory, project, "disburse_final", "20", note="2-2")
    assert (project.state, project.resumes) == ("closed", None)
    assert project.closed_at is not None
    states = factory.session.scalars(select(Paper.state).where(Paper.name == "certificate").order_by(Paper.id)).all()
    assert states == ["cancelled", "current"]


def test_a_reversal_that_was_wrong_itself_is_made_good_by_the_same_number_and_day(factory: ProjectFactory) -> None:
    project = executing(factory)
    row = line(factory, project, "instalment", "city", 1)
    factory.at("2024-12-20 09:00")
    reverse(factory, project, row)
    pay(factory, project, "disburse_first", "20", note=row.note, paid_on=row.dated.isoformat())
    assert (project.state, project.first_paid_on) == ("execution", row.dated)


def test_nobody_confirms_their_own_request(factory: ProjectFactory) -> None:
    project = executing(factory)
    data = {"line": str(line(factory, project, "instalment", "city", 1).id), "cause": "returned"}
    data |= {"dated": factory.now.date().isoformat(), "reason": "退回"}
    factory.perform(project, "reverse_line", "finance", data)
    assert "须由另一人复核" in factory.why_not(project, "reverse_line", "finance")["countersign"]
    assert project.state == "execution"
    factory.perform(project, "reverse_line", "finance2")  # who had paid it
    assert project.state == "first_payment"


def _open(factory: ProjectFactory, project: Project) -> str:
    query = select(Countersignature.id).where(
        Countersignature.project_id == project.id, Countersignature.status == "open"
    )
    return str(factory.session.scalars(query).one())


def test_a_number_typed_wrongly_is_amended_without_a_new_payment_and_is_free_for_the_slip_that_bears_it(
    factory: ProjectFactory,
) -> None:
    project = executing(factory)
    row = line(factory, project, "instalment", "city", 1)
    data = {"line": str(row.id), "note": "银20241120", "dated": "2024-11-20", "amount": "", "reason": "录入有误"}
    same = data | {"note": row.note}
    assert factory.blocked(project, "amend_line", "finance", same)["A7.line"].startswith("与原登记相同")
    early = factory.blocked(project, "amend_line", "finance", data | {"dated": "2024-11-18"})
    assert early["date.early"].startswith("拨付日期2024年11月18日早于具备拨付条件的日期2024年11月19日")
    factory.perform(project, "amend_line", "finance", data)
    factory.perform(project, "amend_line", "science")
    assert project.state == "execution"
    assert wan(sums(factory, project).paid["city"]) == 20
    assert paper(factory, project, "payment_order", "instalment:1").version == 1  # what was approved stays
    reverse(factory, project, line(factory, project, "instalment", "city", 1), by="industry")  # science has recorded it
    pay(factory, project, "disburse_first", "20", note=row.note)
    assert project.state == "execution"


def test_less_is_claimed_when_a_payment_never_arrived_and_more_may_not_have_come_back(factory: ProjectFactory) -> None:
    project = fifty(factory)
    ended(factory, project)  # half comes back
    assert wan(sums(factory, project).outstanding["county"]) == wan(sums(factory, project).outstanding["city"]) == 12.5
    recover(factory, project, "county", "1", "还1")
    row = line(factory, project, "instalment", "county", 1)
    data = {"line": str(row.id), "cause": "mistaken", "dated": factory.now.date().isoformat(), "reason": "并未拨付"}
    assert factory.blocked(project, "reverse_line", "county", data)["A11.recovery"] == (
        "冲正后应追缴 0.00 万元，已登记追回 1.00 万元：先冲正多登记的追回资金，再冲正这笔拨款（《办法》第十一条、第十二条）。"
    )
    reverse(factory, project, line(factory, project, "recovered", "county"), "mistaken")
    reverse(factory, project, row, "mistaken")
    assert sums(factory, project).outstanding == {"city": 125_000, "county": 0}
    notices = select(Paper.state).where(Paper.name == "recovery_notice", Paper.subject == "county")
    assert set(factory.session.scalars(notices)) == {"cancelled"}
    recover(factory, project, "city", "12.5", "还1")
    factory.perform(project, "declare_county_unpaid", "county", {"instalment": "1", "reason": "未拨付"})
    factory.perform(project, "settle", "finance")
    reverse(factory, project, line(factory, project, "recovered", "city"))
    assert (project.state, project.closed_at) == ("termination", None)
