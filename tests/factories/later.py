"""From 公示 to the last payment: each step takes the factory and carries a project one state further."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import select

from tests.factories.milestones import milestone
from tests.factories.projects import ProjectFactory
from tests.factories.values import ACCEPTANCE, CONTRACT, FIFTY, OBJECTION, REPORT
from xtbang.domain.payment_approvals import payment_to_approve
from xtbang.domain.reversal import correctable_lines
from xtbang.domain.waivers import waivable_rules
from xtbang.models import LedgerEntry, Notice, NoticeItem, Panel, Paper, PriorNotice, Project, Report
from xtbang.queries.ledger import Balances, balances
from xtbang.rules.actor import PUBLIC
from xtbang.workflow.engine import Outcome


@milestone
def published(factory: ProjectFactory, **values: Any) -> Project:
    """公示 from 2024-11-11, counted 11-12 to 11-18."""
    project = factory.recommended(**values)
    factory.perform(project, "publish_notice", "science", {"title": "拟立项公示", "body": "经审议，\n现予公示。"})
    return project


def object_to(factory: ProjectFactory, project: Project, **more: Any) -> Outcome:
    """An objection by the public."""
    data = OBJECTION | more
    return factory.engine.perform(factory.session, project.id, "file_objection", PUBLIC, data, uploads=factory.uploads)


@milestone
def contracting(factory: ProjectFactory, **values: Any) -> Project:
    """签约, on 2024-11-19."""
    project = published(factory, **values)
    factory.at("2024-11-19 09:00")
    factory.perform(project, "confirm", "science")
    return project


def fill_contract(factory: ProjectFactory, project: Project, **values: Any) -> None:
    definition = factory.engine.policy.edition(project.edition).documents["contract"]
    factory.fill(project.contract, definition, CONTRACT | values, "science")


@milestone
def issued(factory: ProjectFactory, **values: Any) -> Project:
    """签约 with version 1 of the contract."""
    project = contracting(factory, **values)
    fill_contract(factory, project)
    if not factory.why_not(project, "accept_own_share", "issuer"):  # less was granted than applied for
        factory.perform(project, "accept_own_share", "issuer")
    factory.perform(project, "issue_contract", "science")
    return project


def correctable(factory: ProjectFactory, project: Project, who: str = "finance") -> list[str]:
    """The ids of the lines of the ledger that this treasury may correct."""
    action = factory.engine.policy.actions["reverse_line"]
    return [*correctable_lines(factory.engine.context(factory.session, project, factory.actor(who), who, action))]


def reverse_line(factory: ProjectFactory, project: Project, line: str, cause: str, reason: str) -> None:
    """Take a line of the city back; finance asks for it, a bureau confirms it."""
    data = {"line": line, "cause": cause, "dated": factory.now.date().isoformat(), "reason": reason}
    factory.perform(project, "reverse_line", "finance", data)
    factory.perform(project, "reverse_line", "science")


def paper(factory: ProjectFactory, project: Project, name: str, subject: str = "") -> Paper:
    """The current paper of that name."""
    query = select(Paper).where(Paper.project_id == project.id, Paper.name == name, Paper.state == "current")
    query = query.where(Paper.subject == subject) if subject else query
    return factory.session.scalars(query.order_by(Paper.id.desc()).limit(1)).one()


def scan(factory: ProjectFactory, project: Project, who: str) -> str:
    """The stamped scan of the current contract, its code readable."""
    found = paper(factory, project, "contract")
    return factory.file(f"签章-{who}-{found.version}.pdf", found.code)


def sign(factory: ProjectFactory, project: Project, *people: str) -> None:
    for who in people:
        data = {"signed_on": factory.now.date().isoformat(), "scan": scan(factory, project, who)}
        factory.perform(project, "sign_contract", who, data)


def funded(factory: ProjectFactory, project: Project, number: str = "潭财教〔2024〕88号") -> None:
    data = {"number": number, "dated": "2024-11-19", "file": factory.file("资金文件.pdf")}
    factory.perform(project, "record_funding_document", "finance", data)


@milestone
def in_force(factory: ProjectFactory, **values: Any) -> Project:
    """首拨."""
    project = issued(factory, **values)
    sign(factory, project, "issuer", "bidder", "science", "industry")
    funded(factory, project)
    factory.perform(project, "conclude", "science")
    return project


def voucher(factory: ProjectFactory, project: Project, number: str, amount: str, paid_on: str = "2024-11-18") -> None:
    data = {"number": number, "amount": amount, "paid_on": paid_on, "file": factory.file(f"回单{number}.pdf")}
    factory.perform(project, "submit_voucher", "issuer", data)


def checked(factory: ProjectFactory, project: Project, number: str, amount: str, paid_on: str = "2024-11-18") -> None:
    """A voucher that counts."""
    voucher(factory, project, number, amount, paid_on)
    key = str(newest(factory, project))
    factory.perform(project, "check_voucher", "science", {"voucher": key, "outcome": "accepted"})


def newest(factory: ProjectFactory, project: Project) -> int:
    """The newest open voucher's id."""
    from xtbang.models import Voucher

    query = select(Voucher.id).where(Voucher.project_id == project.id, Voucher.status == "open")
    return factory.session.scalars(query.order_by(Voucher.id.desc()).limit(1)).one()


