"""The one obvious next step of an entry for the organisation that has it."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from flask import url_for

from xtbang.enums import BID_LABELS, KIND_LABELS
from xtbang.models import Bid, Project
from xtbang.queries.ledger import ZERO
from xtbang.queries.own_projects import Beside
from xtbang.queries.rights.sealed_bids import unsealed
from xtbang.rules.dates import SHANGHAI
from xtbang.rules.forms import check
from xtbang.rules.money import format_wan
from xtbang.rules.subsidy import issuer_payment_due
from xtbang.web.frame.drawing import picture
from xtbang.web.frame.shell import policy
from xtbang.web.project.turns import due_words, turn_of

Step = tuple[str, str]  # what to do, where


@dataclass(frozen=True)
class Asker:
    """The organisation that looks at what is its own, and when."""

    organisation_id: int
    now: datetime

    @property
    def today(self) -> date:
        """The date in Shanghai."""
        return self.now.astimezone(SHANGHAI).date()


def entry_card(project: Project, facts: Beside, asker: Asker) -> dict[str, Any]:
    """An entry as the card macro takes it."""
    issuing = project.issuer_id == asker.organisation_id
    step = issuer_step(project, facts, asker) if issuing else None
    step = step or party_step(project, facts, asker)
    due = due_words(*due_in(project, facts), asker.now)
    turn = turn_of(project, asker.now, asker.organisation_id)
    bid = project.agreed_bid
    return {
        "url": url_for("projects.page", project_id=project.id),
        "title": project.title or "未命名的草稿",
        "number": project.number or "",
        "kind": KIND_LABELS[project.kind] + ("" if issuing else "（揭榜方）"),
        "org": (f"揭榜方：{bid.lead.name}" if bid else "") if issuing else f"发榜方：{project.issuer.name}",
        "domain": project.domain,
        "amount": f"市级补助 {format_wan(project.subsidy_city)}" if project.subsidy_city is not None else "",
        "picture": picture(project),
        "turn": turn and f"现由{turn}办理",
        "due_text": due.get("text", ""),
        "due_days": due.get("days"),
        "next": step,
        "note": "",
    }


def issuer_step(project: Project, facts: Beside, asker: Asker) -> Step | None:
    """What the issuer does next."""
    state = project.state
    if state == "draft":
        return _draft(project)
    if state == "listing" and unsealed(project, asker.now) and facts.submitted_bids.get(project.id):
        return f"选定揭榜方（{facts.submitted_bids[project.id]} 份申请）", act(project, "agree")
    if state == "bidding" and project.track == "funded" and project.application_id:
        return "填写项目申报书", write(project, project.application_id)
    if state == "first_payment" and project.id not in facts.open_vouchers and not _paid(project, facts):
        return "提交付款凭证", act(project, "submit_voucher")
    return None


def _paid(project: Project, facts: Beside) -> bool:
    due = issuer_payment_due(policy().edition(project.edition), project.total_investment or ZERO)
    return facts.accepted.get(project.id, ZERO) >= due


def party_step(project: Project, facts: Beside, asker: Asker) -> Step | None:
    """What issuer, bidder or member does next, whichever it is."""
    state, bid = project.state, project.agreed_bid
    if state == "contracting" and project.id in facts.contract and project.id not in facts.signed:
        return "签章合同书", act(project, "sign_contract")
    leads = bid is not None and bid.lead_id == asker.organisation_id
    report, rectifying = facts.reports.get(project.id), project.id in facts.rectify
    ahead = 0 if rectifying and state == "execution" else 30  # a report that is due stands against the new request
    if state in ("execution", "extension") and leads and report and (report.due_on - asker.today).days <= ahead:
        return "填写执行情况报告", write(project, report.document_id)
    member = not leads and project.issuer_id != asker.organisation_id
    ending = project.ends_on is not None and (project.ends_on - asker.today).days <= 60
    request = facts.acceptances.get(project.id)
    if state == "execution" and request and not member and (ending or rectifying):
        return "填写验收申请书", write(project, request)
    return None


def _draft(project: Project) -> Step:
    document = project.form
    if document is None:
        return "打开", url_for("projects.page", project_id=project.id)
    edition = policy().edition(project.edition)
    url = write(project, document.id)
    if check(edition.forms[project.kind], document.draft, complete=True):
        return "修改后重新提交" if project.number else "继续填写", url
    if edition.scan_required and document.scan_id is None:
        return "打印盖章并上传", f"{url}?check=1#steps"
    return "提交", act(project, "submit")


def act(project: Project, trigger: str) -> str:
    """The address of an action."""
    return url_for("actions.act", project_id=project.id, trigger=trigger)


def write(project: Project, document_id: int) -> str:
    """The address of a document that is written."""
    return url_for("documents.edit", project_id=project.id, document_id=document_id)


def due_in(project: Project, facts: Beside) -> tuple[str, date | datetime | None]:
    """What is due next and when."""
    state, number = project.state, project.id
    if state == "draft":
        return ("修改截止", project.correct_by) if project.number else ("征集截止", project.call.closes_at)
    if state == "listing":
        return "揭榜截止", project.bids_until
    if state == "publicity":
        return "公示截止", facts.notice_ends.get(number)
    if state == "termination":
        return "退回期限", facts.recover_by.get(number)
    if state in ("execution", "extension"):
        if number in facts.rectify:
            return "整改期限", facts.rectify[number]
        report = facts.reports.get(number)
        return ("下次报告", report.due_on) if report else ("实施期满", project.ends_on)
    return "", None


def bid_card(bid: Bid, asker: Asker) -> dict[str, Any]:
    """A bid as the card macro takes it."""
    project, leads = bid.project, bid.lead_id == asker.organisation_id
    until = project.bids_until if project.state == "listing" and bid.status in ("draft", "submitted") else None
    due = due_words("揭榜截止", until, asker.now)
    step: Step = ("查看揭榜申请", url_for("applicant.bid", bid_id=bid.id))
    if bid.status == "draft" and leads and project.state == "listing":
        step = ("继续填写", write(project, bid.document_id))
    return {
        "url": url_for("applicant.bid", bid_id=bid.id),
        "title": project.title,
        "number": project.number or "",
        "kind": f"揭榜申请：{BID_LABELS[bid.status]}",
        "org": f"发榜方：{project.issuer.name}",
        "domain": "" if leads else f"{bid.lead.name}牵头",
        "picture": picture(project),
        "due_text": due.get("text", ""),
        "due_days": due.get("days"),
        "next": step,
        "note": bid.closed_reason,
    }
