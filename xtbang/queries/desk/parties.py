"""Tasks of organisations, agencies and the administrator."""

from typing import Any

from sqlalchemy import Row, String, and_, case, cast, func, not_, or_, select, union_all
from sqlalchemy.orm import aliased

from xtbang.enums import CHANGES_BY_TWO
from xtbang.models import (
    Acceptance,
    Bid,
    BidMember,
    Call,
    Document,
    Extension,
    Finding,
    Mail,
    Midterm,
    Organisation,
    OrganisationChange,
    Project,
    Report,
    Signature,
    Voucher,
)
from xtbang.queries.desk.groups import (
    OWN,
    Statement,
    contract_version,
    has,
    last_rectification,
    led_by,
    member_is,
    signed,
    task,
    to_be_mended,
    waiting_entries,
)
from xtbang.queries.desk.own_share import own_share_open
from xtbang.queries.desk.payments import issuer_pays_before, paid_enough
from xtbang.queries.desk.reading import agreed_as_it_is, read_already, subject, waits_for_reader
from xtbang.queries.prepared import COLLECTED, IN_30_DAYS, IN_60_DAYS, ME, MINE, NOW, TODAY
from xtbang.queries.rights.sealed_bids import to_hidden_bidder
from xtbang.rules.policy import Policy
from xtbang.rules.term import in_chinese

draft = aliased(Acceptance)
request_draft = (
    select(draft.document_id)
    .where(draft.project_id == Project.id, draft.status == "draft")
    .order_by(draft.id.desc())
    .limit(1)
    .correlate(Project)
    .scalar_subquery()
)


# ---------------------------------------------------------------- notes


def _short(row: Row[Any]) -> str:
    return f"{row.instalment_name}拨付前须提供已向揭榜方付款的凭证。"


def _findings(row: Row[Any]) -> str:
    return str(row.findings)


def _ending(_row: Row[Any]) -> str:
    return "期满前申请验收；确有客观原因的，期满前申请延期。"


def _checked(row: Row[Any]) -> str:
    return f"上次检查 {in_chinese(row.checked)}。" if row.checked else "尚未登记过跟踪检查。"


def _address(row: Row[Any]) -> str:
    return f"收件人 {row.address}。"


# ---------------------------------------------------------------- a confirmed organisation, as issuer, bidder or member


ISSUING = Project.issuer_id == MINE
PARTY = or_(ISSUING, led_by(MINE))
TAKING = or_(Project.bids_until.is_(None), Project.bids_until >= NOW)


@task(begins=OWN)
def correct(policy: Policy, role: str) -> Statement:
    """Return the drafts that were sent back."""
    returned = waiting_entries(Project.form_id.label("document_id"), due=Project.correct_by)
    return returned.where(ISSUING, Project.number.is_not(None))


@task(begins=OWN)
def drafts(policy: Policy, role: str) -> Statement:
    """Return the drafts that can still be submitted."""
    form = Project.form_id.label("document_id")
    query = waiting_entries(form, due=Call.closes_at, since=Project.created_at).join(Call, Call.id == Project.call_id)
    return query.where(ISSUING, Project.number.is_(None), Call.closes_at >= NOW)


@task(begins=OWN)
def memberships(policy: Policy, role: str) -> Statement:
    """Return the bids whose draft waits for the confirmation of this member."""
    query = waiting_entries(Bid.id.label("bid_id"), due=Project.bids_until).join(Bid, Bid.project_id == Project.id)
    query = query.join(BidMember, BidMember.bid_id == Bid.id).join(Document, Document.id == Bid.document_id)
    outdated = or_(BidMember.confirmed_draft.is_(None), BidMember.confirmed_draft != Document.draft_version)
    return query.where(BidMember.organisation_id == MINE, Bid.status == "draft", outdated, TAKING)


@task(begins=OWN)
def bids(policy: Policy, role: str) -> Statement:
    """Return the organisation's bids that can still be submitted."""
    query = waiting_entries(Bid.document_id.label("document_id"), due=Project.bids_until, since=Bid.created_at)
    query = query.join(Bid, Bid.project_id == Project.id)
    return query.where(Bid.lead_id == MINE, Bid.status == "draft", TAKING)


