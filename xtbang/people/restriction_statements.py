"""Statements (陈述、申辩) on the prior notice of a restriction outside a project: of the organisation, entered, taken back.

Each command is one transaction with its event, in the stream of the organisation.
"""

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

from xtbang.actions.context import Upload, arriving, put_into_store
from xtbang.actions.notify import notify, to_bureaus, to_organisation
from xtbang.errors import Blocked, Forbidden
from xtbang.models import PartyStatement, PriorNotice
from xtbang.models.writing import writing
from xtbang.people.organisation_changes import store_evidence
from xtbang.people.restriction_notices import office_page, open_notice, page_of, record_on
from xtbang.queries.caller import Caller
from xtbang.queries.organisations import statements_on
from xtbang.rules.dates import day_of, last_moment_of
from xtbang.rules.fields import Field, FieldKind, choices, one_section
from xtbang.rules.reasons import Reason
from xtbang.rules.term import in_chinese

ANSWERS = {"stated": "陈述、申辩", "waived": "放弃陈述、申辩"}
STATEMENT = one_section(
    "restriction_statement",
    "陈述、申辩",
    (
        Field("kind", "意见", FieldKind.CHOICE, choices=choices(ANSWERS)),
        Field("text", "内容", FieldKind.LONG, limit=3000, required=False),
        Field("file", "材料", FieldKind.FILE, required=False),
    ),
    "陈述、申辩",
)


def state(caller: Caller, notice_id: int, values: Mapping[str, Any], upload: Upload | None = None) -> None:
    """Submit the statement of one's own organisation, or its waiver, ``values``: kind, text. Raise NotFound, Forbidden, Blocked."""
    with arriving([upload] if upload else []), writing(caller.session):
        notice = open_notice(caller, notice_id)
        row = notice.addressees[0]
        if "applicant" not in caller.actor.roles or row.organisation_id != caller.actor.organisation_id:
            raise Forbidden("陈述、申辩由被告知的单位提出。")
        against = list(_incomplete(caller, values, upload))
        if row.answer_until and not caller.in_time(close := last_moment_of(row.answer_until)):
            text = f"陈述、申辩的期限已于{in_chinese(row.answer_until)}24时届满。{caller.late_words(close)}"
            against.append(Reason("A13.days", text, caller.cite("integrity")))
        if against:
            raise Blocked(against)
        _add(caller, notice, values, caller.today, "site", upload)
        answer, link = ANSWERS[values["kind"]], office_page(notice)
        notify(caller, "restriction_statement", to_bureaus(), link=link, name=row.organisation.name, answer=answer)
        record_on(caller, notice, "state_on_restriction", "", dict(values), role="applicant")


def enter(caller: Caller, notice_id: int, values: Mapping[str, Any], upload: Upload | None = None) -> None:
    """Enter a statement made on paper or by word of mouth, ``values``: kind, text, channel, received_on. Raise NotFound, Blocked."""
    with arriving([upload] if upload else []), writing(caller.session):
        notice = open_notice(caller, notice_id)
        row, received = notice.addressees[0], date.fromisoformat(values["received_on"])
        against = [*_incomplete(caller, values, upload), *_against_receipt(caller, notice, received)]
        if against:
            raise Blocked(against)
        _add(caller, notice, values, received, values["channel"], upload)
        told, answer = to_organisation(row.organisation_id), ANSWERS[values["kind"]]
        notify(caller, "restriction_entered", told, link=page_of(notice), received_on=received, answer=answer)
        record_on(caller, notice, "enter_restriction_statement", "", dict(values))


def take_back(caller: Caller, notice_id: int, values: Mapping[str, Any]) -> None:
    """Take back a statement that another person has entered wrongly, ``values``: statement, reason. Raise NotFound, Blocked.

    It stays readable and does not count any more; what was really said is entered anew.
    """
    with writing(caller.session):
        notice = open_notice(caller, notice_id)
        found = (row for row in entered_on(caller, notice) if str(row.id) == values["statement"])
        row, cited = next(found, None), caller.cite("integrity")
        if row is None:
            raise Blocked([Reason("A13.gone", "这项登记已经收回。", cited, field="statement")])
        if row.recorded_by_id == caller.actor.person_id:
            raise Blocked([Reason("A13.other", "陈述、申辩由您登记，收回须由另一人办理。", cited)])
        row.voided_at = caller.now
        told, reason = to_organisation(row.organisation_id), values["reason"]
        notify(
            caller,
            "restriction_statement_taken_back",
            told,
            link=page_of(notice),
            received_on=row.received_on,
            answer=ANSWERS[row.kind],
            reason=reason,
        )
        said = {"statement": row.id, "kind": row.kind, "text": row.text, "received_on": row.received_on.isoformat()}
        record_on(caller, notice, "take_back_restriction_statement", reason, said)


def entered_on(caller: Caller, notice: PriorNotice) -> list[PartyStatement]:
    """Return the statements that an office has entered on a notice; an organisation's own are its own word."""
    return [row for row in statements_on(caller.session, notice) if row.channel != "site"]


def _incomplete(caller: Caller, values: Mapping[str, Any], upload: Upload | None) -> Iterator[Reason]:
    if values["kind"] == "stated" and not (values.get("text") or upload):
        yield Reason("A13.statement", "请写明陈述、申辩的内容，或者上传材料。", caller.cite("integrity"), field="text")
    elif values["kind"] == "waived" and values.get("text"):
        text = "放弃陈述、申辩的，不填内容；需要说明情况的，请选“陈述、申辩”。"
        yield Reason("A13.statement", text, caller.cite("integrity"), field="text")


def _against_receipt(caller: Caller, notice: PriorNotice, received: date) -> Iterator[Reason]:
    until, issued = notice.addressees[0].answer_until, day_of(notice.issued_at)
    cited = caller.cite("integrity")
    if received > caller.today:
        yield Reason("date.future", "收到日期不能晚于今天。", field="received_on")
    elif received < issued:
        text = f"收到日期{in_chinese(received)}早于告知书的日期{in_chinese(issued)}。"
        yield Reason("date.early", text, cited, field="received_on")
    elif until and received > until:
        text = f"收到日期{in_chinese(received)}在期限届满以后，该单位可以陈述、申辩至{in_chinese(until)}24时。"
        yield Reason("A13.days", text, cited, field="received_on")


def _add(
    caller: Caller, notice: PriorNotice, values: Mapping[str, Any], day: date, channel: str, upload: Upload | None
) -> None:
    organisation_id, file = notice.addressees[0].organisation_id, None
    if upload:
        put_into_store([upload])
        file = store_evidence(caller, upload, organisation_id)
    caller.session.add(
        PartyStatement(
            prior_notice_id=notice.id,
            organisation_id=organisation_id,
            kind=values["kind"],
            text=values.get("text") or "",
            file_id=file.id if file else None,
            channel=channel,
            received_on=day,
            recorded_at=caller.now,
            recorded_by_id=caller.actor.person_id,
        )
    )
