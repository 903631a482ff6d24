"""A change lowers the subsidy: it is kept from the next payment, claimed back, written off."""

from datetime import timedelta
from decimal import Decimal

import pytest
from sqlalchemy import select

from tests.factories import later
from tests.factories.projects import ProjectFactory
from tests.stages.test_changes import ask, begin, sign
from xtbang.models import Event, Project
from xtbang.papers.facts.older import facts_of
from xtbang.queries.ledger import lines


def signed(factory: ProjectFactory, project: Project, city: str) -> None:
    """A change that lowers the subsidy to so much (万元), agreed to, granted and signed, not in force yet."""
    known = begin(factory, project, "budget")
    own = Decimal(known["src_issuer_own"]) + Decimal(known["src_city"]) - Decimal(city)
    own += Decimal(known["src_county"]) - Decimal(city)
    ask(factory, project, "budget", {"src_city": city, "src_county": city, "src_issuer_own": str(own)})
    factory.perform(project, "agree_change", "bidder")
    factory.both(project, "grant_change", {})
    sign(factory, project, "issuer", "bidder", "science", "industry")


def lowered(factory: ProjectFactory, project: Project, city: str) -> None:
    """The same in force; what was overpaid is to be back within a month."""
    signed(factory, project, city)
    by = {"recover_by": (factory.now.date() + timedelta(days=30)).isoformat()}
    factory.perform(project, "conclude_change", "science", by)


def back(factory: ProjectFactory, project: Project, source: str, amount: str) -> None:
    came = {"source": source, "amount": amount, "dated": factory.now.date().isoformat(), "note": f"退{source}{amount}"}
    factory.perform(project, "record_recovery", "finance", came)


def test_a_subsidy_that_falls_is_kept_from_the_next_payment(factory: ProjectFactory) -> None:
    """40 万元 were granted, 20 are paid: 10 are left of 30, and nothing comes back."""
    project = later.executing(factory)
    signed(factory, project, "30")
    assert later.wan(project.subsidy_city) == 40, "until the supplement is in force"
    too_much = {"recover_by": (factory.now.date() + timedelta(days=30)).isoformat()}
    assert "没有须退回的资金" in factory.blocked(project, "conclude_change", "science", too_much)["A7.paid"]
    factory.perform(project, "conclude_change", "science")
    assert (later.wan(project.subsidy_city), later.wan(project.subsidy_county)) == (30, 30)
    later.county_pays(factory, project, "1", "15")
    later.passed(factory, project)
    later.matched(factory, project, "15")
    order = {"amount": "15", "paid_on": factory.now.date().isoformat(), "note": "拨付尾1"}
    assert "应为 10.00 万元" in factory.blocked(project, "disburse_final", "finance", order)["A7.instalment"]
    later.pay(factory, project, "disburse_final", "10", note="拨付尾1")
    assert project.state == "closed"
    later.county_pays(factory, project, "2", "15")
    assert set(later.sums(factory, project).paid.values()) == {Decimal(300_000)}
    plan = later.paper(factory, project, "payment_order", "instalment:2").data["plan"]
    assert [part["amount"]["wan"] for part in plan] == ["20", "10"]


def test_a_scan_of_a_supplement_without_a_stamp_goes_back(factory: ProjectFactory) -> None:
    project = later.executing(factory)
    signed(factory, project, "30")
    factory.perform(project, "return_signature", "science", {"party": "bidder", "reason": "没有盖章"})
    assert "A9.signatures" in factory.why_not(project, "conclude_change", "science")
    sign(factory, project, "bidder")
    factory.perform(project, "conclude_change", "science")


@pytest.mark.parametrize(("city", "claimed"), [("20.01", None), ("20", None), ("19.99", "0.01"), ("15", "5")])
def test_what_was_paid_beyond_a_lowered_subsidy_is_claimed_back(
    factory: ProjectFactory, city: str, claimed: str | None
) -> None:
    """20 of 40 万元 were paid by each treasury: all above the new subsidy comes back, with a notice and a deadline."""
    project = later.executing(factory)
    later.county_pays(factory, project, "1", "20")
    signed(factory, project, city)
    if claimed is None:
        factory.perform(project, "conclude_change", "science")
        assert not any(later.sums(factory, project).due.values())
        return
    said = f"补助减少后，市级财政多拨的 {claimed if '.' in claimed else claimed + '.00'} 万元、县市区（园区）财政多拨的"
    assert factory.blocked(project, "conclude_change", "science", {})["A7.paid"].startswith(said)
    today = {"recover_by": factory.now.date().isoformat()}
    assert factory.blocked(project, "conclude_change", "science", today)["A7.paid"].startswith("退回期限须晚于今天")
    factory.perform(project, "conclude_change", "science", {"recover_by": "2025-02-28"})
    assert later.sums(factory, project).due == dict.fromkeys(("city", "county"), Decimal(claimed) * 10_000)
    for source in ("city", "county"):
        notice = later.paper(factory, project, "recovery_notice", source)
        facts = facts_of(notice)
        assert (notice.title, facts["recover_by"], facts["line"]["due"]["wan"]) == (
            "财政资金退回通知书", "2025-02-28", claimed,
        )  # fmt: skip
    assert any(subject.startswith("请退回财政资金") for subject in factory.mails("issuer"))
    assert any(subject.startswith("请追缴财政资金") for subject in factory.mails("finance"))


