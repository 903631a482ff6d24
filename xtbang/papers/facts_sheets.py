"""The facts of blank 评分表, for a meeting on paper."""

from collections.abc import Iterable
from typing import Any

from xtbang.enums import PANEL_LABELS
from xtbang.models import Project, Seat
from xtbang.papers.facts_bid import project_facts
from xtbang.rules.edition import Sheet


def score_sheets(project: Project, sheet: Sheet, seats: Iterable[Seat]) -> dict[str, Any]:
    """A sheet for each expert who will score; one without a name when nobody is known yet."""
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
        ],
    }
