"""Prior notices (告知书) of restrictions outside a project: issued, served, answered, withdrawn; the decision rests on one.

Each command is one transaction with its event, in the stream of the organisation.
"""

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from xtbang.actions import audit
from xtbang.actions.issue import cancel_for_organisation, issue_for_organisation
from xtbang.actions.notify import notify, to_organisation, to_role
from xtbang.errors import Blocked, Forbidden, NotFound
from xtbang.models import Addressee, Event, Organisation, PartyStatement, PriorNotice, Restriction
from xtbang.models.writing import writing
from xtbang.papers.facts.restriction import TITLE, restriction_notice
from xtbang.queries.caller import Caller
from xtbang.queries.organisations import open_restriction_notice, statements_on
from xtbang.rules.dates import day_of, last_moment_of
from xtbang.rules.fields import Field, FieldKind, FormDefinition, Section, choices
from xtbang.rules.reasons import Reason
from xtbang.rules.service import MANNERS, last_day_to_answer, served_on
from xtbang.rules.term import in_chinese

ANSWERS = {"stated": "陈述、申辩", "waived": "放弃陈述、申辩"}
STATEMENT = FormDefinition(
    "restriction_statement",
    "陈述、申辩",
    sections=(
        Section(
            "陈述、申辩",
            (
                Field("kind", "意见", FieldKind.CHOICE, choices=choices(ANSWERS)),
                Field("text", "内容", FieldKind.LONG, limit=3000, required=False),
            ),
        ),
    ),
)


def term_reasons(caller: Caller, starts: date, ends: date) -> Iterator[Reason]:
    """Yield reasons against the days of a restriction: in the wrong order, or over."""
    cited = caller.cite("integrity")
    if ends < starts:
        yield Reason("A13.order", "截止日期不能早于开始日期。", cited, field="ends_on")
    elif ends < caller.today:
        yield Reason("A13.until", "截止日期不能早于今天。", cited, field="ends_on")


def workdays_to_answer(caller: Caller) -> int:
    """Return how many working days an organisation has to state its case: the most that an edition gives."""
    return max(edition.statement_days for edition in caller.policy.editions.values())


def tell(caller: Caller, values: Mapping[str, Any], request_key: str) -> int:
    """Issue a prior notice of a restriction, or of a longer one, and mail it; return its id. An open one is superseded.

    ``values``: uscc, starts_on, ends_on (ISO dates), reason, evidence; ``restriction`` is the id of the one to be
    lengthened, or "". A repeated request does nothing. Raise Blocked with all of `reasons_to_tell`.
    """
    session = caller.session
    with writing(session):
        wanted = select(Organisation).where(Organisation.uscc == values["uscc"]).with_for_update()
        organisation = session.scalars(wanted).first()
        done = session.scalars(select(Event).where(Event.request_key == request_key)).first()
        if done:
            return int(done.data["notice"])
        against = reasons_to_tell(caller, values)
        if against or organisation is None:
            raise Blocked(against)
        if earlier := open_restriction_notice(session, organisation.id):
            earlier.status, earlier.ended_at = "superseded", caller.now
            session.flush()
        addressee = Addressee(organisation_id=organisation.id, relation="", restricted=True)
        notice = PriorNotice(
            restriction_id=int(values.get("restriction") or 0) or None,
            reason=values["reason"],
            evidence=values["evidence"],
            restrict_from=date.fromisoformat(values["starts_on"]),
            restrict_until=date.fromisoformat(values["ends_on"]),
            due={},
            issued_at=caller.now,
            issued_by_id=caller.actor.person_id,
            addressees=[addressee],
        )
        session.add(notice)
        session.flush()
        session.refresh(notice)
        days, lengthened = workdays_to_answer(caller), _lengthened(session, notice)
        data = restriction_notice(caller.policy.city, organisation, notice, lengthened, days, caller.site.reached)
        issue_for_organisation(caller, organisation.id, "restriction_notice", TITLE, data)
        told = to_organisation(organisation.id)
        notify(caller, "restriction_notice", told, link=_page(notice), name=organisation.name, workdays=days)
        said = {key: values[key] for key in ("starts_on", "ends_on", "reason", "evidence")}
        _record(caller, notice, "tell_restriction", values["reason"], said, request_key)
        return notice.id


