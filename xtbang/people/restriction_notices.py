"""Prior notices (告知书) of restrictions outside a project: issued, served, withdrawn; the decision rests on one.

Each command is one transaction with its event, in the stream of the organisation.
"""

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from xtbang.actions import audit
from xtbang.actions.issue import issue_for_organisation
from xtbang.actions.notify import notify, to_bureaus, to_organisation
from xtbang.errors import Blocked, NotFound
from xtbang.models import Addressee, Event, Organisation, Paper, PriorNotice, Restriction
from xtbang.models.writing import writing
from xtbang.papers.facts.restriction import TITLE, restriction_notice
from xtbang.queries.caller import Caller, bureau_role
from xtbang.queries.holidays import holidays_of
from xtbang.queries.organisations import open_restriction_notice, paper_of_notice, statements_on
from xtbang.rules.dates import day_of, last_moment_of
from xtbang.rules.reasons import Reason
from xtbang.rules.service import MANNERS, last_day_to_answer, served_on
from xtbang.rules.term import in_chinese


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
            _mark_paper(caller, earlier, "superseded")
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
        notify(caller, "restriction_to_decide", to_bureaus(), link=office_page(notice), name=organisation.name)
        notify(caller, "restriction_notice", told, link=page_of(notice), name=organisation.name, workdays=days)
        said = {key: values[key] for key in ("starts_on", "ends_on", "reason", "evidence")}
        record_on(caller, notice, "tell_restriction", values["reason"], said, request_key)
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
        withdraw(caller, open_notice(caller, notice_id), values["reason"])


def withdraw(caller: Caller, notice: PriorNotice, reason: str) -> None:
    """Withdraw an open notice within the transaction: its paper is void, its organisation gets a mail."""
    notice.status, notice.ended_at = "withdrawn", caller.now
    organisation = notice.addressees[0].organisation
    _mark_paper(caller, notice, "cancelled")
    told = to_organisation(organisation.id)
    notify(caller, "restriction_withdrawn", told, link=page_of(notice), name=organisation.name, reason=reason)
    record_on(caller, notice, "withdraw_restriction_notice", reason, {})


def serve(caller: Caller, notice_id: int, values: Mapping[str, Any]) -> None:
    """Record the service of an open notice, or correct it as another person, ``values``: manner, dated. Raise NotFound, Blocked."""
    with writing(caller.session):
        notice = open_notice(caller, notice_id)
        row, dated = notice.addressees[0], date.fromisoformat(values["dated"])
        if against := list(_against_service(caller, notice, values["manner"], dated)):
            raise Blocked(against)
        before = f"{MANNERS[row.manner]} {row.dated}" if row.served_on else ""
        known = holidays_of(caller.session, caller.policy.city)
        row.manner, row.dated = values["manner"], dated
        row.served_on = served_on(row.manner, dated)
        row.answer_until = last_day_to_answer(row.served_on, workdays_to_answer(caller), known)
        row.recorded_by_id = caller.actor.person_id
        notify(
            caller,
            "restriction_served",
            to_organisation(row.organisation_id),
            link=page_of(notice),
            name=row.organisation.name,
            served_on=row.served_on,
            last_day=row.answer_until,
        )
        record_on(caller, notice, "serve_restriction_notice", "", dict(values) | {"before": before})


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


def _mark_paper(caller: Caller, notice: PriorNotice, state: str) -> None:
    papers = update(Paper).where(paper_of_notice(notice), Paper.state == "current")
    caller.session.execute(papers.values(state=state))


def _lengthened(session: Session, notice: PriorNotice) -> Restriction | None:
    return session.get_one(Restriction, notice.restriction_id) if notice.restriction_id else None


def page_of(notice: PriorNotice) -> str:
    """Return the path of the notice for its organisation."""
    return f"/organisation/notices/{notice.id}"


def office_page(notice: PriorNotice) -> str:
    """Return the path of the notice for the bureaus."""
    return f"/admin/restrictions/notices/{notice.id}"


def record_on(
    caller: Caller,
    notice: PriorNotice,
    trigger: str,
    reason: str,
    said: Mapping[str, Any],
    request_key: str | None = None,
    role: str = "",
) -> None:
    """Append an event about the notice to the stream of its organisation; without a role by a bureau."""
    row = notice.addressees[0]
    data = {"name": row.organisation.name, "uscc": row.organisation.uscc, "notice": notice.id} | dict(said)
    stream = f"organisation:{row.organisation_id}"
    role = role or bureau_role(caller)
    audit.append(caller, stream, trigger=trigger, role=role, reason=reason, data=data, request_key=request_key)