def test_a_project_whose_subsidy_fell_below_what_was_paid_ends_without_another_payment(factory: ProjectFactory) -> None:
    project = later.executing(factory)
    lowered(factory, project, "15")
    back(factory, project, "city", "4.99")
    later.requested(factory, project)
    factory.concluded(project, "acceptance", (2, 1, 0))
    refused = factory.why_not(project, "pass_acceptance", "science")["A7.paid"]
    assert refused.startswith("变更后多拨的市级财政补助尚有 0.01 万元没有退回，退清后方可通过验收")
    back(factory, project, "city", "0.01")
    factory.both(project, "pass_acceptance", {"reason": "通过"})
    assert (project.state, later.sums(factory, project).outstanding["city"]) == ("closed", 0)
    assert facts_of(later.paper(factory, project, "certificate"))["paid"]["wan"] == "15"
    (line,) = [row for row in lines(factory.session, project.id) if (row.kind, row.source) == ("instalment", "city")]
    against = {"line": str(line.id), "cause": "returned", "dated": factory.now.date().isoformat(), "reason": "退票"}
    blocked = factory.blocked(project, "reverse_line", "finance", against)["A11.recovery"]
    assert blocked.startswith("冲正后应追缴 0.00 万元，已登记追回 5.00 万元：先冲正多登记的追回资金")


def test_what_is_claimed_after_a_lowered_subsidy_and_a_termination(factory: ProjectFactory) -> None:
    """20 were paid, 15 are granted: 5 come back whole, and half of the other 15; revoked, only the 5 are claimed."""
    project = later.executing(factory)
    lowered(factory, project, "15")
    back(factory, project, "city", "2")
    later.ended(factory, project)
    assert later.sums(factory, project).due["city"] == Decimal(125_000)
    line = facts_of(later.paper(factory, project, "recovery_notice", "city"))["line"]
    assert [line[key]["wan"] for key in ("paid", "kept", "beyond", "due")] == ["20", "15", "5", "12.5"]
    (decided,) = facts_of(later.paper(factory, project, "termination"))["recoveries"][:1]
    assert (decided["beyond"]["wan"], decided["due"]["wan"]) == ("5", "12.5")
    back(factory, project, "city", "3.01")
    event = factory.session.scalars(select(Event).where(Event.trigger == "terminate", Event.outcome == "moved")).one()
    revoke = {"decision": str(event.id), "reason": "认定有误"}
    assert "A11.recovered" in factory.blocked(project, "revoke", "science", revoke)
    took = next(row for row in lines(factory.session, project.id) if row.amount == Decimal(30_100))
    later.reverse_line(factory, project, str(took.id), "mistaken", "登记有误")
    factory.perform(project, "revoke", "science", revoke)
    factory.perform(project, "revoke", "industry")
    sums = later.sums(factory, project)
    assert (project.state, sums.due["city"], sums.outstanding["city"]) == (
        "execution",
        Decimal(50_000),
        Decimal(30_000),
    )
    assert later.paper(factory, project, "recovery_notice", "city").title == "财政资金退回通知书"


def test_a_county_that_records_late_says_what_it_paid_and_the_rest_is_claimed(factory: ProjectFactory) -> None:
    project = later.executing(factory)
    before = factory.now.date().isoformat()
    factory.at(f"{factory.now + timedelta(days=10):%Y-%m-%d} 09:00")
    lowered(factory, project, "15")
    data = {"instalment": "1", "amount": "20", "note": "县1", "dated": factory.now.date().isoformat()}
    refused = factory.blocked(project, "record_county_instalment", "county", data)
    assert "应为 7.50 万元" in refused["A7.county"], "paid after the change, it is the lower half"
    later.county_pays(factory, project, "1", "20", dated=before)
    assert later.sums(factory, project).due["county"] == Decimal(50_000)


def test_what_cannot_come_back_of_a_lowered_subsidy_is_written_off(factory: ProjectFactory) -> None:
    project = later.executing(factory)
    assert "A11.recovery" in factory.why_not(project, "propose_write_off", "finance")
    lowered(factory, project, "15")
    paper = {"document": "批复", "dated": "2024-11-20", "reason": "无财产", "file": factory.file("批复.pdf")}
    factory.perform(project, "propose_write_off", "finance", paper | {"source": "city", "amount": "5"})
    factory.both(project, "approve_write_off")
    assert later.sums(factory, project).outstanding["city"] == 0
