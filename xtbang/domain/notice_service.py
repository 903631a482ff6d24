"""Service (送达) of a prior notice: on whom, in which manner, on which day; it begins the days of the party's statement."""

from collections.abc import Iterator
from datetime import date

from xtbang.actions.context import Context
from xtbang.actions.notify import notify, to_bureaus, to_organisation
from xtbang.actions.registry import effect, form_guard, guard, options
from xtbang.domain.corrections import correct, only_proposed
from xtbang.domain.payments import date_in
from xtbang.domain.prior_notices import HEARD, standing_notice
from xtbang.models import Addressee
from xtbang.papers.facts.correction import Change
from xtbang.queries.holidays import holidays_of
from xtbang.rules.dates import day_of
from xtbang.rules.needs import reads
from xtbang.rules.reasons import Reason
from xtbang.rules.service import MANNERS, last_day_to_answer, served_on
from xtbang.rules.term import in_chinese

SERVICE = "manner:choice(in_person post electronic announced) dated:date file:file"


def _addressees(context: Context, *, served: bool) -> dict[str, Addressee]:
    """Return the addressees of the standing notice on whom it was served, or was not, by the id of the row."""
    notice = standing_notice(context)
    rows = notice.addressees if notice else []
    return {str(row.id): row for row in rows if (row.served_on is not None) is served}


def _reason(context: Context, rule: str, text: str, field: str = "", *, nothing: bool = False) -> Reason:
    return Reason(rule, text, context.edition.cite_all(HEARD), field=field, nothing=nothing)


@options
def unserved(context: Context) -> dict[str, str]:
    """Return the organisations on which the notice is still to be served."""
    return {key: row.organisation.name for key, row in _addressees(context, served=False).items()}


@options
def served_already(context: Context) -> dict[str, str]:
    """Return the organisations on which the notice was served, each with day and manner."""
    rows = only_proposed(context, "addressee", _addressees(context, served=True))
    return {key: f"{row.organisation.name}（{_said(row.manner, row.dated)}）" for key, row in rows.items()}


def _said(manner: str, dated: date | None) -> str:
    day = in_chinese(dated) if dated else ""
    return f"{MANNERS[manner]}，{'发布于' if manner == 'announced' else ''}{day}"


@guard
def notice_to_serve(context: Context) -> Iterator[Reason]:
    """Yield a reason unless a notice is to be served."""
    if not _addressees(context, served=False):
        yield _reason(context, "A12.served", "没有待送达的告知书。", nothing=True)


@form_guard
@reads("dated:date")
def service_in_order(context: Context) -> Iterator[Reason]:
    """Yield a reason when the day of service is to come, or lies before that of the notice."""
    notice, dated = standing_notice(context), date_in(context, "dated")
    if dated > context.today:
        yield Reason("date.future", "送达日期不能晚于今天。", field="dated")
    elif notice is not None and dated < day_of(notice.issued_at):
        text = f"送达日期{in_chinese(dated)}早于告知书的日期{in_chinese(day_of(notice.issued_at))}。"
        yield _reason(context, "date.early", text, "dated")


def _serve(context: Context, row: Addressee) -> None:
    known = holidays_of(context.session, context.policy.city)
    row.manner, row.dated = context.data["manner"], date_in(context, "dated")
    row.served_on = served_on(row.manner, row.dated)
    days = context.edition.statement_days
    row.answer_until = last_day_to_answer(row.served_on, days, known)
    row.file_id = context.file_id("file") or row.file_id
    row.recorded_by_id = context.actor.person_id


@effect
@reads(f"addressees:choices {SERVICE}")
def record_service(context: Context) -> None:
    """Record the service on these organisations; each learns by mail until when it may state its case."""
    waiting = _addressees(context, served=False)
    for key in context.data["addressees"]:
        row = waiting[key]
        _serve(context, row)
        told = to_organisation(row.organisation_id, row.relation)
        notify(context, "record_service", told, served_on=row.served_on, last_day=row.answer_until)


@form_guard
@reads("addressee:choice manner:choice dated:date")
def service_corrected(context: Context) -> Iterator[Reason]:
    """Yield a reason unless manner or day change."""
    row = _addressees(context, served=True).get(context.data["addressee"])
    if row is None:
        return
    if (row.manner, row.dated) == (context.data["manner"], date_in(context, "dated")):
        yield _reason(context, "A12.served", "与原来登记的送达相同。", "dated")


@effect
@reads(f"addressee:choice {SERVICE} reason:long")
def amend_service(context: Context) -> None:
    """Correct day or manner of a service: the days of the statement are counted anew."""
    row = _addressees(context, served=True)[context.data["addressee"]]
    before, until = _said(row.manner, row.dated), row.answer_until
    _serve(context, row)
    changes = [Change("送达", before, _said(row.manner, row.dated))]
    if until and row.answer_until:
        changes.append(Change("陈述、申辩截止", in_chinese(until), in_chinese(row.answer_until)))
    told = to_organisation(row.organisation_id, row.relation), to_bureaus()
    correct(context, "送达登记更正单", f"告知书送达{row.organisation.name}的登记", changes, *told, dated=context.today)
