"""Effects of revoking a decision (撤销): for each decision that can be revoked, what it changed is as before."""

from collections.abc import Iterator

from sqlalchemy import delete, select

from xtbang.actions.context import Context
from xtbang.actions.notify import notify, to_bidder, to_county, to_role
from xtbang.actions.registry import against_revocation, revocation
from xtbang.domain.bids import close_bids, submitted
from xtbang.domain.experts import cancel_panels
from xtbang.domain.notices import notice_of, replace_by, supersede_within
from xtbang.domain.recovery import COMPLETED, due_from
from xtbang.domain.reports import report_days
from xtbang.models import (
    Acceptance,
    Bid,
    Event,
    Extension,
    Finding,
    LedgerEntry,
    Midterm,
    Notice,
    NoticeItem,
    Paper,
    PriorNotice,
    Report,
    Restriction,
    Signature,
    Termination,
)
from xtbang.queries.ledger import balances_of, standing
from xtbang.rules.quotation import quoted
from xtbang.rules.reasons import Reason
from xtbang.stages.publicity import publish


@revocation("refuse")
@revocation("end_with_call")
@revocation("decline")
@revocation("uphold")
@revocation("settle")
def nothing_else(_context: Context, _decision: Event) -> None:
    """Take back nothing but the end of the project: resolution and objections stay as they are recorded."""


@revocation("drop")
def bids_again(context: Context, _decision: Event) -> None:
    """Let the bids stand that were closed with the entry."""
    _bids_again(context, "项目论证未通过")


def _bids_again(context: Context, cause: str) -> None:
    closed = select(Bid).where(Bid.project_id == context.project.id, Bid.status == "not_chosen")
    for bid in context.session.scalars(closed.where(Bid.closed_reason.startswith(cause, autoescape=True))):
        bid.status, bid.closed_reason = "submitted", ""
        notify(context, "revoke_bidder", to_bidder(bid))


@revocation("accept")
def off_the_register(context: Context, _decision: Event) -> None:
    """Take the entry off its list (清单) again; a panel that was convened for it is dissolved."""
    context.project.listed_at = None
    cancel_panels(context)


@revocation("end_entry")
def entry_again(context: Context, decision: Event) -> None:
    """Let bids and papers stand that were closed with the entry; panels are convened anew."""
    _bids_again(context, "项目已终结（")
    if decision.from_state != "draft":
        _valid_again(context, "form", "")
    if decision.from_state == "contracting":
        _valid_again(context, "contract", "")
    published = select(Paper).join(Notice, Notice.id == Paper.notice_id).where(Notice.status == "published")
    for paper in context.session.scalars(published.where(Paper.project_id == context.project.id)):
        paper.state = "current"


@against_revocation("list_major")
@against_revocation("list_regular")
def bids_are_in(context: Context, _decision: Event) -> Iterator[Reason]:
    """Yield a reason when bids have been submitted for the entry."""
    if submitted(context) and context.trigger == "revoke":  # a ruling ends the bids with the decision
        yield Reason("A5.bids", "已有单位提交揭榜申请，不能撤销发布；须先由其撤回。", context.cite("matching"))


@revocation("list_major")
@revocation("list_regular")
def off_the_list(context: Context, decision: Event) -> None:
    """Take the entry off its list; a board notice is replaced by a notice that says so, bidders with drafts get a mail."""
    project = context.project
    close_bids(context, "发布项目的决定已撤销", context.data["reason"])
    announce(context, "board", "列入榜单的决定已撤销，揭榜停止")
    project.track = project.bids_from = project.bids_until = None


def announce(context: Context, kind: str, what: str) -> None:
    """Replace the notice of that kind, if there is one, by a notice that says so."""
    project, session = context.project, context.session
    known = select(Notice).join(NoticeItem).where(NoticeItem.project_id == project.id, Notice.kind == kind)
    before = session.scalars(known.where(Notice.status == "published").order_by(Notice.id)).all()
    if not before:
        return
    alone = all(len(old.items) == 1 for old in before)
    gone = "原公告不再有效" if alone else "原公告中关于本项目的内容不再有效"
    body = f"{quoted(project.title)}（{project.number}）{what}。{gone}。"
    own = next(item for item in before[-1].items if item.project_id == project.id)
    notice = Notice(
        kind=kind,
        call_id=project.call_id,
        title=f"关于{quoted(project.title[:150])}项目的更正公告",
        body=body,
        created_at=context.now,
        items=[NoticeItem(project_id=project.id, figures=own.figures)],
    )
    publish(context, notice)
    for old in before:
        replace_by(session, old, notice)


