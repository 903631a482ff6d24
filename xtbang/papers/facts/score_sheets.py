"""The facts of blank 评分表 and of the 评分汇总表 with the 论证意见表 behind them, for a meeting on paper."""

from collections.abc import Iterable
from typing import Any

from xtbang.enums import PANEL_LABELS
from xtbang.models import Project, Seat
from xtbang.papers.facts.bid import AGGREGATES, project_facts
from xtbang.rules.edition import Sheet
from xtbang.rules.money import plain

SITTING = ("invited", "accepted", "locked")


def score_sheet(project: Project, sheet: Sheet, seats: Iterable[Seat], minimum: int) -> dict[str, Any]:
    """A sheet for each expert who sits, and the summary; without a name, for so many, when nobody is known yet."""
    return {
        "project": project_facts(project),
        "kind": PANEL_LABELS[sheet.key],
        "sheet": sheet.title,
        "criteria": [{"key": item.key, "label": item.label, "maximum": item.maximum} for item in sheet.criteria],
        "experts": [
            {
                "name": seat.expert.name,
                "kind": seat.kind,
                "organisation": seat.expert.organisation.name if seat.expert.organisation else "",
            }
            for seat in seats
            if seat.status in SITTING
        ],
        "minimum": minimum,
        "aggregate": AGGREGATES[sheet.aggregate],
        "pass_mark": plain(sheet.pass_mark),
        "liability": sheet.key == "liability",
    }