def reasons_to_tell(caller: Caller, values: Mapping[str, Any]) -> list[Reason]:
    """Return every reason against the notice: an unknown organisation, days out of order, nothing that becomes longer."""
    known = select(Organisation.id).where(Organisation.uscc == values["uscc"])
    number = caller.session.scalars(known).first()
    if number is None:
        return [Reason("A13.organisation", "这个统一社会信用代码没有在本系统注册。", field="uscc")]
    starts, ends = date.fromisoformat(values["starts_on"]), date.fromisoformat(values["ends_on"])
    found = list(term_reasons(caller, starts, ends))
    if values.get("restriction"):
        row = caller.session.get(Restriction, int(values["restriction"]))
        cited = caller.cite("integrity")
        if row is None or row.organisation_id != number or row.lifted_at or row.ends_on < caller.today:
            found.append(Reason("A13.over", "这项限制已经解除或者到期，需要限制的，另行告知。", cited))
        elif not found and max(starts, caller.today) >= row.starts_on and ends <= row.ends_on:
            found.append(Reason("A13.same", "限制期没有延长，不必告知，可以直接更正。", cited, field="ends_on"))
    return found


def withdraw_notice(caller: Caller, notice_id: int, values: Mapping[str, Any]) -> None:
    """Withdraw an open notice, ``values``: reason: nothing is decided on its ground. Raise NotFound, Blocked."""
    with writing(caller.session):
        notice = open_notice(caller, notice_id)
        notice.status, notice.ended_at = "withdrawn", caller.now
        organisation = notice.addressees[0].organisation
        cancel_for_organisation(caller, organisation.id, "restriction_notice")
        told, reason = to_organisation(organisation.id), values["reason"]
        notify(caller, "restriction_withdrawn", told, link=_page(notice), name=organisation.name, reason=reason)
        _record(caller, notice, "withdraw_restriction_notice", reason, {})


def serve(caller: Caller, notice_id: int, values: Mapping[str, Any]) -> None:
    """Record the service of an open notice, or correct it as another person, ``values``: manner, dated. Raise NotFound, Blocked."""
    with writing(caller.session):
        notice = open_notice(caller, notice_id)
        row, dated = notice.addressees[0], date.fromisoformat(values["dated"])
        if against := list(_against_service(caller, notice, values["manner"], dated)):
            raise Blocked(against)
        before = f"{MANNERS[row.manner]} {row.dated}" if row.served_on else ""
        row.manner, row.dated = values["manner"], dated
        row.served_on = served_on(row.manner, dated)
        row.answer_until = last_day_to_answer(row.served_on, workdays_to_answer(caller), caller.policy.city.holidays)
        row.recorded_by_id = caller.actor.person_id
        notify(
            caller,
            "restriction_served",
            to_organisation(row.organisation_id),
            link=_page(notice),
            name=row.organisation.name,
            served_on=row.served_on,
            last_day=row.answer_until,
        )
        _record(caller, notice, "serve_restriction_notice", "", dict(values) | {"before": before})


def _against_service(caller: Caller, notice: PriorNotice, manner: str, dated: date) -> Iterator[Reason]:
    row, issued = notice.addressees[0], day_of(notice.issued_at)
    cited = caller.cite("integrity")
    if dated > caller.today:
        yield Reason("date.future", "送达日期不能晚于今天。", field="dated")
    elif dated < issued:
        text = f"送达日期{in_chinese(dated)}早于告知书的日期{in_chinese(issued)}。"
        yield Reason("date.early", text, cited, field="dated")
    if row.served_on and row.recorded_by_id == caller.actor.person_id:
        yield Reason("A13.other", "送达由您登记，更正须由另一人办理。", cited)
    if row.served_on and (row.manner, row.dated) == (manner, dated):
        yield Reason("A13.same", "与原来登记的送达相同。", cited, field="dated")


def state(caller: Caller, notice_id: int, values: Mapping[str, Any]) -> None:
    """Submit the statement of one's own organisation, or its waiver, ``values``: kind, text. Raise NotFound, Forbidden, Blocked."""
    with writing(caller.session):
        notice = open_notice(caller, notice_id)
        row = notice.addressees[0]
        if "applicant" not in caller.actor.roles or row.organisation_id != caller.actor.organisation_id:
            raise Forbidden("陈述、申辩由被告知的单位提出。")
        against = list(_incomplete(caller, values))
        if row.answer_until and not caller.in_time(close := last_moment_of(row.answer_until)):
            text = f"陈述、申辩的期限已于{in_chinese(row.answer_until)}24时届满。{caller.late_words(close)}"
            against.append(Reason("A13.days", text, caller.cite("integrity")))
        if against:
            raise Blocked(against)
        _add_statement(caller, notice, values, caller.today, "site")
        answer, link = ANSWERS[values["kind"]], office_page(notice)
        notify(
            caller, "restriction_statement", to_role("science"), link=link, name=row.organisation.name, answer=answer
        )
        _record(caller, notice, "state_on_restriction", "", dict(values), role="applicant")


