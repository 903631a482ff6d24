"""What stands beside the form of an action, so that whoever decides need not look it up elsewhere."""

from collections.abc import Callable
from datetime import date
from typing import Any

from flask import url_for
from sqlalchemy import select
from sqlalchemy.orm import joinedload, selectinload

from xtbang.actions.documents import latest
from xtbang.extensions import db
from xtbang.models import (
    Acceptance,
    Document,
    DocumentVersion,
    Extension,
    Finding,
    Notice,
    NoticeItem,
    Objection,
    Panel,
    Paper,
    Project,
    Report,
    Seat,
    Signature,
    StoredFile,
    Voucher,
)
from xtbang.papers.facts.contract import signing_parties
from xtbang.queries.ledger import balances
from xtbang.queries.rights.sealed_bids import visible_to
from xtbang.rules.actor import Actor
from xtbang.rules.aggregate import counted, passed, result
from xtbang.rules.compare import changes
from xtbang.rules.dates import SHANGHAI
from xtbang.rules.fields import FormDefinition
from xtbang.rules.money import plain
from xtbang.rules.workdays import notice_period
from xtbang.web.frame.inputs import stored_facts
from xtbang.web.frame.shell import engine, policy
from xtbang.web.project.funding import money_of, would_recover
from xtbang.workflow.offers import Offer

Beside = dict[str, Any]
Values = dict[str, Any]
DOCUMENTS = {"apply": "application", "submit": "form", "upload_scan": "form", "issue_contract": "contract"}


def beside(project: Project, who: Actor, offer: Offer) -> Beside:
    """What the template of that action shows beside its form."""
    ask = BESIDE.get(offer.action.trigger)
    return ask(project, who) if ask else {}


# ---------------------------------------------------------------- documents


def read_version(document: Document | None, definition: FormDefinition) -> Beside:
    """The newest frozen version of a document beside the one before it."""
    if document is None:
        return {}
    query = select(DocumentVersion).where(DocumentVersion.document_id == document.id)
    found = db.session.scalars(query.order_by(DocumentVersion.number.desc()).limit(2)).all()
    now, before = found[0] if found else None, found[1] if len(found) > 1 else None
    changed = changes(definition, before.data, now.data) if now and before else []
    return {
        "definition": definition,
        "document": document,
        "version": now,
        "previous": before,
        "changes": changed,
        "changed": sorted({change.key.split(".")[0] for change in changed}),
        "files": stored_facts(document.project_id),
    }


def _form(project: Project, _who: Actor) -> Beside:
    found = read_version(project.form, policy().edition(project.edition).forms[project.kind])
    scan = found["version"].scan_id if found.get("version") else None
    return found | {"scan": db.session.get(StoredFile, scan) if scan else None}


def _document(kind: str) -> Callable[[Project, Actor], Beside]:
    def ask(project: Project, _who: Actor) -> Beside:
        document_id = getattr(project, f"{kind}_id")
        if document_id is None:
            return {}
        return {"edit": url_for("documents.edit", project_id=project.id, document_id=document_id, check=1)}

    return ask


def _acceptance(project: Project, _who: Actor) -> Beside:
    query = select(Acceptance).where(Acceptance.project_id == project.id).order_by(Acceptance.id.desc()).limit(1)
    row = db.session.scalars(query).first()
    if row is None:
        return {}
    found = read_version(row.document, policy().edition(project.edition).documents["acceptance"])
    url = url_for("documents.edit", project_id=project.id, document_id=row.document_id, check=1)
    return found | {"edit": url, "panels": _panels(project, "acceptance")}


def _reports(project: Project, _who: Actor) -> Beside:
    query = select(Report).where(Report.project_id == project.id, Report.submitted_at.is_(None)).order_by(Report.due_on)
    return {"reports": db.session.scalars(query).all()}


# ---------------------------------------------------------------- bids, panels


def _bids(project: Project, who: Actor) -> Beside:
    found = visible_to(db.session, project, who, engine().clock())
    found = [bid for bid in found if bid.status == "submitted"]
    query = select(DocumentVersion).where(DocumentVersion.document_id.in_([bid.document_id for bid in found]))
    newest = {
        version.document_id: version.data for version in db.session.scalars(query.order_by(DocumentVersion.number))
    }
    return {
        "bids": found,
        "said": {bid.id: newest.get(bid.document_id, {}) for bid in found},
        "definition": policy().edition(project.edition).documents["bid"],
        "files": stored_facts(project.id),
    }


def _panels(project: Project, kind: str = "", status: str = "") -> list[Beside]:
    query = select(Panel).where(Panel.project_id == project.id).order_by(Panel.id.desc())
    query = query.options(selectinload(Panel.seats).joinedload(Seat.expert))
    rows = [row for row in db.session.scalars(query) if kind in ("", row.kind) and status in ("", row.status)]
    return [scores_of(project, row) for row in rows]


