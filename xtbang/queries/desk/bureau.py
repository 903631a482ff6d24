"""What waits for the two bureaus and for the leader."""

from collections.abc import Iterator
from typing import Any

from sqlalchemy import ColumnElement, Row, and_, case, func, literal, or_, select

from xtbang.enums import PANEL_LABELS
from xtbang.models import (
    Acceptance,
    BidMember,
    Call,
    Countersignature,
    Finding,
    FundingDocument,
    Notice,
    NoticeItem,
    Objection,
    Panel,
    Person,
    Project,
    Report,
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
    clear,
    contract_version,
    entries,
    has,
    last_rectification,
    signature_open,
    signed,
)
from xtbang.rules.money import format_wan

OTHER = {"science": "industry", "industry": "science"}
VOUCHER_STATES = ("roadshow", "publicity", "contracting", "first_payment")
ROADSHOW_LEFT = {"scheduled": "安排路演", "panelled": "组建专家组", "inspected": "登记考察", "opined": "登记本局意见"}
panel_open = has(Panel, Panel.status == "open")


def science_groups(reader: Reader, thresholds: Thresholds) -> Iterator[Group]:
    """市科技局."""
    mine = clear(reader)
    yield Group("accept", "待受理", entries().where(Project.state == "solicitation", mine))
    yield from _both(reader, "science")
    yield Group("panels", "专家组待形成结论", _panels(thresholds).where(mine), "conclude_panel", note=_scores)
    deals = entries().where(Project.state == "bidding", Project.track == "market", mine)
    yield Group("deals", "待登记对接成功", deals, "register_deal")
    yield Group("publish", "待发布的公示", _drafts(), "publish_notice", "notice", _projects)
    yield Group("objections", "待处理的异议", _objections().where(mine), "decide_objection", note=_received)
    yield Group("confirm", "公示期满", _over(reader).where(mine), "confirm")
    yield from _contracts(mine)
    yield Group("reports", "逾期未交的报告", _reports(reader).where(mine))
    yield Group("terms", "已到期未申请验收", _terms(reader).where(mine))


def industry_groups(reader: Reader, thresholds: Thresholds) -> Iterator[Group]:
    """市工信局."""
    yield from _both(reader, "industry")
    mine = clear(reader)
    yield Group("sign-industry", "待签章的合同书", _unsigned("industry").where(mine), "sign_contract")


def leader_groups(reader: Reader, thresholds: Thresholds) -> Iterator[Group]:
    """市科技局领导: everything is there for the resolution."""
    query = entries().where(
        Project.state == "roadshow",
        has(Panel, Panel.kind == "roadshow", Panel.status == "concluded"),
        has(Finding, Finding.kind == "opinion", Finding.role == "science"),
        has(Finding, Finding.kind == "opinion", Finding.role == "industry"),
        has(Finding, Finding.kind == "inspection"),
        clear(reader),
    )
    yield Group("resolve", "待党组会审议", query)


def _both(reader: Reader, role: str) -> Iterator[Group]:
    """What either bureau does on its own part."""
    mine, other = clear(reader), OTHER[role]
    signs = entries(
        Countersignature.trigger.label("trigger"), Person.name.label("signer"), since=Countersignature.at
    ).where(
        Countersignature.status == "open",
        Countersignature.role == other,
        Countersignature.person_id != reader.person_id,
        mine,
    )
    signs = signs.join(Countersignature, Countersignature.project_id == Project.id)
    signs = signs.join(Person, Person.id == Countersignature.person_id)
    yield Group(f"countersign-{role}", "待会签", signs, "*", note=_signer)
    quiet = and_(~signature_open(), ~panel_open, mine)
    appraise = entries(has(Panel).label("judged")).where(_in("appraisal"), quiet)
    yield Group(f"appraise-{role}", "待提出论证结论", appraise, note=_judged)
    yield Group(f"roadshow-{role}", "路演待办", _roadshow(role).where(mine), note=_roadshow_left)
    upheld = has(Objection, Objection.status == "upheld")
    yield Group(f"uphold-{role}", "异议成立待会签", entries().where(_in("publicity"), upheld, quiet), "uphold")
    yield Group(f"vouchers-{role}", "待核验的付款凭证", _vouchers().where(mine), "check_voucher", note=_voucher)
    yield Group(f"extension-{role}", "待审核的延期申请", entries().where(_in("extension"), quiet))
    yield Group(f"acceptance-{role}", "待办理的验收", entries().where(_in("acceptance"), quiet))


def _contracts(mine: ColumnElement[bool]) -> Iterator[Group]:
    version = contract_version()
    issue = entries(Project.contract_id.label("document_id")).where(_in("contracting"), version.is_(None), mine)
    yield Group("contract", "待出具的合同书", issue, "issue_contract", "document")
    yield Group("sign-science", "待签章的合同书", _unsigned("science").where(mine), "sign_contract")
    unread = signed(Signature.doubt != "", Signature.looked_at_by_id.is_(None))
    look = entries().where(_in("contracting"), unread, mine)
    yield Group("look", "待人工核对的签章", look, "look_at_signature")
    under = select(func.count(Signature.id)).where(Signature.project_id == Project.id, Signature.version_id == version)
    members = select(func.count(BidMember.id)).where(BidMember.bid_id == Project.agreed_bid_id)
    all_signed = under.correlate(Project).scalar_subquery() >= members.correlate(Project).scalar_subquery() + 4
    ready = entries().where(_in("contracting"), all_signed, has(FundingDocument), ~unread, mine)
    yield Group("conclude", "合同可以生效", ready, "conclude")


