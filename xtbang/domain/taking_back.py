"""收回登记: a record that an office made alone is taken back; it stays readable and counts no more."""

from collections.abc import Iterator
from dataclasses import dataclass

from xtbang.actions.context import Context
from xtbang.actions.notify import Receivers, notify, to_bureaus, to_county, to_organisation, to_parties, to_role
from xtbang.actions.registry import effect, guard, options
from xtbang.domain.corrections import correct, make_void, proposed_by
from xtbang.domain.county_funds import county_unsaid
from xtbang.domain.payment_approvals import ORDER, said_of, subject_of
from xtbang.domain.payments import ledger
from xtbang.domain.prior_notices import standing_notice, statements_on
from xtbang.domain.waivers import standing
from xtbang.models import CountyMatch, Finding, Objection, PartyStatement, PaymentApproval, Recusal, Waiver
from xtbang.papers.facts.correction import Change
from xtbang.rules.dates import day_of
from xtbang.rules.money import format_wan
from xtbang.rules.needs import reads
from xtbang.rules.reasons import Reason
from xtbang.rules.term import in_chinese

PROVINCE = "province"
RECORDS = {"inspection": "考察情况", "check": "跟踪检查", "county_unpaid": "配套资金未拨付的说明"}  # kinds of finding
DECIDED = {"granted": "已准许", "refused": "未准许"}  # recusals
ISSUER_PAYMENT = "A7.issuer_payment"
ASKED = {"A11.in_time": ("execution", "extension")}  # rules that are asked in other states than 揭榜
WHERE = {
    "inspection": ("roadshow",),
    "check": ("execution", "extension", "midterm", "midterm_payment", "acceptance"),
    "county_unpaid": ("termination",),
}


@dataclass(frozen=True)
class Record:
    """One record that can be taken back, in words; ``internal``: the parties do not know it."""

    name: str
    said: str
    roles: tuple[str, ...]  # that may take it back
    row: Waiver | Finding | CountyMatch | PaymentApproval | PartyStatement | Recusal | Objection | None
    internal: bool = False


def records_of(context: Context) -> dict[str, Record]:
    """Return the records that this office may take back; in a confirmation only the chosen one."""
    first, found = proposed_by(context), dict(_every(context))
    if first is not None:
        return {key: record for key, record in found.items() if key == first.data["record"]}
    return {key: record for key, record in found.items() if context.role in record.roles}


def _every(context: Context) -> Iterator[tuple[str, Record]]:
    paid, state, offices = ledger(context).instalments, context.project.state, context.policy.city.roles
    for waiver in standing(context):
        if not _relied_on(context, waiver):
            yield f"waiver:{waiver.id}", Record("同意例外", waiver.sentence, offices, waiver)
    for finding in context.rows.of(Finding):
        if finding.voided_at is None and state in WHERE.get(finding.kind, ()):
            said = f"{in_chinese(finding.dated)}：{finding.text}"
            roles = (finding.role,) if finding.role in ("county", "finance") else offices
            of_offices = finding.kind == "inspection"
            yield (
                f"finding:{finding.id}",
                Record(RECORDS[finding.kind], said, roles, finding, of_offices),
            )
    for match in context.rows.of(CountyMatch):
        if match.voided_at is None and ("city", match.instalment) not in paid:
            name = context.edition.instalments[match.instalment - 1].name
            said = f"{name}配套 {format_wan(match.amount)}，{match.number}，{in_chinese(match.dated)}"
            yield f"match:{match.id}", Record("配套资金的确认", said, ("county",), match)
    for row in context.rows.of(PaymentApproval):
        if row.voided_at is None and ("city", row.instalment) not in paid:
            yield f"approval:{row.id}", Record("拨款审批", said_of(context, row), (*offices, "finance"), row)
    yield from _decided_recusals(context)
    yield from _statements(context)
    yield from _entered_objections(context)
    if context.project.provincial:
        yield PROVINCE, Record("推荐申报省级项目", "已推荐", offices, None, True)


