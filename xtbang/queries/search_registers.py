"""Sources of the search index that belong to no project: what stands in a register of its own."""

from collections.abc import Collection, Iterator

from sqlalchemy import select
from sqlalchemy.orm import Session

from xtbang.models import (
    BudgetLine,
    Call,
    CollectiveSlip,
    Meeting,
    MeetingItem,
    MeetingSeat,
    Notice,
    Organisation,
    OrganisationChange,
    Paper,
    Person,
    ProjectImport,
    Restriction,
    RestrictionAct,
)
from xtbang.queries.search_items import Item, Source, former_names
from xtbang.rules.document_number import number_of

ORGANISATION, MEETING, RESTRICTION, WAITING_ACT = 20, 24, 26, 28  # numbers of sources


def _notices(session: Session, ids: Collection[int]) -> Iterator[Item]:
    columns = (Notice.id, Notice.number, Notice.published_at, Notice.title, Notice.body)
    for row in session.execute(select(*columns).where(Notice.id.in_(ids), Notice.status != "draft")):
        yield Item("notice", row.id, [number_of(row), row.title, row.body], title=row.title, exact=number_of(row))


def _budgets(session: Session, ids: Collection[int]) -> Iterator[Item]:
    """Yield the budget of each call, with the papers that changed it."""
    said: dict[int, list[str]] = {}
    lines = select(BudgetLine.call_id, BudgetLine.number, BudgetLine.source, BudgetLine.reason)
    for row in session.execute(lines.where(BudgetLine.call_id.in_(ids)).order_by(BudgetLine.id)):
        said.setdefault(row.call_id, []).extend((row.number, row.source, row.reason))
    for call in session.execute(select(Call.id, Call.title).where(Call.id.in_(said))):
        yield Item("budget", call.id, [call.title, *said[call.id]], title=call.title)


def _organisations(session: Session, ids: Collection[int]) -> Iterator[Item]:
    """Yield the organisations, with their former names and the people who act for them."""
    former, people = former_names(session, ids), dict[int, list[str]]()
    of_them = select(Person.organisation_id, Person.name, Person.mobile, Person.email).order_by(Person.id)
    for person in session.execute(of_them.where(Person.organisation_id.in_(ids))):
        people.setdefault(person.organisation_id, []).extend((person.name, person.mobile, person.email))
    for row in session.scalars(select(Organisation).where(Organisation.id.in_(ids))):
        names, codes = former.get(row.id, ([], []))
        words = [row.name, *names, row.code, *codes, row.region, row.address, row.legal_name, row.legal_phone]
        words += people.get(row.id, [])
        yield Item("organisation", row.id, words, title=row.name, exact=row.code)


def _people(session: Session, ids: Collection[int]) -> Iterator[Item]:
    query = select(Person.id, *KNOWN_BY, Organisation.name.label("organisation")).outerjoin(
        Organisation, Organisation.id == Person.organisation_id
    )
    for row in session.execute(query.where(Person.id.in_(ids))):
        words = [row.name, row.title, row.mobile, row.email, row.employer, row.organisation or ""]
        yield Item("person", row.id, words, title=row.name, exact=row.mobile)


def _meetings(session: Session, ids: Collection[int]) -> Iterator[Item]:
    """Yield the meetings, with their experts and the numbers of their papers."""
    said: dict[int, list[str]] = {}
    seats = select(MeetingSeat.meeting_id, Person.name, MeetingSeat.answer_note)
    seats = seats.join(Person, Person.id == MeetingSeat.expert_id).order_by(MeetingSeat.id)
    for seat in session.execute(seats.where(MeetingSeat.meeting_id.in_(ids))):
        said.setdefault(seat.meeting_id, []).extend((seat.name, seat.answer_note))
    papers = select(MeetingItem.meeting_id, Paper.number).join(Paper, Paper.project_id == MeetingItem.project_id)
    papers = papers.where(MeetingItem.meeting_id.in_(ids), Paper.subject.in_([f"meeting:{number}" for number in ids]))
    numbers = {row.meeting_id: row.number for row in session.execute(papers.order_by(Paper.id))}
    for row in session.scalars(select(Meeting).where(Meeting.id.in_(ids))):
        number = numbers.get(row.id, "")
        words = [number, row.title, row.place, row.reason, *said.get(row.id, ())]
        yield Item("meeting", row.id, words, title=row.title, exact=number)


