"""Consents (核对、同意): what binds both parties goes out once the other one has read it and agreed (第九条、第十一条).

A consent is a dated statement in the project's file. Its subject names exactly what was read, so that it does not hold
for anything else.
"""

from collections.abc import Iterable

from xtbang.actions.context import Context
from xtbang.actions.notify import Receivers, to_issuer, to_organisation
from xtbang.models import Finding, Project

KIND = "consent"
OTHER = {"issuer": "bidder", "bidder": "issuer"}

PARTIES = {"issuer": "发榜方", "bidder": "揭榜方"}


def side(context: Context) -> str:
    """Return which party the actor acts for: issuer or bidder."""
    return "issuer" if context.actor.organisation_id == context.project.issuer_id else "bidder"


def named(sides: Iterable[str]) -> str:
    """Return the parties in words: 发榜方、揭榜方."""
    return "、".join(name for key, name in PARTIES.items() if key in sides)


def consent(context: Context, subject: str, text: str = "") -> None:
    """Record that the actor's party agrees to that subject."""
    row = Finding(
        project_id=context.project.id,
        kind=KIND,
        role=side(context),
        person_id=context.actor.person_id,
        dated=context.today,
        number=subject,
        favourable=True,
        text=text,
        at=context.now,
    )
    context.session.add(row)


def consents(context: Context, subject: str) -> list[Finding]:
    """Return the consents to that subject, the first one first."""
    return [row for row in context.rows.of(Finding) if row.kind == KIND and row.number == subject]


def agreed(context: Context, subject: str) -> set[str]:
    """Return the parties that have agreed to that subject."""
    return {row.role for row in consents(context, subject)}


def to_side(project: Project, which: str) -> Receivers:
    """Return receivers: the people of the issuer, or of the lead of the agreed bid."""
    if which == "issuer":
        return to_issuer()
    return to_organisation(project.agreed_bid.lead_id if project.agreed_bid else None, "bidder")
