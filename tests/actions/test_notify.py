"""Who is mailed what: each message with its kind, its project and what its reader is to the project; nobody twice."""

import pytest
from sqlalchemy import select

from tests.factories.projects import ProjectFactory
from xtbang.actions.notify import notify, to_issuer, to_people, to_role
from xtbang.models import Mail, Person, Project


def told(factory: ProjectFactory, kind: str) -> dict[str, str]:
    """Who got such a message, and as what."""
    names = {person.id: name for name, person in factory.people.items()}
    mails = factory.session.scalars(select(Mail).where(Mail.kind == kind)).all()
    assert len({mail.person_id for mail in mails}) == len(mails)
    return {names[mail.person_id or 0]: mail.relation for mail in mails}


def test_a_message_knows_its_kind_its_project_and_its_reader(factory: ProjectFactory) -> None:
    project = factory.submitted()
    assert told(factory, "submit") == {"issuer": "issuer"}
    assert set(told(factory, "submit_science").values()) == {"science"}
    assert set(factory.session.scalars(select(Mail.project_id).where(Mail.kind == "submit"))) == {project.id}
    bid = factory.bid(factory.listed())
    assert told(factory, "submit_bid") == {"bidder": "bidder"}
    assert bid.status == "submitted"


def test_the_same_key_is_mailed_once_to_each(factory: ProjectFactory) -> None:
    project = factory.submitted()
    for reader in ("issuer", "issuer", "bidder"):
        with factory.writing():
            people = to_people([factory.people[reader]])
            notify(factory.caller("science"), "accept", people, project=project, key="accept:7")
    assert set(told(factory, "accept")) == {"issuer", "bidder"}


def test_who_is_reached_twice_gets_one_mail(factory: ProjectFactory) -> None:
    project = factory.submitted()
    with factory.writing():
        notify(factory.caller("science"), "accept", to_issuer(), to_people([factory.people["issuer"]]), project=project)
    assert told(factory, "accept") == {"issuer": "issuer"}


def test_who_has_left_gets_none(factory: ProjectFactory) -> None:
    project = factory.submitted()
    with factory.writing():
        factory.session.get_one(Person, factory.people["issuer"].id).active = False
    with factory.writing():
        notify(factory.caller("science"), "accept", to_issuer(), project=project)
    assert told(factory, "accept") == {}


def test_a_mail_about_a_person_is_about_no_project(factory: ProjectFactory) -> None:
    with factory.writing():
        notify(factory.caller("science"), "register", to_role("science"), link="/desk", name="甲公司", uscc="9143")
    assert set(told(factory, "register").values()) == {""}
    with factory.writing(), pytest.raises(TypeError):
        notify(factory.caller("science"), "submit", to_issuer())


def test_mails_of_a_deleted_draft_are_kept_and_free_their_keys(factory: ProjectFactory) -> None:
    """The next draft may get the number that the deleted one had."""
    project = factory.draft()
    with factory.writing():
        notify(factory.caller("science"), "accept", to_issuer(), project=project, key=f"window:project:{project.id}")
    factory.perform(project, "discard", "issuer")
    assert factory.session.scalars(select(Project)).all() == []
    assert factory.session.execute(select(Mail.project_id, Mail.key)).all() == [(None, None)]
