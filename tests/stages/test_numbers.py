"""Numbers that several projects count together: nobody gets one twice, and nobody fails because another was counting."""

from threading import Barrier, Thread
from typing import Any

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from tests.factories.site_projects import SiteProjectFactory
from xtbang.actions.registry import EFFECTS
from xtbang.enums import RoleName
from xtbang.extensions import db
from xtbang.models import Project

TOGETHER = 4


@pytest.mark.parametrize("app", ["postgresql"], indirect=True)
def test_four_submissions_in_one_moment(app: Flask, session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    factory = SiteProjectFactory(app, session)
    with factory.writing():
        for number in range(TOGETHER):
            factory.organisation(f"firm{number}", f"企业{number}", "企业", "雨湖区")
            factory.person(f"firm{number}", RoleName.APPLICANT, organisation=factory.organisations[f"firm{number}"])
    drafts = [factory.draft(who=f"firm{number}") for number in range(TOGETHER)]
    for number, project in enumerate(drafts):
        factory.perform(project, "upload_scan", f"firm{number}", {"scan": factory.file(f"{number}.pdf")})
    actors, ids = [factory.actor(f"firm{number}") for number in range(TOGETHER)], [project.id for project in drafts]
    session.rollback()
    ready, said, submit = Barrier(TOGETHER), [], EFFECTS["submit"]

    def together(context: Any) -> None:
        """Everybody has read what the call has counted before anybody counts on."""
        assert context.project.call.last_number == 0
        ready.wait(20)
        submit(context)

    def hand_in(project_id: int, actor: Any) -> None:
        with app.app_context():
            try:
                factory.engine.perform(db.session(), project_id, "submit", actor)
            except Exception as error:  # what it was is what the test is about
                said.append(error)

    monkeypatch.setitem(EFFECTS, "submit", together)
    threads = [Thread(target=hand_in, args=pair) for pair in zip(ids, actors, strict=True)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert said == []
    session.expire_all()
    numbers = {session.get_one(Project, project_id).number for project_id in ids}
    assert numbers == {f"XTJB-2024-01-{number:04d}" for number in range(1, TOGETHER + 1)}
