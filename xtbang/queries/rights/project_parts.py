"""The parts of a project's page (可见范围) that a person sees, by their relation to the project."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from xtbang.enums import BUREAU_ROLES
from xtbang.models import Bid, Objection, Panel, Paper, Project, Seat, StoredFile
from xtbang.queries.rights.sealed_bids import READ_BIDS
from xtbang.queries.rights.visibility import READING_SEATS, joining
from xtbang.rules.actor import WRITERS, Actor
from xtbang.rules.blind import without_names
from xtbang.rules.fields import FormDefinition

# the parts of the page by reader; a part that a person does not see is not mentioned to them either
OFFICERS = frozenset(
    "form application contract reports acceptance bids money vouchers voucher_files panels seats notices objections "
    "findings waivers case prior_notices termination people remarks audit".split()
)
TREASURY = frozenset(
    "form application contract reports acceptance money vouchers panels notices waivers termination people timeline".split()
)
FINANCE = TREASURY | {"voucher_files", "payment_sheets"}
AGENCY = frozenset("form application contract reports acceptance money termination checks people timeline".split())
BIDDER = frozenset(
    "form application contract reports acceptance money vouchers voucher_files panels notices objections waivers "
    "case prior_notices termination people timeline".split()
)
ACCOUNT_FIELDS = frozenset("payee_bank payee_account bidder_bank bidder_account".split())  # of a contract
OF_OBJECTOR = frozenset({"name", "contact"})  # in an event
BYSTANDER = frozenset({"timeline"})  # has bid and was not chosen, or not yet
ISSUER = BIDDER | {"bids", "remarks"}
JOINING = frozenset({"form", "application", "contract"})  # named as a member by a change that is under way
EXPERT: Mapping[str, frozenset[str]] = {
    "appraisal": frozenset({"form"}),
    "roadshow": frozenset({"form", "agreed_bid", "application"}),
    "midterm": frozenset({"form", "agreed_bid", "application", "contract", "reports"}),
    "acceptance": frozenset({"form", "agreed_bid", "application", "contract", "reports", "acceptance"}),
    "liability": frozenset({"form", "agreed_bid", "application", "contract", "reports", "acceptance", "case"}),
}
# who sees personal data (个人信息) on the pages of a project: contacts are telephones and mail addresses of the parties,
# accounts those of their banks, objectors the names of objectors and how to reach them. A role that is not listed sees none.
PERSONAL: Mapping[str, frozenset[str]] = {
    **dict.fromkeys(BUREAU_ROLES, frozenset({"contacts", "accounts", "objectors"})),  # they ask, pay and decide
    "finance": frozenset({"accounts"}),  # pays to them
    "county": frozenset({"accounts"}),
    "auditor": frozenset({"accounts"}),  # compares them with the payments
    "agency": frozenset({"contacts"}),  # visits the parties
    "party": frozenset({"contacts", "accounts"}),  # each other's, as the contract has them
}
# paper → the part it belongs to; papers not listed are for the bureaus alone
PAPERS = {
    "form": "form",
    "application": "application",
    "contract": "contract",
    "funding": "money",
    "joint_document": "payment_sheets",
    "payment_order": "money",
    "payment_sheet": "payment_sheets",
    "report": "reports",
    "extension": "contract",
    "supplement": "contract",
    "midterm_opinion": "reports",
    "acceptance": "acceptance",
    "acceptance_opinion": "acceptance",
    "certificate": "acceptance",
    "prior_notice": "prior_notices",
    "termination": "termination",
    "recovery_notice": "termination",
    "write_off": "termination",
    "correction": "money",
    "revocation": "people",
    "urging_letter": "people",
}


@dataclass(frozen=True)
class Sight:
    """The parts of one project's page that a person sees."""

    parts: frozenset[str]
    organisation_id: int | None  # the organisation the person acts for as an applicant

    def __contains__(self, part: str) -> bool:
        """Return whether the person sees that part."""
        return part in self.parts

    @property
    def as_expert(self) -> bool:
        """Return whether the person reads as an expert of a panel only."""
        return bool(self.parts) and self.parts <= frozenset().union(*EXPERT.values())

    def shown(self, definition: FormDefinition) -> FormDefinition:
        """Return the form with those personal data that the person sees."""
        if self.as_expert:
            return definition.for_experts.without(ACCOUNT_FIELDS)
        definition = definition if "contacts" in self else definition.without_contacts
        return definition if "accounts" in self else definition.without(ACCOUNT_FIELDS)

    def read(self, data: Mapping[str, Any]) -> dict[str, Any]:
        """Return the values of a form as the person reads them: an expert without telephones and addresses in texts."""
        return dict(without_names(data) if self.as_expert else data)

    def unseen_in(self, data: Collection[str]) -> frozenset[str]:
        """Return the keys of personal data which the person does not see in an event with these keys."""
        return OF_OBJECTOR if set(data) >= OF_OBJECTOR and "objectors" not in self else frozenset()

    @property
    def officer(self) -> bool:
        """Return whether the person sees everything, as an officer of the bureaus or as auditor."""
        return "audit" in self.parts


