"""The worst case of every paper: the facts that the builders of ``xtbang.papers`` make of the rows of `worst_rows`."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from functools import cache
from itertools import cycle
from typing import Any

from tests.papers.worst_rows import (
    BUREAUS,
    CITY,
    MADE,
    RARE,
    TOTAL,
    application,
    bid,
    edition,
    expert,
    filled,
    organisation,
    panel,
    policy,
    prior_notice,
    project,
    restricted,
    sheet_of,
    signed,
    statements,
    termination,
    version,
    waivers,
)
from tests.support.words import text
from xtbang.models import (
    Acceptance,
    Change,
    Extension,
    Meeting,
    MeetingSeat,
    Midterm,
    Notice,
    ReceivingAccount,
    WriteOff,
)  # fmt: skip
from xtbang.papers.facts import bid as facts_bid
from xtbang.papers.facts import case_file as facts_case_file
from xtbang.papers.facts import change as facts_change
from xtbang.papers.facts import common as facts
from xtbang.papers.facts import contract as facts_contract
from xtbang.papers.facts import correction as facts_correction
from xtbang.papers.facts import decision as facts_decision
from xtbang.papers.facts import meeting as facts_meeting
from xtbang.papers.facts import midterm as facts_midterm
from xtbang.papers.facts import prior_notice as facts_prior_notice
from xtbang.papers.facts import restriction as facts_restriction
from xtbang.papers.facts import score_sheets as facts_sheets
from xtbang.papers.facts import write_off as facts_write_off
from xtbang.papers.facts.answers import for_contract
from xtbang.papers.facts.payment_sheet import Line, payment_sheet
from xtbang.papers.facts.statement import yearly_statement
from xtbang.papers.facts.urging import urging_letter
from xtbang.queries.ledger import Total
from xtbang.queries.signing import signing_parties
from xtbang.rules.changes import fields_of
from xtbang.rules.edition import Edition, MidtermRule
from xtbang.rules.fields import CONTRACT_PARTS, FieldKind, FormDefinition, Section
from xtbang.rules.money import round_down
from xtbang.rules.recovery import Cause
from xtbang.rules.repayment import Part


def _form(kind: str, values: dict[str, Any], **more: Any) -> dict[str, Any]:
    known = {"definition": kind, "edition": "2024", "values": values, "version": 99, "digest": "f" * 64}
    return known | {"project": facts.project(project(), edition())} | more


def _beside(definition: FormDefinition) -> dict[str, Any]:
    keys = [field.key for field in definition.fields if field.kind is FieldKind.MONEY]
    return {
        "heads": ["预算（合同）", "已拨付", "上次累计"],
        "cells": {key: ["9999.99", "9999.99", "9999.99"] for key in keys},
    }


def _notice() -> dict[str, Any]:
    row = Notice(kind="publicity", number="公示〔2026〕100号", title=text(100), body=f"{text(400)}\n{text(400)}")
    row.first_day, row.last_day, row.provisional = date(2026, 11, 24), date(2026, 11, 30), True
    return facts.notice(
        row, [facts.figures(project())] * 2, contact=text(120), published_on=date(2026, 11, 23), city=policy().city
    )


def _roadshow() -> dict[str, Any]:
    row = Meeting(title=text(55) + RARE, place=text(100), minutes=20, starts_at=MADE)
    return facts_meeting.agenda_facts(row, [project()] * 12)


def _lists() -> dict[str, dict[str, Any]]:
    """The lists of a roadshow of twelve projects and nine experts."""
    row = Meeting(title=text(55) + RARE, place=text(100), minutes=20, starts_at=MADE)
    seats = [MeetingSeat(expert=expert(number, "技术"), kind="技术", fee=Decimal("1234.50")) for number in range(9)]
    said = {"sheets": "9", "result": "99.99", "conclusion": "拟立项，市级补助资金100.00万元", "opinion": text(800)}
    record = facts_meeting.record_facts(row, "路演", seats, [(project(), said)] * 12)
    return {
        "sign_in": facts_meeting.sign_in_facts(row, "路演", seats, [project()] * 12),
        "expert_fees": facts_meeting.fee_facts(row, "路演", seats),
        "meeting_summary": record,
        "meeting_minutes": record,
    }


def _case_file() -> dict[str, Any]:
    """The case file of a project with a dozen papers and files."""
    item = {
        "number": "XTJB-2024-01-0001",
        "maker": f"{organisation(1).name}、{organisation(2).name}",
        "title": text(60),
        "on": "2026-11-23",
    }
    items = [item | {"place": n, "note": ("附件", "已被新版本取代")[n % 2], "pages": n % 2 * n} for n in range(1, 13)]
    head = {
        "number": "XTJB-2024-01-0001",
        "title": text(100),
        "issuer": organisation(1).name,
        "bidder": organisation(2).name,
    }
    return facts_case_file.case_file(head, items, handled_by=f"科技局{RARE}", dated=date(2026, 11, 23))


def in_five() -> Edition:
    """The edition, with a subsidy that is paid in five instalments of long names."""
    first = edition().instalments[0]
    names = [f"第{number}期专项补助款" for number in range(1, 6)]
    items = [replace(first, number=n, name=name, share=Decimal("0.2")) for n, name in enumerate(names, start=1)]
    return replace(edition(), instalments=tuple(items))


def with_midterm() -> Edition:
    return replace(edition(), midterm=MidtermRule("panel", Decimal("0.5"), "《办法》第八条"))


def _payment() -> dict[str, Any]:
    payee = {"name": organisation(1).name, "bank_name": organisation(1).bank_name, "bank_account": "6222 " * 7}
    return facts_decision.payment_order(
        project(), in_five(), instalment=in_five().instalments[0], amount=CITY / 2, payee=payee,
        funding={"number": "潭财教指〔2026〕1000号", "dated": "2026-11-20"},
        match={"number": "配套函〔2026〕1000号", "dated": "2026-11-21", "amount": facts.money(CITY / 2)},
        issuer_paid=Decimal("39_999_960"), exceptions=waivers("A7.issuer_payment", "A7.term"),
        signed=[*signed(), {"office": policy().city.finance.name, "name": RARE, "at": facts.moment(MADE)}],
    )  # fmt: skip


def _payments() -> dict[str, Any]:
    """More lines than fit on one page."""
    payee = {"name": organisation(1).name, "bank_name": organisation(1).bank_name, "bank_account": "6222 " * 7}
    line = Line(project(), in_five().instalments[0], CITY / 2, payee)
    return payment_sheet([line] * 6, policy().city.finance.name, handled_by=f"财政局{RARE}", dated=date(2026, 11, 23))


def _statement() -> dict[str, Any]:
    rows = [Total(region, TOTAL, CITY, CITY, CITY, CITY, CITY) for region in (*policy().city.region_names, "合计")]
    known = {"region": "", "office": policy().city.finance.name, "handled_by": RARE}
    return yearly_statement(2026, rows, dated=date(2026, 12, 31), county_pays=True, **known)


def _recovery() -> dict[str, Any]:
    paid = {"city": CITY, "county": CITY}
    granted = {source: round_down(amount / 3) for source, amount in paid.items()}
    line = facts_decision.recovery(edition(), Cause.SUBJECTIVE, paid, paid, granted)[1]
    payments = [{"instalment": n, "dated": "2026-11-23", "amount": facts.money(CITY / 2)} for n in (1, 2)]
    payee = {"name": organisation(1).name, "bank_name": "", "bank_account": ""}
    account = ReceivingAccount(name=organisation(2).name, bank_name=organisation(2).bank_name, bank_account="6222 " * 7)
    return facts_decision.recovery_notice(
        project(), edition(), policy().city, facts_decision.ground_of(termination()), line, payments, payee, account,
        ordered_on=date(2026, 11, 23), done_with=CITY, plan=[Part("city", date(2027, 1, 22), CITY)] * 8,
    )  # fmt: skip


def _declared() -> list[dict[str, Any]]:
    """What an edition may have the contract print besides: fields of every kind, at their limits."""
    form = edition().documents["report"]
    asked = [field for field in form.fields if field.kind is not FieldKind.FILE]
    printed = tuple(replace(field, contract=part) for field, part in zip(asked, cycle(CONTRACT_PARTS), strict=False))
    return for_contract([(replace(form, sections=(Section("", printed),)), filled(form))])


def _contract() -> dict[str, Any]:
    return facts_contract.contract(
        project(), in_five(), policy().city, draft=filled(edition().documents["contract"]), application=application(), bid=bid(),
        form=filled(edition().forms["tech_demand"]), exceptions=waivers("A7.issuer_payment", "A7.term"),
        reports=[date(2025, 5, 19) + timedelta(days=182 * number) for number in range(4)],
    ) | {"more": _declared()}  # fmt: skip


def read(party: str) -> dict[str, Any]:
    """The longest opinion of the party that has read it."""
    return {"party": party, "name": organisation(1).name, "at": MADE.isoformat(), "text": text(500)}


def _supplement() -> dict[str, Any]:
    """A consortium of ten members changed whole, signed by all of them."""
    row, form = project(), fields_of(edition(), "members")
    change = Change(
        kind="members", side="issuer", reason=text(800), asked_at=MADE, decided_by="offices", decision=text(500), number=9,
        old=filled(form), new=filled(form), signers=signing_parties(row, policy().city),
    )  # fmt: skip
    return facts_change.supplement(row, edition(), policy().city, change, form, contract={"number": "9" * 40})


@cache
def papers() -> dict[str, dict[str, Any]]:
    """Name of each paper → its facts."""
    row, documents = project(), edition().documents
    granted = Extension(
        cause=text(800), requested_at=MADE, old_end=date(2026, 11, 19), new_end=date(2027, 11, 19), decision=text(500)
    )
    accepted = Acceptance(requested_at=MADE, findings=text(800))
    due = {"city": CITY, "county": CITY}
    return {
        "receipt": {
            "number": row.number, "title": row.title, "submitter": row.issuer.name, "uscc": row.issuer.uscc,
            "next": "下一步：征集（已提交，正在核对完整性和申报条件），由市科技局办理。",
            "call": row.call.title, "submitted_at": "2026-11-23T10:05:59+08:00", "version": 99, "digest_of": "填报内容", "digest": "f" * 64,
            "form": "附件4 湘潭市科技创新计划“揭榜挂帅”项目表（应用场景/科技成果供给类）",
        },
        "bid": facts_bid.bid_facts(row.agreed_bid, version(bid()), edition()),
        "application": facts_bid.application_facts(row, version(application()), edition().documents["application"], read("揭榜方")),
        "contract": _contract(),
        "report": _form("report", filled(documents["report"]), due_on="2026-12-31", beside=_beside(documents["report"])),
        "acceptance": _form(
            "acceptance", filled(documents["acceptance"]), read=read("发榜方"), beside=_beside(documents["acceptance"])
        ),
        "panel_summary": facts_bid.panel_facts(row, panel("roadshow"), sheet_of("roadshow")),
        "score_sheets": {"sheets": [facts_sheets.score_sheet(row, sheet_of("roadshow"), panel("roadshow").seats, 5)]},
        "agenda": _roadshow(),
        "case_contents": _case_file(),
        "case_note": _case_file(),
        **_lists(),
        "notice": _notice(),
        "payment_order": _payment(),
        "supplement": _supplement(),
        "payment_sheet": _payments(),
        "write_off": facts_write_off.write_off(
            row, edition(),
            WriteOff(source="county", amount=CITY, document=text(100), dated=date(2026, 11, 23), reason=text(500)),
            due=TOTAL, recovered=CITY, signed=signed(), finance="湘潭市财政局",
        ),
        "extension": facts_decision.extension(
            row, edition(), granted, granted=True, exceptions=waivers("A11.in_time"),
            signed=signed(),
        ),
        "acceptance_opinion": facts_decision.acceptance(
            row, edition(), accepted, filled(documents["acceptance"]), opinion=accepted.findings, beside=_beside(documents["acceptance"]),
            read=read("发榜方"),
            panel=facts.panel(panel("acceptance")), signed=signed(),
        ),
        "midterm_opinion": facts_midterm.midterm_opinion(
            row, with_midterm(), Midterm(requested_at=MADE, text=text(1500), findings=text(800)),
            until=date(2026, 12, 23), panel=facts.panel(panel("acceptance")), signed=signed(),
        ),
        "revocation": facts_correction.revocation(
            row, edition(), decision="通过中期检查", decided_on=date(2026, 11, 20), back_to="中期检查", reason=text(500),
            void=[{"title": "中期检查意见书", "code": "ABCD-ABCD-ABCD-ABCD"}] * 3, revoked_on=date(2026, 11, 23),
            signed=[(office, text(20)) for office in BUREAUS], article="《办法》第八条",
        ),
        "correction": facts_correction.correction(
            row, edition(), title="资金冲正单", what="县市区（园区）财政首期款", cause="银行退回，款项未到账",
            changes=[facts_correction.Change(text(20), text(60), text(60)) for _number in range(6)], reason=text(500),
            dated=date(2026, 11, 23), signed=[(office, text(20), MADE) for office in BUREAUS], article="《办法》第七条",
        ),
        "certificate": facts_decision.certificate(
            row, edition(), policy().city, passed_on=date(2026, 11, 23), grade="基本达到考核要求", opinion=text(500), paid=CITY
        ),
        "termination": facts_decision.termination(
            row, edition(), termination(), recoveries=facts_decision.recovery(edition(), Cause.SUBJECTIVE, due, due, {}),
            liability=facts.panel(panel("liability")), signed=signed(),
            heard=facts_prior_notice.heard(prior_notice(), statements(prior_notice()), text(800)),
        ),
        "prior_notice": facts_prior_notice.prior_notice(
            row, edition(), prior_notice(), panel=facts.panel(panel("liability")), signed=signed(), reached="电话：0731-58570302",
            recoveries=facts_decision.recovery(edition(), Cause.SUBJECTIVE, due, due, {}),
        ),
        "urging_letter": urging_letter(
            row, edition(), title="催办函", office=BUREAUS[0], addressees=[row.issuer, row.agreed_bid.lead], what="执行情况报告到期",
            text=text(300), due_on=date(2026, 11, 23), asked_on=[date(2026, 12, 7)] * 3, until=date(2026, 12, 31),
            article="《办法》第八条", issued_on=date(2026, 12, 21),
        ),
        "restriction_notice": facts_restriction.restriction_notice(
            policy().city, organisation(1), prior_notice(), restricted(), 5, "电话：0731-58570302",
        ),
        "restriction": facts_restriction.restriction(
            policy().city, restricted(), prior_notice(), statements(prior_notice()), considered=text(800),
            before={"starts_on": "2026-11-23", "ends_on": "2027-11-22"}, decided_on="2026-11-30",
        ),
        "recovery_notice": _recovery(),
        "yearly_statement": _statement(),
        "joint_document": facts.joint_document("", date(2026, 11, 23), [row] * 12, edition(), policy().city),
        "funding": facts.funding_table("潭财教指〔2026〕1000号", date(2026, 11, 23), [row] * 2, policy().city),
    }  # fmt: skip
