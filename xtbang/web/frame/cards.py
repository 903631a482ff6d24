"""Entries of lists as cards, and the addresses of their buttons."""

from dataclasses import dataclass
from typing import Any

from flask import url_for
from markupsafe import Markup
from sqlalchemy import Row

from xtbang.enums import KIND_LABELS
from xtbang.rules.money import format_wan
from xtbang.web.frame.drawing import picture


@dataclass(frozen=True)
class Card:
    """An entry of a list as ``components/card.html`` shows it; what is empty is left out."""

    url: str
    title: str
    picture: Markup
    number: str = ""
    kind: str = ""
    org: str = ""
    domain: str = ""
    region: str = ""
    amount: str = ""
    turn: str = ""
    note: str = ""
    due_text: str = ""
    due_days: int | None = None
    next: tuple[str, str] | None = None  # label and address of its button


def card(row: Row[Any], **more: Any) -> Card:
    """Return the card of one project of ``queries.desk.groups.ENTRY``; ``more`` are other fields of `Card`."""
    known: dict[str, Any] = {
        "title": row.title or "未命名的草稿",
        "number": row.number or "",
        "kind": KIND_LABELS.get(row.kind, row.kind),
        "org": row.issuer,
        "domain": row.domain,
        "region": row.region,
        "amount": _amount(row),
        "picture": picture(row),
    }
    if "url" not in more:
        known["url"] = url_for("projects.page", project_id=row.id)
    return Card(**known | more)


def _amount(row: Row[Any]) -> str:
    if row.subsidy_city is not None:
        return f"市级补助 {format_wan(row.subsidy_city)}"
    return f"拟投入 {format_wan(row.planned_total)}" if row.planned_total else ""


def address_of(row: Row[Any], opens: str = "", document_id: int | None = None, trigger: str = "") -> str:
    """Return the address that a button opens: the named page, a draft document, an action, or the project."""
    if opens == "seat":
        return url_for("expert.review", seat_id=row.seat_id)
    if opens == "bid":
        return url_for("applicant.bid", bid_id=row.bid_id)
    if document_id and not opens:
        return url_for("documents.edit", project_id=row.id, document_id=document_id)
    if trigger and not opens:
        return url_for("actions.act", project_id=row.id, trigger=trigger)
    return url_for("projects.page", project_id=row.id)
