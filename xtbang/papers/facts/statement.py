"""The facts of the yearly statement (年度资金表): what each county and each source paid and got back in a year."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from xtbang.papers.facts.common import money
from xtbang.papers.facts.text import Facts
from xtbang.rules.money import wan

FIGURES = ("issuer_paid", "city", "county", "due", "recovered", "written_off")


def yearly_statement(
    year: int, rows: Sequence[Any], *, region: str, office: str, handled_by: str, dated: date, county_pays: bool
) -> Facts:
    """Return the facts of the statement of a year: ``rows`` are totals by county, that of all last; amounts in 万元.

    ``region`` is the county whose statement it is, "" for the whole city.
    """
    total = rows[-1]
    paid = total.city + total.county if county_pays else total.city
    return {
        "year": year,
        "region": region,
        "rows": [{"name": row.name} | {name: wan(getattr(row, name)) for name in FIGURES} for row in rows],
        "sum": money(paid),
        "county_pays": county_pays,
        "office": office,
        "handled_by": handled_by,
        "dated": dated.isoformat(),
    }
