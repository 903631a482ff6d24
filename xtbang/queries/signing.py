"""The paper to be signed, of the contract (合同书) or of a supplement (补充合同), and the parties that sign the contract."""

from collections.abc import Collection

from sqlalchemy import select
from sqlalchemy.orm import Session

from xtbang.models import Change, Paper, Project
from xtbang.rules.city import City


def signing_parties(row: Project, city: City) -> dict[str, str]:
    """Return the signatories: key of the party → its name in the contract.

    The members of a consortium sign together with the bidder.
    """
    bid = row.agreed_bid
    found = {"issuer": f"甲方（发榜方）{row.issuer.name}"}
    if bid:
        found["bidder"] = f"乙方（揭榜方）{bid.lead.name}"
        for member in bid.members:
            found[f"member:{member.organisation_id}"] = f"乙方联合体成员 {member.organisation.name}"
    return found | {office.role: f"{office.party} {office.name}" for office in city.offices}


def paper_to_sign(session: Session, project: Project) -> Paper | None:
    """Return the paper that is signed: the supplement that is being signed, otherwise the current contract."""
    signing = select(Change.id).where(Change.project_id == project.id, Change.status == "signing")
    change = session.scalars(signing.order_by(Change.id.desc()).limit(1)).first()
    papers = select(Paper).where(Paper.project_id == project.id, Paper.state == "current")
    if change is None:
        return session.scalars(papers.where(Paper.name == "contract")).first()
    return session.scalars(papers.where(Paper.name == "supplement", Paper.subject == f"change:{change}")).first()


def contract_numbers(session: Session, project_ids: Collection[int]) -> dict[str, int]:
    """Return the numbers of the contracts of these projects that are current (合同编号), each with its project."""
    query = select(Paper).where(Paper.project_id.in_(project_ids), Paper.state == "current", Paper.name == "contract")
    return {paper.number: paper.project_id for paper in session.scalars(query) if paper.project_id}
