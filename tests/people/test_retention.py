"""Personal data is erased when its years are over: who objected, whose account was closed, what was mailed; the chains stay whole."""

from datetime import datetime
from itertools import groupby

from sqlalchemy import func, select

from tests.factories import later
from tests.factories.projects import ProjectFactory
from xtbang.actions import audit
from xtbang.models import Event, Mail, Objection, Person
from xtbang.people.retention import ERASED, erase_overdue, overdue
from xtbang.queries.audit import in_chains
from xtbang.queries.caller import Caller
from xtbang.rules.actor import SYSTEM
from xtbang.rules.dates import SHANGHAI

OBJECTOR, TELEPHONE = "艾疑仁", "13912345678"


def objected_and_closed(factory: ProjectFactory, day: str) -> None:
    project = later.published(factory)
    later.object_to(factory, project, name=OBJECTOR, contact=TELEPHONE)
    with factory.writing():
        project.closed_at = datetime.fromisoformat(f"{day} 12:00").replace(tzinfo=SHANGHAI)


def system(factory: ProjectFactory) -> Caller:
    return factory.engine.caller(factory.session, SYSTEM)


def trail(factory: ProjectFactory) -> str:
    return "".join(str(row.data) for row in factory.session.scalars(select(Event)))


def test_an_objector_is_named_for_three_years_and_never_in_the_trail(factory: ProjectFactory) -> None:
    objected_and_closed(factory, "2024-12-20")
    assert OBJECTOR not in trail(factory)
    assert TELEPHONE not in trail(factory)
    mails = factory.session.scalar(select(func.count(Mail.id)))
    factory.at("2027-12-19 09:00")
    assert not any(erase_overdue(system(factory)).values()), "a day too early"
    factory.at("2027-12-20 09:00")
    assert erase_overdue(system(factory)) == {"accounts": 0, "mails": mails, "objectors": 1}
    row = factory.session.scalars(select(Objection)).one()
    assert (row.name, row.contact) == (ERASED, "")
    assert factory.session.scalar(select(func.count(Mail.id))) == 0
    assert not any(overdue(system(factory)).values()), "once is enough"
    chains = groupby(in_chains(factory.session, ""), key=lambda event: event.stream)
    assert not [stream for stream, events in chains if audit.broken(events)]


def test_a_running_project_keeps_everything(factory: ProjectFactory) -> None:
    later.object_to(factory, later.published(factory), name=OBJECTOR, contact=TELEPHONE)
    factory.at("2034-01-01 09:00")
    erase_overdue(system(factory))
    assert factory.session.scalars(select(Objection.name)).one() == OBJECTOR
    assert factory.session.scalar(select(func.count(Mail.id)).where(Mail.project_id.is_not(None)))


def test_a_closed_account_keeps_its_name_alone(factory: ProjectFactory) -> None:
    person = factory.people["bidder"]
    factory.at("2024-09-01 09:00")
    with factory.writing():
        person.active = False
        audit.append(factory.caller("science"), f"person:{person.id}", trigger="edit_person", data={"active": False})
    factory.at("2027-09-01 09:00")
    erase_overdue(system(factory))
    factory.session.expire_all()
    closed = factory.session.get_one(Person, person.id)
    assert (closed.name, closed.mobile, closed.password) == ("bidder", "", None)
    assert closed.email.endswith(".invalid")
    assert factory.people["issuer"].email.endswith("bang.test"), "nobody else is touched"