def _imports(session: Session, ids: Collection[int]) -> Iterator[Item]:
    columns = (ProjectImport.id, ProjectImport.file_name, ProjectImport.decision)
    for row in session.execute(select(*columns).where(ProjectImport.id.in_(ids))):
        yield Item("import", row.id, [row.file_name, row.decision], title=row.file_name, exact=row.file_name)


def _restrictions(session: Session, ids: Collection[int]) -> Iterator[Item]:
    """Yield the restrictions, with the documents on which they rest and what was asked for."""
    said: dict[int, list[str]] = {}
    acts = select(RestrictionAct.restriction_id, RestrictionAct.document, RestrictionAct.reason)
    for act in session.execute(acts.where(RestrictionAct.restriction_id.in_(ids)).order_by(RestrictionAct.id)):
        said.setdefault(act.restriction_id, []).extend((act.document, act.reason))
    query = select(Restriction.id, Restriction.reason, Organisation.name, Organisation.uscc)
    query = query.join(Organisation, Organisation.id == Restriction.organisation_id)
    for row in session.execute(query.where(Restriction.id.in_(ids))):
        yield Item("restriction", row.id, [row.name, row.uscc, row.reason, *said.get(row.id, ())], title=row.name)


def _waiting_acts(session: Session, ids: Collection[int]) -> Iterator[Item]:
    """Yield the acts on restrictions that another person has still to confirm."""
    query = select(
        RestrictionAct.id, RestrictionAct.document, RestrictionAct.reason, Organisation.name, Organisation.uscc
    )
    query = query.join(Organisation, Organisation.id == RestrictionAct.organisation_id)
    for row in session.execute(query.where(RestrictionAct.id.in_(ids), RestrictionAct.status == "waiting")):
        words = [row.name, row.uscc, row.document, row.reason]
        yield Item("waiting_act", row.id, words, title=row.name, exact=row.document)


def _slips(session: Session, ids: Collection[int]) -> Iterator[Item]:
    columns = (CollectiveSlip.id, CollectiveSlip.number, CollectiveSlip.note)
    for row in session.execute(select(*columns).where(CollectiveSlip.id.in_(ids))):
        yield Item("slip", row.id, [row.number, row.note], title=row.number, exact=row.number)


REGISTERED = (
    Organisation.name,
    Organisation.uscc,
    Organisation.region,
    Organisation.address,
    Organisation.legal_name,
    Organisation.legal_phone,
    OrganisationChange.status,
)
KNOWN_BY = (Person.name, Person.title, Person.mobile, Person.email, Person.employer, Person.organisation_id)
INVITED = (MeetingSeat.expert_id, MeetingSeat.answer_note)
OF_REGISTERS: tuple[Source, ...] = (
    Source(17, Notice.id, _notices, (Notice.number, Notice.title, Notice.body, Notice.status)),
    Source(ORGANISATION, Organisation.id, _organisations, REGISTERED),
    Source(21, Person.id, _people, KNOWN_BY),
    Source(23, BudgetLine.call_id, _budgets, (BudgetLine.number, BudgetLine.source, BudgetLine.reason)),
    Source(MEETING, Meeting.id, _meetings, (Meeting.title, Meeting.place, Meeting.reason, *INVITED)),
    Source(25, ProjectImport.id, _imports, (ProjectImport.file_name, ProjectImport.decision)),
    Source(RESTRICTION, Restriction.id, _restrictions, (Restriction.reason, RestrictionAct.restriction_id)),
    Source(WAITING_ACT, RestrictionAct.id, _waiting_acts, (RestrictionAct.status,)),
    Source(27, CollectiveSlip.id, _slips, (CollectiveSlip.number, CollectiveSlip.note)),
)