def scores_of(project: Project, panel: Panel) -> Beside:
    """A panel with its sheets brought together as its edition does it."""
    sheet = policy().edition(project.edition).sheets[panel.kind]
    locked = [seat for seat in panel.seats if seat.status == "locked"]
    totals = [sum(seat.scores.values()) for seat in locked]
    return {
        "panel": panel,
        "sheet": sheet,
        "locked": list(zip(locked, totals, strict=True)),
        "waiting": [seat for seat in panel.seats if seat.status in ("invited", "accepted")],
        "counted": [plain(score) for score in counted(sheet, totals)] if totals else [],
        "result": result(sheet, totals) if totals else None,
        "passed": passed(sheet, totals) if totals else None,
    }


def _concluding(project: Project, _who: Actor) -> Beside:
    return {"panels": _panels(project, status="open")}


def _appraised(project: Project, who: Actor) -> Beside:
    return {"panels": _panels(project, "appraisal", "concluded")}


def _recommending(project: Project, who: Actor) -> Beside:
    query = select(Finding).where(Finding.project_id == project.id, Finding.kind.in_(("opinion", "inspection")))
    findings = db.session.scalars(query.options(joinedload(Finding.person)).order_by(Finding.id)).all()
    return _money(project, who) | {"panels": _panels(project, "roadshow", "concluded"), "findings": findings}


# ---------------------------------------------------------------- notice, contract


def _notice(project: Project) -> Notice | None:
    query = select(Notice).join(NoticeItem).where(NoticeItem.project_id == project.id, Notice.kind == "publicity")
    return db.session.scalars(query.order_by(Notice.id.desc()).limit(1)).first()


def _publishing(project: Project, _who: Actor) -> Beside:
    notice = _notice(project)
    if notice is None or notice.status != "draft":
        return {}
    query = select(Project).join(NoticeItem, NoticeItem.project_id == Project.id)
    rows = db.session.scalars(query.where(NoticeItem.notice_id == notice.id).order_by(Project.number)).all()
    days = project.call.notice_days or int(policy().edition(project.edition).notice_days.value)
    today: date = engine().clock().astimezone(SHANGHAI).date()
    first, last, provisional = notice_period(today, days)
    return {"projects": rows, "days": days, "first": first, "last": last, "provisional": provisional}


def _objections(project: Project, _who: Actor) -> Beside:
    query = select(Objection).where(Objection.project_id == project.id).order_by(Objection.id)
    return {"objections": db.session.scalars(query).all(), "by_id": _files(project)}


def _signatures(project: Project, _who: Actor) -> Beside:
    version = latest(db.session, project.contract)
    query = select(Signature).where(Signature.version_id == (version.id if version else None))
    rows = {row.party: row for row in db.session.scalars(query)}
    papers = select(Paper).where(Paper.project_id == project.id, Paper.name == "contract", Paper.state == "current")
    paper = db.session.scalars(papers).first()
    return {"parties": signing_parties(project), "signatures": rows, "version": version, "paper": paper}


def _extension(project: Project, _who: Actor) -> Beside:
    query = select(Extension).where(Extension.project_id == project.id).order_by(Extension.id.desc()).limit(1)
    return {"extension": db.session.scalars(query).first(), "by_id": _files(project)}


# ---------------------------------------------------------------- money


def _money(project: Project, _who: Actor) -> Beside:
    edition, paid = policy().edition(project.edition), balances(db.session, project.id)
    version = latest(db.session, project.application)
    return {
        "money": money_of(project, edition, version.data if version else None, paid),
        "recover": would_recover(edition, paid),
        "paid": paid,
    }


def _vouchers(project: Project, who: Actor) -> Beside:
    query = select(Voucher).where(Voucher.project_id == project.id).order_by(Voucher.id)
    return _money(project, who) | {"vouchers": db.session.scalars(query).all(), "by_id": _files(project)}


def _terminating(project: Project, who: Actor) -> Beside:
    return _money(project, who) | {"panels": _panels(project, "liability", "concluded")}


def _files(project: Project) -> dict[int, StoredFile]:
    query = select(StoredFile).where(StoredFile.project_id == project.id)
    return {row.id: row for row in db.session.scalars(query)}


BESIDE: dict[str, Callable[[Project, Actor], Beside]] = {
    **{trigger: _document(kind) for trigger, kind in DOCUMENTS.items()},
    **dict.fromkeys(("accept", "send_back", "refuse"), _form),
    **dict.fromkeys(("list_major", "list_regular", "drop"), _appraised),
    **dict.fromkeys(("disburse_first", "disburse_final", "confirm_county_match", "record_county_instalment"), _money),
    **dict.fromkeys(("record_recovery", "settle", "declare_county_unpaid"), _money),
    **dict.fromkeys(("submit_voucher", "check_voucher"), _vouchers),
    **dict.fromkeys(("sign_contract", "look_at_signature", "conclude"), _signatures),
    **dict.fromkeys(("grant_extension", "deny_extension"), _extension),
    **dict.fromkeys(("request_acceptance", "pass_acceptance", "rectify"), _acceptance),
    "agree": _bids,
    "conclude_panel": _concluding,
    "recommend": _recommending,
    "decline": _recommending,
    "publish_notice": _publishing,
    "decide_objection": _objections,
    "submit_report": _reports,
    "terminate": _terminating,
}
