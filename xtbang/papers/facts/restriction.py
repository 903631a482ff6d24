"""The facts of a restriction (限制申报) outside a project: of its prior notice (告知书), and of the decision."""

from collections.abc import Iterable

from xtbang.models import Organisation, PartyStatement, PriorNotice, Restriction
from xtbang.papers.facts.common import iso, organisation
from xtbang.papers.facts.prior_notice import heard
from xtbang.papers.facts.text import Facts
from xtbang.rules.city import City
from xtbang.rules.dates import day_of

TITLE = "限制申报告知书"


def restriction_notice(
    city: City, row: Organisation, notice: PriorNotice, lengthened: Restriction | None, days: int, reached: str
) -> Facts:
    """Return the facts of the notice: what was found, what is intended, how many working days there are to answer.

    ``lengthened`` is the restriction that is to become longer, ``reached`` says how the lead office is reached.
    """
    return {
        "organisation": organisation(row),
        "offices": [city.lead.name],
        "measures": city.sources[0].defined,
        "article": city.cite("integrity"),
        "reason": notice.reason,
        "evidence": notice.evidence,
        "starts_on": iso(notice.restrict_from),
        "ends_on": iso(notice.restrict_until),
        "before": days_of(lengthened),
        "days": days,
        "reached": reached,
        "issued_on": day_of(notice.issued_at).isoformat(),
    }


def restriction(
    city: City,
    row: Restriction,
    notice: PriorNotice,
    statements: Iterable[PartyStatement],
    *,
    considered: str,
    before: Facts | None,
    decided_on: str,
) -> Facts:
    """Return the facts of the decision: whom it restricts, from which day to which, how the organisation was heard."""
    return {
        "organisation": organisation(row.organisation),
        "offices": [city.lead.name],
        "measures": city.sources[0].defined,
        "article": city.cite("integrity"),
        "reason": row.reason,
        "evidence": notice.evidence,
        "starts_on": iso(row.starts_on),
        "ends_on": iso(row.ends_on),
        "before": before,
        "heard": heard(notice, statements, considered) | {"title": TITLE},
        "decided_on": decided_on,
    }


def days_of(row: Restriction | None) -> Facts | None:
    """Return the first and the last day of a restriction; None without one."""
    return {"starts_on": iso(row.starts_on), "ends_on": iso(row.ends_on)} if row else None
