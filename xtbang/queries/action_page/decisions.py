"""The basis of a decision: bids, the notice to be published, objections, signatures, an extension, the money."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import select

from xtbang.models import (
    Change,
    DocumentVersion,
    Extension,
    Finding,
    Notice,
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
from xtbang.queries.ledger import balances
from xtbang.queries.project_changes import signers_of
from xtbang.queries.project_money import money_of, would_recover
from xtbang.queries.rights.sealed_bids import is_own, visible_to
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


def bids(caller: Caller, project: Project) -> Values:
    """Return the submitted bids that may be read, each with the data of its newest version."""
    found = [
        bid for bid in visible_to(caller.session, project, caller.actor, caller.collected) if bid.status == "submitted"
    ]
    query = select(DocumentVersion).where(DocumentVersion.document_id.in_([bid.document_id for bid in found]))
    versions = caller.session.scalars(query.order_by(DocumentVersion.number))
    newest = {version.document_id: version.data for version in versions}
    return {
        "bids": [bid_shown(bid, is_own(bid, caller.actor)) for bid in found],
        "said": {bid.id: newest.get(bid.document_id, {}) for bid in found},
        "definition": caller.policy.edition(project.edition).documents["bid"],
    }


def notice(caller: Caller, project: Project) -> Values:
    """Return the projects of the notice in preparation, and the days it will run if published today."""
    drafts = select(Notice).join(NoticeItem).where(NoticeItem.project_id == project.id, Notice.kind == "publicity")
    row = caller.session.scalars(drafts.order_by(Notice.id.desc()).limit(1)).first()
    if row is None or row.status != "draft":
        return {}
    query = select(Project).join(NoticeItem, NoticeItem.project_id == Project.id)
    rows = [
        shown(ListedShown, item)
        for item in caller.session.scalars(query.where(NoticeItem.notice_id == row.id).order_by(Project.number))
    ]
    days = project.call.notice_days or int(caller.policy.edition(project.edition).notice_days.value)
    first, last, provisional = notice_period(caller.today, days, holidays_of(caller.session, caller.policy.city))
    return {"projects": rows, "days": days, "first": first, "last": last, "provisional": provisional}


def objections(caller: Caller, project: Project) -> Values:
    """Return every objection with the files of the project."""
    query = select(Objection).where(Objection.project_id == project.id).order_by(Objection.id)
    rows = caller.session.scalars(query)
    return {"objections": [shown(ObjectionShown, row) for row in rows], "by_id": _files(caller, project)}


def ruling(caller: Caller, project: Project) -> Values:
    """Return the ruling that waits to be executed, with the files of the project."""
    query = select(Ruling).where(Ruling.project_id == project.id, Ruling.executed_at.is_(None))
    row = caller.session.scalars(query.order_by(Ruling.decision_id.desc()).limit(1)).first()
    return {"ruling": shown(RulingShown, row) if row else None, "by_id": _files(caller, project)}


def signatures(caller: Caller, project: Project) -> Values:
    """Return who signs the contract, who has signed its newest version, and the paper that is signed."""
    change = _under_way(caller, project, "signing")
    version = latest(caller.session, project.contract)
    query = select(Signature).where(Signature.version_id == (version.id if version else None))
    rows = caller.session.scalars(query).all()
    parties = change.signers if change else signing_parties(project, caller.policy.city)
    paper = paper_to_sign(caller.session, project)
    return {
        "called": f"补充合同（{change.number}）" if change else f"合同书第 {version.number if version else 1} 版",
        "signers": signers_of(parties, rows, version.id if version else None),
        "issued": paper is not None,
        "paper": shown(PaperShown, paper) if paper else None,
    }


def _under_way(caller: Caller, project: Project, *statuses: str) -> Change | None:
    query = select(Change).where(Change.project_id == project.id, Change.status.in_(statuses))
    return caller.session.scalars(query.order_by(Change.id.desc()).limit(1)).first()


def change(caller: Caller, project: Project) -> Values:
    """Return the change that is under way, field by field as it was and as it would be, with the files of the project."""
    row = _under_way(caller, project, "asked", "deciding", "signing")
    edition = caller.policy.edition(project.edition)
    return {
        "change": shown(AskedShown, row) if row else None,
        "what": KINDS[row.kind] if row else "",
        "changes": changes(fields_of(edition, row.kind), row.old, row.new) if row else [],
        "by_id": _files(caller, project),
    }


def extension(caller: Caller, project: Project) -> Values:
    """Return the newest request for an extension with the files of the project."""
    query = select(Extension).where(Extension.project_id == project.id).order_by(Extension.id.desc()).limit(1)
    row = caller.session.scalars(query).first()
    return {"extension": shown(ExtensionShown, row) if row else None, "by_id": _files(caller, project)}


def term(caller: Caller, project: Project) -> Values:
    """Return the term of the project, as it is and as it was planned, and the last day to which it may be extended."""
    rule, version = caller.policy.edition(project.edition).term_years, latest(caller.session, project.application)
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


def money(caller: Caller, project: Project) -> Values:
    """Return what is planned and paid, and what a termination would recover."""
    edition, paid = caller.policy.edition(project.edition), balances(caller.session, project.id)
    version = latest(caller.session, project.application)
    consents = select(Finding.number).where(Finding.project_id == project.id, Finding.kind == "consent")
    agreed = caller.session.scalars(consents.where(Finding.voided_at.is_(None))).all()
    data = version.data if version else None
    return {
        "money": money_of(caller.policy, project, data, paid, _vouchers(caller, project), agreed),
        "recover": would_recover(project, edition, paid),
    }


def plan(caller: Caller, project: Project) -> Values:
    """Return the repayment plan that waits for the offices, with the files of the project."""
    query = select(RepaymentPlan).where(RepaymentPlan.project_id == project.id, RepaymentPlan.status == "open")
    row = caller.session.scalars(query.order_by(RepaymentPlan.id.desc()).limit(1)).first()
    return {"plan": shown(PlanShown, row) if row else None, "by_id": _files(caller, project)}


def write_off(caller: Caller, project: Project) -> Values:
    """Return the write-off that waits for the offices, with the files of the project."""
    query = select(WriteOff).where(WriteOff.project_id == project.id, WriteOff.status == "open")
    row = caller.session.scalars(query.limit(1)).first()
    return {"write_off": shown(WriteOffShown, row) if row else None, "by_id": _files(caller, project)}


def vouchers(caller: Caller, project: Project) -> Values:
    """Return the issuer's vouchers with the files of the project."""
    return {"vouchers": _vouchers(caller, project), "by_id": _files(caller, project)}


def _vouchers(caller: Caller, project: Project) -> list[VoucherShown]:
    query = select(Voucher).where(Voucher.project_id == project.id).order_by(Voucher.id)
    return [shown(VoucherShown, row) for row in caller.session.scalars(query)]


def _files(caller: Caller, project: Project) -> dict[int, FileShown]:
    return files_shown(caller.session.scalars(select(StoredFile).where(StoredFile.project_id == project.id)))


def prior_notice(caller: Caller, project: Project) -> Values:
    """Return the prior notice that stands, with the statements that the reader may see; None without one."""
    rows = caller.session.scalars(
        select(PriorNotice).where(PriorNotice.project_id == project.id, PriorNotice.status == "open")
    )
    notice, own = rows.first(), caller.actor.organisation_id
    if notice is None:
        return {"prior_notice": None}
    files = caller.session.scalars(select(StoredFile).where(StoredFile.project_id == project.id))
    query = select(PartyStatement).where(PartyStatement.prior_notice_id == notice.id).order_by(PartyStatement.id)
    only = None if caller.actor.roles & set(caller.policy.city.roles) else {own or 0}
    stated = caller.session.scalars(query).all()
    return {"prior_notice": prior_notice_shown(notice, stated, only), "case_files": files_shown(files)}
