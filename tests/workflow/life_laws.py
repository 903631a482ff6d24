"""What must hold of a project after whatever anybody tried: written by hand from the page that describes its life."""

import re
from decimal import Decimal
from typing import Any

from sqlalchemy import Row, select, text
from sqlalchemy.orm import Session, lazyload

from tests.workflow.life_database import Life, Shot, policy
from tests.workflow.test_role_state_trigger import TABLE
from xtbang.actions import audit
from xtbang.models import Event, LedgerEntry, Paper, PaymentApproval
from xtbang.queries.ledger import standing

# trigger: the states it leads to; an act leads nowhere
LEADS = {
    "submit": "solicitation", "send_back": "draft", "withdraw": "withdrawn", "accept": "appraisal", "refuse": "rejected",
    "list_regular": "listing", "list_major": "listing", "promote": "appraisal", "drop": "rejected", "agree": "bidding",
    "reopen": "listing", "register_deal": "closed", "apply": "roadshow", "recommend": "publicity", "decline": "rejected",
    "confirm": "contracting", "uphold": "rejected", "conclude": "first_payment", "disburse_first": "execution",
    "request_extension": "extension", "refuse_extension": "execution",
    "withdraw_extension": "execution", "withdraw_acceptance": "execution", "withdraw_application": "bidding",
    "grant_extension": "execution", "deny_extension": "execution",
    "give_up_bid": "listing", "give_up_entry": "given_up", "give_up": "given_up", "end_entry": "given_up", "end_with_call": "given_up",
    "request_acceptance": "acceptance", "rectify": "execution", "pass_acceptance": "final_payment",
    "disburse_final": "closed", "terminate": "termination", "reclaim": "termination", "settle": "terminated",
}  # fmt: skip
# where a project goes on after a payment that is made again, and where a correction leads back to
ALSO = {
    "disburse_first": {"extension", "acceptance", "final_payment", "closed"},
    "reverse_line": {"first_payment", "final_payment", "termination"}, "amend_line": {"termination"},
    "revoke": {
        "draft", "listing", "bidding", "solicitation", "appraisal", "roadshow", "publicity", "contracting", "first_payment", "execution",
        "extension", "acceptance", "final_payment", "closed", "termination",
    },
}  # fmt: skip
SECOND = {trigger: {"finance", "county", "science", "industry"} for trigger in ("reverse_line", "amend_line")}
OFFICES = {"science", "industry"}
SECOND |= {"take_back": {*OFFICES, "finance", "county"}, "recheck_voucher": OFFICES, "review_objection": OFFICES}
SECOND |= {
    "amend_subsidy": {*OFFICES, "leader"},
    "amend_funding_document": {*OFFICES, "finance"},
    "amend_deal": OFFICES,
}
SECOND["record_ruling"] = SECOND["amend_ruling"] = SECOND["amend_service"] = OFFICES
ALSO["pass_acceptance"] = {"closed"}  # where the subsidy has fallen to what was paid
ALSO["execute_ruling"] = ALSO["revoke"]
ALSO["amend_subsidy"] = {"publicity", "contracting"}
SECOND["return_surplus"] = {*OFFICES, "finance"}
SECOND["revoke"] = {"science", "industry", "leader", "finance"}
BOTH = (
    "list_regular list_major drop uphold grant_extension deny_extension rectify pass_acceptance terminate reclaim "
    "approve_payment grant_change deny_change end_entry approve_write_off refuse_write_off execute_ruling set_aside "
    "approve_plan refuse_plan issue_prior_notice withdraw_prior_notice"
).split()
WHO = {trigger: (states.split(), who.split()) for trigger, (states, who) in TABLE.items()}
WHO["file_objection"] = (["publicity"], ["public"])
# issuer or bidder: both act as a party
EITHER = {
    "request_extension", "join_extension", "refuse_extension", "withdraw_extension", "ask_reading", "confirm_reading", "withdraw_reading",
    "open_change", "propose_change", "agree_change", "decline_change", "withdraw_change",
    "give_up", "name_recusal", "withdraw_recusal",
}  # fmt: skip
ALONE = {"settle"}  # nothing to recover: the system ends what was terminated
CORRECTED = {"reverse_line", "amend_line"}
# kind and source of a ledger line: what has put it there
IMPORTED = ("import_project", "revoke_import")
CLAIMING = ("terminate", "reclaim", "conclude_change", "reverse_line", "revoke", "execute_ruling")
ENTERED = {
    ("issuer_payment", "issuer"): {"check_voucher", "recheck_voucher", *IMPORTED},
    ("instalment", "city"): {"disburse_first", "disburse_midterm", "disburse_final", *CORRECTED, *IMPORTED},
    ("instalment", "county"): {"record_county_instalment", *CORRECTED, *IMPORTED},
    ("recovery_due", "city"): {*CLAIMING, *IMPORTED},
    ("recovery_due", "county"): {
        *CLAIMING,
        "record_county_instalment",
        *IMPORTED,
    },
    ("written_off", "city"): {"approve_write_off", "execute_ruling", "reverse_line"},
    ("written_off", "county"): {"approve_write_off", "execute_ruling", "reverse_line"},
    ("surplus", "city"): {"record_recovery", *CORRECTED},
    ("surplus", "county"): {"record_recovery", *CORRECTED},
    ("surplus_returned", "city"): {"return_surplus", *CORRECTED},
    ("surplus_returned", "county"): {"return_surplus", *CORRECTED},
    ("recovered", "city"): {"record_recovery", *CORRECTED, *IMPORTED},
    ("recovered", "county"): {"record_recovery", *CORRECTED, *IMPORTED},
}
NUMBERED = "record_document_number"  # issues the same paper once more, with its number
# what whoever acts hands in, and what says that it has come; what urges
HANDED_IN = ("form", "bid", "application", "report", "acceptance", "receipt", "agenda", "urging_letter")
EVENTS = text(
    "SELECT id, trigger, outcome, role, actor_id, from_state, to_state FROM event "
    "WHERE project_id = :id AND id > :after ORDER BY id"
)
LINES = text(
    "SELECT l.kind, l.source, l.instalment, CASE WHEN l.reverses_id IS NULL THEN l.amount ELSE -l.amount END, e.trigger, e.project_id FROM ledger_entry l "
    "LEFT JOIN event e ON e.id = l.event_id WHERE l.project_id = :id"
)
FALLEN = text("SELECT count(*) FROM contract_change WHERE project_id = :id AND kind = 'budget' AND status = 'in_force'")


