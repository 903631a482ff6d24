"""The list of restrictions (限制名单): organisations barred from applying, bidding and payment, or admitted again."""

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

from sqlalchemy import select

from xtbang.actions import audit
from xtbang.actions.notify import notify, to_organisation
from xtbang.errors import Blocked, NotFound
from xtbang.models import Event, Organisation, Restriction
from xtbang.models.writing import writing
from xtbang.queries.caller import Caller
from xtbang.rules.reasons import Reason
from xtbang.rules.service import last_day_to_answer, served_on
from xtbang.rules.term import in_chinese

GROUNDS = {"own": "本市管理部门：已告知并听取陈述、申辩", "other": "其他机关：决定已经生效"}
STATED = {"none": "期满没有提出", "waived": "书面放弃", "stated": "已经提出"}
GROUNDED = ("ground", "document", "manner", "dated", "stated", "considered")  # what the event records besides


def restrict(caller: Caller, values: Mapping[str, Any], request_key: str) -> None:
    """Record a restriction; ``values``: uscc, starts_on, ends_on (ISO dates), reason, and those of `GROUNDED`. Notify its people.

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
        row = Restriction(
            organisation_id=organisation.id,
            starts_on=date.fromisoformat(values["starts_on"]),
            ends_on=date.fromisoformat(values["ends_on"]),
            reason=values["reason"],
            created_at=caller.now,
            created_by_id=caller.actor.person_id,
        )
        session.add(row)
        session.flush()
        notify(
            caller,
            "restrict",
            to_organisation(organisation.id),
            link="/desk",
            article=caller.cite("integrity"),
            name=organisation.name,
            starts_on=row.starts_on,
            ends_on=row.ends_on,
            reason=row.reason,
        )
        audit.append(
            caller,
            f"organisation:{organisation.id}",
            trigger="restrict",
            role="science",
            reason=row.reason,
            request_key=request_key,
            data=_named(organisation, row)
            | {key: values.get(key) or "" for key in ("starts_on", "ends_on", *GROUNDED)},
        )


def reasons(caller: Caller, values: Mapping[str, Any]) -> list[Reason]:
    """Return every reason against a restriction: an unknown organisation, dates in the wrong order or in the past."""
    found = []
    known = select(Organisation.id).where(Organisation.uscc == values["uscc"])
    if caller.session.scalars(known).first() is None:
        found.append(Reason("A13.organisation", "这个统一社会信用代码没有在本系统注册。", field="uscc"))
    starts, ends = date.fromisoformat(values["starts_on"]), date.fromisoformat(values["ends_on"])
    if ends < starts:
        found.append(Reason("A13.order", "截止日期不能早于开始日期。", caller.cite("integrity"), field="ends_on"))
    elif ends < caller.today:
        found.append(Reason("A13.until", "截止日期不能早于今天。", caller.cite("integrity"), field="ends_on"))
    return [*found, *(_unheard(caller, values) if values["ground"] == "own" else ())]


def _unheard(caller: Caller, values: Mapping[str, Any]) -> Iterator[Reason]:
    """Yield reasons unless the organisation got a prior notice (告知书), and has had its days to state its case."""
    cited = caller.cite("integrity")
    wanted = {"manner": "送达方式", "dated": "送达日期", "stated": "陈述、申辩的情况"}
    missing = [key for key in wanted if not values.get(key)]
    for key in missing:
        text = f"作出限制申报的决定前须先告知该单位、听取陈述、申辩，请填写告知书的{wanted[key]}。"
        yield Reason("A13.told", text, cited, field=key)
    if missing:
        return
    dated = date.fromisoformat(values["dated"])
    if dated > caller.today:
        yield Reason("date.future", "送达日期不能晚于今天。", field="dated")
        return
    days = max(edition.statement_days for edition in caller.policy.editions.values())
    until = last_day_to_answer(served_on(values["manner"], dated), days, caller.policy.city.holidays)
    if values["stated"] != "waived" and until >= caller.today:
        text = f"该单位可以陈述、申辩至{in_chinese(until)}24时，期满前不作出限制申报的决定。"
        yield Reason("A13.days", text, cited, field="dated")
    if values["stated"] == "stated" and not values.get("considered"):
        text = "已提出陈述、申辩的，请写明内容和复核情况。"
        yield Reason("A13.considered", text, cited, field="considered")


def lift_restriction(caller: Caller, restriction_id: int, reason: str) -> None:
    """End a restriction early and notify the organisation. One transaction. Raise NotFound and Blocked."""
    session = caller.session
    with writing(session):
        row = session.get(Restriction, restriction_id, with_for_update=True)
        if row is None:
            raise NotFound(f"restriction {restriction_id}")
        if row.lifted_at or row.ends_on < caller.today:
            text = "这项限制已经解除。" if row.lifted_at else "这项限制已经到期，不需要解除。"
            raise Blocked([Reason("A13.over", text, caller.cite("integrity"))])
        organisation = session.get_one(Organisation, row.organisation_id, with_for_update=True)
        row.lifted_at = caller.now
        told, name = to_organisation(organisation.id), organisation.name
        notify(caller, "lift_restriction", told, link="/desk", name=name, reason=reason)
        stream, data = f"organisation:{organisation.id}", _named(organisation, row)
        audit.append(caller, stream, trigger="lift_restriction", role="science", reason=reason, data=data)


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


def _named(organisation: Organisation, row: Restriction) -> dict[str, Any]:
    """Return the values that the events of a restriction record."""
    return {"name": organisation.name, "uscc": organisation.uscc, "restriction": row.id}
