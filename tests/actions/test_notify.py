"""Who is mailed what: each message with its kind, its project and what its reader is to the project; nobody twice."""

import pytest
from sqlalchemy import select

from tests.factories.projects import ProjectFactory
from tests.stages.test_duties import reversed_by_county
from xtbang.actions.notify import notify, to_issuer, to_people, to_role
from xtbang.models import Countersignature, Mail, Person, Project


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


def test_who_is_awaited_is_asked_to_sign_or_to_confirm_once(factory: ProjectFactory) -> None:
    """会签: the other office; 复核: everyone who may confirm but the one who asked. The mail opens the page of the action."""
    project = factory.accepted()
    factory.perform(project, "list_regular", "science")
    assert told(factory, "countersign") == {"industry": "industry"}
    mail = factory.session.scalars(select(Mail).where(Mail.kind == "countersign")).one()
    assert (mail.key or "").startswith("countersign:") and mail.link.endswith("/actions/list_regular")
    assert mail.body.startswith("市科技局science已会签“常态化发布”，等待市工信局会签；会签以后生效。")
    signature = factory.session.scalars(select(Countersignature.id)).one()
    factory.perform(project, "withhold", "science", {"signature": str(signature), "reason": "再议"})
    factory.perform(project, "list_regular", "science")
    assert factory.mails("industry").count(f"请会签常态化发布：{project.title}") == 2
    project = reversed_by_county(factory)
    assert f"请复核冲正：{project.title}" in factory.mails("finance")
    assert f"请复核冲正：{project.title}" not in factory.mails("county")
