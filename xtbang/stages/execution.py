"""实施 (execution): the work is done, reported and checked; an extension or acceptance is requested."""

from collections.abc import Iterator
from datetime import date
from typing import Any

from sqlalchemy import select

from xtbang.actions.context import Context
from xtbang.actions.documents import freeze, frozen, open_document
from xtbang.actions.findings import add_finding
from xtbang.actions.issue import issue
from xtbang.actions.notify import notify, to_bureaus, to_members, to_organisation, to_parties, to_role
from xtbang.actions.registry import effect, form_guard, guard, options
from xtbang.actions.relations import parties
from xtbang.domain.consents import OTHER, consent, named, reading_of, side, to_side
from xtbang.domain.event_dates import not_before
from xtbang.domain.extension_requests import take_back_open_request
from xtbang.domain.payments import IN_FORCE, date_in
from xtbang.domain.receipts import give_receipt, give_receipt_of_file
from xtbang.domain.reports import promised
from xtbang.domain.spending import beside, spending_reasons
from xtbang.models import Acceptance, Extension, Organisation, Person, Role
from xtbang.papers.facts.common import project as project_facts
from xtbang.rules.dates import last_moment_of
from xtbang.rules.forms import check, worded
from xtbang.rules.funding_facts import day
from xtbang.rules.money import plain
from xtbang.rules.needs import reads
from xtbang.rules.reasons import Force, Reason
from xtbang.rules.term import in_chinese, latest_end, within_years

# ---------------------------------------------------------------- the request for acceptance is opened


@reads("indicators:rows(name target)", "application", "acceptance")
def open_acceptance(context: Context, **draft: Any) -> Acceptance:
    """Open a request for acceptance (验收申请), with ``draft`` or the promised indicators filled in."""
    project = context.project
    if not draft:
        draft = {"indicators": promised(frozen(context, project.application))}
    definition = context.edition.documents["acceptance"]
    writer = project.agreed_bid.lead_id if project.agreed_bid else project.issuer_id
    document = open_document(context.session, project, "acceptance", definition, writer, **draft)
    request = Acceptance(project_id=project.id, document_id=document.id, status="draft")
    context.session.add(request)
    return request


# ---------------------------------------------------------------- agency and checks


@options
def agencies(context: Context) -> dict[str, str]:
    """Return the agencies (第三方专业机构) that can be assigned: id → name, without the present one."""
    query = select(Organisation).join(Person, Person.organisation_id == Organisation.id).join(Person.roles)
    query = query.where(Role.name == "agency", Person.active, Organisation.status == "confirmed").distinct()
    rows = context.session.scalars(query.order_by(Organisation.id))
    return {str(row.id): row.name for row in rows if row.id != context.project.agency_id}


@guard
@reads("agency:choice")
def agency_free_of_parties(context: Context) -> Iterator[Reason]:
    """Yield a reason when there is no agency, or the chosen one is a party to the project."""
    names = agencies(context)
    if not names:
        yield Reason("A8.agency", "没有可委托的第三方专业机构。", context.cite("tracking"), nothing=True)
    chosen = context.data.get("agency", "")
    if chosen in names and int(chosen) in parties(context.project):
        text = f"{names[chosen]}是本项目的一方，不能受托跟踪管理本项目。"
        yield Reason("A8.agency", text, context.cite("tracking"), field="agency")


@effect
@reads("agency:choice")
def assign_agency(context: Context) -> None:
    """Assign an agency to track the project (日常跟踪管理)."""
    before = context.project.agency_id
    context.project.agency_id = int(context.data["agency"])
    notify(context, "assign_agency_before", to_organisation(before, "agency"))
    notify(context, "assign_agency", to_organisation(context.project.agency_id, "agency"))


@form_guard
@reads("dated:date")
def check_in_order(context: Context) -> Iterator[Reason]:
    """Yield a reason when the work was checked before the contract was in force, or in the future."""
    yield from not_before(
        context, IN_FORCE, date_in(context, "dated"), "检查日期", "合同生效", context.cite("tracking")
    )


@effect
@reads("dated:date favourable:choice(normal needs_attention) text:long file:file")
def record_check(context: Context) -> None:
    """Record a check of progress, milestones and use of the money."""
    favourable = context.data["favourable"] == "normal"
    add_finding(
        context,
        "check",
        dated=date_in(context, "dated"),
        favourable=favourable,
        text=context.data["text"],
        file_id=context.file_id("file"),
    )
    if not favourable:
        notify(context, "record_check", to_parties(), text=context.data["text"])
        notify(context, "record_check_science", to_role("science"), text=context.data["text"])


# ---------------------------------------------------------------- requests for extension and acceptance


@form_guard
@reads("new_end:date")
def later_end(context: Context) -> Iterator[Reason]:
    """Yield a reason unless the new end is later than the old one and in the future."""
    new, old = date_in(context, "new_end"), context.project.ends_on
    if old and new <= old:
        text = f"申请延期至{in_chinese(new)}，须晚于原结束日期{in_chinese(old)}。"
        yield Reason("A11.later", text, context.cite("extension"), field="new_end")
    elif new <= context.today:
        yield Reason(
            "A11.later", f"申请延期至{in_chinese(new)}，须晚于今天。", context.cite("extension"), field="new_end"
        )
    yield from within_edition(context, new)


