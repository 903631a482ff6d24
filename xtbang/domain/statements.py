"""Statements (陈述申辩) of the parties on a prior notice: handed in here, or on paper and entered by an office."""

from collections.abc import Iterator
from datetime import date

from xtbang.actions.context import Context
from xtbang.actions.notify import notify, to_bureaus, to_organisation
from xtbang.actions.registry import effect, form_guard, guard, options
from xtbang.domain.payments import date_in
from xtbang.domain.prior_notices import HEARD, standing_notice
from xtbang.models import Addressee, PartyStatement
from xtbang.rules.dates import day_of, last_moment_of
from xtbang.rules.needs import reads
from xtbang.rules.reasons import Reason
from xtbang.rules.term import in_chinese

SAID = "kind:choice(stated waived) text:long file:file"


def _addressees(context: Context) -> dict[int, Addressee]:
    notice = standing_notice(context)
    return {row.organisation_id: row for row in notice.addressees} if notice else {}


def _reason(context: Context, text: str, field: str = "", *, nothing: bool = False) -> Reason:
    return Reason("A12.statement", text, context.edition.cite_all(HEARD), field=field, nothing=nothing)


@guard
def told_of_a_decision(context: Context) -> Iterator[Reason]:
    """Yield a reason unless a notice is addressed to the actor's organisation and its days are not over."""
    row = _addressees(context).get(context.actor.organisation_id or 0)
    if row is None:
        yield _reason(context, "没有告知本单位、尚可陈述申辩的拟作出的决定。", nothing=True)
    elif row.answer_until and not context.in_time(close := last_moment_of(row.answer_until)):
        text = f"陈述、申辩的期限已于{in_chinese(row.answer_until)}24时届满。{context.late_words(close)}"
        yield _reason(context, text)


@form_guard
@reads("kind:choice(stated waived) text:long")
def statement_complete(context: Context) -> Iterator[Reason]:
    """Yield a reason when a statement says nothing, or a waiver of it says something."""
    stated, said = context.data["kind"] == "stated", bool(context.data.get("text"))
    if stated and not said:
        yield _reason(context, "请写明陈述、申辩的内容。", "text")
    elif said and not stated:
        yield _reason(context, "放弃陈述、申辩的，不填内容；需要说明情况的，请选“陈述、申辩”。", "text")


@effect
@reads(SAID)
def make_statement(context: Context) -> None:
    """Submit the party's statement, or its word that it makes none; until the last day more can be added."""
    number = context.actor.organisation_id or 0
    _add_statement(context, _addressees(context)[number], day_of(context.received_at), "site")
    answer = context.label("kind")
    notify(context, "make_statement", to_bureaus(), name=context.actor.organisation_name, answer=answer)


def _add_statement(context: Context, row: Addressee, received: date, channel: str) -> None:
    context.session.add(
        PartyStatement(
            project_id=context.project.id,
            prior_notice_id=row.prior_notice_id,
            organisation_id=row.organisation_id,
            kind=context.data["kind"],
            text=context.data.get("text") or "",
            file_id=context.file_id("file"),
            channel=channel,
            received_on=received,
            recorded_at=context.now,
            recorded_by_id=context.actor.person_id,
        )
    )


@options
def told_parties(context: Context) -> dict[str, str]:
    """Return the organisations to which the standing notice is addressed."""
    return {str(row.id): row.organisation.name for row in _addressees(context).values()}


def _addressee_in(context: Context) -> Addressee | None:
    return next((row for row in _addressees(context).values() if str(row.id) == context.data["addressee"]), None)


@form_guard
@reads("addressee:choice received_on:date")
def statement_received_in_time(context: Context) -> Iterator[Reason]:
    """Yield a reason unless a statement on paper was received between the notice and the party's last day."""
    notice, row, received = standing_notice(context), _addressee_in(context), date_in(context, "received_on")
    if notice is None or row is None:
        return
    if received > context.today:
        yield Reason("date.future", "收到日期不能晚于今天。", field="received_on")
    elif received < day_of(notice.issued_at):
        text = f"收到日期{in_chinese(received)}早于告知书的日期{in_chinese(day_of(notice.issued_at))}。"
        yield _reason(context, text, "received_on")
    elif row.answer_until and received > row.answer_until:
        text = f"收到日期{in_chinese(received)}在期限届满以后，{row.organisation.name}可以陈述、申辩至{in_chinese(row.answer_until)}24时。"
        yield _reason(context, text, "received_on")


@effect
@reads(f"addressee:choice channel:choice(letter by_hand email oral) received_on:date {SAID}")
def enter_statement(context: Context) -> None:
    """Enter a statement that came on paper or was made by word of mouth, as of the day of its receipt."""
    row = _addressee_in(context)
    if row is None:
        raise LookupError("a statement of nobody")
    received = date_in(context, "received_on")
    _add_statement(context, row, received, context.data["channel"])
    told = to_organisation(row.organisation_id, row.relation)
    how = context.label("channel")
    answer = context.label("kind")
    notify(context, "enter_statement", told, channel=how, received_on=received, answer=answer)
    notify(context, "enter_statement_bureaus", to_bureaus(), name=row.organisation.name, channel=how, answer=answer)
