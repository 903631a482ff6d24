"""Who is mailed what: each message with its kind, its project and what its reader is to the project; nobody twice."""

import pytest
from sqlalchemy import select

from tests.stages.world import World
from xtbang.actions.notify import notify, to_issuer, to_people, to_role
from xtbang.models import Mail, Person, Project


def told(world: World, kind: str) -> dict[str, str]:
    """Who got such a message, and as what."""
    names = {person.id: name for name, person in world.people.items()}
    mails = world.session.scalars(select(Mail).where(Mail.kind == kind)).all()
    assert len({mail.person_id for mail in mails}) == len(mails)
    return {names[mail.person_id or 0]: mail.relation for mail in mails}


def test_a_message_knows_its_kind_its_project_and_its_reader(world: World) -> None:
    project = world.submitted()
    assert told(world, "submit") == {"issuer": "issuer"}
    assert set(told(world, "submit_science").values()) == {"science"}
    assert set(world.session.scalars(select(Mail.project_id).where(Mail.kind == "submit"))) == {project.id}
    bid = world.bid(world.listed())
    assert told(world, "submit_bid") == {"bidder": "bidder"}
    assert bid.status == "submitted"


def test_the_same_key_is_mailed_once_to_each(world: World) -> None:
    project = world.submitted()
    for reader in ("issuer", "issuer", "bidder"):
        with world.writing():
            people = to_people([world.people[reader]])
            notify(world.caller("science"), "accept", people, project=project, key="accept:7")
    assert set(told(world, "accept")) == {"issuer", "bidder"}


def test_who_is_reached_twice_gets_one_mail(world: World) -> None:
    project = world.submitted()
    with world.writing():
        notify(world.caller("science"), "accept", to_issuer(), to_people([world.people["issuer"]]), project=project)
    assert told(world, "accept") == {"issuer": "issuer"}


def test_who_has_left_gets_none(world: World) -> None:
    project = world.submitted()
    with world.writing():
        world.session.get_one(Person, world.people["issuer"].id).active = False
    with world.writing():
        notify(world.caller("science"), "accept", to_issuer(), project=project)
    assert told(world, "accept") == {}


def test_a_mail_about_a_person_is_about_no_project(world: World) -> None:
    with world.writing():
        notify(world.caller("science"), "register", to_role("science"), link="/desk", name="甲公司", uscc="9143")
    assert set(told(world, "register").values()) == {""}
    with world.writing(), pytest.raises(TypeError):
        notify(world.caller("science"), "submit", to_issuer())


def test_mails_of_a_deleted_draft_are_kept_and_free_their_keys(world: World) -> None:
    """The next draft may get the number that the deleted one had."""
    project = world.draft()
    with world.writing():
        notify(world.caller("science"), "accept", to_issuer(), project=project, key=f"window:project:{project.id}")
    world.perform(project, "discard", "issuer")
    assert world.session.scalars(select(Project)).all() == []
    assert world.session.execute(select(Mail.project_id, Mail.key)).all() == [(None, None)]