def new_events(life: Life, before: Shot) -> list[Row[Any]]:
    """What has been written down since."""
    found = life.session.execute(EVENTS, {"id": life.project_id, "after": before.last_event})
    return [event for event in found.all() if event.trigger not in ("create_entry", "supersede_notice")]


def moves_are_in_the_table(before: Shot, events: list[Row[Any]], after: Shot) -> None:
    """Every deed was one of its state, by somebody whose deed it is, and led where it leads."""
    state = before.state
    for event in events:
        assert event.from_state == state
        states, who = WHO[event.trigger]
        assert state in states, f"{event.trigger} in {state}"
        allowed = {
            *who,
            *SECOND.get(event.trigger, ()),
            *(["party"] if event.trigger in EITHER else []),
            *(["system"] if event.trigger in ALONE else []),
        }
        assert event.role in allowed, f"{event.trigger} by {event.role}"
        assert event.outcome in ("moved", "signed", "done")
        assert (event.outcome == "moved") <= (event.trigger in LEADS or event.trigger in ALSO)
        assert (event.outcome == "signed") <= (event.trigger in BOTH or event.trigger in SECOND)
        if event.outcome == "moved":
            also = event.to_state in ALSO.get(event.trigger, ())
            state = event.to_state if also else LEADS[event.trigger]
        assert event.to_state == state
    assert after.state == state or (after.state == "" and events[-1].trigger == "discard"), "a move without an event"
    moved = sum(event.outcome != "done" for event in events)
    assert after.state == "" or after.version >= before.version + moved, "who saw the old version is not told"