def within_edition(context: Context, new: date) -> Iterator[Reason]:
    """Yield a reason when all extensions together are longer than a whole term of the edition may be.

    When the term is longer than that with this extension, the figures are asked back: the bureaus decide.
    """
    project, rule = context.project, context.edition.term_years
    if project.starts_on is None or project.ends_on is None:
        return
    planned = day(frozen(context, project.application).get("term_end")) or project.ends_on
    latest, years = latest_end(planned, rule.value), plain(rule.value)
    if new > latest:
        text = (
            f"原定结束日期{in_chinese(planned)}，申请延期至{in_chinese(new)}；延期合计不得超过一个实施周期"
            f"（{years} 年），最迟至{in_chinese(latest)}。"
        )
        yield Reason("A11.latest", text, rule.article, field="new_end")
    elif not within_years(project.starts_on, new, rule.value):
        span = f"{in_chinese(project.starts_on)}至{in_chinese(new)}"
        text = f"延期后的实施期{span}，超过一般的 {years} 年；原定至{in_chinese(planned)}。"
        yield Reason("A11.term", text, rule.article, Force.ADVICE, field="new_end")


@guard
def asked_in_time(context: Context) -> Iterator[Reason]:
    """Yield a reason when an extension is requested after the end of the term (原则上)."""
    end = context.project.ends_on
    if end and not context.in_time(last_moment_of(end)):
        yield Reason("A11.in_time", late_request_sentence(end), context.cite("extension"), Force.PRINCIPLE)


def late_request_sentence(end: date) -> str:
    """Return the sentence that blocks a request after the end of the term, to which a waiver refers."""
    return f"实施期已于{in_chinese(end)}届满，延期原则上应在届满前申请。"


@effect
@reads("reason:long new_end:date audit_file:file")
def request_extension(context: Context) -> None:
    """Store the request for an extension (延期) with its cause and the audit report."""
    project, audit_file = context.project, context.file_id("audit_file")
    if project.ends_on is None or audit_file is None:
        raise LookupError("an extension without a term or an audit report")
    new, mine = date_in(context, "new_end"), side(context)
    request = Extension(
        project_id=project.id,
        cause=context.data["reason"],
        audit_file_id=audit_file,
        old_end=project.ends_on,
        new_end=new,
        requested_at=context.now,
        status="open",
    )
    context.session.add(request)
    context.session.flush()
    consent(context, f"extension:{request.id}")
    asker, old = named({mine}), project.ends_on
    bureaus, other = to_bureaus(), to_side(project, OTHER[mine])
    own = to_side(project, mine), to_members(project.agreed_bid)
    form = f"延期申请（申请延期至{in_chinese(new)}）"
    receipt = give_receipt_of_file(context, audit_file, form, f"extension:{request.id}")
    notify(context, "request_extension_bureaus", bureaus, asker=asker, old_end=old, new_end=new)
    notify(context, "request_extension_other", other, asker=asker, old_end=old, new_end=new)
    notify(context, "request_extension", *own, asker=asker, old_end=old, new_end=new, receipt=receipt)


def draft_request(context: Context) -> Acceptance | None:
    """Return the draft of a request for acceptance, or None."""
    return next((row for row in reversed(context.rows.of(Acceptance)) if row.status == "draft"), None)


@guard
def acceptance_valid(context: Context) -> Iterator[Reason]:
    """Yield reasons unless indicators, fund statement and self-evaluation are complete."""
    request = draft_request(context)
    if request is None:
        yield Reason("A8.request", "没有待填写的验收申请。", context.cite("tracking"), nothing=True)
    else:
        yield from check(context.edition.documents["acceptance"], request.document.draft, complete=True)
        yield from spending_reasons(context, request.document)


@effect
def request_acceptance(context: Context) -> None:
    """Freeze the request for acceptance (验收申请) and notify both bureaus."""
    request = draft_request(context)
    if request is None:
        raise LookupError("a project in 实施 without a request for acceptance")
    take_back_open_request(context)  # work that is finished needs no more time
    version = freeze(context, request.document)
    request.status, request.requested_at = "open", context.now
    project = context.project
    data = {
        "definition": request.document.definition,
        "edition": context.edition.key,
        "values": worded(context.edition.documents["acceptance"], version.data),
        "project": project_facts(project, context.edition),
        "version": version.number,
        "digest": version.sha256,
        "read": reading_of(context, request.document),
        "beside": beside(context, request.document),
    }
    title = context.edition.documents["acceptance"].title
    issue(context, "acceptance", title, data, subject=f"acceptance:{request.id}", version=version.number)
    notify(context, "request_acceptance_bureaus", to_bureaus())
    receipt = give_receipt(context, version, title, f"acceptance:{request.id}")
    notify(context, "request_acceptance", to_parties(), receipt=receipt)