@task(begins=OWN)
def choose(policy: Policy, role: str) -> Statement:
    """Return the projects with submitted bids that may be read; sealed ones are not counted."""
    number = select(func.count(Bid.id)).where(Bid.project_id == Project.id, Bid.status == "submitted")
    query = waiting_entries(number.correlate(Project).scalar_subquery().label("bids"))
    over = or_(Project.track == "market", Project.bids_until < COLLECTED)
    return query.where(ISSUING, has(Bid, Bid.status == "submitted"), over)


@task(begins=OWN)
def apply(policy: Policy, role: str) -> Statement:
    """Return the projects whose application has to be written, until the bidder is asked to read it."""
    query = waiting_entries(Project.application_id.label("document_id"))
    written = or_(waits_for_reader("issuer"), agreed_as_it_is(Project.application_id))
    return query.where(ISSUING, Project.track == "funded", ~written)


@task(begins=OWN)
def hand_in_application(policy: Policy, role: str) -> Statement:
    """Return the projects whose application the bidder has agreed to as it is now."""
    return waiting_entries().where(ISSUING, agreed_as_it_is(Project.application_id))


@task(begins=OWN)
def hand_in_acceptance(policy: Policy, role: str) -> Statement:
    """Return the projects whose request for acceptance the issuer has agreed to as it is now, once no midterm check is ahead."""
    asked = and_(has(Acceptance, Acceptance.status == "draft"), ~has(Midterm, Midterm.status == "planned"))
    return waiting_entries().where(led_by(MINE), asked, agreed_as_it_is(request_draft))


@task(begins=OWN)
def readings(policy: Policy, role: str) -> Statement:
    """Return the projects whose other party asks to read its draft, as the draft is now."""
    asked = aliased(Finding)
    query = waiting_entries(since=asked.at).join(Document, Document.project_id == Project.id)
    query = query.join(asked, and_(asked.project_id == Project.id, asked.kind == "reading", asked.number == subject))
    other = or_(and_(asked.role == "bidder", ISSUING), and_(asked.role == "issuer", led_by(MINE)))
    return query.where(other, ~read_already(asked))


@task(begins=OWN)
def joining(policy: Policy, role: str) -> Statement:
    """Return the requests for an extension to which this party has not agreed yet."""
    given = aliased(Finding)
    request = "extension:" + cast(Extension.id, String)
    query = waiting_entries(since=Extension.requested_at).join(Extension, Extension.project_id == Project.id)
    of_it = (given.project_id == Project.id, given.kind == "consent", given.number == request)
    both = select(func.count(given.id)).where(*of_it).correlate(Project, Extension).scalar_subquery()
    asked_by = select(func.min(given.role)).where(*of_it).correlate(Project, Extension).scalar_subquery()
    other = or_(and_(asked_by == "bidder", ISSUING), and_(asked_by == "issuer", led_by(MINE)))
    return query.where(Extension.status == "open", both == 1, other)


@task(begins=OWN)
def own_share(policy: Policy, role: str) -> Statement:
    """Return the projects whose issuer is asked to pay itself what was not granted."""
    return waiting_entries().where(ISSUING, own_share_open())


@task(begins=OWN)
def sign(policy: Policy, role: str) -> Statement:
    """Return the contracts that the organisation has not signed."""
    own = signed(Signature.organisation_id == MINE)
    return waiting_entries().where(or_(PARTY, member_is(MINE)), contract_version().is_not(None), ~own)


@task(note=_short, begins=OWN)
def vouchers(policy: Policy, role: str) -> Statement:
    """Return the projects whose issuer has not proved enough payments, without a voucher in the check."""
    asked = waiting_entries(issuer_pays_before(policy).label("instalment_name"))
    return asked.where(ISSUING, ~paid_enough(policy), ~has(Voucher, Voucher.status == "open"))


@task(begins=OWN)
def reports_due(policy: Policy, role: str) -> Statement:
    """Return the reports that have fallen due: they block a request for acceptance."""
    return _reports().where(Report.due_on <= TODAY)


@task(note=_findings, begins=OWN)
def midterm_mending(policy: Policy, role: str) -> Statement:
    """Return the projects whose work has to be mended before the midterm check is asked for again."""
    mended = aliased(Midterm)
    newest = select(mended.findings).where(mended.project_id == Project.id, mended.status == "mend")
    findings = newest.order_by(mended.id.desc()).limit(1).correlate(Project).scalar_subquery().label("findings")
    query = waiting_entries(findings, due=Midterm.due_on).join(Midterm, Midterm.project_id == Project.id)
    return query.where(led_by(MINE), to_be_mended())


