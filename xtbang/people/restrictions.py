"""The list of restrictions (限制名单): organisations barred from applying, bidding and payment, or admitted again.

The lead office decides after a prior notice (`people.restriction_notices`), or records what another authority has decided.
"""

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from xtbang.actions import audit
from xtbang.actions.issue import cancel_for_organisation, issue_for_organisation
from xtbang.actions.notify import notify, to_organisation
from xtbang.errors import Blocked, NotFound
from xtbang.models import Event, Organisation, Paper, PriorNotice, Restriction
from xtbang.models.writing import writing
from xtbang.papers.facts.restriction import days_of, restriction
from xtbang.people.restriction_notices import open_notice, term_reasons, unheard
from xtbang.queries.caller import Caller
from xtbang.queries.organisations import statements_on, told_until
from xtbang.rules.reasons import Reason
from xtbang.rules.term import in_chinese


def restrict(caller: Caller, values: Mapping[str, Any], request_key: str) -> None:
    """Record what another authority has decided with effect, and notify the organisation's people.

    ``values``: uscc, starts_on, ends_on (ISO dates), reason, document (its name and number).
    A repeated request does nothing. One transaction with its event. Raise Blocked with all of `reasons`.
    """
    session = caller.session
    with writing(session):
        wanted = select(Organisation).where(Organisation.uscc == values["uscc"]).with_for_update()
        organisation = session.scalars(wanted).first()
        if session.scalar(select(Event.id).where(Event.request_key == request_key)):
            return
        against = reasons(caller, values)
        if against or organisation is None:
            raise Blocked(against)
        starts, ends = date.fromisoformat(values["starts_on"]), date.fromisoformat(values["ends_on"])
        row = _added(caller, organisation.id, starts, ends, values["reason"])
        _tell(caller, row)
        audit.append(
            caller,
            f"organisation:{organisation.id}",
            trigger="restrict",
            role="science",
            reason=row.reason,
            request_key=request_key,
            data=_named(organisation, row) | {key: values[key] for key in ("starts_on", "ends_on", "document")},
        )


def reasons(caller: Caller, values: Mapping[str, Any]) -> list[Reason]:
    """Return every reason against a restriction: an unknown organisation, dates in the wrong order or in the past."""
    found = []
    known = select(Organisation.id).where(Organisation.uscc == values["uscc"])
    if caller.session.scalars(known).first() is None:
        found.append(Reason("A13.organisation", "这个统一社会信用代码没有在本系统注册。", field="uscc"))
    starts, ends = date.fromisoformat(values["starts_on"]), date.fromisoformat(values["ends_on"])
    return [*found, *term_reasons(caller, starts, ends)]


def decide(caller: Caller, notice_id: int, values: Mapping[str, Any], request_key: str) -> None:
    """Decide what a prior notice says, or less: a restriction, or longer days of the one that there is.

    ``values``: ends_on (ISO date), at most the day in the notice, and considered. It begins with the decision at the earliest.
    A repeated request does nothing. Raise NotFound, and Blocked with all of `decision_reasons`.
    """
    session = caller.session
    with writing(session):
        if session.scalar(select(Event.id).where(Event.request_key == request_key)):
            return
        notice, considered = open_notice(caller, notice_id), values.get("considered") or ""
        if against := decision_reasons(caller, notice, values):
            raise Blocked(against)
        until = date.fromisoformat(values["ends_on"])
        row = session.get(Restriction, notice.restriction_id) if notice.restriction_id else None
        before = days_of(row)
        if row is None:
            row = _added(caller, notice.addressees[0].organisation_id, caller.today, until, notice.reason)
            row.starts_on = max(notice.restrict_from or caller.today, caller.today)
        else:
            row.starts_on = min(row.starts_on, max(notice.restrict_from or caller.today, caller.today))
            row.ends_on = until
        session.flush()
        notice.status, notice.ended_at, notice.restriction_id = "used", caller.now, row.id
        said, today = statements_on(session, notice), caller.today.isoformat()
        facts = restriction(
            caller.policy.city, row, notice, said, considered=considered, before=before, decided_on=today
        )
        issue_for_organisation(caller, row.organisation_id, "restriction", "限制申报决定书", facts, f":{row.id}")
        days = {"starts_on": row.starts_on.isoformat(), "ends_on": row.ends_on.isoformat()}
        _tell(caller, row)
        data = _named(row.organisation, row) | days | {"notice": notice.id, "before": before, "considered": considered}
        stream = f"organisation:{row.organisation_id}"
        audit.append(
            caller, stream, trigger="restrict", role="science", reason=row.reason, data=data, request_key=request_key
        )


