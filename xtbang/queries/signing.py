"""The parties that sign the contract (合同书)."""

from xtbang.models import Project
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
