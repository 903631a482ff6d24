"""New entries and drafts are written with nothing but a session of the database."""

from datetime import timedelta

import pytest
from flask import has_app_context

from tests.factories.projects import ProjectFactory
from tests.factories.values import FORM, MONEY
from xtbang.domain.drafts import save_draft
from xtbang.domain.new_project import begin_entry
from xtbang.domain.panels import save_scores
from xtbang.domain.printed_forms import form_code
from xtbang.errors import Blocked, Forbidden, NotFound, Stale
from xtbang.models import Document, Project, Seat
from xtbang.papers.codes import former_code


def begun(factory: ProjectFactory) -> tuple[Project, Document]:
    with factory.writing():
        factory.calls["2024"].published_at = factory.now - timedelta(days=7)
    project, new = begin_entry(factory.caller("issuer"), factory.calls["2024"].id, "tech_demand")
    assert new and project.form is not None
    return project, project.form


def test_an_entry_is_begun_and_filled_in(factory: ProjectFactory) -> None:
    assert not has_app_context()
    project, document = begun(factory)
    again, new = begin_entry(factory.caller("issuer"), factory.calls["2024"].id, "tech_demand")
    assert (again.id, new) == (project.id, False)
    save_draft(factory.caller("issuer"), document.id, document.draft | FORM | MONEY, 0)
    assert (document.draft_version, project.title, document.code is not None) == (1, FORM["title"], True)
    assert set(factory.why_not(project, "submit", "issuer")) == {"N.scan"}


def test_a_form_that_an_earlier_release_printed_keeps_its_shorter_code_until_it_is_changed(
    factory: ProjectFactory,
) -> None:
    project, document = begun(factory)
    save_draft(factory.caller("issuer"), document.id, document.draft | FORM | MONEY, 0)
    with factory.writing():
        document.code = printed = former_code(document.code or "")
    assert form_code(factory.caller("issuer"), project) == printed
    save_draft(factory.caller("issuer"), document.id, document.draft | {"title": "改过的标题"}, 1)
    assert document.code and len(document.code) > len(printed)


def test_nothing_is_overwritten_unseen(factory: ProjectFactory) -> None:
    _project, document = begun(factory)
    save_draft(factory.caller("issuer"), document.id, {"title": "先保存的"}, 0)
    with pytest.raises(Stale):
        save_draft(factory.caller("issuer"), document.id, {"title": "后保存的"}, 0)
    assert document.draft["title"] == "先保存的"


def test_a_draft_is_written_by_its_own_people_while_it_is_open(factory: ProjectFactory) -> None:
    project = factory.draft()
    for who in ("bidder", "science"):
        with pytest.raises(Forbidden):
            save_draft(factory.caller(who), project.form_id or 0, {"title": "别人的"}, 0)
    project = factory.submitted()
    with pytest.raises(Forbidden):
        save_draft(factory.caller("issuer"), project.form_id or 0, {"title": "太晚"}, 0)
    with pytest.raises(NotFound):
        save_draft(factory.caller("issuer"), 10_000, {}, 0)


def test_an_entry_outside_the_window_is_not_begun(factory: ProjectFactory) -> None:
    begun(factory)
    factory.at("2024-09-17 00:00")
    with pytest.raises(Blocked, match="现在不接受申报"):
        begin_entry(factory.caller("issuer"), factory.calls["2024"].id, "tech_demand")


def test_scores_are_kept_until_they_are_locked(factory: ProjectFactory) -> None:
    project = factory.accepted()
    panel = factory.panel(project, "appraisal", (3, 0, 0))
    name = factory.seats(panel)[0]
    seat = next(seat for seat in panel.seats if seat.expert.name == name)
    with pytest.raises(Blocked):
        save_scores(factory.caller(name), seat.id, {"need": 10}, "")
    factory.perform(project, "answer_invitation", name, {"answer": "accepted", "no_conflict": True})
    save_scores(factory.caller(name), seat.id, {"need": 10}, "想想")
    assert (seat.scores, seat.comment, seat.status) == ({"need": 10}, "想想", "accepted")
    with pytest.raises(NotFound):
        save_scores(factory.caller("science"), seat.id, {"need": 20}, "")
    assert factory.session.get_one(Seat, seat.id).scores == {"need": 10}