def decision_reasons(caller: Caller, notice: PriorNotice, values: Mapping[str, Any]) -> list[Reason]:
    """Return every reason against deciding now: the organisation was not heard, or not of so much; the days are over."""
    starts, ends = max(notice.restrict_from or caller.today, caller.today), date.fromisoformat(values["ends_on"])
    found = [*unheard(caller, notice, values.get("considered") or ""), *term_reasons(caller, starts, ends)]
    if notice.restrict_until and ends > notice.restrict_until:
        text = f"告知的是限制至{in_chinese(notice.restrict_until)}；要限制更久的，须重新出具告知书。"
        found.append(Reason("A13.told", text, caller.cite("integrity"), field="ends_on"))
    row = caller.session.get(Restriction, notice.restriction_id) if notice.restriction_id else None
    if row is not None and (row.lifted_at or row.ends_on < caller.today):
        text = "要延长的限制已经解除或者到期，须重新告知。"
        found.append(Reason("A13.over", text, caller.cite("integrity")))
    return found


def _added(caller: Caller, organisation_id: int, starts: date, ends: date, reason: str) -> Restriction:
    row = Restriction(
        organisation_id=organisation_id,
        starts_on=starts,
        ends_on=ends,
        reason=reason,
        created_at=caller.now,
        created_by_id=caller.actor.person_id,
    )
    caller.session.add(row)
    caller.session.flush()
    return row


def _tell(caller: Caller, row: Restriction) -> None:
    notify(
        caller,
        "restrict",
        to_organisation(row.organisation_id),
        link="/organisation",
        article=caller.cite("integrity"),
        name=row.organisation.name,
        starts_on=row.starts_on,
        ends_on=row.ends_on,
        reason=row.reason,
    )


def lift_restriction(caller: Caller, restriction_id: int, reason: str) -> None:
    """End a restriction early and notify the organisation. One transaction. Raise NotFound and Blocked."""
    session = caller.session
    with writing(session):
        row = session.get(Restriction, restriction_id, with_for_update=True)
        if row is None:
            raise NotFound(f"restriction {restriction_id}")
        if against := list(against_lifting(caller, row)):
            raise Blocked(against)
        organisation = session.get_one(Organisation, row.organisation_id, with_for_update=True)
        row.lifted_at = caller.now
        told, name = to_organisation(organisation.id), organisation.name
        cancel_for_organisation(caller, organisation.id, "restriction", f":{row.id}")
        notify(caller, "lift_restriction", told, link="/desk", name=name, reason=reason)
        stream, data = f"organisation:{organisation.id}", _named(organisation, row)
        audit.append(caller, stream, trigger="lift_restriction", role="science", reason=reason, data=data)


def against_lifting(caller: Caller, row: Restriction) -> Iterator[Reason]:
    """Yield a reason when the restriction is over."""
    if row.lifted_at or row.ends_on < caller.today:
        text = "这项限制已经解除。" if row.lifted_at else "这项限制已经到期，不需要解除。"
        yield Reason("A13.over", text, caller.cite("integrity"))


def restore_restriction(caller: Caller, restriction_id: int, reason: str) -> None:
    """Let a restriction hold again that was lifted by mistake, until its day; its decision paper is in force again.

    It takes another person than who lifted it. One transaction with its event; the organisation gets a mail. Raise NotFound
    and Blocked.
    """
    session = caller.session
    with writing(session):
        row = session.get(Restriction, restriction_id, with_for_update=True, populate_existing=True)
        if row is None:
            raise NotFound(f"restriction {restriction_id}")
        if against := list(against_restoring(caller, row)):
            raise Blocked(against)
        organisation = session.get_one(Organisation, row.organisation_id, with_for_update=True)
        row.lifted_at = None
        last = select(func.max(Paper.id)).where(Paper.subject == f"organisation:{organisation.id}:{row.id}")
        session.execute(update(Paper).where(Paper.id == last.scalar_subquery()).values(state="current"))
        told, name = to_organisation(organisation.id), organisation.name
        notify(caller, "restore_restriction", told, link="/organisation", name=name, ends_on=row.ends_on, reason=reason)
        stream, data = f"organisation:{organisation.id}", _named(organisation, row)
        audit.append(caller, stream, trigger="restore_restriction", role="science", reason=reason, data=data)


