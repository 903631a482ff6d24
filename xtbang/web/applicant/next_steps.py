"""The entries and bids of an organisation as cards: whose turn it is, the due date, and the next step."""

from dataclasses import dataclass
from datetime import datetime

from flask import url_for

from xtbang.enums import BID_LABELS, KIND_LABELS
from xtbang.models import Bid, Project
from xtbang.queries.caller import Caller
from xtbang.queries.desk.due_dates import Due
from xtbang.queries.desk.waits import waits_of
from xtbang.queries.next_step import Step, due_next, next_steps
from xtbang.queries.own_projects import reasons
from xtbang.rules.lives import Wait
from xtbang.rules.money import format_wan
from xtbang.web.frame.cards import Card, address_of
from xtbang.web.frame.drawing import picture
from xtbang.web.frame.shell import policy
from xtbang.web.project.turn_words import due_words, turn_of


@dataclass(frozen=True)
class Ahead:
    """Due dates and next steps of an organisation, by project."""

    organisation_id: int
    now: datetime
    collected: datetime  # up to then everything has arrived
    dues: dict[int, Due]
    steps: dict[int, Step]
    waits: dict[int, tuple[Wait, ...]]
    reasons: dict[int, str]


def ahead(caller: Caller, organisation_id: int, entries: list[Project], bids: list[Bid]) -> Ahead:
    """Return due dates, next steps and reasons of all its entries and bids."""
    every = {project.id: project.state for project in (*entries, *(bid.project for bid in bids))}
    among = {*every.values()}
    dues, steps = due_next(caller, every, among=among), next_steps(caller, every, among)
    waits, told = waits_of(caller, every, among), reasons(caller, entries)
    return Ahead(organisation_id, caller.now, caller.collected, dues, steps, waits, told)


def entry_card(project: Project, found: Ahead) -> Card:
    """Return an entry as the card macro takes it."""
    issuing = project.issuer_id == found.organisation_id
    step = found.steps.get(project.id)
    due = due_words(found.dues.get(project.id), found.now)
    turn = turn_of(project, found.collected, found.organisation_id, found.waits.get(project.id, ()), step)
    bid = project.agreed_bid
    bidding = "揭榜方" if bid and bid.lead_id == found.organisation_id else "联合体成员"
    return Card(
        url=url_for("projects.page", project_id=project.id),
        title=project.title or "未命名的草稿",
        number=project.number or "",
        kind=KIND_LABELS[project.kind] + ("" if issuing else f"（{bidding}）"),
        org=(f"揭榜方：{bid.lead.name}" if bid else "") if issuing else f"发榜方：{project.issuer.name}",
        domain=project.domain,
        amount=f"市级补助 {format_wan(project.subsidy_city)}" if project.subsidy_city is not None else "",
        picture=picture(project),
        turn=turn and f"现由{turn}办理",
        due_text=due.get("text", ""),
        due_days=due.get("days"),
        next=step and (step.words, address(step)),
        note=found.reasons.get(project.id, ""),
    )


def address(step: Step) -> str:
    """Return the address of a step's page."""
    opens = "" if step.document_id else step.task.opens
    return address_of(step.row, opens, step.document_id, step.trigger) + ("?check=1#steps" if step.stamping else "")


def bid_card(bid: Bid, found: Ahead) -> Card:
    """Return a bid as the card macro takes it."""
    project, leads = bid.project, bid.lead_id == found.organisation_id
    open_to_bids = "bid" in policy().states[project.state].documents and bid.status in ("draft", "submitted")
    due = due_words(found.dues.get(project.id) if open_to_bids else None, found.now)
    step = found.steps.get(project.id)
    writing = step is not None and step.document_id == bid.document_id
    return Card(
        url=url_for("applicant.bid", bid_id=bid.id),
        title=project.title,
        number=project.number or "",
        kind=f"揭榜申请：{BID_LABELS[bid.status]}",
        org=f"发榜方：{project.issuer.name}",
        domain="" if leads else f"{bid.lead.name}牵头",
        picture=picture(project),
        due_text=due.get("text", ""),
        due_days=due.get("days"),
        next=(step.words, address(step))
        if step and writing
        else ("查看揭榜申请", url_for("applicant.bid", bid_id=bid.id)),
        note=bid.closed_reason,
    )
