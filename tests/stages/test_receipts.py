"""回执: whatever a party hands in is answered by a paper and a mail with number, time, digest and what comes next."""

from sqlalchemy import select

from tests.factories import later
from tests.factories.projects import ProjectFactory
from xtbang.models import DocumentVersion, Mail, Paper, Project, StoredFile
from xtbang.queries.rights.files import may_open_paper


def receipts(factory: ProjectFactory, project: Project) -> dict[str, Paper]:
    query = select(Paper).where(Paper.project_id == project.id, Paper.name == "receipt", Paper.state == "current")
    return {row.subject.partition(":")[0]: row for row in factory.session.scalars(query)}


def test_everything_handed_in_has_its_receipt_by_paper_and_by_mail(factory: ProjectFactory) -> None:
    project = later.executing(factory)
    later.county_pays(factory, project, "1", "20")
    for row in later.reports_of(factory, project)[:1]:
        factory.at("2025-05-18 09:00")
        later.report(factory, project, row)
    later.passed(factory, project)
    found = receipts(factory, project)
    assert set(found) == {"", "bid", "application", "report", "acceptance", "voucher"}
    digests = set(factory.session.scalars(select(DocumentVersion.sha256).union(select(StoredFile.sha256))))
    mails = [mail.body for mail in factory.session.scalars(select(Mail))]
    for paper in found.values():
        facts = paper.data
        assert (facts["number"], facts["digest"] in digests) == (project.number, True)
        assert facts["next"].startswith("下一步：") and "由" in facts["next"]
        told = next(body for body in mails if paper.code in body)
        assert all(part in told for part in (facts["digest"], facts["number"], facts["next"], facts["form"]))


def test_the_receipt_of_a_sealed_bid_is_its_bidders_alone(factory: ProjectFactory) -> None:
    project = factory.listed()
    factory.bid(project, "rival")
    paper = receipts(factory, project)["bid"]
    assert may_open_paper(factory.caller("rival"), paper)
    assert not any(may_open_paper(factory.caller(who), paper) for who in ("science", "industry", "issuer", "firm"))
    assert "揭榜截止" in paper.data["next"]