@revocation("recommend", "contract")
def not_recommended(context: Context, decision: Event) -> None:
    """Take back amount and resolution; a notice goes on without the project, a contract that was issued is signed anew."""
    project, name, stage = context.project, context.life.actions["recommend"].name, context.life.states["roadshow"].name
    reason = context.data["reason"]
    notify(context, "revoke", to_role("finance"), to_county(), name=name, stage=stage, reason=reason)
    for row in context.rows.of(Finding):
        if row.kind == "resolution" and row.at == decision.at:
            row.voided_at = context.now
    notice = notice_of(context)
    if notice is not None and notice.status == "published" and len(notice.items) > 1:
        values = {"title": notice.title, "number": "", "body": notice.body, "reason": reason}
        supersede_within(context, notice.id, values, left=[project.id])
    elif notice is not None and notice.status == "published":
        announce(context, "publicity", "的拟立项决定已撤销，公示终止")
    elif notice is not None:
        own = delete(NoticeItem).where(NoticeItem.notice_id == notice.id, NoticeItem.project_id == project.id)
        context.session.execute(own)
    version = context.rows.newest(project.contract_id)
    if version is not None:
        context.session.execute(delete(Signature).where(Signature.version_id == version.id))
    project.subsidy_city = project.subsidy_county = project.self_managed = None


@revocation("confirm")
def notice_again(_context: Context, _decision: Event) -> None:
    """Take back nothing else: the contract that was begun stays as it is, and is gone on with after the next notice."""


@against_revocation("conclude")
def work_has_begun(context: Context, decision: Event) -> Iterator[Reason]:
    """Yield a reason when money was paid, or the work has begun, on the ground of the contract."""
    if decision.to_state != "first_payment":
        yield Reason("A9.begun", "项目已经开始实施，不能撤销合同生效。", context.cite("examination"))
    yield from paid_since(context, decision)


@revocation("conclude", "funding")
def not_in_force(context: Context, _decision: Event) -> None:
    """Take back the award notice; the signatures stay until the contract is issued anew."""
    announce(context, "award", "的合同书尚未生效，中榜通告撤销")


@revocation("register_deal")
def deal_undone(context: Context, decision: Event) -> None:
    """Remove the amount of the deal; what was registered stays in the event and is marked as taken back."""
    context.project.contract_amount = None
    for row in context.rows.of(Finding):
        if row.kind == "deal" and row.at == decision.at:
            row.voided_at = context.now


@revocation("grant_extension", "extension")
@revocation("deny_extension", "extension")
def extension_open(context: Context, decision: Event) -> None:
    """Open the request again; after a grant the end of the term and its reports are those of before."""
    decided = (row for row in context.rows.of(Extension) if row.decided_at == decision.at)
    request = max(decided, key=lambda row: row.id)
    if request.status == "granted":
        context.project.ends_on = request.old_end
        due = report_days(context, context.project)
        beyond = (Report.project_id == context.project.id, Report.submitted_at.is_(None), Report.due_on.not_in(due))
        context.session.execute(delete(Report).where(*beyond))
    request.status, request.decision, request.decided_at = "open", "", None


@against_revocation("pass_acceptance")
@against_revocation("pass_midterm")
def paid_since(context: Context, decision: Event) -> Iterator[Reason]:
    """Yield a reason when the city has paid an instalment on the ground of the decision."""
    lines = standing(context.rows.of(LedgerEntry))
    if any((line.kind, line.source) == ("instalment", "city") and line.event_id > decision.id for line in lines):
        yield Reason("A7.paid", "已据以拨付补助资金，须先冲正拨款。", context.cite("money"))