@task(begins=OWN)
def midterm(policy: Policy, role: str) -> Statement:
    """Return the projects whose midterm check has to be asked for within 30 days, or is late."""
    query = waiting_entries(due=Midterm.due_on).join(Midterm, Midterm.project_id == Project.id)
    near = Midterm.due_on <= IN_30_DAYS
    return query.where(led_by(MINE), Midterm.status == "planned", ~to_be_mended(), near)


@task(begins=OWN)
def own_reports(policy: Policy, role: str) -> Statement:
    """Return the reports of the next 30 days."""
    return _reports().where(Report.due_on > TODAY, Report.due_on <= IN_30_DAYS)


def _reports() -> Statement:
    query = waiting_entries(Report.document_id.label("document_id"), due=Report.due_on)
    query = query.join(Report, Report.project_id == Project.id)
    return query.where(led_by(MINE), Report.submitted_at.is_(None))


@task(note=_findings, begins=OWN)
def rectify(policy: Policy, role: str) -> Statement:
    """Return the projects that have to be rectified and submitted again."""
    query = waiting_entries(Acceptance.findings.label("findings"), _request(policy), due=Acceptance.rectify_by)
    query = query.join(Acceptance, Acceptance.project_id == Project.id)
    return query.where(last_rectification(), PARTY)


@task(note=_ending, begins=OWN)
def ending(policy: Policy, role: str) -> Statement:
    """Return the projects whose term ends within 60 days, or has ended, for the bidder: it asks for acceptance."""
    query = waiting_entries(_request(policy), due=Project.ends_on)
    near = Project.ends_on <= IN_60_DAYS
    return query.where(led_by(MINE), near, ~has(Acceptance, Acceptance.status == "rectify"))


def _request(policy: Policy) -> Any:
    """Return the draft of a request for acceptance, which the bidder writes; NULL where it is not written or being read."""
    here = and_(Project.state.in_(policy.written_in("acceptance")), led_by(MINE))
    here = and_(here, ~waits_for_reader("bidder"))
    return case((here, request_draft)).label("document_id")


# ---------------------------------------------------------------- a third-party agency: the projects in its charge


@task(late=True)
def agency_late(policy: Policy, role: str) -> Statement:
    """Return the reports that are late."""
    late = waiting_entries(due=Report.due_on).join(Report, Report.project_id == Project.id)
    return late.where(Report.submitted_at.is_(None), Report.due_on < TODAY, Project.agency_id == MINE)


@task(note=_checked)
def charge(policy: Policy, role: str) -> Statement:
    """Return the agency's projects with the day of the last check."""
    own = and_(
        Finding.project_id == Project.id, Finding.kind == "check", Finding.role == role, Finding.voided_at.is_(None)
    )
    checked = select(func.max(Finding.dated)).where(own).correlate(Project).scalar_subquery()
    return waiting_entries(checked.label("checked")).where(Project.agency_id == MINE)


# ---------------------------------------------------------------- administrator: new organisations, failed mails


@task()
def organisations(policy: Policy, role: str) -> Statement:
    """Return the organisations to confirm, or with a change to confirm; to the other bureau what either may confirm."""
    asked = select(func.min(OrganisationChange.asked_at)).where(
        OrganisationChange.organisation_id == Organisation.id, OrganisationChange.status == "asked"
    )
    changed = asked.correlate(Organisation).scalar_subquery()
    since = func.coalesce(changed, Organisation.created_at).label("since")
    query = select(Organisation.id, Organisation.name.label("title"), since)
    by_two = OrganisationChange.kind.in_(CHANGES_BY_TWO)
    changing = select(OrganisationChange.organisation_id).where(OrganisationChange.status == "asked")
    changing = changing.where(or_(~by_two, OrganisationChange.asked_by_id != ME))
    new = aliased(Organisation)
    pending = select(new.id).where(new.status == "pending")
    waits = {"science": union_all(pending, changing), "admin": pending}.get(role, changing.where(by_two))
    return query.where(Organisation.id.in_(waits)).order_by(since, Organisation.id)


@task(note=_address)
def mails(policy: Policy, role: str) -> Statement:
    """Return the mails that failed."""
    failed = select(Mail.id, Mail.subject.label("title"), Mail.created_at.label("since"), Mail.address)
    failed = failed.where(Mail.sent_at.is_(None), Mail.tries > 0, Mail.error != "", not_(to_hidden_bidder(COLLECTED)))
    return failed.order_by(Mail.created_at, Mail.id)
