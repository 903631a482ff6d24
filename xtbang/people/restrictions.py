"""The list of restrictions (限制名单): organisations barred from applying, bidding and payment, or admitted again.

The bureaus decide after a prior notice of the lead office (`people.restriction_notices`); all else takes two people (`people.restriction_acts`).
"""

from collections.abc import Mapping
from datetime import date
from typing import Any

from sqlalchemy import select

from xtbang.actions import audit
from xtbang.actions.issue import issue_for_organisation
from xtbang.actions.notify import notify, to_organisation
from xtbang.errors import Blocked
from xtbang.models import Event, Organisation, PriorNotice, Restriction
from xtbang.models.writing import writing
from xtbang.papers.facts.restriction import days_of, restriction
from xtbang.people.restriction_notices import open_notice, term_reasons, unheard
from xtbang.queries.caller import Caller, bureau_role
from xtbang.queries.organisations import statements_on
from xtbang.rules.reasons import Reason
from xtbang.rules.term import in_chinese


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
            row = add_restriction(caller, notice.addressees[0].organisation_id, caller.today, until, notice.reason)
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
        tell_restricted(caller, row)
        data = _named(row.organisation, row) | days | {"notice": notice.id, "before": before, "considered": considered}
        stream = f"organisation:{row.organisation_id}"
        audit.append(
            caller,
            stream,
            trigger="restrict",
            role=bureau_role(caller),
            reason=row.reason,
            data=data,
            request_key=request_key,
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


def add_restriction(caller: Caller, organisation_id: int, starts: date, ends: date, reason: str) -> Restriction:
    """Return a new restriction of an organisation, stored."""
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


def tell_restricted(caller: Caller, row: Restriction) -> None:
    """Send the people of an organisation a mail that it is restricted, until when and why."""
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


def _named(organisation: Organisation, row: Restriction) -> dict[str, Any]:
    """Return the values that the events of a restriction record."""
    return {"name": organisation.name, "uscc": organisation.uscc, "restriction": row.id}
