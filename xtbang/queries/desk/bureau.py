"""Tasks (待办事项) of the offices that countersign and of the leader."""

from typing import Any

from sqlalchemy import Row, and_, case, exists, func, or_, select
from sqlalchemy.orm import aliased

from xtbang.models import (
    Acceptance,
    BidMember,
    Countersignature,
    Finding,
    FundingDocument,
    Meeting,
    MeetingItem,
    Notice,
    NoticeItem,
    Objection,
    Panel,
    Person,
    Project,
    Recusal,
    Report,
    Signature,
    Voucher,
)
from xtbang.queries.desk.groups import (
    OPEN,
    Statement,
    contract_version,
    has,
    in_order_of,
    last_rectification,
    of_rows,
    signature_open,
    signed,
    task,
    waiting_entries,
)
from xtbang.queries.desk.own_share import own_share_open
from xtbang.queries.prepared import ME, TODAY
from xtbang.rules.money import format_wan
from xtbang.rules.policy import Policy

ROADSHOW_LEFT = {"scheduled": "安排路演", "panelled": "组建专家组", "inspected": "登记考察", "opined": "登记本局意见"}
DATED_ROADSHOW = exists().where(  # the meeting of an item: looked up by its id, not among all roadshows
    Meeting.id == MeetingItem.meeting_id,
    Meeting.kind == "roadshow",
    Meeting.starts_at.is_not(None),
    Meeting.status != "cancelled",
)
panel_open = has(Panel, Panel.status == "open")
quiet = and_(~signature_open(), ~panel_open)
UNREAD = Signature.doubt != "", Signature.looked_at_by_id.is_(None)
unread_signature = signed(*UNREAD)


# ---------------------------------------------------------------- notes


def _signer(row: Row[Any]) -> str:
    return f"{row.signer}已会签，{'您会签后生效' if row.last else '等待您会签'}。"


def _judged(row: Row[Any]) -> str:
    return "专家组已有结论。" if row.judged else "尚未组建专家组。"


def _roadshow_left(row: Row[Any]) -> str:
    left = [text for name, text in ROADSHOW_LEFT.items() if getattr(row, name, None) is False]
    return f"尚待：{'、'.join(left)}。"


def _voucher(row: Row[Any]) -> str:
    return f"{row.number_open} 张凭证，共 {format_wan(row.amount)}。"


def _projects(row: Row[Any]) -> str:
    return f"列入 {row.size} 个项目。"


def _named(_row: Row[Any]) -> str:
    return "抽取专家前须决定是否准许。"


def _received(_row: Row[Any]) -> str:
    return "公示期内收到，须核查并答复。"


# ---------------------------------------------------------------- the leader


@task()
def resolve(policy: Policy, role: str) -> Statement:
    """Return the projects that are ready for the resolution."""
    return waiting_entries().where(
        has(Panel, Panel.kind == "roadshow", Panel.status == "concluded"),
        *(has(Finding, Finding.kind == "opinion", Finding.role == office) for office in policy.city.roles),
        has(Finding, Finding.kind == "inspection", Finding.voided_at.is_(None)),
    )


# ---------------------------------------------------------------- every office, each on its own part


@task(note=_signer)
def countersign(policy: Policy, role: str) -> Statement:
    """Return what others have signed and this office has not; the same person does not sign twice."""
    city, other = policy.city, aliased(Countersignature)
    same = select(other.id).correlate(Countersignature)
    same = same.where(
        other.status == "open",
        other.project_id == Countersignature.project_id,
        other.trigger == Countersignature.trigger,
    )
    mine, of_role = same.where(other.person_id == ME), same.where(other.role == role)
    signed = [action for action in policy.actions.values() if action.both and role in action.who]
    needed, quota = (
        case({action.trigger: people(action.who) for action in signed}, value=Countersignature.trigger, else_=1)
        for people in (city.signs, city.quota)
    )
    number, own = (each.with_only_columns(func.count(other.id)).scalar_subquery() for each in (same, of_role))
    signs = waiting_entries(
        Countersignature.trigger.label("trigger"),
        Person.name.label("signer"),
        (number + 1 >= needed).label("last"),
        since=Countersignature.at,
    ).where(
        Countersignature.status == "open",
        Countersignature.trigger.in_([action.trigger for action in signed]),
        ~exists(mine),
        own < quota,
        ~exists(same.where(other.id < Countersignature.id)),
    )
    signs = signs.join(Countersignature, Countersignature.project_id == Project.id)
    return signs.join(Person, Person.id == Countersignature.person_id)


@task(note=_judged)
def appraise(policy: Policy, role: str) -> Statement:
    """Return the needs for which a conclusion can be proposed."""
    return waiting_entries(has(Panel).label("judged")).where(quiet)


@task(note=_roadshow_left)
def roadshow(policy: Policy, role: str) -> Statement:
    """Return the projects for which a step of this bureau is missing."""
    opined = has(Finding, Finding.kind == "opinion", Finding.role == role)
    without = Project.edition.in_([e.key for e in policy.editions.values() if "roadshow" in e.without])
    inspected = or_(without, has(Finding, Finding.kind == "inspection", Finding.voided_at.is_(None)))
    if role != policy.city.lead.role:
        return waiting_entries(inspected.label("inspected"), opined.label("opined")).where(~opined)
    scheduled = or_(without, has(MeetingItem, MeetingItem.left_at.is_(None), DATED_ROADSHOW.correlate(MeetingItem)))
    panelled = or_(without, has(Panel, Panel.kind == "roadshow", Panel.status.in_(Panel.STANDS)))
    flags = {"scheduled": scheduled, "panelled": panelled, "inspected": inspected, "opined": opined}
    return waiting_entries(*(flag.label(name) for name, flag in flags.items())).where(
        or_(*(~flag for flag in flags.values()))
    )


