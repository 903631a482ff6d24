"""回执: whatever a party hands in is answered by a paper and a mail with number, time, digest and what comes next."""

from sqlalchemy import select

from tests.stages import later
from tests.stages.world import World
from xtbang.models import DocumentVersion, Mail, Paper, Project
from xtbang.queries.rights.files import may_open_paper


def receipts(world: World, project: Project) -> dict[str, Paper]:
    query = select(Paper).where(Paper.project_id == project.id, Paper.name == "receipt", Paper.state == "current")
    return {row.subject.partition(":")[0]: row for row in world.session.scalars(query)}


def test_everything_handed_in_has_its_receipt_by_paper_and_by_mail(world: World) -> None:
    project = later.executing(world)
    later.county_pays(world, project, "1", "20")
    for row in later.reports_of(world, project)[:1]:
        world.at("2025-05-18 09:00")
        later.report(world, project, row)
    later.passed(world, project)
    found = receipts(world, project)
    assert set(found) == {"", "bid", "application", "report", "acceptance"}
    digests = set(world.session.scalars(select(DocumentVersion.sha256)))
    mails = [mail.body for mail in world.session.scalars(select(Mail))]
    for paper in found.values():
        facts = paper.data
        assert (facts["number"], facts["digest"] in digests) == (project.number, True)
        assert facts["next"].startswith("下一步：") and "由" in facts["next"]
        told = next(body for body in mails if paper.code in body)
        assert all(part in told for part in (facts["digest"], facts["number"], facts["next"], facts["form"]))


def test_the_receipt_of_a_sealed_bid_is_its_bidders_alone(world: World) -> None:
    project = world.listed()
    world.bid(project, "rival")
    paper = receipts(world, project)["bid"]
    assert may_open_paper(world.caller("rival"), paper)
    assert not any(may_open_paper(world.caller(who), paper) for who in ("science", "industry", "issuer", "firm"))
    assert "揭榜截止" in paper.data["next"]