def _in(state: str) -> ColumnElement[bool]:
    return Project.state == state


def _unsigned(party: str) -> Statement:
    issued = contract_version().is_not(None)
    return entries().where(_in("contracting"), issued, ~signed(Signature.party == party))


def _panels(thresholds: Thresholds) -> Statement:
    """Open panels that nobody is awaited on, or that have scores enough."""
    seats = select(func.count(Seat.id)).where(Seat.panel_id == Panel.id).correlate(Panel)
    locked = seats.where(Seat.status == "locked").scalar_subquery()
    awaited = seats.where(Seat.status.in_(("invited", "accepted"))).scalar_subquery()
    sheets = [
        (and_(Project.edition == edition, Panel.kind == kind), number)
        for (edition, kind), number in thresholds.scores.items()
    ]
    enough = case(*sheets, else_=1) if sheets else literal(1)
    set_by_call = case((Panel.kind == "roadshow", Call.roadshow_scores))
    counts = locked.label("locked"), awaited.label("awaited")
    query = entries(Panel.kind.label("panel"), *counts, since=Panel.convened_at)
    query = query.join(Panel, Panel.project_id == Project.id).join(Call, Call.id == Project.call_id)
    done = or_(awaited == 0, locked >= func.coalesce(set_by_call, enough))
    return query.where(Panel.status == "open", done)


def _roadshow(role: str) -> Statement:
    own = has(Finding, Finding.kind == "opinion", Finding.role == role)
    inspected = has(Finding, Finding.kind == "inspection")
    if role == "industry":
        return entries(inspected.label("inspected"), own.label("opined")).where(_in("roadshow"), ~own)
    scheduled, panelled = has(RoadshowItem), has(Panel, Panel.kind == "roadshow", Panel.status != "cancelled")
    flags = {"scheduled": scheduled, "panelled": panelled, "inspected": inspected, "opined": own}
    query = entries(*(flag.label(name) for name, flag in flags.items()))
    return query.where(_in("roadshow"), or_(*(~flag for flag in flags.values())))


def _drafts() -> Statement:
    """Public notices that are written up and not yet published."""
    size = select(func.count(NoticeItem.id)).where(NoticeItem.notice_id == Notice.id).correlate(Notice)
    query = select(Notice.id, Notice.title, Notice.created_at.label("since"), size.scalar_subquery().label("size"))
    return query.where(Notice.status == "draft").order_by(Notice.created_at, Notice.id)


def _over(reader: Reader) -> Statement:
    standing = has(Objection, Objection.status.in_(("open", "upheld")))
    query = entries(since=Notice.published_at).join(NoticeItem, NoticeItem.project_id == Project.id)
    query = query.join(Notice, Notice.id == NoticeItem.notice_id)
    notice = (Notice.kind == "publicity", Notice.status == "published", Notice.last_day < reader.today)
    return query.where(_in("publicity"), *notice, ~standing)


def _objections() -> Statement:
    query = entries(Objection.received_at.label("received"), since=Objection.received_at)
    query = query.join(Objection, Objection.project_id == Project.id)
    return query.where(_in("publicity"), Objection.status == "open")


def _vouchers() -> Statement:
    """Once the contract's amount is known: until then a voucher cannot be counted."""
    own = Voucher.project_id == Project.id, Voucher.status == "open"
    number, amount, first = (
        select(value).where(*own).correlate(Project).scalar_subquery()
        for value in (func.count(Voucher.id), func.sum(Voucher.amount), func.min(Voucher.uploaded_at))
    )
    query = entries(number.label("number_open"), amount.label("amount"), since=first)
    known = Project.contract_amount.is_not(None)
    return query.where(Project.state.in_(VOUCHER_STATES), known, has(Voucher, Voucher.status == "open"))


def _reports(reader: Reader) -> Statement:
    query = entries(due=Report.due_on).join(Report, Report.project_id == Project.id)
    late = (Report.submitted_at.is_(None), Report.due_on < reader.today)
    return query.where(Project.state.in_(("execution", "extension")), *late)


def _terms(reader: Reader) -> Statement:
    rectifying = has(Acceptance, last_rectification(), Acceptance.rectify_by >= reader.today)
    return entries(due=Project.ends_on).where(_in("execution"), Project.ends_on < reader.today, ~rectifying)


def _scores(row: Row[Any]) -> str:
    return f"{PANEL_LABELS[row.panel]}：已提交评分 {row.locked} 人，尚未提交 {row.awaited} 人。"


def _signer(row: Row[Any]) -> str:
    return f"{row.signer}已会签，您会签后生效。"


def _judged(row: Row[Any]) -> str:
    return "专家组已有结论。" if row.judged else "尚未组建专家组。"


def _roadshow_left(row: Row[Any]) -> str:
    left = [text for name, text in ROADSHOW_LEFT.items() if name in row._fields and not getattr(row, name)]
    return f"尚待：{'、'.join(left)}。"


def _projects(row: Row[Any]) -> str:
    return f"列入 {row.size} 个项目。"


def _received(row: Row[Any]) -> str:
    return "公示期内收到，须核查并答复。"


def _voucher(row: Row[Any]) -> str:
    return f"{row.number_open} 张凭证，共 {format_wan(row.amount)}。"
