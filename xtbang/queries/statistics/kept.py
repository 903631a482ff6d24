"""The charts of a call with very many entries: made by the worker once a day, for each group of readers who see the same entries."""

from dataclasses import asdict, dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from xtbang.models import EntryTotal, Job
from xtbang.queries.rights.lists import SEE_MONEY, SEE_OFFICE_WORK
from xtbang.queries.rights.visibility import EVERYTHING
from xtbang.queries.statistics.chart import Chart
from xtbang.rules.actor import Actor

STATISTICS = "statistics"  # the kind of the job, whose key is call and day
LARGE = 2_000  # entries of a call, above which a page does not count moves and sheets itself
COUNTY = "county:"


@dataclass(frozen=True)
class KeptCharts:
    """The charts of one call and one part of its entries, and when they were made."""

    at: datetime
    charts: tuple[Chart, ...]


def part_of(who: Actor) -> str | None:
    """Return the name of the part of the entries that this person sees; None for a mixture of roles, which has no charts of its own."""
    roles = who.roles & frozenset(SEE_MONEY)
    if roles & EVERYTHING:
        return "all"
    if roles == {"county"} and who.region:
        return COUNTY + who.region
    return "subsidised" if roles == {"finance"} else None


def reader_of(part: str) -> Actor:
    """Return a reader who sees just that part."""
    if part.startswith(COUNTY):
        return Actor(None, "", frozenset({"county"}), region=part.removeprefix(COUNTY))
    return Actor(None, "", frozenset({"auditor" if part == "all" else "finance"}))


def large_parts(session: Session) -> dict[int, list[str]]:
    """Return the parts with very many entries of every call that has such, from the stored sums."""
    counts: dict[int, dict[str, int]] = {}
    by = EntryTotal.call_id, EntryTotal.region, EntryTotal.subsidised
    for call_id, region, subsidised, count in session.execute(select(*by, func.sum(EntryTotal.projects)).group_by(*by)):
        parts = counts.setdefault(call_id, {})
        for part in ("all", COUNTY + region, *(["subsidised"] if subsidised else [])):
            parts[part] = parts.get(part, 0) + int(count)
    found = {call: sorted(part for part, count in parts.items() if count > LARGE) for call, parts in counts.items()}
    return {call: parts for call, parts in found.items() if parts}


def kept_charts(session: Session, call_id: int, part: str) -> KeptCharts | None:
    """Return the newest charts of that part; None while the worker has made none."""
    made = select(Job.data, Job.finished_at).where(Job.kind == STATISTICS, Job.key.startswith(f"{call_id}:"))
    made = made.where(Job.finished_at.is_not(None), Job.error == "").order_by(Job.id.desc()).limit(1)
    row = session.execute(made).first()
    if row is None or row.finished_at is None or part not in row.data.get("charts", {}):
        return None
    return KeptCharts(row.finished_at, tuple(map(chart_of, row.data["charts"][part])))


def plain(chart: Chart) -> dict[str, Any]:
    """Return a chart as JSON has it; amounts are texts in a list, which no other cell is."""
    rows = [[[str(cell)] if isinstance(cell, Decimal) else cell for cell in row] for row in chart.rows]
    return asdict(chart) | {"rows": rows}


def chart_of(values: dict[str, Any]) -> Chart:
    """Return the chart that was made `plain`."""
    rows = tuple(tuple(Decimal(cell[0]) if isinstance(cell, list) else cell for cell in row) for row in values["rows"])
    lists = {name: tuple(values[name]) for name in ("heads", "links", "whole")}
    return Chart(**values | lists | {"rows": rows})


def may_open(key: str, who: Actor) -> bool:
    """Return whether this person may open a chart."""
    return key != "experts" or bool(who.roles & frozenset(SEE_OFFICE_WORK))