def waive(factory: ProjectFactory, project: Project, rule: str, who: str, reason: str = "确有必要") -> None:
    """One bureau's word on what stands against the project now."""
    action = factory.engine.policy.actions["record_waiver"]
    context = factory.engine.context(factory.session, project, factory.actor(who), who, action)
    key = next(key for key in waivable_rules(context) if key.startswith(f"{rule}-"))
    factory.perform(project, "record_waiver", who, {"rule": key, "reason": reason})


def matched(factory: ProjectFactory, project: Project, amount: str) -> None:
    data = {"amount": amount, "number": "潭高财〔2024〕7号", "dated": factory.now.date().isoformat()}
    factory.perform(project, "confirm_county_match", "county", data)


def approved(factory: ProjectFactory, project: Project, finance: str = "finance2") -> Project:
    """The order of the instalment that is due, signed by every office and for the treasury by ``finance``."""
    for who in (*factory.engine.policy.city.roles, finance):
        factory.perform(project, "approve_payment", who, {"payment": to_approve(factory, project)})
    return project


def to_approve(factory: ProjectFactory, project: Project) -> str:
    """The payment that waits to be approved; blank when none does."""
    action = factory.engine.policy.actions["approve_payment"]
    context = factory.engine.context(factory.session, project, factory.actor("finance2"), "finance", action)
    return payment_to_approve(context)


def pay(factory: ProjectFactory, project: Project, trigger: str, amount: str, **more: Any) -> Outcome:
    if to_approve(factory, project):
        approved(factory, project)
    data = {"amount": amount, "paid_on": factory.now.date().isoformat(), "note": f"{trigger}-{project.id}"}
    return factory.perform(project, trigger, "finance", data | more)


@milestone
def ready(factory: ProjectFactory, paid: str = "80", match: str = "20", **values: Any) -> Project:
    """首拨 with vouchers and match, on 2024-11-20."""
    project = in_force(factory, **values)
    checked(factory, project, f"20241118{project.id:03d}", paid)
    matched(factory, project, match)
    factory.at("2024-11-20 09:00")
    return project


@milestone
def executing(factory: ProjectFactory, half: str = "20", **values: Any) -> Project:
    """实施: the city's first instalment paid on 2024-11-20; reports due every six months from 2025-05-19."""
    project = ready(factory, match=half, **values)
    pay(factory, project, "disburse_first", half)
    return project


@milestone
def fifty(factory: ProjectFactory) -> Project:
    """实施 with a subsidy of 50, half of it paid by the city and by the county: 25 and 25."""
    project = executing(factory, "25", subsidy="50", paid="100", application=FIFTY)
    county_pays(factory, project, "1", "25")
    return project


def county_pays(factory: ProjectFactory, project: Project, instalment: str, amount: str, **more: Any) -> Outcome:
    data = {
        "instalment": instalment,
        "amount": amount,
        "dated": factory.now.date().isoformat(),
        "note": f"县拨{project.id}-{instalment}",
    }
    return factory.perform(project, "record_county_instalment", "county", data | more)


def reports_of(factory: ProjectFactory, project: Project) -> list[Report]:
    return list(factory.session.scalars(select(Report).where(Report.project_id == project.id).order_by(Report.due_on)))


def fill_report(factory: ProjectFactory, project: Project, report: Report, values: Mapping[str, Any] = REPORT) -> None:
    definition = factory.engine.policy.edition(project.edition).documents["report"]
    factory.fill(report.document, definition, values, "bidder")


def report(factory: ProjectFactory, project: Project, row: Report) -> None:
    fill_report(factory, project, row)
    factory.perform(project, "submit_report", "bidder", {"report": str(row.id)})