def against_restoring(caller: Caller, row: Restriction) -> Iterator[Reason]:
    """Yield a reason unless another person of the office has lifted the restriction, and its day is still to come."""
    cited, lifted = caller.cite("integrity"), _lifted_by(caller.session, row)
    if row.lifted_at is None or row.ends_on < caller.today or lifted is None:
        yield Reason("A13.over", "这项限制没有另行解除，或者已经到期，不能恢复。", cited)
    elif lifted.actor_id == caller.actor.person_id:
        yield Reason("A13.other", "这项限制由您解除，恢复须由另一人办理。", cited)


def _lifted_by(session: Session, row: Restriction) -> Event | None:
    """Return the event of the office that lifted it; None where it ended with a decision that was revoked."""
    stream, lifted = f"organisation:{row.organisation_id}", Event.trigger == "lift_restriction"
    found = session.scalars(select(Event).where(Event.stream == stream, lifted).order_by(Event.id.desc()))
    return next((event for event in found if event.data.get("restriction") == row.id), None)


def correct_restriction(caller: Caller, restriction_id: int, values: Mapping[str, Any]) -> None:
    """Correct the days of a restriction; ``values``: starts_on, ends_on (ISO dates), reason. Notify the organisation.

    It takes another person than who recorded it. One transaction with its event. Raise NotFound and Blocked.
    """
    session = caller.session
    with writing(session):
        row = session.get(Restriction, restriction_id, with_for_update=True)
        if row is None:
            raise NotFound(f"restriction {restriction_id}")
        starts, ends = date.fromisoformat(values["starts_on"]), date.fromisoformat(values["ends_on"])
        if against := list(_against_days(caller, row, starts, ends)):
            raise Blocked(against)
        organisation = session.get_one(Organisation, row.organisation_id, with_for_update=True)
        before = {"starts_before": row.starts_on.isoformat(), "ends_before": row.ends_on.isoformat()}
        row.starts_on, row.ends_on = starts, ends
        told, name, reason = to_organisation(organisation.id), organisation.name, values["reason"]
        notify(
            caller, "correct_restriction", told, link="/desk", name=name, starts_on=starts, ends_on=ends, reason=reason
        )
        data = _named(organisation, row) | before | {key: values[key] for key in ("starts_on", "ends_on")}
        stream = f"organisation:{organisation.id}"
        audit.append(caller, stream, trigger="correct_restriction", role="science", reason=values["reason"], data=data)


def _against_days(caller: Caller, row: Restriction, starts: date, ends: date) -> Iterator[Reason]:
    cited = caller.cite("integrity")
    if row.lifted_at:
        yield Reason("A13.over", "这项限制已经解除。", cited)
    if row.created_by_id == caller.actor.person_id:
        yield Reason("A13.other", "这项限制由您登记，更正须由另一人办理。", cited)
    if (starts, ends) == (row.starts_on, row.ends_on):
        yield Reason("A13.same", "与原来的限制期相同。", cited, field="ends_on")
    if ends < starts:
        yield Reason("A13.order", "截止日期不能早于开始日期。", cited, field="ends_on")
    elif ends < caller.today:
        yield Reason("A13.until", "截止日期不能早于今天；不再限制的，办理解除。", cited, field="ends_on")
    told = told_until(caller.session, row)
    if told is not None and (ends > told or starts < row.starts_on):
        text = f"这个单位被告知限制至{in_chinese(told)}；要延长限制期的，须先出具告知书，听取陈述、申辩。"
        yield Reason("A13.told", text, cited, field="ends_on" if ends > told else "starts_on")


def _named(organisation: Organisation, row: Restriction) -> dict[str, Any]:
    """Return the values that the events of a restriction record."""
    return {"name": organisation.name, "uscc": organisation.uscc, "restriction": row.id}