def enter(caller: Caller, notice_id: int, values: Mapping[str, Any]) -> None:
    """Enter a statement made on paper or by word of mouth, ``values``: kind, text, channel, received_on. Raise NotFound, Blocked."""
    with writing(caller.session):
        notice = open_notice(caller, notice_id)
        row, received = notice.addressees[0], date.fromisoformat(values["received_on"])
        against = [*_incomplete(caller, values), *_against_receipt(caller, notice, received)]
        if against:
            raise Blocked(against)
        _add_statement(caller, notice, values, received, values["channel"])
        told, answer = to_organisation(row.organisation_id), ANSWERS[values["kind"]]
        notify(caller, "restriction_entered", told, link=_page(notice), received_on=received, answer=answer)
        _record(caller, notice, "enter_restriction_statement", "", dict(values))


def _incomplete(caller: Caller, values: Mapping[str, Any]) -> Iterator[Reason]:
    if values["kind"] == "stated" and not values.get("text"):
        yield Reason("A13.statement", "请写明陈述、申辩的内容。", caller.cite("integrity"), field="text")
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


def _add_statement(caller: Caller, notice: PriorNotice, values: Mapping[str, Any], day: date, channel: str) -> None:
    caller.session.add(
        PartyStatement(
            prior_notice_id=notice.id,
            organisation_id=notice.addressees[0].organisation_id,
            kind=values["kind"],
            text=values.get("text") or "",
            channel=channel,
            received_on=day,
            recorded_at=caller.now,
            recorded_by_id=caller.actor.person_id,
        )
    )


def unheard(caller: Caller, notice: PriorNotice, considered: str) -> Iterator[Reason]:
    """Yield reasons unless the organisation was served, has had its days or waived them, and was considered; by another person."""
    cited, row = caller.cite("integrity"), notice.addressees[0]
    if notice.status != "open":
        yield Reason("A13.told", "这份告知书已经用于决定、撤回或者由新的取代。", cited)
        return
    if notice.issued_by_id == caller.actor.person_id:
        yield Reason("A13.other", "告知书由您出具，决定须由另一人作出。", cited)
    said = statements_on(caller.session, notice)
    waived = any(one.kind == "waived" for one in said)
    if row.answer_until is None:
        yield Reason("A13.served", "告知书尚未登记送达。", cited)
    elif not waived and last_moment_of(row.answer_until) >= caller.collected:
        text = f"该单位可以陈述、申辩至{in_chinese(row.answer_until)}24时，期满前不作出限制申报的决定。"
        yield Reason("A13.days", text, cited)
    if any(one.kind == "stated" for one in said) and not considered:
        text = "已收到陈述、申辩，请写明复核情况：哪些采纳、哪些不采纳和理由。"
        yield Reason("A13.considered", text, cited, field="considered")


def open_notice(caller: Caller, notice_id: int) -> PriorNotice:
    """Return the notice, its organisation locked. Raise NotFound for one of a project, Blocked when it is not open any more."""
    notice = caller.session.get(PriorNotice, notice_id)
    if notice is None or notice.project_id is not None:
        raise NotFound(f"prior notice {notice_id}")
    caller.session.get_one(Organisation, notice.addressees[0].organisation_id, with_for_update=True)
    caller.session.refresh(notice)
    if notice.status != "open":
        text = "这份告知书已经用于决定、撤回或者由新的取代。"
        raise Blocked([Reason("A13.told", text, caller.cite("integrity"))])
    return notice


def _lengthened(session: Session, notice: PriorNotice) -> Restriction | None:
    return session.get_one(Restriction, notice.restriction_id) if notice.restriction_id else None


def _page(notice: PriorNotice) -> str:
    return f"/organisation/notices/{notice.id}"


def office_page(notice: PriorNotice) -> str:
    """Return the path of the notice for the lead office."""
    return f"/admin/restrictions/notices/{notice.id}"


def _record(
    caller: Caller,
    notice: PriorNotice,
    trigger: str,
    reason: str,
    said: Mapping[str, Any],
    request_key: str | None = None,
    role: str = "science",
) -> None:
    row = notice.addressees[0]
    data = {"name": row.organisation.name, "uscc": row.organisation.uscc, "notice": notice.id} | dict(said)
    stream = f"organisation:{row.organisation_id}"
    audit.append(caller, stream, trigger=trigger, role=role, reason=reason, data=data, request_key=request_key)
