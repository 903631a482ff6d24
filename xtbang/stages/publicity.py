"""公示 (public notice): the notice is published, runs, and ends with the contract or without one."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from sqlalchemy import select

from xtbang.actions import audit
from xtbang.actions.context import Context
from xtbang.actions.documents import frozen, open_document
from xtbang.actions.notify import notify, to_issuer, to_members, to_parties, to_role
from xtbang.actions.registry import consequence, effect, guard, prefill
from xtbang.domain.notices import days_of, how_to_object, notice_of, period_of, publish_alone
from xtbang.domain.own_share import own_share_raised
from xtbang.domain.payments import too_long
from xtbang.models import Notice, Project
from xtbang.queries.holidays import holidays_of
from xtbang.queries.signing import signing_parties
from xtbang.rules.dates import last_moment_of
from xtbang.rules.fields import FormDefinition
from xtbang.rules.needs import reads
from xtbang.rules.reasons import Force, Reason
from xtbang.rules.term import in_chinese
from xtbang.rules.workdays import notice_period

# ---------------------------------------------------------------- the notice


@guard
@reads("title:text")
def notice_unpublished(context: Context) -> Iterator[Reason]:
    """Yield a reason unless the notice of the project is still a draft."""
    notice = notice_of(context)
    if notice is None:
        yield Reason("A9.notice", "本项目尚未列入拟立项公示。", context.cite("examination"))
    elif notice.status != "draft" and notice.last_day:
        yield Reason(
            "A9.notice",
            f"公示已发布，至{in_chinese(notice.last_day)}止，一经发布不能修改。",
            context.cite("examination"),
        )
    yield from too_long(context.data, title=200)


@guard
def notice_over(context: Context) -> Iterator[Reason]:
    """Yield a reason unless the last counted day of the published notice, a provisional one counted anew, is over.

    What was sent before its end has arrived then, too.
    """
    notice = notice_of(context)
    last_day, provisional = period_of(context, notice) if notice else (None, False)
    if notice is None or notice.status != "published" or last_day is None:
        yield Reason("A9.notice", "公示尚未发布。", context.cite("examination"))
        return
    close = last_moment_of(last_day)
    if context.now <= close:
        anew = "按已公布的放假安排重新计算，" if last_day != notice.last_day else ""
        yield Reason("A9.notice", f"{anew}公示至{in_chinese(last_day)}24时止，尚未结束。", context.cite("examination"))
    elif context.collected <= close:
        minutes = context.site.grace // timedelta(minutes=1)
        text = (
            f"公示已于{in_chinese(last_day)}24时结束，此前已开始提交的异议在其后 {minutes} 分钟内收齐，收齐后方可办理。"
        )
        yield Reason("A9.notice", text, context.cite("examination"))
    if provisional:
        text = (
            f"{last_day.year}年的放假安排尚未录入，公示期按周末和法定节假日推算至{in_chinese(last_day)}；"
            "国务院已经公布的，请由管理员录入后再办理。"
        )
        yield Reason("A9.provisional", text, context.cite("examination"), Force.ADVICE)


@prefill
def notice_title(context: Context) -> str:
    """Return the title of the draft notice."""
    notice = notice_of(context)
    return notice.title if notice else ""


@prefill
def notice_body(context: Context) -> str:
    """Return the text of the draft notice; before anybody has written one, the usual sentence with what it names."""
    notice = notice_of(context)
    if notice is None or notice.body:
        return notice.body if notice else ""
    stages = {"appraisal": "专家论证", "roadshow": "路演评审"}
    passed = [name for stage, name in stages.items() if stage not in context.edition.without]
    judged = "、".join([*passed, f"{context.policy.city.lead.short}党组会审议"])
    return f"根据{context.edition.measures.full}，经{judged}，拟对附件所列{len(notice.items)}个项目立项，现予公示。"


@effect
@reads("title:text body:long notice_number:document_number")
def publish_notice(context: Context) -> None:
    """Publish the notice for every project that it names; record an event and notify the parties of each."""
    notice = notice_of(context)
    if notice is None:
        raise LookupError("a project in 公示 without a notice")
    days = days_of(context.project, context.policy.editions)
    notice.title, notice.body = context.data["title"], context.data["body"]
    notice.number = context.data["notice_number"]
    notice.first_day, notice.last_day, notice.provisional = notice_period(
        context.today, days, holidays_of(context.session, context.policy.city)
    )
    others = _lock_others(context, notice)
    named = {project.id: project for project in (context.project, *others)}
    publish(
        context, notice, contact=how_to_object(context.site, context.policy.city.lead.name, in_chinese(notice.last_day))
    )
    for project in others:
        _record_for(context, project)
    for project in named.values():
        notify(context, "publish_notice", to_parties(), project=project, last_day=notice.last_day)
    finance = to_role("finance")
    notify(context, "publish_notice_finance", finance, notice=notice.title, last_day=notice.last_day)


def publish(context: Context, notice: Notice, contact: str = "") -> None:
    """Publish a notice whose title, body and items are set; its paper is filed under the present project."""
    publish_alone(context, notice, contact, context.project.id)


def _lock_others(context: Context, notice: Notice) -> list[Project]:
    numbers = [item.project_id for item in notice.items if item.project_id != context.project.id]
    query = select(Project).where(Project.id.in_(numbers)).order_by(Project.id).with_for_update()
    return list(context.session.scalars(query))


def _record_for(context: Context, project: Project) -> None:
    """Record the event of another project that the same notice names."""
    audit.append(
        context,
        f"project:{project.id}",
        trigger=context.trigger,
        project_id=project.id,
        project_version=project.version,
        role=context.role,
        from_state=project.state,
        to_state=project.state,
        data=context.data,
    )


# ---------------------------------------------------------------- the end of the notice


@effect
def confirm(context: Context) -> None:
    """Open the contract (合同书) after a notice without objections."""
    open_contract(context)


@consequence
def open_contract(context: Context) -> None:
    """Open the contract (合同书), filled in from form, bid and profiles."""
    project, noticed = context.project, context.trigger == "confirm"
    definition = context.edition.documents["contract"]
    if project.contract_id is None:  # otherwise it was begun before the notice was published again
        document = open_document(
            context.session, project, "contract", definition, None, **_initial_values(context, definition)
        )
        project.contract_id = document.id
    notify(context, "confirm", to_parties(), noticed=noticed)
    notify(context, "confirm_science", to_role("science"), noticed=noticed)
    notify(context, "confirm_finance", to_role("finance"), noticed=noticed)
    if (raised := own_share_raised(context)) > 0:
        notify(context, "confirm_own_share", to_issuer(), amount=raised)


@reads("leader_name:text leader_mobile:mobile", "bid")
@reads("number:text copies:whole", "contract")
def _initial_values(context: Context, definition: FormDefinition) -> dict[str, Any]:
    """Return number, contacts and accounts; the issuer is paid, as implementing unit (实施单位)."""
    project = context.project
    bid = project.agreed_bid
    form = frozen(context, project.form)
    offer = frozen(context, bid.document if bid else None)
    copies = definition.field("copies")
    least, most = int(copies.minimum or 1), int(copies.maximum or 30)
    return {
        "number": f"HT-{project.number}",
        "issuer_contact": form.get("contact_name", ""),
        "issuer_phone": form.get("contact_mobile", ""),
        "bidder_contact": offer.get("leader_name", ""),
        "bidder_phone": offer.get("leader_mobile", ""),
        "payee_name": project.issuer.name,
        "payee_bank": project.issuer.bank_name,
        "payee_account": project.issuer.bank_account,
        "bidder_bank": bid.lead.bank_name if bid else "",
        "bidder_account": bid.lead.bank_account if bid else "",
        "copies": min(max(2 * len(signing_parties(project, context.policy.city)), least), most),
    }


@effect
@reads("reason:long")
def uphold(context: Context) -> None:
    """Close the project as not funded (不予立项) after an upheld objection."""
    context.project.closed_at = context.now
    notify(
        context,
        "uphold",
        to_parties(),
        to_members(context.project.agreed_bid),
        to_role("leader"),
        reason=context.data["reason"],
    )
