"""The basis of a decision: bids, the notice to be published, objections, signatures, an extension, the money."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import select

from xtbang.models import (
    Bid,
    Change,
    DocumentVersion,
    Extension,
    Finding,
    LedgerEntry,
    NoticeItem,
    Objection,
    PartyStatement,
    PriorNotice,
    Project,
    RepaymentPlan,
    Ruling,
    Signature,
    StoredFile,
    Voucher,
    WriteOff,
)
from xtbang.queries.caller import Caller
from xtbang.queries.documents import latest
from xtbang.queries.holidays import holidays_of
from xtbang.queries.ledger import balances_of
from xtbang.queries.project_changes import signers_of
from xtbang.queries.project_money import money_of, would_recover
from xtbang.queries.project_rows import ProjectRows
from xtbang.queries.rights.sealed_bids import is_own, readable
from xtbang.queries.shown import shown
from xtbang.queries.shown.bids import bid_shown
from xtbang.queries.shown.documents import FileShown, PaperShown, files_shown
from xtbang.queries.shown.money import ExtensionShown, PlanShown, VoucherShown, WriteOffShown
from xtbang.queries.shown.prior_notices import prior_notice_shown
from xtbang.queries.shown.reviews import ObjectionShown
from xtbang.queries.signing import paper_to_sign, signing_parties
from xtbang.rules.changes import KINDS, fields_of
from xtbang.rules.compare import changes
from xtbang.rules.funding_facts import day
from xtbang.rules.money import plain
from xtbang.rules.term import latest_end
from xtbang.rules.workdays import notice_period

Values = dict[str, Any]


@dataclass(frozen=True)
class ListedShown:
    """A project of the notice in preparation."""

    number: str
    title: str
    subsidy_city: Decimal | None


@dataclass(frozen=True)
class AskedShown:
    """A change of the contract as it was asked for."""

    side: str  # issuer, bidder
    asked_at: datetime | None
    reason: str
    file_id: int | None


@dataclass(frozen=True)
class RulingShown:
    """The ruling of a review or a court that waits to be executed."""

    number: str
    dated: date
    text: str
    file_id: int


def bids(caller: Caller, rows: ProjectRows) -> Values:
    """Return the submitted bids that may be read, each with the data of its newest version."""
    project, actor = rows.project, caller.actor
    read = (bid for bid in rows.of(Bid) if readable(bid, project, actor, caller.collected))
    found = [bid for bid in read if bid.status == "submitted"]
    query = select(DocumentVersion).where(DocumentVersion.document_id.in_([bid.document_id for bid in found]))
    versions = caller.session.scalars(query.order_by(DocumentVersion.number))
    newest = {version.document_id: version.data for version in versions}
    return {
        "bids": [bid_shown(bid, is_own(bid, caller.actor)) for bid in found],
        "said": {bid.id: newest.get(bid.document_id, {}) for bid in found},
        "definition": caller.policy.edition(project.edition).documents["bid"],
    }


def notice(caller: Caller, rows: ProjectRows) -> Values:
    """Return the projects of the notice in preparation, and the days it will run if published today."""
    project = rows.project
    notices = (item.notice for item in rows.of(NoticeItem) if item.notice.kind == "publicity")
    row = max(notices, key=lambda notice: notice.id, default=None)
    if row is None or row.status != "draft":
        return {}
    query = select(Project).join(NoticeItem, NoticeItem.project_id == Project.id)
    listed = [
        shown(ListedShown, item)
        for item in caller.session.scalars(query.where(NoticeItem.notice_id == row.id).order_by(Project.number))
    ]
    days = project.call.notice_days or int(caller.policy.edition(project.edition).notice_days.value)
    first, last, provisional = notice_period(caller.today, days, holidays_of(caller.session, caller.policy.city))
    return {"projects": listed, "days": days, "first": first, "last": last, "provisional": provisional}


def objections(caller: Caller, rows: ProjectRows) -> Values:
    """Return every objection with the files of the project."""
    return {"objections": [shown(ObjectionShown, row) for row in rows.of(Objection)], "by_id": _files(rows)}


def ruling(caller: Caller, rows: ProjectRows) -> Values:
    """Return the ruling that waits to be executed, with the files of the project."""
    waiting = (row for row in rows.of(Ruling) if row.executed_at is None)
    row = max(waiting, key=lambda row: row.decision_id, default=None)
    return {"ruling": shown(RulingShown, row) if row else None, "by_id": _files(rows)}


def signatures(caller: Caller, rows: ProjectRows) -> Values:
    """Return who signs the contract, who has signed its newest version, and the paper that is signed."""
    change, project = _under_way(rows, "signing"), rows.project
    version = latest(caller.session, project.contract)
    signed = [row for row in rows.of(Signature) if version and row.version_id == version.id]
    parties = change.signers if change else signing_parties(project, caller.policy.city)
    paper = paper_to_sign(caller.session, project)
    return {
        "called": f"补充合同（{change.number}）" if change else f"合同书第 {version.number if version else 1} 版",
        "signers": signers_of(parties, signed, version.id if version else None),
        "issued": paper is not None,
        "paper": shown(PaperShown, paper) if paper else None,
    }


def _under_way(rows: ProjectRows, *statuses: str) -> Change | None:
    return next((row for row in reversed(rows.of(Change)) if row.status in statuses), None)


def change(caller: Caller, rows: ProjectRows) -> Values:
    """Return the change that is under way, field by field as it was and as it would be, with the files of the project."""
    row = _under_way(rows, "asked", "deciding", "signing")
    edition = caller.policy.edition(rows.project.edition)
    return {
        "change": shown(AskedShown, row) if row else None,
        "what": KINDS[row.kind] if row else "",
        "changes": changes(fields_of(edition, row.kind), row.old, row.new) if row else [],
        "by_id": _files(rows),
    }


def extension(caller: Caller, rows: ProjectRows) -> Values:
    """Return the newest request for an extension with the files of the project."""
    row = next(reversed(rows.of(Extension)), None)
    return {"extension": shown(ExtensionShown, row) if row else None, "by_id": _files(rows)}


def term(caller: Caller, rows: ProjectRows) -> Values:
    """Return the term of the project, as it is and as it was planned, and the last day to which it may be extended."""
    project = rows.project
    rule, version = caller.policy.edition(project.edition).term_years, rows.newest(project.application_id)
    planned = day(version.data.get("term_end") if version else None) or project.ends_on
    until = latest_end(planned, rule.value) if planned else None
    lasts = (project.starts_on, project.ends_on)
    return {
        "term": lasts,
        "planned_end": planned,
        "latest_end": until,
        "years": plain(rule.value),
        "article": rule.article,
    }


def money(caller: Caller, rows: ProjectRows) -> Values:
    """Return what is planned and paid, and what a termination would recover."""
    project = rows.project
    edition, paid = caller.policy.edition(project.edition), balances_of(rows.of(LedgerEntry))
    version = rows.newest(project.application_id)
    agreed = [row.number for row in rows.of(Finding) if row.kind == "consent" and row.voided_at is None]
    data = version.data if version else None
    return {
        "money": money_of(caller.policy, project, data, paid, _vouchers(rows), agreed),
        "recover": would_recover(project, edition, paid),
    }


def plan(caller: Caller, rows: ProjectRows) -> Values:
    """Return the repayment plan that waits for the offices, with the files of the project."""
    row = next((row for row in reversed(rows.of(RepaymentPlan)) if row.status == "open"), None)
    return {"plan": shown(PlanShown, row) if row else None, "by_id": _files(rows)}


def write_off(caller: Caller, rows: ProjectRows) -> Values:
    """Return the write-off that waits for the offices, with the files of the project."""
    row = next((row for row in rows.of(WriteOff) if row.status == "open"), None)
    return {"write_off": shown(WriteOffShown, row) if row else None, "by_id": _files(rows)}


def vouchers(caller: Caller, rows: ProjectRows) -> Values:
    """Return the issuer's vouchers with the files of the project."""
    return {"vouchers": _vouchers(rows), "by_id": _files(rows)}


def _vouchers(rows: ProjectRows) -> list[VoucherShown]:
    return [shown(VoucherShown, row) for row in rows.of(Voucher)]


def _files(rows: ProjectRows) -> dict[int, FileShown]:
    return files_shown(rows.of(StoredFile))


def prior_notice(caller: Caller, rows: ProjectRows) -> Values:
    """Return the prior notice that stands, with the statements that the reader may see; None without one."""
    notice = next((row for row in rows.of(PriorNotice) if row.status == "open"), None)
    own = caller.actor.organisation_id
    if notice is None:
        return {"prior_notice": None}
    only = None if caller.actor.roles & set(caller.policy.city.roles) else {own or 0}
    stated = [row for row in rows.of(PartyStatement) if row.prior_notice_id == notice.id]
    return {"prior_notice": prior_notice_shown(notice, stated, only), "case_files": _files(rows)}