def _decided_recusals(context: Context) -> Iterator[tuple[str, Record]]:
    for request in context.rows.of(Recusal):
        if request.status in DECIDED:
            said = f"{request.organisation.name}申请{request.named}回避，{DECIDED[request.status]}：{request.finding}"
            yield (
                f"recusal:{request.id}",
                Record("回避申请的决定", said, ("science",), request, True),
            )


def _statements(context: Context) -> Iterator[tuple[str, Record]]:
    """Yield the statements on the standing prior notice that an office has entered; a party's own stays the party's."""
    notice, offices = standing_notice(context), context.policy.city.roles
    for row in statements_on(context, notice) if notice else []:
        if row.channel != "site":
            said = f"{row.organisation.name}：{row.text or '放弃'}"
            yield (
                f"statement:{row.id}",
                Record("陈述、申辩的登记", said, offices, row, internal=True),
            )


def _entered_objections(context: Context) -> Iterator[tuple[str, Record]]:
    """Yield the objections that an office has entered (登记书面异议) and that are not decided; those sent on the site are decided."""
    for row in context.rows.of(Objection):
        if row.status == "open" and row.entered_by_id and context.project.state == "publicity":
            said = f"{in_chinese(day_of(row.received_at))}收到：{row.facts}"
            offices = context.policy.city.roles
            yield f"objection:{row.id}", Record("书面异议的登记", said, offices, row, internal=True)


def _relied_on(context: Context, waiver: Waiver) -> bool:
    """Return whether something was done on the ground of a waiver: a payment, a decision, an application."""
    item = context.edition.issuer_pays_before
    if waiver.rule == ISSUER_PAYMENT:
        return item is not None and ("city", item.number) in ledger(context).instalments
    return context.project.state not in ASKED.get(waiver.rule, ("bidding",))


@options
def records_to_take_back(context: Context) -> dict[str, str]:
    """Return the records that this office can take back: waivers, inspections, what a county has said, an approval."""
    return {key: f"{record.name}（{record.said[:60]}）" for key, record in records_of(context).items()}


@guard
@reads("record:choice")
def record_stands(context: Context) -> Iterator[Reason]:
    """Yield a reason unless the record still stands."""
    found, article = records_of(context), context.life.actions["take_back"].article
    first = proposed_by(context)
    key = str(first.data["record"]) if first else str(context.data.get("record") or "")
    if not found or (key and key not in found):
        yield Reason("record", "没有可以收回的登记，或者这项登记已经据以拨付。", article, nothing=True)


@effect
@reads("record:choice reason:long")
def take_back(context: Context) -> None:
    """Take the record back: a row is marked, a recommendation ends; those who relied on it get a mail."""
    record = dict(_every(context))[context.data["record"]]
    if record.row is None:
        context.project.provincial = False
    elif isinstance(record.row, Recusal):  # to be decided anew
        record.row.status, record.row.decided_at, record.row.decided_by_id = "open", None, None
    elif isinstance(record.row, Objection):
        record.row.status, record.row.decided_at = "withdrawn", context.now
        record.row.decided_by_id, record.row.finding = context.actor.person_id, context.data["reason"]
    else:
        record.row.voided_at = context.now
    told: list[Receivers] = [to_bureaus()]
    if record.internal:
        told += (
            [to_organisation(record.row.organisation_id)] if isinstance(record.row, Recusal | PartyStatement) else []
        )
    else:
        told += [to_parties(), to_role("finance"), to_county()]
    change = Change(record.name, record.said, "收回，不再有效")
    paper = correct(context, "登记收回单", record.name, [change], *told, dated=context.today, internal=record.internal)
    if isinstance(record.row, CountyMatch):
        name = context.edition.instalments[record.row.instalment - 1].name
        notify(context, "confirm_again_county", to_county(), instalment=name)
    if isinstance(record.row, Finding) and record.row.kind == "county_unpaid":
        context.session.flush()
        notify(context, "terminate_county", to_county(), unsaid=list(county_unsaid(context).values()))
    if isinstance(record.row, PaymentApproval):
        make_void(context, paper, ORDER, subject_of(record.row.instalment))
