"""延期: granted or not, and what that changes."""

from sqlalchemy import select

from tests.stages.later import executing, paper, reports_of
from tests.stages.world import World
from xtbang.models import Extension, Project


def asked(world: World) -> Project:
    project = executing(world)
    data = {"reason": "上游停产", "new_end": "2027-05-19", "audit_file": world.file("审计.pdf")}
    world.perform(project, "request_extension", "bidder", data)
    return project


def test_granted_moves_the_end_and_adds_reports(world: World) -> None:
    project = asked(world)
    before = {row.id for row in reports_of(world, project)}
    world.perform(project, "grant_extension", "industry", {"reason": "同意"})
    assert (project.state, project.ends_on.isoformat()) == ("extension", "2026-11-19")
    world.perform(project, "grant_extension", "science")
    assert (project.state, project.ends_on.isoformat()) == ("execution", "2027-05-19")
    rows = reports_of(world, project)
    assert before < {row.id for row in rows}
    assert rows[-1].due_on.isoformat() == "2027-05-19"
    decision = paper(world, project, "extension").data
    assert (decision["granted"], decision["old_end"], decision["new_end"]) == (True, "2026-11-19", "2027-05-19")
    assert [item["office"] for item in decision["signers"]] == ["湘潭市科学技术局", "湘潭市工业和信息化局"]
    assert decision["decision"] == "同意"
    assert decision["project"]["end"] == "2026-11-19"  # the paper speaks of the term that was to be extended
    assert any(subject.startswith("已同意延期") for subject in world.mails("bidder"))


def test_denied_leaves_the_end(world: World) -> None:
    project = asked(world)
    world.both(project, "deny_extension", {"reason": "理由不足"})
    assert (project.state, project.ends_on.isoformat()) == ("execution", "2026-11-19")
    row = world.session.scalars(select(Extension)).one()
    assert (row.status, row.decision) == ("denied", "理由不足")
    assert paper(world, project, "extension").data["granted"] is False
    assert world.why_not(project, "request_extension", "issuer") == {}


def test_asked_in_time_is_judged_by_the_day_of_asking(world: World) -> None:
    project = asked(world)
    world.at("2026-12-01 09:00")  # decided after the end of the term, asked long before
    assert world.why_not(project, "grant_extension", "science") == {}
