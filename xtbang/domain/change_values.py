"""Values of a change of the contract (变更): as they stand, the form for new ones, and where they go."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select

from xtbang.actions.context import Context
from xtbang.actions.documents import freeze, frozen
from xtbang.models import BidMember, Change, CountyMatch, Document, LedgerEntry, Organisation
from xtbang.papers.facts.contract import budget_of
from xtbang.queries.ledger import balances_of
from xtbang.rules.changes import PARTS, fields_of
from xtbang.rules.fields import FormDefinition
from xtbang.rules.funding_facts import yuan
from xtbang.rules.money import wan
from xtbang.rules.needs import reads
from xtbang.rules.subsidy import county_share

LEADER = "项目负责人"


def document_of(context: Context, kind: str) -> Document | None:
    """Return the document that has the values of that kind of change; None for those of the supplement alone."""
    project, name = context.project, PARTS[kind][0]
    bid = project.agreed_bid
    documents = {"application": project.application, "contract": project.contract, "bid": bid.document if bid else None}
    return documents.get(name)


def definition_for(context: Context, kind: str) -> FormDefinition:
    """Return the fields of that kind of change as the project's edition has them."""
    return fields_of(context.edition, kind)


def in_force(context: Context) -> list[Change]:
    """Return the changes that are in force, the first one first."""
    found = [row for row in context.rows.of(Change) if row.status == "in_force"]
    return sorted(found, key=lambda row: row.number or 0)


def to_be_signed(context: Context) -> Change | None:
    """Return the change whose supplement is being signed."""
    return next((row for row in context.rows.of(Change) if row.status == "signing"), None)


def present(context: Context, kind: str) -> dict[str, Any]:
    """Return the values that hold now, by the keys of that kind of change."""
    keys = [field.key for field in definition_for(context, kind).fields]
    if kind == "place":
        earlier = [row.new["place"] for row in in_force(context) if row.kind == kind]
        return {"place": earlier[-1] if earlier else ""}
    values = frozen(context, document_of(context, kind))
    if kind == "budget" and values:
        amounts = budget_of(context.project, values)
        values |= {key: wan(amount) for key, amount in amounts.items()}
    return {key: values[key] for key in keys if key in values}


def whole(context: Context, kind: str, new: Mapping[str, Any]) -> dict[str, Any]:
    """Return the whole document of that kind of change as it would stand with the new values."""
    return frozen(context, document_of(context, kind)) | dict(new)


def apply_values(context: Context, change: Change) -> None:
    """Make the new values those of the project: a new version of the document that has them, never an old one rewritten."""
    document = document_of(context, change.kind)
    if document is not None and document.kind != "contract":
        _store(context, document, change.new)
    elif document is not None:  # its version was frozen with the supplement
        document.draft = document.draft | change.new
    if change.kind == "leader":
        _rename_leader(context, change)
    if change.kind == "members":
        _change_members(context, change)
    if change.kind == "budget":
        _change_money(context, change)


def _store(context: Context, document: Document, values: Mapping[str, Any]) -> None:
    version = context.rows.newest(document.id)
    document.draft = (dict(version.data) if version else document.draft) | dict(values)
    document.draft_version += 1
    freeze(context, document)


@reads("leader_name:text leader_title:text", "bid")
@reads("team:rows(name title organisation role)", "application")
def _rename_leader(context: Context, change: Change) -> None:
    """Put the new leader into the team of the application, in the place of the old one."""
    document = context.project.application
    team = frozen(context, document).get("team", [])
    new = {"name": change.new.get("leader_name", ""), "title": change.new.get("leader_title", "")}
    renamed = [row | new if _leads(row, change.old) else row for row in team]
    if document is not None and renamed != team:
        _store(context, document, {"team": renamed})


def _leads(row: Mapping[str, Any], old: Mapping[str, Any]) -> bool:
    return row.get("role") == LEADER or row.get("name") == old.get("leader_name")


@reads("total_investment:money src_city:money", "application")
def _change_money(context: Context, change: Change) -> None:
    """Set total and subsidy of the project; a lower subsidy voids the county's matches of unpaid instalments."""
    project, total, city = context.project, yuan(change.new.get("total_investment")), yuan(change.new.get("src_city"))
    project.total_investment = total if total is not None else project.total_investment
    if city is None or project.subsidy_city is None or city >= project.subsidy_city:
        return
    project.subsidy_city, project.subsidy_county = city, county_share(context.edition, city)
    paid = balances_of(context.rows.of(LedgerEntry)).instalments
    for match in context.rows.of(CountyMatch):
        if match.voided_at is None and ("city", match.instalment) not in paid:
            match.voided_at = context.now


def _change_members(context: Context, change: Change) -> None:
    """Add the organisations that join, and note the day on which the others leave."""
    bid = context.project.agreed_bid
    if bid is None:
        raise LookupError("members without a bid")
    for row in change.members:
        if row.joins:
            known = select(BidMember).where(
                BidMember.bid_id == bid.id, BidMember.organisation_id == row.organisation_id
            )
            member = context.session.scalars(known).first()
            if member is None:
                member = BidMember(bid_id=bid.id, organisation_id=row.organisation_id)
                context.session.add(member)
            member.left_on, member.confirmed_at = None, context.now
            member.confirmed_draft = bid.document.draft_version
        else:
            leaving = next(item for item in bid.members if item.organisation_id == row.organisation_id)
            leaving.left_on = context.today
    context.session.flush()
    context.session.expire(bid, ["members"])


@reads("members:rows(name uscc)", "bid")
def named(context: Context, values: Mapping[str, Any]) -> list[tuple[dict[str, Any], Organisation | None]]:
    """Return the members that the values name: each row with its confirmed organisation, if there is one."""
    rows = [row for row in values.get("members", []) if isinstance(row, dict)]
    codes = [row.get("uscc") for row in rows]
    query = select(Organisation).where(Organisation.uscc.in_(codes), Organisation.status == "confirmed")
    known = {organisation.uscc: organisation for organisation in context.session.scalars(query)}
    return [(row, known.get(row.get("uscc", ""))) for row in rows]