def fill_acceptance(factory: ProjectFactory, project: Project, **values: Any) -> None:
    from xtbang.models import Acceptance

    query = select(Acceptance).where(Acceptance.project_id == project.id, Acceptance.status == "draft")
    row = factory.session.scalars(query).one()
    definition = factory.engine.policy.edition(project.edition).documents["acceptance"]
    factory.fill(row.document, definition, ACCEPTANCE | values, "bidder")


def requested(factory: ProjectFactory, project: Project, **values: Any) -> None:
    """验收, on 2025-05-10 before any report is due."""
    factory.at("2025-05-10 09:00")
    fill_acceptance(factory, project, **values)
    request(factory, project)


def request(factory: ProjectFactory, project: Project) -> None:
    """Handed in by the bidder, once the issuer has read it."""
    factory.perform(project, "confirm_reading", "issuer")
    factory.perform(project, "request_acceptance", "bidder")


def passed(factory: ProjectFactory, project: Project) -> None:
    """尾拨, on 2025-05-20."""
    requested(factory, project)
    factory.concluded(project, "acceptance", (2, 1, 0))
    factory.at("2025-05-20 09:00")
    factory.both(project, "pass_acceptance", {"reason": "达到考核要求"})


@milestone
def completed(factory: ProjectFactory) -> Project:
    """办结 on 2025-05-20, all of the subsidy of 40 paid: twice 20 by the city, twice 20 by the county."""
    project = executing(factory)
    county_pays(factory, project, "1", "20")
    passed(factory, project)
    matched(factory, project, "20")
    pay(factory, project, "disburse_final", "20")
    county_pays(factory, project, "2", "20")
    return project


def to_reclaim(factory: ProjectFactory, project: Project, responsible: str = "bidder", until: str = "") -> None:
    """A fraud was found after 办结, and everybody was heard on the claim."""
    blamed(factory, project, responsible)
    waived(factory, project, told(factory, project, until))


RECLAIM = {"reason": "验收材料系伪造。", "recover_by": "2026-12-31"}


def told(factory: ProjectFactory, project: Project, until: str = "") -> PriorNotice:
    """The prior notice of a subjective termination, served today on everyone."""
    data = {"reason": "未投入约定的人员", "evidence": "论证结论\n检查记录", "restrict_until": until}
    factory.both(project, "issue_prior_notice", data)
    query = select(PriorNotice).where(PriorNotice.project_id == project.id, PriorNotice.status == "open")
    notice = factory.session.scalars(query).one()
    served = {"addressees": [str(row.id) for row in notice.addressees], "manner": "in_person"}
    factory.perform(project, "record_service", "science", served | {"dated": factory.now.date().isoformat()})
    return notice


def waived(factory: ProjectFactory, project: Project, notice: PriorNotice) -> None:
    """Nobody has anything to state: the decision need not wait."""
    received = {"channel": "oral", "received_on": factory.now.date().isoformat(), "kind": "waived"}
    for row in notice.addressees:
        factory.perform(project, "enter_statement", "science", received | {"addressee": str(row.id)})


def ended(factory: ProjectFactory, project: Project, **more: Any) -> Outcome:
    """Terminated for an objective cause unless ``more`` says otherwise; the parties of a subjective one are heard first."""
    if more.get("cause") == "subjective":
        waived(factory, project, told(factory, project, more.get("restrict_until", "")))
    data = {"cause": "objective", "reason": "洪灾", "recover_by": "2026-12-31"}
    data |= {"audit_file": factory.file("审计报告.pdf")}
    return factory.both(project, "terminate", data | more)


SUBJECTIVE = {"cause": "subjective", "audit_file": "", "reason": "弄虚作假"}


def blamed(factory: ProjectFactory, project: Project, responsible: str = "bidder") -> Panel:
    """A liability panel that found a subjective cause."""
    return factory.concluded(project, "liability", (1, 1, 1), responsible=responsible)


def sums(factory: ProjectFactory, project: Project) -> Balances:
    return balances(factory.session, project.id)


def wan(amount: Any) -> Decimal:
    """万元 of yuan, for comparing with what was typed."""
    return Decimal(amount) / 10_000


def notice_of(factory: ProjectFactory, project: Project, kind: str) -> Notice:
    query = select(Notice).join(NoticeItem).where(NoticeItem.project_id == project.id, Notice.kind == kind)
    return factory.session.scalars(query).one()


def ledger_lines(factory: ProjectFactory, project: Project) -> list[tuple[str, str, int | None, Decimal, date]]:
    query = select(LedgerEntry).where(LedgerEntry.project_id == project.id).order_by(LedgerEntry.id)
    return [(e.kind, e.source, e.instalment, wan(e.amount), e.dated) for e in factory.session.scalars(query)]