@task(begins=OPEN)
def uphold(policy: Policy, role: str) -> Statement:
    """Return the projects against which an objection was upheld."""
    return waiting_entries().where(of_rows(Objection, Objection.status == "upheld"), quiet)


@task(note=_voucher, begins=OPEN)
def vouchers_open(policy: Policy, role: str) -> Statement:
    """Return projects with vouchers to check whose contract amount is known: until then none can be counted."""
    other = aliased(Voucher)
    own = other.project_id == Project.id, other.status == "open"
    number, amount = (
        select(value).where(*own).correlate(Project).scalar_subquery()
        for value in (func.count(other.id), func.sum(other.amount))
    )
    earlier = exists().where(*own, other.id < Voucher.id).correlate(Project, Voucher)
    query = waiting_entries(number.label("number_open"), amount.label("amount"), since=Voucher.uploaded_at)
    query = query.join(Voucher, Voucher.project_id == Project.id).where(Voucher.status == "open", ~earlier)
    return in_order_of(query, Voucher.uploaded_at).where(Project.contract_amount.is_not(None))


@task()
def extension(policy: Policy, role: str) -> Statement:
    """Return the projects with a request for an extension."""
    return waiting_entries().where(quiet)


@task()
def midterm_check(policy: Policy, role: str) -> Statement:
    """Return the projects with a midterm check to be made."""
    return waiting_entries().where(quiet)


@task()
def acceptance(policy: Policy, role: str) -> Statement:
    """Return the projects with a request for acceptance."""
    return waiting_entries().where(quiet)


# ---------------------------------------------------------------- the lead office


@task()
def accept(policy: Policy, role: str) -> Statement:
    """Return the waiting_entries that were submitted."""
    return waiting_entries()


@task()
def deals(policy: Policy, role: str) -> Statement:
    """Return the deals of the market track that have to be registered."""
    return waiting_entries().where(Project.track == "market")


@task(note=_projects)
def publish(policy: Policy, role: str) -> Statement:
    """Return the notices that are drafted and not yet published."""
    size = select(func.count(NoticeItem.id)).where(NoticeItem.notice_id == Notice.id).correlate(Notice)
    query = select(Notice.id, Notice.title, Notice.created_at.label("since"), size.scalar_subquery().label("size"))
    return query.where(Notice.published_at.is_(None)).order_by(Notice.created_at, Notice.id)


@task(note=_named, begins=OPEN)
def recusals(policy: Policy, role: str) -> Statement:
    """Return the requests of parties that an expert does not judge (回避申请) without a decision."""
    query = waiting_entries(since=Recusal.named_at).join(Recusal, Recusal.project_id == Project.id)
    return query.where(Recusal.status == "open")


@task(note=_received, begins=OPEN)
def objections(policy: Policy, role: str) -> Statement:
    """Return the objections without a decision."""
    query = waiting_entries(since=Objection.received_at).join(Objection, Objection.project_id == Project.id)
    return in_order_of(query, Objection.received_at).where(Objection.status == "open")


@task()
def confirm(policy: Policy, role: str) -> Statement:
    """Return the projects whose 公示 is over and against which no objection is open or upheld."""
    standing = has(Objection, Objection.status.in_(("open", "upheld")))
    query = waiting_entries(since=Notice.published_at).join(NoticeItem, NoticeItem.project_id == Project.id)
    query = in_order_of(query.join(Notice, Notice.id == NoticeItem.notice_id), Project.state_since)
    return query.where(Notice.kind == "publicity", Notice.status == "published", Notice.last_day < TODAY, ~standing)


@task()
def contract(policy: Policy, role: str) -> Statement:
    """Return the projects whose contract has not been issued."""
    query = waiting_entries(Project.contract_id.label("document_id"))
    return query.where(contract_version().is_(None), ~own_share_open())


@task()
def sign_office(policy: Policy, role: str) -> Statement:
    """Return the contracts that the office has not signed."""
    return waiting_entries().where(contract_version().is_not(None), ~signed(Signature.party == role))


@task(begins=OPEN)
def look(policy: Policy, role: str) -> Statement:
    """Return the contracts with a stamped scan that an officer has to look at."""
    return waiting_entries().where(of_rows(Signature, *UNREAD), unread_signature)


@task()
def conclude(policy: Policy, role: str) -> Statement:
    """Return the contracts that can come into force."""
    version = contract_version()
    under = select(func.count(Signature.id)).where(Signature.project_id == Project.id, Signature.version_id == version)
    members = select(func.count(BidMember.id)).where(BidMember.bid_id == Project.agreed_bid_id)
    all_signed = under.correlate(Project).scalar_subquery() >= members.correlate(Project).scalar_subquery() + 2 + len(
        policy.city.offices
    )
    return waiting_entries().where(all_signed, has(FundingDocument), ~unread_signature)


@task(begins=OPEN, late=True)
def reports(policy: Policy, role: str) -> Statement:
    """Return the reports that are late."""
    query = waiting_entries(due=Report.due_on).join(Report, Report.project_id == Project.id)
    return in_order_of(query, Report.due_on).where(Report.submitted_at.is_(None), Report.due_on < TODAY)


@task(late=True)
def terms(policy: Policy, role: str) -> Statement:
    """Return the projects whose term is over, unless 限期整改 still gives them time."""
    rectifying = has(Acceptance, last_rectification(), Acceptance.rectify_by >= TODAY)
    return waiting_entries(due=Project.ends_on).where(Project.ends_on < TODAY, ~rectifying)
