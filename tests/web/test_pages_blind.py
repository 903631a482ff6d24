"""盲审: in an edition that reviews blind, its experts read no names, telephones and files: on no page, mail, paper or date."""

from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from tests.factories.site_projects import SiteProjectFactory
from tests.stages.test_roadshow import DAY
from xtbang.domain.reminders import write_reminders
from xtbang.domain.score_sheets import print_for_panel
from xtbang.models import Mail, Panel, Paper, Person, Project, Seat, StoredFile
from xtbang.rules.edition import Edition

pytestmark = pytest.mark.parametrize("app", ["sqlite"], indirect=True)

LogIn = Callable[[Person], FlaskClient]
KINDS = ("appraisal", "roadshow", "acceptance")
REACHED = ("58570302", "13800000000", "li@example.com")
PARTIES = ("issuer", "bidder")


@pytest.fixture
def edition(factory: SiteProjectFactory, monkeypatch: pytest.MonkeyPatch) -> Iterator[Edition]:
    """The edition of 2024 as it would be if all of its reviews were blind."""
    varied = replace(factory.engine.policy.edition("2024"), blind=KINDS)
    monkeypatch.setitem(factory.engine.policy.editions, "2024", varied)
    yield varied


def telling(factory: SiteProjectFactory) -> tuple[str, str, set[str]]:
    """A title and a text that say whose project it is, and every word that would give it away."""
    firms = [factory.organisations[who].name for who in PARTIES]
    people = [factory.people[who].name for who in PARTIES]
    text = f"由{firms[1]}的{people[1]}牵头，联系 0731-58570302、13800000000 或 li@example.com。"
    return f"{firms[0]}的高强韧合金制备", text, {*firms, *people, *REACHED}


def seat_of(factory: SiteProjectFactory, panel: Panel, name: str) -> Seat:
    query = select(Seat).where(Seat.panel_id == panel.id, Seat.expert_id == factory.people[name].id)
    return factory.session.scalars(query).one()


def pages_of(factory: SiteProjectFactory, login: LogIn, project: Project, name: str, seat_id: int) -> dict[str, str]:
    """Everything that leads an expert to the project, and every mail that it has got since it was drawn."""
    browser = login(factory.people[name])
    meeting = factory.session.get_one(Seat, seat_id).panel.meeting_id
    addresses = [
        *("/desk", "/desk/calendar.ics", "/reviews", f"/reviews/{seat_id}", f"/reviews/meetings/{meeting}"),
        *(f"/projects/{project.id}/actions/{trigger}" for trigger in ("answer_invitation", "submit_scores")),
    ]
    found = {address: browser.get(address).text for address in addresses}
    mails = select(Mail).where(Mail.person_id == factory.people[name].id, Mail.project_id == project.id)
    found |= {f"mail {mail.kind}": mail.subject + mail.body for mail in factory.session.scalars(mails)}
    factory.session.rollback()
    return found


def closed(factory: SiteProjectFactory, login: LogIn, project: Project, name: str) -> None:
    """Project, versions, papers and every file, as they may be guessed, answer that there is no such thing."""
    browser, numbers = login(factory.people[name]), [project.id]
    papers = factory.session.scalars(select(Paper.id).where(Paper.project_id.in_(numbers), Paper.name != "notice"))
    files = factory.session.scalars(select(StoredFile.id).where(StoredFile.project_id.in_(numbers)))
    row = factory.session.get_one(Project, project.id)
    addresses = [f"/projects/{row.id}", f"/projects/{row.id}/documents/{row.form_id}/versions/1"]
    addresses += [f"/papers/{number}.pdf" for number in papers] + [f"/files/{number}" for number in files]
    factory.session.rollback()
    assert {browser.get(address).status_code for address in addresses} == {404} and len(addresses) > 4


def named_in(texts: dict[str, str], words: set[str]) -> list[tuple[str, str]]:
    return [(where, word) for where, text in texts.items() for word in sorted(words) if word in text]


def test_from_invitation_to_score_nothing_says_whose_project_it_is(
    factory: SiteProjectFactory, login: LogIn, edition: Edition
) -> None:
    title, text, words = telling(factory)
    project = factory.applied({"route": text}, title=title)
    panel = factory.panel(project, "roadshow", (3, 1, 1))
    name, invited = factory.seats(panel)[:2]
    seat, other = seat_of(factory, panel, name).id, seat_of(factory, panel, invited).id
    factory.perform(project, "answer_invitation", name, {"answer": "accepted", "no_conflict": True})
    factory.perform(project, "schedule_roadshow", "science", DAY)
    factory.perform(
        project, "remind", "science", {"whom": ["expert"], "text": f"请为{title}评分，电话 0731-12345678。"}
    )
    write_reminders(factory.caller("science"))
    accepted, waiting = (
        pages_of(factory, login, project, who, number) for who, number in ((name, seat), (invited, other))
    )
    assert named_in(accepted | waiting, words) == []
    assert {"mail invite_expert", "mail remind"} <= {*accepted}
    assert "0731-12345678" in accepted["mail remind"], "whom to ask is said"
    assert "（隐去）的（隐去）牵头，联系 （隐去）、（隐去） 或 （隐去）。" in accepted[f"/reviews/{seat}"]
    assert "/files/" not in accepted[f"/reviews/{seat}"], "a file says whose it is, by its name and its metadata"
    closed(factory, login, project, name)
    caller = factory.engine.caller(factory.session, factory.actor("science"))
    paper = factory.session.get_one(Paper, print_for_panel(caller, project.id, panel.id))
    assert named_in({"sheets": str(paper.data["sheets"])}, words - {*PARTIES}) == []  # which are keys of it
