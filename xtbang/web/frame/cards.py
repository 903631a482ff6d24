"""A row of a list as the card macro takes it, and who is reading as plain values."""

from fractions import Fraction
from typing import Any

from flask import url_for
from sqlalchemy import Row

from xtbang.enums import KIND_LABELS
from xtbang.queries.desk.groups import Reader, Thresholds
from xtbang.rules.actor import Actor
from xtbang.rules.money import format_wan
from xtbang.web.frame.drawing import picture
from xtbang.web.frame.shell import engine, policy


def reader_of(who: Actor) -> Reader:
    """The person of this request, for queries."""
    return Reader(who.person_id, who.roles, who.organisation_id, who.region, engine().clock())


def thresholds() -> Thresholds:
    """The numbers of every edition that decide whether something is ready."""
    scores = {
        (edition.key, sheet.key): sheet.experts_minimum
        for edition in policy().editions.values()
        for sheet in edition.sheets.values()
    }
    payment = {
        edition.key: Fraction(edition.issuer_payment_ratio.value).as_integer_ratio()
        for edition in policy().editions.values()
    }
    return Thresholds(scores, payment)


def card(row: Row[Any], **more: Any) -> dict[str, Any]:
    """One project of ``queries.desk.groups.ENTRY``."""
    return {
        "url": more.get("url") or url_for("projects.page", project_id=row.id),
        "title": row.title or "未命名的草稿",
        "number": row.number or "",
        "kind": KIND_LABELS.get(row.kind, row.kind),
        "org": row.issuer,
        "domain": row.domain,
        "region": row.region,
        "amount": _amount(row),
        "picture": picture(row),
    } | more


def _amount(row: Row[Any]) -> str:
    if row.subsidy_city is not None:
        return f"市级补助 {format_wan(row.subsidy_city)}"
    return f"拟投入 {format_wan(row.planned_total)}" if row.planned_total else ""
