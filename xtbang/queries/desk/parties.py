"""What waits for organisations, experts, agencies and the administrator."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from sqlalchemy import ColumnElement, Row, and_, false, func, or_, select

from xtbang.enums import PANEL_LABELS
from xtbang.models import (
    Acceptance,
    Bid,
    BidMember,
    Call,
    Document,
    Finding,
    Mail,
    Organisation,
    Panel,
    Project,
    Report,
    Roadshow,
    RoadshowItem,
    Seat,
    Signature,
    Voucher,
)
from xtbang.queries.desk.groups import (
    Group,
    Reader,
    Statement,
    Thresholds,
    contract_version,
    entries,
    has,
    last_rectification,
    led_by,
    member_is,
    signed,
)
from xtbang.queries.desk.money import paid_enough
from xtbang.rules.term import in_chinese

AHEAD_REPORT = timedelta(days=30)
AHEAD_END = timedelta(days=60)
IN_WORK = ("execution", "extension")


def applicant_groups(reader: Reader, thresholds: Thresholds) -> Iterator[Group]:
    """A confirmed organisation, as issuer, bidder or member."""
    mine = reader.organisation_id
    if mine is None:
        return
    issuing, leading = Project.issuer_id == mine, led_by(mine)
    own_draft = and_(Project.state == "draft", issuing)
    form = Project.form_id.label("document_id")
    drafts = entries(form, due=Call.closes_at, since=Project.created_at).join(Call, Call.id == Project.call_id)
    drafts = drafts.where(own_draft, Project.number.is_(None), Call.closes_at >= reader.now)
    returned = entries(form, due=Project.correct_by).where(own_draft, Project.number.is_not(None))
    yield Group("correct", "退回修改", returned, opens="document")
    yield Group("drafts", "未提交的草稿", drafts, opens="document")
    taking = and_(Project.state == "listing", or_(Project.bids_until.is_(None), Project.bids_until >= reader.now))
    yield Group("memberships", "待确认加入的联合体", _memberships(mine).where(taking), opens="bid")
    yield Group("bids", "未提交的揭榜申请", _bids(mine).where(taking), opens="document")
    handed_in = has(Bid, Bid.status == "submitted")
    over = or_(Project.track == "market", Project.bids_until < reader.now)
    choose = entries().where(Project.state == "listing", issuing, handed_in, over)
    yield Group("choose", "待选定揭榜方", choose, "agree")
    apply = entries(Project.application_id.label("document_id")).where(Project.state == "bidding", issuing)
    yield Group("apply", "待申报立项", apply.where(Project.track == "funded"), opens="document")
    yield from _contract(reader, mine, issuing, thresholds)
    reports = entries(Report.document_id.label("document_id"), due=Report.due_on)
    reports = reports.join(Report, Report.project_id == Project.id).where(Project.state.in_(IN_WORK), leading)
    soon = (Report.submitted_at.is_(None), Report.due_on <= reader.today + AHEAD_REPORT)
    yield Group("own-reports", "待提交的执行情况报告", reports.where(*soon), opens="document")
    yield from _ending(reader, or_(issuing, leading))


def _contract(reader: Reader, mine: int, issuing: ColumnElement[bool], thresholds: Thresholds) -> Iterator[Group]:
    party = or_(issuing, led_by(mine), member_is(mine))
    own = signed(Signature.organisation_id == mine)
    unsigned = entries().where(Project.state == "contracting", party, contract_version().is_not(None), ~own)
    yield Group("sign", "待签章的合同书", unsigned, "sign_contract")
    in_time = Project.state.in_(("contracting", "first_payment"))
    short = and_(in_time, ~paid_enough(reader, thresholds), ~has(Voucher, Voucher.status == "open"))
    yield Group("vouchers", "待提交的付款凭证", entries().where(issuing, short), "submit_voucher", note=_short)


def _ending(reader: Reader, party: ColumnElement[bool]) -> Iterator[Group]:
    findings = entries(Acceptance.findings.label("findings"), due=Acceptance.rectify_by)
    findings = findings.join(Acceptance, Acceptance.project_id == Project.id)
    findings = findings.where(last_rectification(), Project.state.in_(IN_WORK), party)
    yield Group("rectify", "限期整改", findings, note=_findings)
    near = Project.ends_on <= reader.today + AHEAD_END
    ending = entries(due=Project.ends_on).where(Project.state == "execution", party, near)
    ending = ending.where(~has(Acceptance, Acceptance.status == "rectify"))
    yield Group("ending", "实施期将满", ending, note=_ending_note)


def expert_groups(reader: Reader, thresholds: Thresholds) -> Iterator[Group]:
    """An expert: nothing of the papers is told before the invitation is accepted."""
    yield Group("invitations", "待答复的评审邀请", _seats(reader, "invited"), "answer_invitation", "seat", _panel)
    yield Group("scores", "待提交的评分", _seats(reader, "accepted"), "submit_scores", "seat", _panel)


def agency_groups(reader: Reader, thresholds: Thresholds) -> Iterator[Group]:
    """A third-party agency: the projects in its charge."""
    here = Project.agency_id == reader.organisation_id if reader.organisation_id else false()
    late = entries(due=Report.due_on).join(Report, Report.project_id == Project.id)
    late = late.where(Report.submitted_at.is_(None), Report.due_on < reader.today, Project.state.in_(IN_WORK), here)
    yield Group("agency-late", "逾期未交的报告", late)
    checks = select(func.max(Finding.dated)).where(
        Finding.project_id == Project.id, Finding.kind == "check", Finding.role == "agency"
    )
    checked = checks.correlate(Project).scalar_subquery().label("checked")
    running = entries(checked).where(Project.state.in_((*IN_WORK, "acceptance")), here)
    yield Group("charge", "在管项目", running, "record_check", note=_checked)


def admin_groups(reader: Reader, thresholds: Thresholds) -> Iterator[Group]:
    """Who waits to be let in, and mails that did not go out."""
    pending = select(Organisation.id, Organisation.name.label("title"), Organisation.created_at.label("since"))
    pending = pending.where(Organisation.status == "pending").order_by(Organisation.created_at, Organisation.id)
    yield Group("organisations", "待确认的单位", pending, opens="organisation")
    if "admin" in reader.roles:
        failed = select(Mail.id, Mail.subject.label("title"), Mail.created_at.label("since"), Mail.address)
        failed = failed.where(Mail.sent_at.is_(None), Mail.error != "").order_by(Mail.id)
        yield Group("mails", "发送失败的邮件", failed, opens="mail", note=_address)


def _memberships(mine: int) -> Statement:
    query = entries(Bid.id.label("bid_id"), due=Project.bids_until).join(Bid, Bid.project_id == Project.id)
    query = query.join(BidMember, BidMember.bid_id == Bid.id).join(Document, Document.id == Bid.document_id)
    outdated = or_(BidMember.confirmed_draft.is_(None), BidMember.confirmed_draft != Document.draft_version)
    return query.where(BidMember.organisation_id == mine, Bid.status == "draft", outdated)


def _bids(mine: int) -> Statement:
    query = entries(Bid.document_id.label("document_id"), due=Project.bids_until, since=Bid.created_at)
    query = query.join(Bid, Bid.project_id == Project.id)
    return query.where(Bid.lead_id == mine, Bid.status == "draft")


def _seats(reader: Reader, status: str) -> Statement:
    day = select(Roadshow.starts_at).join(RoadshowItem).where(RoadshowItem.project_id == Project.id)
    day = day.where(Panel.kind == "roadshow").order_by(Roadshow.id.desc()).limit(1)
    due = day.correlate(Project, Panel).scalar_subquery()
    query = entries(Seat.id.label("seat_id"), Panel.id.label("panel_id"), Panel.kind.label("panel"), due=due)
    query = query.join(Panel, Panel.project_id == Project.id).join(Seat, Seat.panel_id == Panel.id)
    return query.where(Panel.status == "open", Seat.expert_id == reader.person_id, Seat.status == status)


def _panel(row: Row[Any]) -> str:
    return f"{PANEL_LABELS[row.panel]}。"


def _short(row: Row[Any]) -> str:
    return "首期拨付前须提供已向揭榜方付款的凭证（《办法》第七条）。"


def _findings(row: Row[Any]) -> str:
    return str(row.findings)


def _ending_note(row: Row[Any]) -> str:
    return "期满前申请验收；确有客观原因的，期满前申请延期。"


def _checked(row: Row[Any]) -> str:
    return f"上次检查 {in_chinese(row.checked)}。" if row.checked else "尚未登记过跟踪检查。"


def _address(row: Row[Any]) -> str:
    return f"收件人 {row.address}。"