@revocation("rectify")
@revocation("pass_acceptance", "acceptance_opinion", "certificate")
def request_open(context: Context, decision: Event) -> None:
    """Open the request for acceptance again; the one that was begun after it ends."""
    for row in context.rows.of(Acceptance):
        if row.status == "draft":
            row.status, row.decided_at = "ended", context.now
        elif row.requested_at and row.decided_at == decision.at:
            row.status, row.findings, row.rectify_by, row.decided_at = "open", "", None, None
            _valid_again(context, "acceptance", f"acceptance:{row.id}")


def _valid_again(context: Context, name: str, subject: str) -> None:
    """Make the newest paper valid that the decision had cancelled."""
    same = select(Paper).where(Paper.project_id == context.project.id, Paper.name == name, Paper.subject == subject)
    paper = context.session.scalars(same.order_by(Paper.version.desc()).limit(1)).first()
    if paper is not None:
        paper.state = "current"


@revocation("pass_midterm", "midterm_opinion")
@revocation("mend_midterm", "midterm_opinion")
def check_open(context: Context, decision: Event) -> None:
    """Open the midterm check again; the day for the next one falls away."""
    rows = context.rows.of(Midterm)
    for row in rows:
        if row.decided_at == decision.at:
            row.status, row.findings, row.decided_at = "open", "", None
        elif row.status == "planned":
            context.session.delete(row)


@against_revocation("reclaim")
@against_revocation("terminate")
def money_came_back(context: Context, _decision: Event) -> Iterator[Reason]:
    """Yield a reason when money has come back on the ground of the decision, or was written off."""
    sums = balances_of(context.rows.of(LedgerEntry))
    kinds, before = {line.kind for line in standing(context.rows.of(LedgerEntry))}, due_from(context, sums.paid, None)
    if any(amount > before[source] for source, amount in sums.recovered.items()):
        yield Reason(
            "A11.recovered",
            "已有追回的资金，不能撤销决定；登记有误的，或者依复议决定、裁判退还的，先办理冲正。",
            context.cite("recovery"),
        )
    if any(sums.surplus_held.values()):
        yield Reason("A11.surplus", "多缴的资金尚未退还，不能撤销决定。", context.cite("recovery"))
    if "written_off" in kinds and context.trigger == "revoke":  # a ruling ends the claim with what was written off
        yield Reason("A11.recovered", "已有核销的追缴款，不能撤销决定。", context.cite("recovery"))


@revocation("reclaim", "termination", "recovery_notice")
@revocation("terminate", "termination", "recovery_notice")
def going_on(context: Context, decision: Event) -> None:
    """Open again what the termination has closed; its notice is replaced, its restrictions end, what the county said is void."""
    for ended in context.session.scalars(select(Termination).where(Termination.project_id == context.project.id)):
        ended.revoked_at = ended.revoked_at or context.now
    for restriction in context.rows.of(Restriction):
        restriction.lifted_at = restriction.lifted_at or context.now
    for finding in context.rows.of(Finding):
        if finding.kind == "county_unpaid" and finding.voided_at is None:
            finding.voided_at = context.now
    _asked_again(context, decision)
    if decision.from_state == "contracting":
        _valid_again(context, "contract", "")
    if context.project.state == COMPLETED:
        _valid_again(context, "certificate", "")
    announce(context, "termination", f"的{'追回资金' if decision.trigger == 'reclaim' else '终止'}决定已撤销")


def _asked_again(context: Context, decision: Event) -> None:
    """Open the requests that the decision has overtaken, and the prior notice: it stands again with what was stated on it."""
    for request in context.rows.of(Extension):
        if request.status == "overtaken" and request.decided_at == decision.at:
            request.status, request.decided_at = "open", None
    for row in context.rows.of(Acceptance):
        if row.status == "ended" and row.decided_at == decision.at:
            row.status, row.decided_at = ("open" if row.requested_at else "draft"), None
    for told in context.rows.of(PriorNotice):
        if told.status in ("used", "overtaken") and told.ended_at == decision.at:
            told.status, told.ended_at = "open", None
            _valid_again(context, "prior_notice", "")