def sight_of(session: Session, project: Project, actor: Actor) -> Sight:
    """Return the parts that the person sees, with all their roles together."""
    parts: frozenset[str] = frozenset()
    for role in actor.roles & READ_BIDS:
        parts |= OFFICERS | PERSONAL.get(role, frozenset())
    if "finance" in actor.roles and project.subsidy_city is not None:
        parts |= FINANCE | PERSONAL["finance"]
    if "county" in actor.roles and actor.region == project.region and project.number:
        parts |= TREASURY | PERSONAL["county"]
    if "agency" in actor.roles and actor.organisation_id and actor.organisation_id == project.agency_id:
        parts |= AGENCY | PERSONAL["agency"]
    if "expert" in actor.roles:
        for kind in _sits_on(session, project, actor.person_id):
            parts |= EXPERT[kind]
    mine = actor.organisation_id if actor.roles & WRITERS else None
    if mine is not None:
        parts |= _as_applicant(project, mine)
        if parts == BYSTANDER and session.scalar(select(joining(project.id, mine))):
            parts |= JOINING
    return Sight(parts, mine)


def party_ids(project: Project) -> set[int]:
    """Return the ids of issuer, agreed bidder and the members of its consortium."""
    bid = project.agreed_bid
    return {project.issuer_id} | ({bid.lead_id, *(item.organisation_id for item in bid.members)} if bid else set())


def _as_applicant(project: Project, organisation_id: int) -> frozenset[str]:
    if organisation_id == project.issuer_id:
        return ISSUER | PERSONAL["party"]
    return BIDDER | PERSONAL["party"] if organisation_id in party_ids(project) else BYSTANDER


def _sits_on(session: Session, project: Project, person_id: int | None) -> list[str]:
    query = select(Panel.kind).join(Seat).where(Panel.project_id == project.id, Panel.status == "open")
    query = query.where(Panel.blind.is_(False))  # who reads no names reads on the page of the review alone
    return list(session.scalars(query.where(Seat.expert_id == person_id, Seat.status.in_(READING_SEATS))))


def findings_for(sight: Sight) -> frozenset[str]:
    """Return the kinds of findings open to a person who may not see all of them."""
    checks = {"check"} if "checks" in sight else set()
    paid = {"county_unpaid"} if "money" in sight else set()
    papers = {"paper"} if "contract" in sight else set()
    return frozenset(checks | paid | papers | ({"deal"} if "contract" in sight and "timeline" in sight else set()))


RECEIPTS = {  # by subject
    "": "form",
    "application": "application",
    "report": "reports",
    "acceptance": "acceptance",
    "voucher": "vouchers",
    "extension": "contract",
    "midterm": "reports",
}


def of_bid(paper: Paper) -> bool:
    """Return whether a paper is a bid, or the receipt of one."""
    return paper.subject.startswith("bid:")


INTERNAL = "offices:"  # how the subject begins of a paper that only the bureaus and the auditor open


def part_of(paper: Paper) -> str:
    """Return the part of the page that a paper belongs to, other than that of a bid."""
    if paper.subject.startswith(INTERNAL):
        return "audit"
    if paper.name == "receipt":
        return RECEIPTS[paper.subject.partition(":")[0]]
    return PAPERS.get(paper.name, "audit")


def sees_paper(sight: Sight, paper: Paper, bids: Collection[Bid]) -> bool:
    """Return whether a paper of the project may be opened; ``bids`` are those that the person may read."""
    if of_bid(paper):
        return any(paper.subject == f"bid:{bid.id}" for bid in bids)
    if paper.name == "notice":
        return True
    if sight.as_expert:  # what is printed has telephones; experts read the values on their own page
        return False
    return sight.officer or part_of(paper) in sight


def sees_documents(sight: Sight, project: Project, bids: Collection[Bid]) -> set[int]:
    """Return the ids of form, bids, application and contract whose frozen versions may be read."""
    found = {bid.document_id for bid in bids}
    for part in ("form", "application", "contract"):
        document_id = getattr(project, f"{part}_id")
        if part in sight and document_id:
            found.add(document_id)
    if "agreed_bid" in sight and project.agreed_bid:
        found.add(project.agreed_bid.document_id)
    return found


def is_evidence(session: Session, file: StoredFile) -> bool:
    """Return whether a file is the evidence of an objection: both arrived in the same moment.

    A file that the project already had when the objection arrived is not its evidence.
    """
    query = select(Objection.id).join(StoredFile, StoredFile.id == Objection.file_id)
    query = query.where(
        Objection.project_id == file.project_id,
        Objection.file_id == file.id,
        StoredFile.uploaded_at == Objection.received_at,
    )
    return session.scalar(query.limit(1)) is not None