def ledger_balances(life: Life) -> None:
    """Nothing is paid, claimed or returned that is not due, and every line has its deed."""
    project = life.project
    if project is None:
        return
    sums: dict[tuple[str, str], Decimal] = {}
    for kind, source, instalment, cents, trigger, owner in life.session.execute(LINES, {"id": project.id}):
        assert trigger in ENTERED[kind, source], f"{kind} of {source} by {trigger}"
        assert owner == project.id
        assert (instalment in (1, 2)) == (kind == "instalment")
        sums[kind, source] = sums.get((kind, source), Decimal(0)) + Decimal(cents) / 100
    none, fallen = Decimal(0), bool(life.session.scalar(FALLEN, {"id": project.id}))
    granted = {"city": project.subsidy_city or none, "county": project.subsidy_county or none}
    for source in ("city", "county"):
        paid, due, back = (sums.get((kind, source), none) for kind in ("instalment", "recovery_due", "recovered"))
        back += sums.get(("written_off", source), none)
        beyond = max(paid - granted[source], none)
        assert beyond == 0 or fallen, f"more was paid from {source} than is granted"
        assert back <= due <= paid and beyond <= due
        surplus, returned = (sums.get((kind, source), none) for kind in ("surplus", "surplus_returned"))
        assert returned <= surplus
        assert project.state != "terminated" or back == due
        assert due == beyond or project.state in ("termination", "terminated")
    funded_to_the_end = project.state == "closed" and project.track == "funded"
    assert (
        not funded_to_the_end
        or sums["instalment", "city"] - sums.get(("recovery_due", "city"), none) == granted["city"]
    )
    if project.state in ("execution", "extension", "acceptance", "final_payment"):
        assert fallen or sums["instalment", "city"] == granted["city"] / 2
        paid_by_issuer = sums.get(("issuer_payment", "issuer"), none)
        assert (
            paid_by_issuer >= Decimal("0.4") * (project.total_investment or none) or waived(life) or found_false(life)
        )


def found_false(life: Life) -> bool:
    """Whether a voucher was found to be false after the city had paid: the payment stays."""
    false = text("SELECT count(*) FROM voucher WHERE project_id = :id AND status = 'false'")
    return bool(life.session.scalar(false, {"id": life.project_id}))


def waived(life: Life) -> bool:
    """Whether the bureaus agreed to an exception."""
    return bool(
        life.session.scalar(
            text("SELECT count(*) FROM waiver WHERE project_id = :id AND voided_at IS NULL"), {"id": life.project_id}
        )
    )


def papers_agree(session: Session, project_id: int) -> None:
    """Of each name and subject one paper at most is current; an order is current where its payment is due or paid."""
    current = select(Paper).where(Paper.project_id == project_id, Paper.state == "current")
    papers = session.scalars(current.options(lazyload(Paper.file))).all()
    names = [(paper.name, paper.subject) for paper in papers]
    assert len(names) == len(set(names))
    lines = standing(session.scalars(select(LedgerEntry).where(LedgerEntry.project_id == project_id)).all())
    paid = {line.instalment: line.amount for line in lines if (line.kind, line.source) == ("instalment", "city")}
    approvals = select(PaymentApproval).where(PaymentApproval.project_id == project_id)
    approved = {row.instalment: row.amount for row in session.scalars(approvals) if row.voided_at is None}
    orders = {
        int(paper.subject.partition(":")[2]): Decimal(paper.data["amount"]["wan"]) * 10_000
        for paper in papers
        if paper.name == "payment_order"
    }
    assert orders == approved | paid
    claimed = {paper.subject for paper in papers if paper.name == "recovery_notice"}
    assert bool(claimed) == any(line.kind == "recovery_due" for line in lines)


def papers_are_told(life: Life, before: Shot, events: list[Row[Any]]) -> None:
    """Whatever an office issues, the page says beforehand."""
    if any(event.trigger == NUMBERED for event in events):
        return
    actions = [policy().actions[event.trigger] for event in events]
    told = "、".join(action.issues for action in actions)
    issued = select(Paper.name, Paper.title).where(Paper.project_id == life.project_id, Paper.id > before.last_paper)
    for name, title in life.session.execute(issued.where(Paper.name.not_in(HANDED_IN))):
        words = ("公示", "公告", "通告") if name == "notice" else re.split("[、，；（）]", told)
        assert any(word and word in (told if name == "notice" else title) for word in words), f"{title} by {told}"


def chain_holds(life: Life) -> None:
    """No event was rewritten, and none is missing between two others."""
    events = select(Event).where(Event.stream == f"project:{life.project_id}").order_by(Event.sequence)
    assert audit.broken(life.session.scalars(events)) == []
